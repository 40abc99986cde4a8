// SPDX-License-Identifier: Apache-2.0
//
// trylock-ignored: nobody asks whether a try got the lock, so what follows runs without it, and
// the unlock after it gives back another's. A result that is cast to void was thought about.
//
// cond-wait-no-loop: a wait on a condition variable that is asked for once. Whoever wakes finds the
// condition gone when another was first, and pthreads may wake for no reason; Weir's do not, so one
// that asks for no condition at all is a meeting. Waits with a timeout are often sleeps, and a
// function that waits for its caller (its arguments are the condition and the lock, or it is called
// in a loop) leaves the loop to it.
#include "checks/Patterns.h"
#include "core/Walk.h"

#include "clang/AST/ParentMap.h"

using namespace clang;
using llvm::dyn_cast_or_null;
using llvm::isa;

namespace weir {

namespace {

bool hasGoto(const Stmt *In) {
  bool Any = false;
  walk(In, [&](const Stmt *S) { Any |= isa<GotoStmt, IndirectGotoStmt>(S); });
  return Any;
}

class CallsOf {
public:
  CallsOf(Unit &U, const FunctionInfo &Info)
      : U(U), Info(Info), Function(Info.Function), Parents(Function->getBody()),
        Vars(Function->getBody()) {}

  void check() {
    for (const CallExpr *Call : Info.Calls) {
      const CallRole *Role = U.TheRoles.of(Call);
      if (Role && Role->What == Role::Try) checkTry(Call, *Role);
      if (Role && Role->What == Role::CondWait && Role->Says == Success::Always)
        checkWait(Call, *Role);
    }
  }

private:
  bool isIn(const Stmt *S, bool (*Kind)(const Stmt *)) const;
  bool isForCaller(const CallExpr *Call, const CallRole &Role) const;
  bool isCalledInLoop() const;
  void checkTry(const CallExpr *Call, const CallRole &Role);
  void checkWait(const CallExpr *Call, const CallRole &Role);
  std::vector<FixItHint> loopInstead(const CallExpr *Wait) const;
  std::string nameOf(const CallExpr *Call, int Argument, llvm::StringRef Else) const;

  Unit &U;
  const FunctionInfo &Info;
  const FunctionDecl *Function;
  ParentMap Parents;
  Variables Vars;
};

bool isLoop(const Stmt *S) {
  return isa<WhileStmt, ForStmt, DoStmt>(S);
}
bool isChoice(const Stmt *S) {
  return isa<IfStmt, AbstractConditionalOperator>(S);
}
bool isVoidCast(const Stmt *S) {
  auto *Cast = llvm::dyn_cast<CStyleCastExpr>(S);
  return Cast && Cast->getType()->isVoidType();
}

bool CallsOf::isIn(const Stmt *S, bool (*Kind)(const Stmt *)) const {
  while ((S = Parents.getParent(const_cast<Stmt *>(S))))
    if (Kind(S)) return true;
  return false;
}

std::string CallsOf::nameOf(const CallExpr *Call, int Argument, llvm::StringRef Else) const {
  Path P;
  if (Argument >= 0 && Argument < static_cast<int>(Call->getNumArgs()))
    P = pointeeOf(Call->getArg(Argument), Vars);
  return P ? "'" + P.Text + "'" : Else.str();
}

void CallsOf::checkTry(const CallExpr *Call, const CallRole &Role) {
  if (Parents.isConsumedExpr(const_cast<CallExpr *>(Call)) || isIn(Call, isVoidCast)) return;
  U.Out.add({Check::TrylockIgnored,
             Certainty::Likely,
             "nobody asks whether " + nameOf(Call, Role.Object, "the lock") +
                 " was locked here: what follows may run without it",
             {{Call->getExprLoc(), "", Function}}});
}

// One of the two is an argument of the function, or each is in an argument of its own.
bool CallsOf::isForCaller(const CallExpr *Call, const CallRole &Role) const {
  const Expr *Lock = stripped(Call->getArg(Role.Object));
  const Expr *Condition = stripped(Call->getArg(Role.Second));
  auto IsArgument = [](const Expr *E) {
    auto *Ref = llvm::dyn_cast<DeclRefExpr>(E);
    return Ref && isa<ParmVarDecl>(Ref->getDecl());
  };
  if (IsArgument(Lock) || IsArgument(Condition)) return true;
  const VarDecl *One = pointeeOf(Lock, Vars).Root, *Other = pointeeOf(Condition, Vars).Root;
  return One != Other && isa_and_nonnull<ParmVarDecl>(One) && isa_and_nonnull<ParmVarDecl>(Other);
}

bool CallsOf::isCalledInLoop() const {
  for (auto &Each : U.Functions)
    for (const CallExpr *Call : Each.second.Calls) {
      const FunctionDecl *Callee = Call->getDirectCallee();
      if (!Callee || Callee->getCanonicalDecl() != Function->getCanonicalDecl()) continue;
      ParentMap Outer(Each.second.Function->getBody());
      for (const Stmt *S = Call; S; S = Outer.getParent(const_cast<Stmt *>(S)))
        if (isLoop(S)) return true;
    }
  return false;
}

void CallsOf::checkWait(const CallExpr *Call, const CallRole &Role) {
  int Count = static_cast<int>(Call->getNumArgs());
  if (isIn(Call, isLoop) || Role.Object >= Count || Role.Second >= Count || Role.Second < 0) return;
  if (isForCaller(Call, Role)) return;
  if (Role.Of == Family::Weir && !isIn(Call, isChoice)) return;
  if (hasGoto(Function->getBody()) || isCalledInLoop()) return;
  U.Out.add({Check::CondWaitNoLoop,
             Certainty::Likely,
             "what " + nameOf(Call, Role.Second, "the condition variable") +
                 " stands for is not looked at again after this wait: it is not in a loop",
             {{Call->getExprLoc(), "", Function}},
             loopInstead(Call)});
}

// `while` for the `if`, where it chooses the wait and nothing else.
std::vector<FixItHint> CallsOf::loopInstead(const CallExpr *Wait) const {
  const Stmt *Chosen = Wait, *Outer = Parents.getParent(const_cast<CallExpr *>(Wait));
  auto *Body = llvm::dyn_cast_or_null<CompoundStmt>(Outer);
  if (Body && Body->size() == 1) {
    Chosen = Body;
    Outer = Parents.getParent(const_cast<Stmt *>(Chosen));
  }
  auto *If = dyn_cast_or_null<IfStmt>(Outer);
  if (!If || If->getThen() != Chosen || If->getElse() || If->getIfLoc().isMacroID()) return {};
  return {FixItHint::CreateReplacement(If->getIfLoc(), "while")};
}

} // namespace

void checkCalls(Unit &U, const FunctionInfo &Info) {
  bool Any = false;
  for (const CallExpr *Call : Info.Calls) {
    const CallRole *Role = U.TheRoles.of(Call);
    Any |= Role && (Role->What == Role::Try || Role->What == Role::CondWait);
  }
  if (Any) CallsOf(U, Info).check();
}

} // namespace weir
