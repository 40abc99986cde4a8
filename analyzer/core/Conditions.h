// SPDX-License-Identifier: Apache-2.0
//
// Which ways through a function can be taken: facts from assignments of constants and from the
// conditions passed, for flags, error codes and pointers that are asked again later. Calls in
// conditions are taken to answer the same until the next turn of a loop. What is not understood
// is let through.
#ifndef WEIR_ANALYZER_CORE_CONDITIONS_H
#define WEIR_ANALYZER_CORE_CONDITIONS_H

#include "core/State.h"

#include "clang/AST/ASTContext.h"
#include "clang/Analysis/CFG.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace weir {

class Conditions {
public:
  Conditions(clang::ASTContext &Context, const Variables &Vars) : Context(Context), Vars(Vars) {}

  // Which facts are worth keeping, and where. MayTake: the call may take a lock, for which it
  // matters what is known of parameters.
  void prepare(const clang::CFG &Graph, llvm::function_ref<bool(const clang::CallExpr *)> MayTake);
  // Before the calls of which it is the result: those are kept in any case.
  static std::string keyOfResult(const clang::Expr *Call);
  void keep(llvm::StringRef Key) { Kept.insert(Key); }

  // For trackers that look at a fact themselves: it stays to the end.
  void pin(llvm::StringRef Key) {
    keep(Key);
    Pinned.insert(Key);
  }
  bool hasPinned(const State &S) const {
    return !Pinned.empty() &&
           llvm::any_of(S.Facts, [&](const auto &Each) { return Pinned.count(Each.first); });
  }
  // Facts that are not asked for on any way from there keep states apart for nothing.
  void dropUnasked(State &S, const clang::CFGBlock *Before) const;

  // False: this way cannot be taken in this state.
  bool pass(State &S, const clang::Expr *Condition, bool Taken) const;
  bool passCase(State &S, const clang::Expr *Switched, const clang::Expr *Case) const;
  void assign(State &S, const clang::VarDecl *To, const clang::Expr *Value) const;
  void assignPlace(State &S, const clang::Expr *To, const clang::Expr *Value) const;
  // The next turn of a loop.
  static void forgetCalls(State &S);
  // A condition on an integer parameter was passed.
  bool dependsOnParameter(const State &S) const;

private:
  std::optional<int64_t> constantOf(const clang::Expr *E) const;
  std::string keyOf(const clang::Expr *E, int Depth = 0) const;
  std::string keyOfOrder(const clang::BinaryOperator *E, bool *Negated) const;
  std::string keyOfLimit(const clang::Expr *E, clang::BinaryOperatorKind Op, int64_t Than,
                         bool *Negated) const;
  bool passTruth(State &S, const clang::Expr *E, bool Zero) const;
  bool passKey(State &S, const std::string &Key, bool Zero) const;
  bool passCompare(State &S, const clang::BinaryOperator *E, bool Taken) const;
  bool worth(llvm::StringRef Key) const { return Kept.count(Key); }
  void count(const clang::Expr *Condition);
  void note(const clang::Stmt *S);
  llvm::BitVector asked(const clang::Expr *Condition) const;
  void stepBack(const clang::CFGBlock *Block, llvm::BitVector &Now,
                llvm::function_ref<bool(const clang::CallExpr *)> MayTake) const;
  void before(const clang::VarDecl *Set, const clang::Expr *Value, llvm::BitVector &Now) const;

  clang::ASTContext &Context;
  const Variables &Vars;
  llvm::StringMap<int> Asked;
  llvm::StringSet<> Set, Kept, Pinned;
  llvm::StringMap<unsigned> Numbers;                             // of what is kept
  llvm::DenseMap<const clang::CFGBlock *, llvm::BitVector> Live; // at the block's begin
  mutable llvm::SmallVectorImpl<std::string> *Asking = nullptr;  // where pass notes what it asks
  std::vector<std::string> Parameters;
};

} // namespace weir

#endif
