// SPDX-License-Identifier: Apache-2.0
//
// One file through Clang and the checks, in the process that calls.
#ifndef WEIR_ANALYZER_TOOL_ANALYZE_H
#define WEIR_ANALYZER_TOOL_ANALYZE_H

#include "core/Findings.h"
#include "core/Unit.h"
#include "tool/Inputs.h"

#include <string>
#include <vector>

namespace weir {

struct Job { // how one file is compiled
  std::string File, Folder;
  std::vector<std::string> Command; // the compiler first; empty: not known
};

struct Settings {
  Wanted Want;
  std::vector<std::string> RoleFiles;
  std::string Include; // where weir/weir.h is
};

struct Outcome {
  unsigned Errors = 0, Silenced = 0;
  std::string FirstError;
  bool Parsed = false;
  Counters Count;
  Inputs From;
  std::string Digest; // for the link
};

// Writes the records. What did not parse is left out; the rest is checked all the same.
Outcome analyze(const Job &What, const Settings &How, Roles &TheRoles, llvm::raw_ostream &Out);

// Compile commands as they are in compile_commands.json of the folder; of C files only, each once.
// False: *Problem says why there are none.
bool loadJobs(llvm::StringRef Folder, std::vector<Job> *Jobs, unsigned *Others,
              std::string *Problem);

} // namespace weir

#endif
