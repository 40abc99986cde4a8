// SPDX-License-Identifier: Apache-2.0
//
// cond-wait-unlocked: a wait on a condition variable with a lock that is not held on this way: it
// was released before, or only its read side is held, or nobody can hold it, because this is where
// a goroutine, a thread or the program begins and nothing on the way took it. A function that
// never touched the lock waits for callers that hold it, and is left alone.
//
// block-under-lock: an operation that may wait for others while a lock that was taken here is held.
// All who want the lock wait as well, and if who would end the wait is among them, for ever. Much
// correct code does it, so it is advice. A channel made here with room for elements counts as one
// that has room.
#include "checks/Branches.h"
#include "checks/Trackers.h"
#include "core/Spawned.h"
#include "core/Walk.h"

#include "clang/Basic/SourceManager.h"

using namespace clang;
using llvm::dyn_cast;

namespace weir {

namespace {

class Waits : public Tracker {
public:
  explicit Waits(Flow &F) : Tracker(F, 'W') {}

  void call(Event &E) override;
  void finish() override;

private:
  enum class Why : uint8_t { Released, ReadOnly, Never };
  struct Wrong {
    Why Is;
    Item Lock;
  };

  void condition(const Event &E);
  void blocking(const Event &E);
  bool waits(const CallRole &Role, const CallExpr *Call) const;
  bool hasRoom(const Expr *Channel) const;
  bool mayHaveTaken(const CallExpr *Before) const;
  void reportWait(const CallExpr *Call, const Wrong &W);
  void reportBlock(const CallExpr *Call, const Item &Lock);

  std::map<const CallExpr *, Wrong> Unlocked;
  std::map<const CallExpr *, unsigned> Locked; // ways on which the wait has it
  std::map<const CallExpr *, Item> Under;
};

std::string quoted(const Path &P) {
  return P.Text.compare(0, 4, "the ") ? "'" + P.Text + "'" : P.Text;
}

// --- cond-wait-unlocked --------------------------------------------------------------------------

// main, and what is only named where it is started: nobody has called it with a lock.
bool isBeginning(Unit &U, const FunctionDecl *Function) {
  if (Function->isMain()) return true;
  if (Function->hasExternalFormalLinkage()) return false;
  unsigned Started = 0, Named = 0;
  for (auto &Each : U.Functions) {
    for (const CallExpr *Call : Each.second.Calls)
      if (const CallRole *Role = U.TheRoles.of(Call); Role && Role->What == Role::Spawn) {
        const FunctionDecl *Starts = spawnedBy(Call, *Role).Function;
        Started += Starts && Starts->getCanonicalDecl() == Function->getCanonicalDecl();
      }
    walkOf<DeclRefExpr>(Each.second.Function->getBody(), [&](const DeclRefExpr *Ref) {
      Named += Ref->getDecl()->getCanonicalDecl() == Function->getCanonicalDecl();
    });
  }
  return Started && Started == Named;
}

// A function that is not known, called before, may have taken the lock.
bool Waits::mayHaveTaken(const CallExpr *Before) const {
  const SourceManager &Sources = F.U.Context.getSourceManager();
  return llvm::any_of(F.Info.Calls, [&](const CallExpr *Call) {
    const FunctionDecl *Callee = Call->getDirectCallee();
    if (F.U.TheRoles.of(Callee) || (Callee && !F.U.isOwn(Callee))) return false;
    const Summary *Sum = Callee ? summaryOf(F.U, Callee) : nullptr;
    bool Clean = Sum && Sum->Known && !Sum->Opaque && Sum->Effects.empty();
    return !Clean && !Sources.isBeforeInTranslationUnit(Before->getExprLoc(), Call->getExprLoc());
  });
}

// Two paths of one lock, perhaps: the same member, or two pointers.
bool mayBeOne(const Path &A, const Path &B) {
  bool Fixed = A.Key.find('*') == std::string::npos && B.Key.find('*') == std::string::npos;
  return A.Field == B.Field && !Fixed;
}

void Waits::condition(const Event &E) {
  Path P = objectOf(E);
  if (!P) return;
  Item *Lock = E.Now.find('L' + P.Key);
  bool OtherSide = E.Role.Of == Family::Weir && Lock && Lock->Shared && !E.Role.Shared;
  bool Alias = !Lock && llvm::any_of(E.Now.Items, [&](const auto &Each) {
    return Each.first[0] == 'L' && Each.second.Is != Status::Released &&
           mayBeOne(Each.second.Object, P);
  });
  if (Alias) {
    ++Locked[E.Call];
  } else if (!Lock) {
    Item Nothing;
    Nothing.Object = P;
    Unlocked[E.Call] = {Why::Never, Nothing};
  } else if (Lock->Is == Status::Released) {
    Unlocked[E.Call] = {Why::Released, *Lock};
  } else if (Lock->Is == Status::Held && OtherSide) {
    Unlocked[E.Call] = {Why::ReadOnly, *Lock};
  } else {
    ++Locked[E.Call];
  }
}

void Waits::reportWait(const CallExpr *Call, const Wrong &W) {
  bool Always = !Locked.count(Call), Never = W.Is == Why::Never;
  if (Never && (!Always || !isBeginning(F.U, F.Function) || mayHaveTaken(Call))) return;
  if (!Never && !F.isCertain(W.Lock)) return;
  if (!Always && F.LostFacts) return;
  const Expr *Site = W.Lock.Site;
  if (Site && Branches(F.U, F.Function).areApart(Site, Call)) return;
  Finding Made{Check::CondWaitUnlocked, Always ? Certainty::Proven : Certainty::Likely, "", {}};
  Made.Message = quoted(W.Lock.Object);
  if (W.Is == Why::ReadOnly)
    Made.Message += " is held by its read side only when it is waited with here";
  else if (Never)
    Made.Message += " is not held when it is waited with here: nothing on the way locks it";
  else
    Made.Message += " is not held when it is waited with here";
  if (!Always) Made.Message += ", on one way";
  Made.Places = {{Call->getExprLoc(), "", F.Function}};
  const char *Said = W.Is == Why::ReadOnly ? "locked for reading here" : "unlocked here";
  if (Site) Made.Places.push_back({Site->getExprLoc(), Said, F.Function});
  F.U.Out.add(std::move(Made));
}

// --- block-under-lock ----------------------------------------------------------------------------

bool isDefault(const Expr *Case) {
  bool Any = false;
  walkOf<DeclRefExpr>(Case, [&](const DeclRefExpr *Ref) {
    Any |= Ref->getDecl()->getIdentifier() && Ref->getDecl()->getName() == "WEIR_CASE_DEFAULT";
  });
  return Any;
}

const VarDecl *variableOf(const Expr *E) {
  auto *Ref = dyn_cast<DeclRefExpr>(stripped(E));
  auto *Var = Ref ? dyn_cast<VarDecl>(Ref->getDecl()) : nullptr;
  bool OfMacro = Var && Var->getIdentifier() && Var->getName().starts_with("weir_ch_");
  return OfMacro && Var->getInit() ? variableOf(Var->getInit()) : Var;
}

// Made here, with room for elements.
bool Waits::hasRoom(const Expr *Channel) const {
  const VarDecl *Var = variableOf(Channel);
  if (!Var || !Var->hasLocalStorage() || !Var->getInit()) return false;
  auto *Make = dyn_cast<CallExpr>(stripped(Var->getInit()));
  const CallRole *Role = Make ? F.U.TheRoles.of(Make) : nullptr;
  if (!Role || Role->What != Role::MakeChan) return false;
  auto Room = Make->getArg(Role->Object)->getIntegerConstantExpr(F.U.Context);
  return !Room || Room->isStrictlyPositive();
}

bool Waits::waits(const CallRole &Role, const CallExpr *Call) const {
  switch (Role.What) {
  case Role::Send:
    return !hasRoom(Call->getArg(Role.Object));
  case Role::Recv:
  case Role::Join:
  case Role::Wait:
  case Role::Block:
    return true;
  case Role::Sleep:
    return Role.Object >= 0 || Role.Of != Family::Weir; // not weir_yield
  case Role::Select: {
    const VarDecl *Cases = variableOf(Call->getArg(Role.Object));
    return Cases && Cases->getInit() && !isDefault(Cases->getInit());
  }
  default:
    return false;
  }
}

void Waits::blocking(const Event &E) {
  if (Under.count(E.Call) || !waits(E.Role, E.Call)) return;
  for (const auto &[Key, I] : E.Now.Items)
    if (Key[0] == 'L' && I.Is == Status::Held && I.Site) {
      Item &Held = Under.emplace(E.Call, I).first->second;
      llvm::erase(Held.Doubts, E.Call); // it is held when the wait begins
      return;
    }
}

void Waits::reportBlock(const CallExpr *Call, const Item &Lock) {
  F.U.Out.add({Check::BlockUnderLock,
               Certainty::Advice,
               quoted(Lock.Object) + " is held while this waits for others",
               {{Call->getExprLoc(), "", F.Function},
                {Lock.Site->getExprLoc(), "locked here", F.Function}}});
}

void Waits::call(Event &E) {
  if (E.Role.What == Role::CondWait) return condition(E);
  if (F.U.Out.wants(Check::BlockUnderLock)) blocking(E);
}

void Waits::finish() {
  for (const auto &[Call, W] : Unlocked)
    reportWait(Call, W);
  for (const auto &[Call, Lock] : Under)
    if (F.isCertain(Lock)) reportBlock(Call, Lock);
}

} // namespace

std::unique_ptr<Tracker> makeWaits(Flow &F) {
  bool Locks = false, Condition = false;
  for (const CallExpr *Call : F.Info.Calls) {
    const CallRole *Role = F.U.TheRoles.of(Call);
    Condition |= Role && Role->What == Role::CondWait;
    Locks |= Role && Role->What == Role::Acquire;
  }
  bool Asked = Condition || (Locks && F.U.Out.wants(Check::BlockUnderLock));
  return Asked ? std::make_unique<Waits>(F) : nullptr;
}

} // namespace weir
