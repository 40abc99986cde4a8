// SPDX-License-Identifier: Apache-2.0
//
// What -fplugin-arg-weir-<argument> may say. Each repair can be turned off on its
// own, to find out whether it is the cause of something.
#ifndef WEIR_INSTRUMENT_PLUGIN_OPTIONS_H
#define WEIR_INSTRUMENT_PLUGIN_OPTIONS_H

#include "llvm/ADT/ArrayRef.h"

#include <string>
#include <vector>

namespace llvm {
class raw_ostream;
}

namespace weir {

struct Options {
  bool Race = true;
  bool RaceGiven = false; // said on the command line, not the default
  bool Stock = false;     // race checks exactly as ThreadSanitizer's own
  bool Redundant = true;
  bool Ranges = true;
  bool Inline = false; // needs libweir
  bool Wide = true;
  bool Locals = true;
  bool Library = true;
  bool Speculated = true;
  bool Loaded = true;
  bool Fences = false; // needs libweir
  bool Unseen = true;
  bool Names = true;
  bool ThreadLocal = true;
  bool Help = false;
  bool Analyze = false;
  std::string Checks;             // the only ones; empty: those that are on by default
  std::vector<std::string> Roles; // files
};

// Reads the arguments into *Result. Returns "", or what is wrong with them.
std::string parseOptions(llvm::ArrayRef<std::string> Arguments, Options *Result);

void printOptions(llvm::raw_ostream &Out);

} // namespace weir

#endif
