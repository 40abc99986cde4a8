// SPDX-License-Identifier: Apache-2.0
//
// Findings of the link and their way out, as core/Findings.h has it for one file: the source is
// read again for its comments (weir-nolint) and for the fingerprint; without it a finding stands as
// it is.
#ifndef WEIR_ANALYZER_LINK_REPORT_H
#define WEIR_ANALYZER_LINK_REPORT_H

#include "link/World.h"

#include "core/Findings.h"

namespace weir {

struct LinkPlace {
  const LinkedFunction *In = nullptr;
  Spot At;
  std::string What; // of all but the first
};

struct LinkFinding {
  Check Id;
  Certainty Sure;
  std::string Message;
  std::vector<LinkPlace> Places;
};

class Reports {
public:
  explicit Reports(const Wanted &Want) : Want(Want) {}

  bool wants(Check C) const { return Want(C); }
  void add(LinkFinding F);
  void write(llvm::raw_ostream &Out); // by file and line
  unsigned Silenced = 0;

private:
  llvm::StringRef lineOf(const LinkPlace &P, int Offset);
  bool isSilenced(const LinkFinding &F);
  std::string fingerprintOf(const LinkFinding &F);

  const Wanted &Want;
  std::vector<LinkFinding> All;
  std::set<std::string> Seen;
  llvm::StringMap<std::vector<std::string>> Sources;
};

const std::string &fileOf(const LinkPlace &P);

// Adds the call that leads to the taking, and those below it, ending with what takes it.
void addChain(std::vector<LinkPlace> *To, const Taken *T, llvm::StringRef End);

} // namespace weir

#endif
