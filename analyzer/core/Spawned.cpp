// SPDX-License-Identifier: Apache-2.0
//
// Spawned.h.
#include "core/Spawned.h"
#include "core/Path.h"

using namespace clang;
using llvm::dyn_cast;

namespace weir {

const FunctionDecl *functionIn(const Expr *E) {
  E = stripped(E);
  if (auto *Address = dyn_cast<UnaryOperator>(E); Address && Address->getOpcode() == UO_AddrOf)
    E = stripped(Address->getSubExpr());
  auto *Ref = dyn_cast<DeclRefExpr>(E);
  return Ref ? dyn_cast<FunctionDecl>(Ref->getDecl()) : nullptr;
}

// Of weir_go and its like: the block calls the macro's variable weir_f_..., with the others, and
// the values of all of them are what the program wrote.
Spawned spawnedBy(const CallExpr *Call, const CallRole &Role) {
  Spawned Made;
  auto Argument = [&](int I) {
    return I >= 0 && I < static_cast<int>(Call->getNumArgs()) ? Call->getArg(I) : nullptr;
  };
  const Expr *First = Argument(Role.Object);
  if (!First) return Made;
  auto *Block = dyn_cast<BlockExpr>(stripped(First));
  if (!Block) {
    Made.Function = functionIn(First);
    if (const Expr *Second = Argument(Role.Second)) Made.Arguments.push_back(Second);
    return Made;
  }
  for (const Stmt *S : Block->getBody()->children()) {
    auto *E = llvm::dyn_cast_or_null<Expr>(S);
    auto *Inner = E ? dyn_cast<CallExpr>(stripped(E)) : nullptr;
    auto *Ref = Inner ? dyn_cast<DeclRefExpr>(stripped(Inner->getCallee())) : nullptr;
    auto *Var = Ref ? dyn_cast<VarDecl>(Ref->getDecl()) : nullptr;
    if (!Var || !Var->getInit() || !Var->getName().starts_with("weir_f_")) continue;
    Made.Function = functionIn(Var->getInit());
    for (const Expr *Each : Inner->arguments()) {
      auto *Bound = dyn_cast<DeclRefExpr>(stripped(Each));
      auto *Value = Bound ? dyn_cast<VarDecl>(Bound->getDecl()) : nullptr;
      Made.Arguments.push_back(Value && Value->getInit() ? Value->getInit() : Each);
    }
  }
  return Made;
}

} // namespace weir
