// SPDX-License-Identifier: Apache-2.0
//
// What two places of a function depend on. A mistake that takes two conditional places is one only
// if both conditions can hold, and conditions that the program asks in two forms ("is the last",
// "is there more") often exclude each other in a way that is not seen here. So a check of two
// places keeps quiet if each hangs on a condition of its own, or if what the second one hangs on
// may know of the first.
#ifndef WEIR_ANALYZER_CHECKS_BRANCHES_H
#define WEIR_ANALYZER_CHECKS_BRANCHES_H

#include "core/Flow.h"

#include "clang/AST/ParentMap.h"

namespace weir {

class Branches {
public:
  Branches(Unit &U, const clang::FunctionDecl *Function) : U(U), Parents(Function->getBody()) {}

  // The first place may have come to pass when the second one does, as far as can be told.
  // Late: the second is in a defer, so it runs behind whatever is written after it.
  bool canFollow(const clang::Expr *First, const clang::Expr *Second, bool Late) const;
  // Each hangs on a condition that the other does not.
  bool areApart(const clang::Expr *First, const clang::Expr *Second) const;
  // Loops count as turned at least once.
  bool isUnconditional(const clang::Expr *Place) const;
  // The innermost loop around both; nullptr: none.
  const clang::Stmt *loopOf(const clang::Expr *First, const clang::Expr *Second) const;

private:
  using Chain = llvm::SmallVector<const clang::Expr *, 4>;
  const clang::Stmt *up(const clang::Stmt *S) const {
    return Parents.getParent(const_cast<clang::Stmt *>(S));
  }
  bool isWithin(const clang::Stmt *S, const clang::Stmt *Outer) const;
  // The conditions that Place hangs on, up to Outer; `Loops`: also those of loops.
  Chain conditions(const clang::Stmt *Place, const clang::Stmt *Outer, bool Loops) const;
  bool mayKnow(const clang::Expr *Condition) const;

  Unit &U;
  clang::ParentMap Parents;
};

} // namespace weir

#endif
