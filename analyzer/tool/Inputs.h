// SPDX-License-Identifier: Apache-2.0
//
// Everything that one analysis asked the file system for, and what the answer was: the contents of
// a file (a hash), that something is there, or that it is not. The last kind matters as much: a
// header that appears earlier in the search than the one that was read changes the result. While
// all answers are the same, so is the analysis.
#ifndef WEIR_ANALYZER_TOOL_INPUTS_H
#define WEIR_ANALYZER_TOOL_INPUTS_H

#include "llvm/Support/VirtualFileSystem.h"
#include <map>
#include <string>

namespace weir {

// Absolute path to "-" (not there), "+" (there), or the hash of what was read.
using Inputs = std::map<std::string, std::string>;

std::string hashOf(llvm::StringRef Text);

// The real file system. Relative paths are those of Folder. Into outlives it.
llvm::IntrusiveRefCntPtr<llvm::vfs::FileSystem> recordingFileSystem(llvm::StringRef Folder,
                                                                    Inputs &Into);

// Compares answers with what they would be now; each file is looked at once.
class Unchanged {
public:
  bool operator()(const std::string &Path, llvm::StringRef Answer);

private:
  struct Seen {
    std::string Hash; // empty: not read yet
    bool There;
  };
  std::map<std::string, Seen> Known;
};

} // namespace weir

#endif
