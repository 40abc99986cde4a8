// SPDX-License-Identifier: Apache-2.0
//
// loop-variable-shared: a goroutine or thread gets the address of the variable that the loop counts
// with, so it sees whatever turn the loop is in by then. Not where the turn waits for something.
//
// wait-group-add-inside: a goroutine adds itself to the wait group. The wait may come first, see
// zero and go on. Where whoever starts it also adds to the group, it is counted while it adds.
#include "checks/Patterns.h"
#include "core/Spawned.h"
#include "core/Walk.h"

#include "clang/AST/ParentMap.h"
#include "llvm/ADT/StringSet.h"

using namespace clang;
using llvm::dyn_cast;
using llvm::isa;

namespace weir {

namespace {

struct Changes { // of one variable
  bool Any = false, Named = false;
};

Changes changes(const VarDecl *Var, const Stmt *In) {
  Changes C;
  auto IsIt = [&](const Stmt *S) {
    auto *Ref = dyn_cast<DeclRefExpr>(S);
    return Ref && Ref->getDecl() == Var;
  };
  walk(In, [&](const Stmt *S) {
    C.Named |= IsIt(S);
    if (auto *E = dyn_cast<BinaryOperator>(S))
      C.Any |= E->isAssignmentOp() && IsIt(E->getLHS()->IgnoreParens());
    if (auto *E = dyn_cast<UnaryOperator>(S))
      C.Any |= E->isIncrementDecrementOp() && IsIt(E->getSubExpr()->IgnoreParens());
  });
  return C;
}

// The loop goes by the variable: it is changed between the turns, or asked for and changed in them.
bool goesBy(const Stmt *Loop, const VarDecl *Var) {
  if (auto *For = dyn_cast<ForStmt>(Loop))
    return changes(Var, For->getInc()).Any ||
           (changes(Var, For->getCond()).Named && changes(Var, For->getBody()).Any);
  if (auto *While = dyn_cast<WhileStmt>(Loop)) {
    Changes Asked = changes(Var, While->getCond());
    return Asked.Any || (Asked.Named && changes(Var, While->getBody()).Any);
  }
  auto *Do = dyn_cast<DoStmt>(Loop);
  if (!Do) return false;
  Changes Asked = changes(Var, Do->getCond());
  return Asked.Any || (Asked.Named && changes(Var, Do->getBody()).Any);
}

class Spawns {
public:
  Spawns(Unit &U, const FunctionInfo &Info)
      : U(U), Info(Info), Function(Info.Function), Parents(Function->getBody()),
        Vars(Function->getBody()) {}

  void check() {
    for (const CallExpr *Call : Info.Calls)
      if (const CallRole *Role = U.TheRoles.of(Call); Role && Role->What == Role::Spawn) {
        Spawned Goes = spawnedBy(Call, *Role);
        for (const Expr *Each : Goes.Arguments)
          checkLoop(Call, Each);
        if (Goes.Function) checkAdds(Call, Goes);
      }
  }

private:
  bool meetsWithin(const Stmt *Loop) const;
  void checkLoop(const CallExpr *Spawn, const Expr *Argument);
  void checkAdds(const CallExpr *Spawn, const Spawned &Goes);
  std::vector<std::pair<const CallExpr *, Path>> addsItself(const FunctionInfo &Other,
                                                            const Variables &Theirs) const;
  void checkAdd(const CallExpr *Spawn, const CallExpr *Add, const FunctionDecl *Started,
                const Path &Group);

  Unit &U;
  const FunctionInfo &Info;
  const FunctionDecl *Function;
  ParentMap Parents;
  Variables Vars;
};

// --- loop-variable-shared ------------------------------------------------------------------------

bool Spawns::meetsWithin(const Stmt *Loop) const {
  for (const CallExpr *Call : Info.Calls) {
    const CallRole *Role = U.TheRoles.of(Call);
    bool Meets = Role && (Role->What == Role::Recv || Role->What == Role::Join ||
                          Role->What == Role::Wait || Role->What == Role::Select ||
                          Role->What == Role::CondWait || Role->What == Role::Block);
    for (const Stmt *S = Call; Meets && S; S = Parents.getParent(const_cast<Stmt *>(S)))
      if (S == Loop) return true;
  }
  return false;
}

void Spawns::checkLoop(const CallExpr *Spawn, const Expr *Argument) {
  auto *Address = dyn_cast<UnaryOperator>(stripped(Argument));
  if (!Address || Address->getOpcode() != UO_AddrOf) return;
  auto *Ref = dyn_cast<DeclRefExpr>(stripped(Address->getSubExpr()));
  auto *Var = Ref ? dyn_cast<VarDecl>(Ref->getDecl()) : nullptr;
  if (!Var) return;
  const Stmt *S = Spawn;
  while ((S = Parents.getParent(const_cast<Stmt *>(S)))) {
    if (!isa<ForStmt, WhileStmt, DoStmt>(S)) continue;
    if (meetsWithin(S)) return;
    if (!goesBy(S, Var)) continue;
    U.Out.add({Check::LoopVariableShared,
               Certainty::Likely,
               "the address of '" + Var->getNameAsString() +
                   "' is passed to what starts here, and the loop goes on to change it",
               {{Spawn->getExprLoc(), "", Function},
                {S->getBeginLoc(), "the loop goes by it", Function}}});
    return;
  }
}

// --- wait-group-add-inside -----------------------------------------------------------------------

// Where it adds to a group that it is done on itself. What it starts is not it.
std::vector<std::pair<const CallExpr *, Path>> Spawns::addsItself(const FunctionInfo &Other,
                                                                  const Variables &Theirs) const {
  std::vector<std::pair<const CallExpr *, Path>> Adds;
  llvm::StringSet<> Done;
  llvm::DenseSet<const CallExpr *> Elsewhere;
  for (const CallExpr *Call : Other.Calls)
    if (const CallRole *Role = U.TheRoles.of(Call); Role && Role->What == Role::Spawn)
      if (auto *Block = dyn_cast<BlockExpr>(stripped(Call->getArg(Role->Object))))
        walkOf<CallExpr>(Block->getBody(), [&](const CallExpr *Each) { Elsewhere.insert(Each); });
  for (const CallExpr *Call : Other.Calls) {
    const CallRole *Role = U.TheRoles.of(Call);
    if (!Role || Role->What != Role::Add || Role->Second < 0 || Elsewhere.count(Call)) continue;
    auto Count = Call->getArg(Role->Second)->getIntegerConstantExpr(U.Context);
    Path Group = pointeeOf(Call->getArg(Role->Object), Theirs);
    if (!Count || !Group) continue;
    if (Count->isNegative()) Done.insert(Group.Key);
    if (Count->isStrictlyPositive()) Adds.push_back({Call, Group});
  }
  llvm::erase_if(Adds, [&](const auto &Each) { return !Done.count(Each.second.Key); });
  return Adds;
}

void Spawns::checkAdds(const CallExpr *Spawn, const Spawned &Goes) {
  FunctionInfo *Other = U.info(Goes.Function);
  if (!Other) return;
  const FunctionDecl *Started = Other->Function;
  Variables Theirs(Started->getBody());
  for (const auto &[Add, Group] : addsItself(*Other, Theirs)) {
    OuterPath Outer;
    if (!isOuter(Group, Started, Theirs, &Outer)) continue;
    if (Outer.Number >= static_cast<int>(Goes.Arguments.size())) continue;
    const Expr *Passed = Outer.Number < 0 ? nullptr : Goes.Arguments[Outer.Number];
    checkAdd(Spawn, Add, Started, fromCallee(Outer, Group.Text, Passed, Vars));
  }
}

// Group: as the function that starts it sees it, which must wait for it and not add to it.
void Spawns::checkAdd(const CallExpr *Spawn, const CallExpr *Add, const FunctionDecl *Started,
                      const Path &Group) {
  const CallExpr *Wait = nullptr;
  for (const CallExpr *Call : Info.Calls) {
    const CallRole *Role = U.TheRoles.of(Call);
    bool Known = Role && (Role->What == Role::Add || Role->What == Role::Wait);
    if (!Group || !Known || pointeeOf(Call->getArg(Role->Object), Vars).Key != Group.Key) continue;
    if (Role->What == Role::Add) return;
    Wait = Call;
  }
  if (!Wait) return;
  U.Out.add({Check::WaitGroupAddInside,
             Certainty::Likely,
             "the goroutine adds itself to '" + Group.Text +
                 "': the wait may come first and not wait for it",
             {{Add->getExprLoc(), "", Started},
              {Spawn->getExprLoc(), "started here", Function},
              {Wait->getExprLoc(), "waited for here", Function}}});
}

} // namespace

void checkSpawns(Unit &U, const FunctionInfo &Info) {
  bool Any = false;
  for (const CallExpr *Call : Info.Calls) {
    const CallRole *Role = U.TheRoles.of(Call);
    Any |= Role && Role->What == Role::Spawn;
  }
  if (Any) Spawns(U, Info).check();
}

} // namespace weir
