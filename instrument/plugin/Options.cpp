// SPDX-License-Identifier: Apache-2.0
//
// Option parsing as a table: an argument is `key=on` or `key=off`; a few say something else.
#include "plugin/Options.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

namespace {

struct Switch {
  const char *Key;
  bool weir::Options::*Value;
  bool weir::Options::*Given; // or null
  const char *Help;
};

const Switch Switches[] = {
    {"race", &weir::Options::Race, &weir::Options::RaceGiven,
     "instrument for data races (ThreadSanitizer); link with -fsanitize=thread"},
    {"redundant", &weir::Options::Redundant, nullptr,
     "leave out race checks that another check stands for"},
    {"ranges", &weir::Options::Ranges, nullptr,
     "check in front of a loop what every iteration accesses"},
    {"inline", &weir::Options::Inline, nullptr,
     "see without a call what the race runtime already knows; needs libweir"},
    {"wide", &weir::Options::Wide, nullptr,
     "check vectors of more than 16 bytes, which -fsanitize=thread does not see"},
    {"locals", &weir::Options::Locals, nullptr,
     "check parts of local variables, which -fsanitize=thread does not see"},
    {"library", &weir::Options::Library, nullptr,
     "check what strdup, strcat and the like access, which -fsanitize=thread does not see"},
    {"speculated", &weir::Options::Speculated, nullptr,
     "do not check what only the optimizer reads, as -fsanitize=thread does"},
    {"loaded", &weir::Options::Loaded, nullptr,
     "take the variables of a library that is loaded for new ones"},
    {"fences", &weir::Options::Fences, nullptr,
     "tell the race runtime what fences order; needs libweir"},
    {"unseen", &weir::Options::Unseen, nullptr,
     "warn of synchronisation that race checks cannot see: fences, assembly"},
    {"names", &weir::Options::Names, nullptr,
     "tell the runtime the variables that channels and locks live in"},
    {"tls", &weir::Options::ThreadLocal, nullptr,
     "compute addresses of thread-local variables and errno after each switch"},
    {"analyze", &weir::Options::Analyze, nullptr, "warn of what `weir analyze` would find here"},
};

std::string wrong(StringRef Argument, StringRef Why) {
  return (Twine(Why) + " '" + Argument + "'; -fplugin-arg-weir-help lists the arguments").str();
}

// What is neither on nor off. False: it is not one of these.
bool parseOther(StringRef Argument, weir::Options *Result) {
  StringRef Value = Argument.split('=').second;
  if (Argument == "help")
    Result->Help = true;
  else if (Argument == "race=stock")
    Result->Race = Result->RaceGiven = Result->Stock = true;
  else if (Argument.starts_with("checks="))
    Result->Checks = Value;
  else if (Argument.starts_with("roles="))
    Result->Roles.push_back(Value.str());
  else
    return false;
  return true;
}

} // namespace

std::string weir::parseOptions(ArrayRef<std::string> Arguments, Options *Result) {
  for (StringRef Argument : Arguments) {
    if (parseOther(Argument, Result)) continue;
    StringRef Key = Argument.split('=').first, Value = Argument.split('=').second;
    const Switch *Found = find_if(Switches, [&](const Switch &S) { return Key == S.Key; });
    if (Found == std::end(Switches)) return wrong(Argument, "unknown argument");
    if (Value != "on" && Value != "off") return wrong(Argument, "neither on nor off:");
    Result->*Found->Value = Value == "on";
    if (Found->Given) Result->*Found->Given = true;
  }
  return "";
}

void weir::printOptions(raw_ostream &Out) {
  Out << "weir.so " << WEIR_VERSION_TEXT << ", arguments:\n";
  for (const Switch &S : Switches)
    Out << "  -fplugin-arg-weir-" << left_justify((Twine(S.Key) + "=on|off").str(), 14) << "  "
        << S.Help << " (default " << (weir::Options().*S.Value ? "on" : "off") << ")\n";
  const char *const Others[][2] = {
      {"race=stock", "the checks of -fsanitize=thread, none left out"},
      {"checks=ID,ID", "of analyze, only these"},
      {"roles=FILE", "of analyze, what functions do; see docs/guide/analyze.md"},
      {"help", "print this list and go on"}};
  for (auto &Each : Others)
    Out << "  -fplugin-arg-weir-" << left_justify(Each[0], 14) << "  " << Each[1] << "\n";
}
