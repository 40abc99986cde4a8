// SPDX-License-Identifier: Apache-2.0
//
// What was found in a file before, while nothing that it depends on has changed: the analyzer, its
// settings, the compile command, and every answer of the file system (Inputs.h). An entry is a file
// below the build folder, named after the source and its command. It is written elsewhere and moved
// there, so two runs at once see whole entries only; one that is damaged or from another release is
// no entry. Nothing here is an error: without a cache the work is done again.
#ifndef WEIR_ANALYZER_TOOL_CACHE_H
#define WEIR_ANALYZER_TOOL_CACHE_H

#include "tool/Analyze.h"
#include "tool/Inputs.h"

namespace weir {

using Parts = std::vector<std::string>; // of a result: the cache does not look into them

class Cache {
public:
  Cache() = default;                                  // keeps nothing
  Cache(llvm::StringRef Folder, const Settings &How); // Folder: that of the build

  bool load(const Job &What, Parts *Result);
  void store(const Job &What, const Inputs &From, const Parts &Result) const;

private:
  std::string entryOf(const Job &What) const;

  std::string Folder; // empty: none
  std::string Key;    // of the analyzer and its settings
  Unchanged IsAsBefore;
};

} // namespace weir

#endif
