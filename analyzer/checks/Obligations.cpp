// SPDX-License-Identifier: Apache-2.0
//
// context-not-cancelled, ticker-not-stopped, timer-not-freed: what a function has made it must give
// up on every way out. A context that nobody cancels stays below its parent, with its timer, as
// long as that lives; a ticker ticks for ever.
//
// Only what stays with the function counts: a local variable that is not stored or copied anywhere
// (Uses), on ways on which it was not returned or passed to something that may keep it. main may
// leave things to the end of the process.
#include "checks/Branches.h"
#include "checks/Trackers.h"
#include "checks/Uses.h"
#include "core/Spawned.h"
#include "core/Walk.h"

using namespace clang;
using llvm::dyn_cast;

namespace weir {

namespace {

struct Kind {
  Role Makes;
  Check Id;
  const char *Done, *Costs;
};

const Kind Kinds[] = {
    {Role::MakeCtx, Check::ContextNotCancelled, "cancelled",
     "it stays below its parent, with its timer"},
    {Role::MakeTicker, Check::TickerNotStopped, "stopped", "it ticks for ever"},
    {Role::MakeTimer, Check::TimerNotFreed, "freed", "its memory is lost"},
};

const Kind *kindOf(Role What) {
  for (const Kind &Each : Kinds)
    if (Each.Makes == What) return &Each;
  return nullptr;
}

bool ends(Role Makes, Role What) {
  switch (What) {
  case Role::FreeCtx:
    return Makes == Role::MakeCtx;
  case Role::FreeTicker:
    return Makes == Role::MakeTicker;
  case Role::FreeTimer:
    return Makes == Role::MakeTimer;
  case Role::Cancel:
    return Makes == Role::MakeCtx;
  case Role::StopTicker:
    return Makes == Role::MakeTicker;
  default:
    return What == Role::Destroy;
  }
}

// The variables that are set to what a call returns.
class Results {
public:
  explicit Results(const Stmt *Body) {
    walk(Body, [&](const Stmt *S) {
      if (auto *Assign = dyn_cast<BinaryOperator>(S); Assign && Assign->getOpcode() == BO_Assign)
        note(Uses::variableOf(Assign->getLHS()), Assign->getRHS());
      if (auto *Declared = dyn_cast<DeclStmt>(S))
        for (const Decl *D : Declared->decls())
          if (auto *Var = dyn_cast<VarDecl>(D); Var && Var->getInit()) note(Var, Var->getInit());
    });
  }
  const VarDecl *of(const CallExpr *Call) const { return Set.lookup(Call); }

private:
  void note(const VarDecl *Var, const Expr *Value) {
    auto *Call = dyn_cast<CallExpr>(stripped(Value));
    if (Var && Call && Var->hasLocalStorage()) Set[Call] = Var;
  }
  llvm::DenseMap<const CallExpr *, const VarDecl *> Set;
};

// Not as what a call is given: that was looked at when it was made.
bool isNamed(const Stmt *In, const VarDecl *Var) {
  if (auto *Ref = dyn_cast<DeclRefExpr>(In)) return Ref->getDecl() == Var;
  bool Any = false;
  if (!llvm::isa<CallExpr>(In))
    forChildren(In, [&](const Stmt *Child) { Any |= isNamed(Child, Var); });
  return Any;
}

class Obligations : public Tracker {
public:
  explicit Obligations(Flow &F);

  void call(Event &E) override;
  void ofProgram(State &S, const CallExpr *Call, const Summary *Sum) override;
  bool isSafe(const Item &) const override { return true; }
  void finish() override;

private:
  struct Made {
    const VarDecl *Var;
    const Kind *Is;
    const CallExpr *Ended = nullptr; // where it is, on some way
    bool Handed = false;             // to somebody else, on some way
  };

  std::string keyOf(const CallExpr *Make) const { return Letter + Conditions::keyOfResult(Make); }
  void end(State &S, const VarDecl *Var, Role What, const CallExpr *Call);
  void pass(State &S, const FunctionDecl *To, unsigned Number, const Expr *Argument);
  bool isPending(const Exit &Out, const CallExpr *Make, const Made &M) const;
  void report(const CallExpr *Make, const Made &M);

  std::map<const CallExpr *, Made> All;
  llvm::DenseSet<const CallExpr *> Again; // made anew while it was pending
};

Obligations::Obligations(Flow &F) : Tracker(F, 'O') {
  Results Set(F.Function->getBody());
  Uses Of(F.U, F.Function);
  for (const CallExpr *Call : F.Info.Calls) {
    const CallRole *Role = F.U.TheRoles.of(Call);
    const Kind *Is = Role ? kindOf(Role->What) : nullptr;
    const VarDecl *Var = Is ? Set.of(Call) : nullptr;
    if (!Var || Of.isShared(Var)) continue;
    All[Call] = {Var, Is};
    F.When.pin(nameInKey(Var));
  }
}

void Obligations::end(State &S, const VarDecl *Var, Role What, const CallExpr *Call) {
  for (auto &[Make, M] : All)
    if (M.Var == Var && ends(M.Is->Makes, What) && S.Items.erase(keyOf(Make))) M.Ended = Call;
}

void Obligations::pass(State &S, const FunctionDecl *To, unsigned Number, const Expr *Argument) {
  const VarDecl *Var = Uses::variableOf(Argument);
  for (auto &[Make, M] : All)
    if (M.Var == Var && S.Items.count(keyOf(Make)) && Uses::mayKeep(F.U, To, Number)) {
      S.Items.erase(keyOf(Make));
      M.Handed = true;
    }
}

void Obligations::call(Event &E) {
  if (auto Found = All.find(E.Call); Found != All.end()) {
    Item &I = E.Now.Items[keyOf(E.Call)];
    if (I.Site) Again.insert(E.Call);
    I.Site = E.Call;
  }
  if (E.Role.What == Role::Spawn) {
    Spawned Starts = spawnedBy(E.Call, E.Role);
    for (unsigned I = 0; I < Starts.Arguments.size(); ++I)
      pass(E.Now, Starts.Function, I, Starts.Arguments[I]);
  }
  bool Has = E.Role.Object >= 0 && E.Role.Object < static_cast<int>(E.Call->getNumArgs());
  if (const VarDecl *Var = Has ? Uses::variableOf(E.Call->getArg(E.Role.Object)) : nullptr)
    end(E.Now, Var, E.Role.What, E.Call);
}

void Obligations::ofProgram(State &S, const CallExpr *Call, const Summary *) {
  for (unsigned I = 0; I < Call->getNumArgs(); ++I)
    pass(S, Call->getDirectCallee(), I, Call->getArg(I));
}

// --- what is reported ----------------------------------------------------------------------------

bool Obligations::isPending(const Exit &Out, const CallExpr *Make, const Made &M) const {
  if (!Out.At.Items.count(keyOf(Make))) return false;
  auto Known = Out.At.Facts.find(nameInKey(M.Var));
  if (Known != Out.At.Facts.end() && Known->second.Zero && *Known->second.Zero) return false;
  return !Out.Return || !isNamed(Out.Return, M.Var);
}

void Obligations::report(const CallExpr *Make, const Made &M) {
  std::string Name = "'" + M.Var->getNameAsString() + "'", Done = M.Is->Done;
  if (M.Ended && Branches(F.U, F.Function).areApart(Make, M.Ended)) return;
  if (Again.count(Make) && M.Ended)
    return F.U.Out.add({M.Is->Id,
                        Certainty::Likely,
                        Name + " is made anew in the next turn of the loop and was not " + Done,
                        {{Make->getExprLoc(), "", F.Function},
                         {M.Ended->getExprLoc(), Done + " here", F.Function}}});
  std::set<SourceLocation> Said;
  bool Never = !M.Ended && !M.Handed;
  for (const Exit &Each : F.Exits) {
    if (!isPending(Each, Make, M) || !Said.insert(F.endOf(Each)).second) continue;
    Finding Found{M.Is->Id, Certainty::Likely, Name, {}};
    if (Never) {
      Found.Message += " is never " + Done + ": " + M.Is->Costs;
      Found.Places = {{Make->getExprLoc(), "", F.Function},
                      {F.endOf(Each), "left here", F.Function}};
      return F.U.Out.add(std::move(Found));
    }
    Found.Message += " is not " + Done + " when " + F.Function->getNameAsString() +
                     " is left here; on another way it is" + (M.Ended ? "" : " given to others");
    Found.Places = {{F.endOf(Each), "", F.Function}, {Make->getExprLoc(), "made here", F.Function}};
    if (M.Ended) Found.Places.push_back({M.Ended->getExprLoc(), Done + " here", F.Function});
    F.U.Out.add(std::move(Found));
  }
}

void Obligations::finish() {
  if (F.LostFacts || F.Function->isMain()) return;
  for (const auto &[Make, M] : All)
    report(Make, M);
}

} // namespace

std::unique_ptr<Tracker> makeObligations(Flow &F) {
  bool Any = llvm::any_of(F.Info.Calls, [&](const CallExpr *Call) {
    const CallRole *Role = F.U.TheRoles.of(Call);
    return Role && kindOf(Role->What);
  });
  return Any ? std::make_unique<Obligations>(F) : nullptr;
}

} // namespace weir
