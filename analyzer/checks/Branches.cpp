// SPDX-License-Identifier: Apache-2.0
//
// Branches.h: a walk from each place outwards.
#include "checks/Branches.h"
#include "core/Walk.h"

#include "clang/Basic/SourceManager.h"

using namespace clang;
using llvm::dyn_cast;
using llvm::isa;

namespace weir {

namespace {

bool isLoop(const Stmt *S) {
  return isa<WhileStmt, ForStmt, DoStmt>(S);
}

// What decides whether Inner, a part of S, runs; nullptr: nothing.
const Expr *deciderOf(const Stmt *S, const Stmt *Inner, bool Loops) {
  const Expr *Decides = nullptr;
  if (auto *If = dyn_cast<IfStmt>(S)) Decides = If->getCond();
  if (auto *Switch = dyn_cast<SwitchStmt>(S)) Decides = Switch->getCond();
  if (auto *Choice = dyn_cast<AbstractConditionalOperator>(S)) Decides = Choice->getCond();
  if (auto *Both = dyn_cast<BinaryOperator>(S); Both && Both->isLogicalOp())
    Decides = Both->getLHS();
  if (auto *While = dyn_cast<WhileStmt>(S); While && Loops) Decides = While->getCond();
  if (auto *For = dyn_cast<ForStmt>(S); For && Loops && Inner != For->getInit())
    Decides = For->getCond();
  return Decides == Inner ? nullptr : Decides;
}

bool isInside(const Expr *E) {
  auto *Ref = dyn_cast<DeclRefExpr>(stripped(E));
  auto *Var = Ref ? dyn_cast<VarDecl>(Ref->getDecl()) : nullptr;
  return Var && Var->hasLocalStorage();
}

} // namespace

bool Branches::isWithin(const Stmt *S, const Stmt *Outer) const {
  for (; S; S = up(S))
    if (S == Outer) return true;
  return false;
}

Branches::Chain Branches::conditions(const Stmt *Place, const Stmt *Outer, bool Loops) const {
  Chain All;
  for (const Stmt *Inner = Place, *S = up(Place); S && Inner != Outer; Inner = S, S = up(S))
    if (const Expr *Decides = deciderOf(S, Inner, Loops)) All.push_back(Decides);
  return All;
}

const Stmt *Branches::loopOf(const Expr *First, const Expr *Second) const {
  for (const Stmt *S = up(First); S; S = up(S))
    if (isLoop(S) && isWithin(Second, S)) return S;
  return nullptr;
}

// It asks memory that others may have written, an atomic, or a function of the program.
bool Branches::mayKnow(const Expr *Condition) const {
  bool May = false;
  walk(Condition, [&](const Stmt *S) {
    May |= isa<AtomicExpr>(S);
    if (auto *Call = dyn_cast<CallExpr>(S)) {
      const FunctionDecl *Callee = Call->getDirectCallee();
      bool Atomic = Callee && Callee->getIdentifier() && Callee->getBuiltinID() &&
                    (Callee->getName().contains("sync_") || Callee->getName().contains("atomic"));
      May |= Atomic || !Callee || (U.isOwn(Callee) && !U.TheRoles.of(Callee));
    }
    if (auto *Member = dyn_cast<MemberExpr>(S))
      May |= Member->isArrow() || !isInside(Member->getBase());
    if (auto *Ref = dyn_cast<DeclRefExpr>(S); Ref && isa<VarDecl>(Ref->getDecl()))
      May |= !isInside(Ref);
  });
  return May;
}

bool Branches::canFollow(const Expr *First, const Expr *Second, bool Late) const {
  const SourceManager &Sources = U.Context.getSourceManager();
  bool Before = Sources.isBeforeInTranslationUnit(Second->getExprLoc(), First->getExprLoc());
  const Stmt *Common = up(First);
  while (Common && !isWithin(Second, Common))
    Common = up(Common);
  bool Cases = Common && llvm::isa_and_nonnull<SwitchStmt>(up(Common));
  if (First == Second || (Before && !Late) || Cases) // in the next turn
    return conditions(First, loopOf(First, Second), false).empty();
  bool Alone = conditions(First, Common, true).empty();
  Chain Asked = conditions(Second, Common, true);
  if (!Alone && !Asked.empty()) return false;
  return llvm::none_of(Asked, [&](const Expr *Each) { return mayKnow(Each); });
}

bool Branches::areApart(const Expr *First, const Expr *Second) const {
  const Stmt *Common = up(First);
  while (Common && !isWithin(Second, Common))
    Common = up(Common);
  return !conditions(First, Common, false).empty() && !conditions(Second, Common, false).empty();
}

bool Branches::isUnconditional(const Expr *Place) const {
  return conditions(Place, nullptr, false).empty();
}

} // namespace weir
