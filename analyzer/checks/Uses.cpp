// SPDX-License-Identifier: Apache-2.0
//
// Uses.h: what stands around each use.
#include "checks/Uses.h"
#include "core/Spawned.h"
#include "core/Walk.h"

#include "clang/AST/Attr.h"

using namespace clang;
using llvm::dyn_cast;
using llvm::isa;

namespace weir {

namespace {

constexpr int DepthMax = 4;

bool branches(const Stmt *Body) {
  bool Any = false;
  walk(Body, [&](const Stmt *S) {
    Any |= isa<IfStmt, SwitchStmt, WhileStmt, ForStmt, DoStmt, AbstractConditionalOperator>(S);
  });
  return Any;
}

bool isAsked(const Stmt *By, const Expr *E, const ASTContext &Context) {
  if (auto *Not = dyn_cast<UnaryOperator>(By)) return Not->getOpcode() == UO_LNot;
  if (auto *Choice = dyn_cast<AbstractConditionalOperator>(By)) return Choice->getCond() == E;
  auto *Binary = dyn_cast<BinaryOperator>(By);
  if (!Binary) return isa<IfStmt, WhileStmt, ForStmt, DoStmt>(By);
  if (Binary->isLogicalOp()) return true;
  const Expr *Other = Binary->getLHS() == E ? Binary->getRHS() : Binary->getLHS();
  return Binary->isEqualityOp() &&
         Other->isNullPointerConstant(const_cast<ASTContext &>(Context),
                                      Expr::NPC_ValueDependentIsNotNull) != Expr::NPCK_NotNull;
}

} // namespace

const VarDecl *Uses::variableOf(const Expr *Argument) {
  auto *Ref = dyn_cast<DeclRefExpr>(stripped(Argument));
  return Ref ? dyn_cast<VarDecl>(Ref->getDecl()) : nullptr;
}

Uses::Uses(Unit &U, const FunctionDecl *Function) : U(U), Function(Function) {
  walk(Function->getBody(), [&](const Stmt *S) {
    forChildren(S, [&](const Stmt *Child) { Parents[Child] = S; });
    auto *Call = dyn_cast<CallExpr>(S);
    const CallRole *Role = Call ? U.TheRoles.of(Call) : nullptr;
    if (!Role || Role->What != Role::Spawn) return;
    for (const Expr *Each : spawnedBy(Call, *Role).Arguments)
      Started.insert(stripped(Each));
  });
}

// The block of a defer whose statements all run.
bool Uses::isInDefer(const Stmt *Body) const {
  const Stmt *S = Body;
  while (S && !isa<DeclStmt>(S))
    S = up(S);
  auto *Declared = llvm::dyn_cast_or_null<DeclStmt>(S);
  auto *Var =
      Declared && Declared->isSingleDecl() ? dyn_cast<VarDecl>(Declared->getSingleDecl()) : nullptr;
  return Var && Var->hasAttr<CleanupAttr>() && !branches(Body);
}

bool Uses::isOwnUse(const DeclRefExpr *Ref) const {
  for (const Stmt *S = Ref; S; S = up(S))
    if (auto *Block = llvm::dyn_cast_or_null<BlockExpr>(up(S)))
      if (!isInDefer(Block->getBody())) return Started.count(Ref);
  const Expr *E = Ref;
  const Stmt *By = up(E);
  for (; By && isa<CastExpr, ParenExpr>(By); By = up(By))
    E = llvm::cast<Expr>(By);
  if (!By) return false;
  if (auto *Call = dyn_cast<CallExpr>(By)) return Call->getCallee() != E;
  if (isa<ReturnStmt>(By) || isAsked(By, E, U.Context)) return true;
  if (auto *Binary = dyn_cast<BinaryOperator>(By))
    return Binary->getOpcode() == BO_Assign && Binary->getLHS() == E;
  return isa<DeclStmt>(By) && Started.count(Ref);
}

bool Uses::isShared(const VarDecl *Var) const {
  bool Shared = Var->hasAttr<CleanupAttr>() || Var->hasAttr<BlocksAttr>();
  walkOf<DeclRefExpr>(Function->getBody(), [&](const DeclRefExpr *Ref) {
    Shared |= Ref->getDecl() == Var && !isOwnUse(Ref);
  });
  return Shared;
}

bool Uses::keeps(const VarDecl *Var, int Depth) const {
  bool Keeps = isShared(Var);
  auto Pass = [&](const FunctionDecl *Callee, unsigned Number, const Expr *Argument) {
    if (variableOf(Argument) == Var) Keeps |= mayKeep(U, Callee, Number, Depth);
  };
  walk(Function->getBody(), [&](const Stmt *S) {
    if (auto *Return = dyn_cast<ReturnStmt>(S))
      Keeps |= Return->getRetValue() && variableOf(Return->getRetValue()) == Var;
    auto *Call = dyn_cast<CallExpr>(S);
    const CallRole *Role = Call && !Keeps ? U.TheRoles.of(Call) : nullptr;
    if (Role && Role->What == Role::Spawn) {
      Spawned Starts = spawnedBy(Call, *Role);
      for (unsigned I = 0; I < Starts.Arguments.size(); ++I)
        Pass(Starts.Function, I, Starts.Arguments[I]);
    }
    for (unsigned I = 0; Call && !Keeps && I < Call->getNumArgs(); ++I)
      Pass(Call->getDirectCallee(), I, Call->getArg(I));
  });
  return Keeps;
}

bool Uses::mayKeep(Unit &U, const FunctionDecl *Callee, unsigned Argument, int Depth) {
  if (!Callee || ++Depth > DepthMax) return true;
  if (const CallRole *Role = U.TheRoles.of(Callee))
    return Role->What == Role::Cancel || Role->What == Role::StopTicker ||
           Role->What == Role::FreeCtx || Role->What == Role::FreeTimer ||
           Role->What == Role::FreeTicker || Role->What == Role::Destroy;
  FunctionInfo *Info = U.info(Callee);
  if (!Info) return U.isOwn(Callee);
  if (Argument >= Info->Function->getNumParams()) return true;
  return Uses(U, Info->Function).keeps(Info->Function->getParamDecl(Argument), Depth);
}

} // namespace weir
