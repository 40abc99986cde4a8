// SPDX-License-Identifier: Apache-2.0
//
// stack-escape: a goroutine or thread is given the address of a local variable, and the function
// is left on a way on which nothing waits. The variable is gone, or another's, while what was
// started still uses it.
//
// Anything that could be the wait makes it silent: an operation that meets others, a call of a
// function of the program that has one in it or is not known, and one that stands in the text
// between the start and the way out, whatever its condition. So are functions that spin on an
// atomic or volatile object, and main, whose variables live as long as the process.
#include "checks/Trackers.h"
#include "core/Spawned.h"
#include "core/Walk.h"

#include "clang/AST/ASTContext.h"
#include "clang/Basic/SourceManager.h"

using namespace clang;
using llvm::dyn_cast;
using llvm::isa;

namespace weir {

namespace {

bool mayWait(Role What) {
  switch (What) {
  case Role::Acquire:
  case Role::CondWait:
  case Role::Send:
  case Role::Recv:
  case Role::TryRecv:
  case Role::Select:
  case Role::Join:
  case Role::Wait:
  case Role::Block:
  case Role::Input:
    return true;
  default:
    return false;
  }
}

bool asksFlags(const Stmt *Body) {
  bool Any = false;
  walk(Body, [&](const Stmt *S) {
    Any |= isa<AtomicExpr>(S);
    auto *Read = dyn_cast<ImplicitCastExpr>(S);
    if (!Read || Read->getCastKind() != CK_LValueToRValue) return;
    QualType Of = Read->getSubExpr()->getType();
    Any |= Of.isVolatileQualified() || Of->isAtomicType();
  });
  return Any;
}

class Escapes : public Tracker {
public:
  explicit Escapes(Flow &F)
      : Tracker(F, 'E'), Quiet(F.Function->isMain() || asksFlags(F.Function->getBody())) {}

  void call(Event &E) override;
  void ofProgram(State &S, const CallExpr *Call, const Summary *Sum) override;
  void finish() override;

private:
  const VarDecl *localIn(const Expr *Argument) const;
  const VarDecl *localOf(const CallExpr *Spawn) const;
  void clear(State &S) const;
  bool isWaitBetween(SourceLocation From, SourceLocation To) const;

  const bool Quiet;
  std::map<const CallExpr *, const VarDecl *> Spawns;
  llvm::DenseSet<const CallExpr *> Strangers; // calls of the program's functions that may wait
};

const VarDecl *Escapes::localIn(const Expr *Argument) const {
  if (!Argument || !Argument->getType()->isPointerType()) return nullptr;
  Path P = pointeeOf(Argument, F.Vars);
  bool Here = P && P.Root->hasLocalStorage() && P.Key.find('*') == std::string::npos &&
              llvm::StringRef(P.Key).starts_with(nameInKey(P.Root));
  return Here ? P.Root : nullptr;
}

const VarDecl *Escapes::localOf(const CallExpr *Spawn) const {
  const CallRole *Role = F.U.TheRoles.of(Spawn);
  for (const Expr *Each : spawnedBy(Spawn, *Role).Arguments)
    if (const VarDecl *Var = localIn(Each)) return Var;
  bool Group = Role->Second >= 0 && Role->Second < static_cast<int>(Spawn->getNumArgs());
  return Group ? localIn(Spawn->getArg(Role->Second)) : nullptr;
}

void Escapes::clear(State &S) const {
  for (auto At = S.Items.begin(); At != S.Items.end();)
    At = At->first[0] == Letter ? S.Items.erase(At) : std::next(At);
}

void Escapes::call(Event &E) {
  if (mayWait(E.Role.What)) return clear(E.Now);
  if (Quiet || E.Role.What != Role::Spawn) return;
  const VarDecl *Var = localOf(E.Call);
  if (!Var) return;
  Spawns[E.Call] = Var;
  std::string Key = Letter + nameInKey(Var) + "@" + std::to_string(Spawns.size());
  for (const auto &Each : E.Now.Items)
    if (Each.second.Site == E.Call) return;
  E.Now.Items[Key].Site = E.Call;
}

void Escapes::ofProgram(State &S, const CallExpr *Call, const Summary *Sum) {
  FunctionInfo *Callee = F.U.info(Call->getDirectCallee());
  if (Sum && Sum->Known && !Sum->Opaque && Callee && !Callee->Gated) return;
  Strangers.insert(Call);
  clear(S);
}

bool Escapes::isWaitBetween(SourceLocation From, SourceLocation To) const {
  const SourceManager &Sources = F.U.Context.getSourceManager();
  From = Sources.getExpansionLoc(From);
  To = Sources.getExpansionLoc(To);
  if (!Sources.isBeforeInTranslationUnit(From, To)) return true; // a jump back: not understood
  return llvm::any_of(F.Info.Calls, [&](const CallExpr *Call) {
    const CallRole *Role = F.U.TheRoles.of(Call);
    SourceLocation At = Sources.getExpansionLoc(Call->getExprLoc());
    bool Between =
        Sources.isBeforeInTranslationUnit(From, At) && Sources.isBeforeInTranslationUnit(At, To);
    return Between && (Strangers.count(Call) || (Role && mayWait(Role->What)));
  });
}

void Escapes::finish() {
  llvm::DenseSet<const Expr *> Said;
  for (const Exit &Each : F.Exits)
    for (const auto &[Key, I] : Each.At.Items) {
      auto *Spawn = llvm::dyn_cast_or_null<CallExpr>(Key[0] == Letter ? I.Site : nullptr);
      if (!Spawn || I.Is != Status::Held || Said.count(Spawn)) continue;
      if (isWaitBetween(Spawn->getExprLoc(), F.endOf(Each))) continue;
      Said.insert(Spawn);
      const VarDecl *Var = Spawns[Spawn];
      std::string Name = "'" + Var->getNameAsString() + "'";
      F.U.Out.add({Check::StackEscape,
                   Certainty::Likely,
                   "what starts here uses " + Name + ", a local variable of " +
                       F.Function->getNameAsString() + ", which does not wait for it",
                   {{Spawn->getExprLoc(), "", F.Function},
                    {Var->getLocation(), "the variable", F.Function},
                    {F.endOf(Each), "left here: " + Name + " is gone", F.Function}}});
    }
}

} // namespace

std::unique_ptr<Tracker> makeEscapes(Flow &F) {
  return std::make_unique<Escapes>(F);
}

} // namespace weir
