// SPDX-License-Identifier: Apache-2.0
//
// Makes the digest of a file (core/Digest.h) while its functions are looked at.
#ifndef WEIR_ANALYZER_CHECKS_DIGESTS_H
#define WEIR_ANALYZER_CHECKS_DIGESTS_H

#include "core/Flow.h"
#include "core/Things.h"

namespace weir {

class DigestMaker {
public:
  DigestMaker(Unit &U, Digest &To) : U(U), Names(U.Context, To), To(To) {}

  // A function whose ways were followed.
  void add(const clang::FunctionDecl *Function, std::vector<Act> Acts);
  // All others, and what functions are put into fields.
  void finish();
  const clang::ParentMap &parentsIn(const clang::FunctionDecl *Function);

  Unit &U;
  Things Names;

private:
  void addBlindly(const FunctionInfo &Info);
  void fill(const clang::FieldDecl *Field, const clang::Expr *With);
  void fillAll(const clang::InitListExpr *List);
  void collectPointers(const clang::Stmt *In);

  Digest &To;
  const clang::FunctionDecl *Mapped = nullptr;
  std::unique_ptr<clang::ParentMap> Parents; // of that one
  llvm::DenseSet<const clang::FunctionDecl *> Added;
  llvm::DenseSet<const clang::Expr *> Callees;
  std::set<std::pair<std::string, std::string>> Filled;
  std::set<std::string> Taken;
};

// What the call is, without locks; What is Does::Offer for what matters to nobody else.
bool actOf(DigestMaker &Made, const clang::CallExpr *Call, const clang::FunctionDecl *In,
           const Variables &Vars, Act *Is);

} // namespace weir

#endif
