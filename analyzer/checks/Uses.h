// SPDX-License-Identifier: Apache-2.0
//
// What a function does with the pointer in one of its variables, use by use, whatever the way: may
// somebody else have it afterwards? A pointer that is only given to calls that look at it, asked
// for, or passed to functions of the file that do no more than that, stays the function's own.
#ifndef WEIR_ANALYZER_CHECKS_USES_H
#define WEIR_ANALYZER_CHECKS_USES_H

#include "core/Unit.h"

#include "llvm/ADT/DenseMap.h"

namespace weir {

class Uses {
public:
  Uses(Unit &U, const clang::FunctionDecl *Function);

  // It is copied, stored, captured by a block that is no defer, or its address is taken.
  bool isShared(const clang::VarDecl *Var) const;
  // The variable that the argument is; nullptr: none.
  static const clang::VarDecl *variableOf(const clang::Expr *Argument);
  // What is called may release or keep what is passed as its argument of that number.
  static bool mayKeep(Unit &U, const clang::FunctionDecl *Callee, unsigned Argument, int Depth = 0);

private:
  bool isOwnUse(const clang::DeclRefExpr *Ref) const;
  bool isInDefer(const clang::Stmt *Block) const;
  bool keeps(const clang::VarDecl *Var, int Depth) const;
  const clang::Stmt *up(const clang::Stmt *S) const { return Parents.lookup(S); }

  Unit &U;
  const clang::FunctionDecl *Function;
  llvm::DenseMap<const clang::Stmt *, const clang::Stmt *> Parents; // also in blocks
  llvm::DenseSet<const clang::Expr *> Started;                      // values given to goroutines
};

} // namespace weir

#endif
