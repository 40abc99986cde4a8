// SPDX-License-Identifier: Apache-2.0
//
// A walk over a statement and all that is in it, bodies of blocks included. C's statements need no
// more than their children; Clang's RecursiveASTVisitor also knows every kind of declaration, type
// and C++, and takes seconds to compile for each visitor.
#ifndef WEIR_ANALYZER_CORE_WALK_H
#define WEIR_ANALYZER_CORE_WALK_H

#include "clang/AST/Decl.h"
#include "clang/AST/Expr.h"

namespace weir {

template <class Do> void forChildren(const clang::Stmt *S, Do &&Each) {
  if (auto *Block = llvm::dyn_cast<clang::BlockExpr>(S)) Each(Block->getBody());
  for (const clang::Stmt *Child : S->children())
    if (Child) Each(Child);
}

// Visit(const Stmt *), each before what is in it; none for nullptr.
template <class Do> void walk(const clang::Stmt *S, Do &&Visit) {
  if (!S) return;
  Visit(S);
  forChildren(S, [&](const clang::Stmt *Child) { walk(Child, Visit); });
}

// The same, each after what is in it: calls come in the order in which they run.
template <class Do> void walkAfter(const clang::Stmt *S, Do &&Visit) {
  if (!S) return;
  forChildren(S, [&](const clang::Stmt *Child) { walkAfter(Child, Visit); });
  Visit(S);
}

// Visit(const Kind *) for each of that kind.
template <class Kind, class Do> void walkOf(const clang::Stmt *S, Do &&Visit) {
  walk(S, [&](const clang::Stmt *Each) {
    if (auto *Is = llvm::dyn_cast<Kind>(Each)) Visit(Is);
  });
}

} // namespace weir

#endif
