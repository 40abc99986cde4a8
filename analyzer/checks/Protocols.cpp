// SPDX-License-Identifier: Apache-2.0
//
// goroutine-blocked, channel-self-block, channel-deadlock, close-race: what the search of all
// schedules (model/Search.h) finds in a function that makes channels or wait groups, with the
// goroutines that it starts. The finding tells one schedule, step by step.
//
// Where a root is called by another one both may show the same mistake: it is told once, of the
// one that comes first in the file.
#include "checks/Patterns.h"
#include "core/Walk.h"
#include "model/Search.h"

#include <set>

using namespace clang;
using llvm::dyn_cast;

namespace weir {

namespace {

using namespace model;

constexpr size_t StepsMax = 12;
constexpr uint64_t FileWorkMax = 2000000; // of all roots, as Search's

class Protocols {
public:
  explicit Protocols(Unit &U) : U(U), All(U) {}
  void check();

private:
  bool makes(const FunctionDecl *Function, std::set<const FunctionDecl *> *Seen);
  void check(const FunctionDecl *Root);
  void report(const FunctionDecl *Root, const Claim &C);
  void tellStart(const Claim &C, int G, std::vector<Place> *To) const;
  void tellSchedule(const FunctionDecl *Root, const Claim &C, std::vector<Place> *To) const;
  void tellRest(const FunctionDecl *Root, const Claim &C, std::vector<Place> *To) const;

  Unit &U;
  Program All;
  uint64_t Work = 0;
  std::set<std::pair<Check, SourceLocation>> Told;
};

std::string quoted(const std::string &Name, const char *Otherwise) {
  return Name.empty() ? Otherwise : "'" + Name + "'";
}

std::string chan(const Instr &I) {
  return quoted(I.Name, "the channel");
}

std::string who(int G, const FunctionDecl *Root) {
  return G == 0 ? Root->getNameAsString() : "goroutine " + std::to_string(G);
}

// "to send on 'c'"
std::string waitsFor(const Instr &I) {
  switch (I.What) {
  case Op::Send:
    return "to send on " + chan(I);
  case Op::Recv:
    return "to receive from " + chan(I);
  case Op::Select:
    return "in this select";
  case Op::Wait:
    return "for " + quoted(I.Name, "the wait group");
  case Op::Lock:
    return "for " + quoted(I.Name, "the lock");
  default:
    return "here";
  }
}

// Why nothing ends that.
std::string inVain(const Instr &I) {
  switch (I.What) {
  case Op::Send:
    return "nobody is left who receives";
  case Op::Recv:
    return "nobody is left who sends or closes it";
  case Op::Select:
    return "nobody is left for any of its cases";
  case Op::Wait:
    return "nobody is left who is done on it";
  default:
    return "nobody is left who releases it";
  }
}

std::string cure(const Instr &I, int64_t Room) {
  switch (I.What) {
  case Op::Send:
    return "made here, " + (Room == 0 ? "without room" : "with room for " + std::to_string(Room)) +
           ": give it room for all that is sent, or receive on every way";
  case Op::Recv:
    return "made here: close it, or send, on every way";
  default:
    return "made here";
  }
}

// What a step did; empty: nothing to tell.
std::string told(const Step &S, const FunctionDecl *Root) {
  std::string Who = who(S.How.G, Root) + " ";
  if (S.Branch) return Who + (S.Taken ? "finds this true" : "finds this false");
  if (S.How.What == Move::Default) return Who + "finds nothing ready";
  std::string Name = chan(*S.At), With = who(S.How.Partner, Root);
  switch (S.At->What) {
  case Op::Send:
  case Op::TrySend:
    if (S.How.What == Move::OnClosed) return Who + "sends on " + Name + ", which is closed";
    return Who + "sends on " + Name + (S.How.Partner >= 0 ? " to " + With : "");
  case Op::Recv:
  case Op::TryRecv:
    return Who +
           (S.How.What == Move::Drained ? "finds " + Name + " closed" : "receives from " + Name);
  case Op::Select:
    if (S.How.What == Move::OnClosed) return Who + "sends in this select, on what is closed";
    return Who + "takes case " + std::to_string(S.How.Case) +
           (S.How.Partner >= 0 ? ", with " + With : "");
  case Op::Close:
    return Who + "closes " + Name;
  case Op::Cancel:
    return Who + "cancels " + quoted(S.At->Name, "the context");
  case Op::Wait:
    return Who + "has waited for " + quoted(S.At->Name, "the wait group");
  case Op::Lock:
    return Who + "takes " + quoted(S.At->Name, "the lock");
  default:
    return "";
  }
}

// --- roots ---------------------------------------------------------------------------------------

// A channel, a context or a wait group is made in it or in what it calls.
bool Protocols::makes(const FunctionDecl *Function, std::set<const FunctionDecl *> *Seen) {
  FunctionInfo *Info = U.info(Function);
  if (!Info || !Info->Gated || !Seen->insert(Info->Function).second) return false;
  bool Starts = false, Group = false;
  for (const CallExpr *Call : Info->Calls) {
    const CallRole *Role = U.TheRoles.of(Call);
    if (Role && Role->What == Role::MakeChan) return true;
    Starts |= Role && Role->What == Role::Spawn && Role->Of == Family::Weir;
    Group |= Role && Role->What == Role::Wait && Role->Of == Family::Weir;
    if (!Role && makes(Call->getDirectCallee(), Seen)) return true;
  }
  return Starts && Group;
}

void Protocols::check() {
  for (auto &Each : U.Functions) {
    const FunctionDecl *Root = Each.second.Function;
    std::set<const FunctionDecl *> Seen;
    if (!Each.second.Gated || !U.isOwn(Root) || !makes(Root, &Seen)) continue;
    ++U.Count.Models;
    if (Work > FileWorkMax)
      ++U.Count.ModelsGivenUp;
    else
      check(Root);
  }
}

void Protocols::check(const FunctionDecl *Root) {
  Search S(All, Root, Root->isMain());
  bool Whole = S.explore();
  Work += S.Moves.Work;
  U.Count.States += S.states();
  if (!Whole) {
    ++U.Count.ModelsGivenUp;
    return;
  }
  for (const Claim &C : S.claims())
    report(Root, C);
}

// --- findings ------------------------------------------------------------------------------------

void Protocols::tellStart(const Claim &C, int G, std::vector<Place> *To) const {
  const Instr *Started = C.What->Started[G];
  if (!Started) return;
  To->push_back({Started->Site->getBeginLoc(), "goroutine " + std::to_string(G) + " starts here"});
}

void Protocols::tellSchedule(const FunctionDecl *Root, const Claim &C,
                             std::vector<Place> *To) const {
  std::vector<Place> Steps;
  for (const Step &Each : C.Schedule) {
    std::string Text = told(Each, Root);
    const Stmt *At = Each.Branch ? Each.Branch : Each.At->Site;
    if (Text.empty() || !At) continue;
    Steps.push_back({At->getBeginLoc(), std::move(Text), Each.In});
  }
  size_t Skip = Steps.size() > StepsMax ? Steps.size() - StepsMax : 0;
  for (size_t I = Skip; I < Steps.size(); ++I) {
    Steps[I].What = std::to_string(I + 1) + ". " + Steps[I].What;
    To->push_back(std::move(Steps[I]));
  }
}

// Who else waits at the end.
void Protocols::tellRest(const FunctionDecl *Root, const Claim &C, std::vector<Place> *To) const {
  const Stuck &Main = C.What->Who[C.Main];
  for (const Stuck &Each : C.What->Who)
    if (&Each != &Main && C.What->Is == End::Stuck)
      To->push_back({Each.At->Site->getBeginLoc(),
                     who(Each.G, Root) + " waits for ever " + waitsFor(*Each.At), Each.In});
  if (C.What->RootEnded)
    To->push_back({Root->getBody()->getEndLoc(), Root->getNameAsString() + " has ended", Root});
  if (C.What->Is == End::Stuck && Main.Object && Main.Object->Site)
    To->push_back({Main.Object->Site->getBeginLoc(), cure(*Main.At, Main.Room)});
}

void Protocols::report(const FunctionDecl *Root, const Claim &C) {
  const Stuck &Main = C.What->Who[C.Main];
  const Instr &I = *Main.At;
  Finding F{Check::GoroutineBlocked, Certainty::Likely, "", {}};
  bool OnlyLocks = llvm::all_of(C.What->Who, [](const Stuck &S) { return S.At->What == Op::Lock; });
  if (C.What->Is == End::Closed) {
    F.Id = Check::CloseRace;
    F.Message = "another goroutine may have closed " + chan(I) + " by then";
  } else if (OnlyLocks) {
    return; // who takes a lock twice, and in which order, is told by other checks
  } else if (C.What->RootEnded) {
    F.Message =
        "the goroutine can be left here for ever, waiting " + waitsFor(I) + ": " + inVain(I);
  } else if (C.What->Started.size() == 1) {
    F.Id = Check::ChannelSelfBlock;
    if (!C.Depends) F.Sure = Certainty::Proven;
    F.Message = "waits for ever " + waitsFor(I) + ": nobody else knows it";
  } else {
    F.Id = Check::ChannelDeadlock;
    bool Others = C.What->Who.size() > 1;
    F.Message = "waits for ever " + waitsFor(I) + ": " +
                (Others ? "the others wait as well" : "all others have ended");
  }
  if (!Told.insert({F.Id, I.Site->getBeginLoc()}).second) return;
  F.Places.push_back({I.Site->getBeginLoc(), "", Main.In});
  for (size_t G = 1; G < C.What->Started.size(); ++G)
    tellStart(C, static_cast<int>(G), &F.Places);
  tellSchedule(Root, C, &F.Places);
  tellRest(Root, C, &F.Places);
  U.Out.add(std::move(F));
}

} // namespace

void checkProtocols(Unit &U) {
  bool Wanted = false;
  for (Check Each :
       {Check::GoroutineBlocked, Check::ChannelSelfBlock, Check::ChannelDeadlock, Check::CloseRace})
    Wanted |= U.Out.wants(Each);
  if (Wanted) Protocols(U).check();
}

} // namespace weir
