// SPDX-License-Identifier: Apache-2.0
//
// missing-unlock, double-lock, read-lock-upgrade, double-unlock: what a function does to one lock,
// way by way.
//
//  - missing-unlock: it is left with a lock that it took and that it releases on another way. A
//    function that never releases it is a lock function; one whose last return has it locked, or
//    that says with its result whether it is, too; so is one whose lock another function of the
//    file gives back.
//  - double-lock: it takes a lock that it holds on all ways there, or that it left locked in the
//    turn of the loop before; itself, or in a function that it calls.
//  - read-lock-upgrade: the same for writing, while it holds it for reading.
//  - double-unlock: it releases what it has released before on the same way.
//
// Two paths are never taken for one object, so two objects of one type do not disturb each other.
#include "checks/Trackers.h"

#include "clang/AST/ASTContext.h"
#include "clang/Basic/SourceManager.h"

using namespace clang;

namespace weir {

namespace {

struct Side {
  bool Shared;  // the read side
  bool Foreign; // of an OS thread
};

class Locks : public Tracker {
public:
  explicit Locks(Flow &F) : Tracker(F, 'L') {}

  void call(Event &E) override;
  void effect(State &S, const CallExpr *Call, const Effect &E, const Path &P) override;
  void taken(State &S, const CallExpr *Call, const Taking &T, const Path &P) override;
  void finish() override;

private:
  struct Again { // a lock that is taken while it is held
    const CallExpr *Call;
    Item Before;
    const Taking *Within; // in the function that is called; nullptr: by the call itself
  };

  void acquire(State &S, const CallExpr *Call, const Path &P, const Side &Is);
  void release(State &S, const CallExpr *Call, const Path &P, const Side &Is, bool Quiet);
  void meet(State &S, const CallExpr *Call);
  void note(const CallExpr *Call, bool Held) { (Held ? With : Without)[Call]++; }
  bool isConditional(const Item &Taken) const;
  bool saysItHolds(const Item &Taken) const;
  void reportLeft(const Exit &Out, const Item &Taken);
  void reportAgain(const Again &A);
  void reportReleased(const CallExpr *Call, const Item &Before);

  std::vector<Again> Twice;
  std::map<const CallExpr *, std::vector<Item>> Over; // releases of what was released
  std::map<const CallExpr *, unsigned> With, Without, ReleasedHeld;
  std::map<const Expr *, const CallExpr *> ReleasedAt; // where what was taken there is released
};

const Decl *classOf(const Path &P) {
  return P.Field ? static_cast<const Decl *>(P.Field) : P.Root;
}

bool isMeeting(Role What) {
  return (What >= Role::Send && What <= Role::Wait) || What == Role::Sleep || What == Role::Block;
}

bool outlives(const Path &P) {
  if (!P.Root) return true;
  bool Reached = P.Key.find('*') != std::string::npos;
  return Reached || P.Root->hasGlobalStorage();
}

// --- what happens on a way -----------------------------------------------------------------------

void Locks::acquire(State &S, const CallExpr *Call, const Path &P, const Side &Is) {
  Item *Known = find(S, P);
  bool Held = Known && Known->Is == Status::Held;
  if (Known && Known->Is == Status::Confused) return;
  note(Call, Held);
  if (Held && Is.Shared && Known->Shared) {
    ++Known->Depth;
    return;
  }
  if (Held) {
    Twice.push_back({Call, *Known, nullptr});
    Known->Is = Known->Site == Call ? Status::Held : Status::Confused;
    return;
  }
  OuterPath Outer;
  if (!Known && !F.When.dependsOnParameter(S) && isOuter(P, F.Function, F.Vars, &Outer))
    F.Takes.push_back({Outer, P.Text, Is.Shared, Call});
  bool Began = Known && Known->BeganReleased;
  S.Items[keyOf(P)] = {Status::Held, Is.Shared, Began, Is.Foreign, 1, Call, {}, P};
}

// Weir's locks may be given back by another goroutine than took them, and it may come to that while
// this one meets others.
void Locks::meet(State &S, const CallExpr *Call) {
  for (auto &Each : S.Items) {
    Item &I = Each.second;
    bool Mine = Each.first[0] == Letter && !I.Foreign;
    if (Mine && I.Is == Status::Held && !llvm::is_contained(I.Doubts, Call))
      I.Doubts.push_back(Call);
    if (Mine && I.Is == Status::Released) I.Is = Status::Lost;
  }
}

void Locks::release(State &S, const CallExpr *Call, const Path &P, const Side &Is, bool Quiet) {
  Item *Known = find(S, P);
  bool Began = !Known || Known->BeganReleased;
  if (Known && Known->Is == Status::Confused) return;
  if (Known && !Is.Foreign && Known->Shared != Is.Shared) return (void)S.Items.erase(keyOf(P));
  if (!Known) F.U.Releasers[classOf(P)].insert(F.Function);
  if (Known && Known->Is == Status::Held) {
    F.clear(*Known);
    ReleasedAt[Known->Site] = Call;
    if (Known->Depth > 1) return (void)--Known->Depth;
    if (Call) ReleasedHeld[Call]++;
  } else if (Known && Known->Is == Status::Released && Call && !Quiet &&
             !(Is.Shared && Known->BeganReleased)) {
    Over[Call].push_back(*Known);
  }
  S.Items[keyOf(P)] = {Status::Released, Is.Shared, Began, Is.Foreign, 1, Call, {}, P};
}

void Locks::call(Event &E) {
  Role What = E.Role.What;
  if (isMeeting(What)) return meet(E.Now, E.Call);
  if (What != Role::Acquire && What != Role::Try && What != Role::Release) return;
  Path P = objectOf(E);
  if (!P) return (void)++F.U.Count.UnknownLocks;
  const Side Is{E.Role.Shared, E.Role.Of != Family::Weir};
  Item *Known = find(E.Now, P);
  bool Nests = Known && Known->Shared && E.Role.Shared; // readers
  bool Maybe = What == Role::Try && !F.isConsumed(E.Call);
  if (Maybe)
    E.Now.Items.erase(keyOf(P));
  else if (What == Role::Release)
    release(E.Now, E.Call, P, Is, E.Deferred);
  else if (What == Role::Try && Known && Known->Is == Status::Held && !Nests)
    E.Now.Items.erase(keyOf(P)); // it would say no: which of the two is meant is not known
  else
    acquire(E.Now, E.Call, P, Is);
}

void Locks::effect(State &S, const CallExpr *Call, const Effect &E, const Path &P) {
  Item *Known = find(S, P);
  if (E.Becomes == Status::Released) {
    bool Had = Known && Known->Is == Status::Held;
    if (Had && Call) F.U.Parts.insert(Call->getDirectCallee()->getCanonicalDecl());
    return release(S, Call, P, {E.Shared, E.Foreign}, true);
  }
  bool Began = Known && Known->BeganReleased;
  S.Items[keyOf(P)] = {Status::Held, E.Shared, Began, E.Foreign, 1, Call, {}, P};
}

void Locks::taken(State &S, const CallExpr *Call, const Taking &T, const Path &P) {
  Item *Known = find(S, P);
  bool Held = Known && Known->Is == Status::Held;
  note(Call, Held);
  if (Held && !(T.Shared && Known->Shared)) Twice.push_back({Call, *Known, &T});
  OuterPath Outer;
  if (!Known && !F.When.dependsOnParameter(S) && isOuter(P, F.Function, F.Vars, &Outer))
    F.Takes.push_back({Outer, P.Text, T.Shared, T.Site});
}

// --- what is reported ----------------------------------------------------------------------------

std::string quoted(const Path &P) {
  return P.Text.compare(0, 4, "the ") ? "'" + P.Text + "'" : P.Text;
}

// The last return has it locked on all ways: that is what the function is for.
bool Locks::isConditional(const Item &Taken) const {
  const Exit *Last = nullptr;
  const SourceManager &Sources = F.U.Context.getSourceManager();
  bool All = true;
  for (const Exit &Each : F.Exits)
    if (!Last || Sources.isBeforeInTranslationUnit(F.endOf(*Last), F.endOf(Each))) Last = &Each;
  for (const Exit &Each : F.Exits) {
    if (F.endOf(Each) != F.endOf(*Last)) continue;
    auto Found = Each.At.Items.find(keyOf(Taken.Object));
    All &= Found != Each.At.Items.end() && Found->second.Is == Status::Held;
  }
  return All;
}

// A pointer if it is locked, NULL if it is not.
bool Locks::saysItHolds(const Item &Taken) const {
  if (!F.Function->getReturnType()->isPointerType()) return false;
  bool Null = false;
  for (const Exit &Each : F.Exits) {
    auto *Return = llvm::dyn_cast_or_null<ReturnStmt>(Each.Return);
    const Expr *Value = Return ? Return->getRetValue() : nullptr;
    if (!Value) return false;
    bool IsNull = Value->isNullPointerConstant(F.U.Context, Expr::NPC_ValueDependentIsNotNull);
    auto Found = Each.At.Items.find(keyOf(Taken.Object));
    if (Found == Each.At.Items.end()) continue;
    if (IsNull == (Found->second.Is == Status::Held)) return false;
    Null |= IsNull;
  }
  return Null;
}

void Locks::reportLeft(const Exit &Out, const Item &Taken) {
  const CallExpr *Unlock = ReleasedAt[Taken.Site];
  Finding Made{Check::MissingUnlock, Certainty::Likely, "", {}};
  Made.Message = quoted(Taken.Object) + " is still locked when " + F.Function->getNameAsString() +
                 " is left here; on another way it is unlocked";
  Made.Places = {{F.endOf(Out), "", F.Function},
                 {Taken.Site->getExprLoc(), "locked here", F.Function}};
  if (Unlock) Made.Places.push_back({Unlock->getExprLoc(), "unlocked here", F.Function});
  F.U.Pending.push_back({classOf(Taken.Object), std::move(Made)});
}

void Locks::reportAgain(const Again &A) {
  bool Loop = A.Before.Site == A.Call;
  if ((Without[A.Call] && !Loop) || !F.isCertain(A.Before)) return;
  if (A.Before.Foreign && F.U.UsesRecursiveLocks) return;
  bool Sure = !A.Before.Foreign && !Loop && !A.Within;
  bool Upgrade = A.Before.Shared && !Loop; // else this one would nest
  Check Id = Upgrade ? Check::ReadLockUpgrade : Check::DoubleLock;
  Finding Made{Id, Sure ? Certainty::Proven : Certainty::Likely, "", {}};
  Made.Message = quoted(A.Before.Object);
  if (Upgrade)
    Made.Message += A.Within ? " is locked for writing by the function called here, while it is "
                               "held for reading: it waits for itself"
                             : " is locked for writing by the function that holds it for reading: "
                               "it waits for itself";
  else if (Loop)
    Made.Message += " is locked again while it is still locked from the turn of the loop before";
  else if (A.Within)
    Made.Message += " is locked again by the function called here, which waits for itself";
  else
    Made.Message += " is locked again by the function that holds it: it waits for itself";
  Made.Places = {{A.Call->getExprLoc(), "", F.Function}};
  if (!Loop) Made.Places.push_back({A.Before.Site->getExprLoc(), "locked here", F.Function});
  if (A.Within)
    Made.Places.push_back(
        {A.Within->Site->getExprLoc(), "locked again here", A.Call->getDirectCallee()});
  F.U.Out.add(std::move(Made));
}

void Locks::reportReleased(const CallExpr *Call, const Item &Before) {
  if (!Before.Site || !F.isCertain(Before) || (Before.Foreign && F.U.UsesRecursiveLocks)) return;
  bool Always = !ReleasedHeld.count(Call);
  Finding Made{Check::DoubleUnlock, Always ? Certainty::Proven : Certainty::Likely, "", {}};
  Made.Message = quoted(Before.Object) + " is unlocked a second time";
  if (!Always) Made.Message += " on one way here";
  Made.Places = {{Call->getExprLoc(), "", F.Function}};
  if (Before.Site != Call)
    Made.Places.push_back({Before.Site->getExprLoc(), "unlocked before here", F.Function});
  F.U.Out.add(std::move(Made));
}

void Locks::finish() {
  for (const Exit &Each : F.Exits)
    for (const auto &Known : Each.At.Items) {
      const Item &I = Known.second;
      if (Known.first[0] != Letter || I.Is != Status::Held || !ReleasedAt.count(I.Site)) continue;
      if (!F.isCertain(I) || !outlives(I.Object) || F.Function->isMain()) continue;
      bool InLoop = llvm::any_of(Twice, [&](const Again &A) { return A.Call == I.Site; });
      if (I.BeganReleased || InLoop || isConditional(I) || saysItHolds(I)) continue;
      reportLeft(Each, I);
    }
  for (const Again &Each : Twice)
    reportAgain(Each);
  for (const auto &[Call, All] : Over)
    for (const Item &Before : All)
      reportReleased(Call, Before);
}

} // namespace

std::unique_ptr<Tracker> makeLocks(Flow &F) {
  return std::make_unique<Locks>(F);
}

} // namespace weir
