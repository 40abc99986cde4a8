// SPDX-License-Identifier: Apache-2.0
//
// What the checks found in one file, and its ways out: one record weir.finding/1 for each, as the
// detectors write them (docs/design/findings.md), with `places` instead of goroutines; or whatever
// the compiler plugin makes of them. The first place is where the mistake is; the others explain
// it.
//
// A finding in a line that says so is dropped: `// weir-nolint(ID): why`, at the end of the line
// or alone on the line before. In macros both the line of the expansion and that of the text count.
#ifndef WEIR_ANALYZER_CORE_FINDINGS_H
#define WEIR_ANALYZER_CORE_FINDINGS_H

#include "clang/AST/ASTContext.h"
#include "clang/Basic/Diagnostic.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/JSON.h"
#include <string>
#include <vector>

namespace weir {

enum class Check : uint8_t {
#define WEIR_STATIC(enumerator, id, certainty, title) enumerator,
#include <weir/checks.def>
  Count
};

llvm::StringRef idOf(Check C);
llvm::StringRef certaintyOf(Check C); // the usual one
bool checkOf(llvm::StringRef Id, Check *C);
// The line has a weir-nolint in a comment, for this check or for all.
bool silences(llvm::StringRef Line, llvm::StringRef Id);

enum class Certainty : uint8_t { Proven, Likely, Advice };

struct Place {
  clang::SourceLocation At;
  std::string What; // of all but the first
  const clang::FunctionDecl *In = nullptr;
};

struct Finding {
  Check Id;
  Certainty Sure;
  std::string Message;
  std::vector<Place> Places;
  std::vector<clang::FixItHint> Fixes{}; // only what is right wherever the finding is
};

// Which checks are wanted.
struct Wanted {
  bool Checks[static_cast<size_t>(Check::Count)];
  void all(bool On) { std::fill(std::begin(Checks), std::end(Checks), On); }
  // Only these, "ID,ID"; of the ones that are advice, their advice. Else what it does not know.
  llvm::StringRef only(llvm::StringRef Ids);
  bool Advice = false;
  bool operator()(Check C) const { return Checks[static_cast<size_t>(C)]; }
};

class Findings {
public:
  Findings(clang::ASTContext &Context, const Wanted &Want) : Context(Context), Want(Want) {}

  bool wants(Check C) const { return Want(C); }
  void add(Finding F);
  const std::vector<Finding> &inOrder(); // of their places
  // In that order, each with its fingerprint; one line each.
  void write(llvm::raw_ostream &Out);
  unsigned silenced() const { return Silenced; }

private:
  bool isSilenced(const Finding &F);
  bool lineSilences(clang::SourceLocation At, llvm::StringRef Id, bool Before) const;
  llvm::StringRef textOfLine(clang::SourceLocation At, int Offset) const;
  llvm::json::Object placeOf(const Place &P, const Place &Main) const;
  std::string fingerprintOf(const Finding &F);

  clang::ASTContext &Context;
  const Wanted &Want;
  std::vector<Finding> All;
  llvm::StringSet<> Seen;
  unsigned Silenced = 0;
};

// Where a person looks: outside of macros that system headers or Weir's define.
clang::SourceLocation shownAt(const clang::SourceManager &Sources, clang::SourceLocation At);

} // namespace weir

#endif
