// SPDX-License-Identifier: Apache-2.0
//
// The link step: what can only be seen over all files (or, of one file, over all its functions). It
// reads digests and writes records like those of the files.
#ifndef WEIR_ANALYZER_LINK_LINK_H
#define WEIR_ANALYZER_LINK_LINK_H

#include "core/Digest.h"
#include "core/Findings.h"

namespace weir {

struct LinkCounters { // for --stats
  unsigned Functions = 0, Orders = 0, UnknownPointers = 0, Silenced = 0;
};

LinkCounters link(const std::vector<Digest> &All, const Wanted &Want, llvm::raw_ostream &Out);

} // namespace weir

#endif
