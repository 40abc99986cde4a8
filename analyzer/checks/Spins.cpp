// SPDX-License-Identifier: Apache-2.0
//
// busy-loop: a loop that asks (a try, a select with a default) and goes round without waiting,
// yielding or doing anything else. Goroutines are not preempted: what it waits for may need the
// very worker that it keeps busy. OS threads may spin.
//
// receive-ignores-close: a loop without an end receives from a channel that somebody closes, and
// does not look at what the receive says. From then on it spins on zeroes.
#include "checks/Patterns.h"
#include "core/Spawned.h"
#include "core/Walk.h"

#include "clang/AST/ParentMap.h"
#include "clang/Analysis/CFG.h"

using namespace clang;
using llvm::dyn_cast;
using llvm::isa;

namespace weir {

namespace {

// The one that goes on when no case can.
bool hasDefault(const CallExpr *Select) {
  auto *Ref = dyn_cast<DeclRefExpr>(stripped(Select->getArg(0)));
  auto *Cases = Ref ? dyn_cast<VarDecl>(Ref->getDecl()) : nullptr;
  bool Any = false;
  if (Cases)
    walkOf<DeclRefExpr>(Cases->getInit(), [&](const DeclRefExpr *Each) {
      auto *Constant = dyn_cast<EnumConstantDecl>(Each->getDecl());
      Any |= Constant && Constant->getName() == "WEIR_CASE_DEFAULT";
    });
  return Any;
}

class Spins {
public:
  Spins(Unit &U, const FunctionInfo &Info)
      : U(U), Info(Info), Function(Info.Function), Parents(Function->getBody()),
        Vars(Function->getBody()) {}

  void check() {
    for (const CallExpr *Call : Info.Calls) {
      const CallRole *Role = U.TheRoles.of(Call);
      if (!Role || Role->Of != Family::Weir || !isInLoop(Call)) continue;
      if (asks(Call, *Role) && spins(Call)) reportSpin(Call, *Role);
      if (Role->What == Role::Recv && !Parents.isConsumedExpr(const_cast<CallExpr *>(Call)))
        checkReceive(Call, *Role);
    }
  }

private:
  bool asks(const CallExpr *Call, const CallRole &Role) const {
    bool Try = Role.What == Role::Try || Role.What == Role::TryRecv || Role.What == Role::TrySend;
    return Try || (Role.What == Role::Select && hasDefault(Call));
  }
  bool isInLoop(const Stmt *S) const {
    while ((S = Parents.getParent(const_cast<Stmt *>(S)))) {
      if (isa<BlockExpr>(S)) return false;
      if (isa<WhileStmt, ForStmt, DoStmt>(S)) return true;
    }
    return false;
  }
  bool isWork(const Stmt *S) const;
  const CFGBlock *blockOf(const CallExpr *Call, size_t *Index);
  bool spins(const CallExpr *Call);
  bool isEndless(const CallExpr *Call);
  const CallExpr *closeOf(const Path &Channel, const FunctionDecl **In) const;
  const CallExpr *closeOfArgument(const Path &Channel, const FunctionDecl **In) const;
  void reportSpin(const CallExpr *Call, const CallRole &Role);
  void checkReceive(const CallExpr *Call, const CallRole &Role);

  Unit &U;
  const FunctionInfo &Info;
  const FunctionDecl *Function;
  ParentMap Parents;
  Variables Vars;
  std::unique_ptr<CFG> Graph;
};

// Anything that takes the loop on: calls, and changes but of what the call answers. Two that ask
// may help each other (try to send; if the buffer is full, drop the oldest).
bool Spins::isWork(const Stmt *S) const {
  if (auto *Call = dyn_cast<CallExpr>(S)) {
    const CallRole *Role = U.TheRoles.of(Call);
    if (!Role) return !Call->getDirectCallee() || !Call->getDirectCallee()->getBuiltinID();
    return Role->What != Role::Borrow;
  }
  if (auto *Atomic = dyn_cast<AtomicExpr>(S))
    return Atomic->getOp() != AtomicExpr::AO__c11_atomic_load &&
           Atomic->getOp() != AtomicExpr::AO__atomic_load &&
           Atomic->getOp() != AtomicExpr::AO__atomic_load_n;
  if (auto *Unary = dyn_cast<UnaryOperator>(S)) return Unary->isIncrementDecrementOp();
  if (auto *Set = dyn_cast<BinaryOperator>(S); Set && Set->isAssignmentOp())
    return !isa<CallExpr>(stripped(Set->getRHS()));
  return isa<AsmStmt>(S);
}

const CFGBlock *Spins::blockOf(const CallExpr *Call, size_t *Index) {
  CFG::BuildOptions Options;
  Options.setAllAlwaysAdd();
  if (!Graph) Graph = CFG::buildCFG(Function, Function->getBody(), &U.Context, Options);
  if (!Graph) return nullptr;
  for (const CFGBlock *Block : *Graph)
    for (size_t I = 0; I < Block->size(); ++I)
      if (auto S = (*Block)[I].getAs<CFGStmt>(); S && S->getStmt() == Call)
        return *Index = I, Block;
  return nullptr;
}

// There is a way from the call back to it on which nothing else is done.
bool Spins::spins(const CallExpr *Call) {
  size_t At = 0;
  const CFGBlock *Start = blockOf(Call, &At);
  if (!Start) return false;
  auto Idle = [&](const CFGBlock *Block, size_t From, size_t To) {
    for (size_t I = From; I < To; ++I)
      if (auto S = (*Block)[I].getAs<CFGStmt>(); S && isWork(S->getStmt())) return false;
    return true;
  };
  if (!Idle(Start, At + 1, Start->size())) return false;
  llvm::SmallVector<const CFGBlock *, 16> Work{Start};
  llvm::DenseSet<const CFGBlock *> Seen;
  while (!Work.empty())
    for (const CFGBlock::AdjacentBlock &Next : Work.pop_back_val()->succs()) {
      const CFGBlock *To = Next.getReachableBlock();
      if (To == Start && Idle(Start, 0, At)) return true;
      if (To && To != Start && Seen.insert(To).second && Idle(To, 0, To->size()))
        Work.push_back(To);
    }
  return false;
}

void Spins::reportSpin(const CallExpr *Call, const CallRole &Role) {
  bool Select = Role.What == Role::Select;
  U.Out.add({Check::BusyLoop,
             Certainty::Likely,
             std::string("the loop ") +
                 (Select ? "selects again as long as no case is ready"
                         : "tries again as long as the try fails") +
                 " and lets nothing else run meanwhile",
             {{Call->getExprLoc(), "", Function}}});
}

// --- receive-ignores-close -------------------------------------------------------------------

// Nothing leads from the call out of the function.
bool Spins::isEndless(const CallExpr *Call) {
  size_t At = 0;
  const CFGBlock *Start = blockOf(Call, &At);
  if (!Start) return false;
  llvm::SmallVector<const CFGBlock *, 16> Work{Start};
  llvm::DenseSet<const CFGBlock *> Seen;
  while (!Work.empty()) {
    const CFGBlock *Block = Work.pop_back_val();
    if (Block == &Graph->getExit()) return false;
    for (const CFGBlock::AdjacentBlock &Next : Block->succs())
      if (const CFGBlock *To = Next.getReachableBlock(); To && Seen.insert(To).second)
        Work.push_back(To);
  }
  return Seen.count(Start);
}

const Decl *classOf(const Path &P) {
  return P.Field ? static_cast<const Decl *>(P.Field) : P.Root;
}

// Of a channel in a field or global variable: any of the file.
const CallExpr *Spins::closeOf(const Path &Channel, const FunctionDecl **In) const {
  bool Known = Channel.Field || Channel.Root->hasGlobalStorage();
  for (auto &[Declared, Other] : U.Functions)
    for (const CallExpr *Call : Other.Calls) {
      const CallRole *Role = U.TheRoles.of(Call);
      if (!Known || !Role || Role->What != Role::Close) continue;
      Path P = pointeeOf(Call->getArg(Role->Object), Variables(Other.Function->getBody()));
      if (P && classOf(P) == classOf(Channel)) return *In = Other.Function, Call;
    }
  return nullptr;
}

// Of a parameter: by who starts the function with it.
const CallExpr *Spins::closeOfArgument(const Path &Channel, const FunctionDecl **In) const {
  auto *Parameter = dyn_cast<ParmVarDecl>(Channel.Root);
  if (!Parameter || Channel.Field) return nullptr;
  unsigned Number = Parameter->getFunctionScopeIndex();
  for (auto &[Declared, Other] : U.Functions) {
    Variables Theirs(Other.Function->getBody());
    llvm::SmallVector<std::string, 4> Passed;
    for (const CallExpr *Call : Other.Calls)
      if (const CallRole *Role = U.TheRoles.of(Call); Role && Role->What == Role::Spawn) {
        Spawned Goes = spawnedBy(Call, *Role);
        if (!Goes.Function || Number >= Goes.Arguments.size() ||
            Goes.Function->getCanonicalDecl() != Function->getCanonicalDecl())
          continue;
        if (Path P = pointeeOf(Goes.Arguments[Number], Theirs)) Passed.push_back(P.Key);
      }
    for (const CallExpr *Call : Passed.empty() ? decltype(Other.Calls)() : Other.Calls)
      if (const CallRole *Role = U.TheRoles.of(Call); Role && Role->What == Role::Close)
        if (llvm::is_contained(Passed, pointeeOf(Call->getArg(Role->Object), Theirs).Key))
          return *In = Other.Function, Call;
  }
  return nullptr;
}

void Spins::checkReceive(const CallExpr *Call, const CallRole &Role) {
  Path Channel = pointeeOf(Call->getArg(Role.Object), Vars);
  if (!Channel || !isEndless(Call)) return;
  const FunctionDecl *In = nullptr;
  const CallExpr *Close = closeOf(Channel, &In);
  if (!Close) Close = closeOfArgument(Channel, &In);
  if (!Close) return;
  llvm::StringRef Name = llvm::StringRef(Channel.Text).ltrim('*');
  U.Out.add({Check::ReceiveIgnoresClose,
             Certainty::Likely,
             "once '" + Name.str() +
                 "' is closed, this loop receives zeroes without waiting and never ends",
             {{Call->getExprLoc(), "", Function}, {Close->getExprLoc(), "closed here", In}}});
}

} // namespace

void checkSpins(Unit &U, const FunctionInfo &Info) {
  bool Any = false;
  for (const CallExpr *Call : Info.Calls) {
    const CallRole *Role = U.TheRoles.of(Call);
    Any |= Role && Role->Of == Family::Weir;
  }
  if (Any) Spins(U, Info).check();
}

} // namespace weir
