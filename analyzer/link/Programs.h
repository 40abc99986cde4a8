// SPDX-License-Identifier: Apache-2.0
//
// Which files make one program. A project has several with a main: programs, tests, examples. What
// two programs do does not meet, and a name can mean something else in each.
#ifndef WEIR_ANALYZER_LINK_PROGRAMS_H
#define WEIR_ANALYZER_LINK_PROGRAMS_H

#include "core/Digest.h"

namespace weir {

using Program = std::vector<const Digest *>;

// For each file with a main the files that define what it names, what these name, and so on; and
// all files that are in none of them as a library. If there are so many programs over the same
// files that this would take long, the files without a main are a library, and the others each
// alone.
std::vector<Program> programsOf(const std::vector<Digest> &All);

} // namespace weir

#endif
