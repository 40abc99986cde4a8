// SPDX-License-Identifier: Apache-2.0
//
// World.h. Summaries are made from callees to callers; in a recursion, what is still being looked
// at counts for nothing.
#include "link/World.h"

#include <algorithm>

namespace weir {

namespace {

constexpr size_t CandidatesMax = 4, TakesMax = 64;
constexpr int RoundsMax = 50;

bool isCall(Does What) {
  return What == Does::Call || What == Does::Through;
}

} // namespace

World::World(const Program &All) {
  for (const Digest *D : All) {
    Recursive |= D->Recursive;
    for (const DigestFunction &Each : D->Functions) {
      auto Made = std::make_unique<LinkedFunction>();
      Made->Is = &Each;
      Made->From = D;
      if (!ById.try_emplace(Each.Id, Made.get()).second) continue; // an inline one of a header
      HasMain |= Each.IsMain;
      Functions.push_back(Made.get());
      Owned.push_back(std::move(Made));
    }
  }
  addSlots(All);
  connect();
  markStarts();
  findRoots(All);
  for (LinkedFunction *Each : Functions)
    settle(Each);
  enter();
  findWriters();
}

World::~World() = default;

void World::addSlots(const Program &All) {
  for (const Digest *D : All)
    for (const Filling &Each : D->Slots)
      Slots[Each.Slot].insert(Each.Function);
}

LinkedFunction *World::find(llvm::StringRef Id) const {
  auto Found = ById.find(Id);
  return Found == ById.end() ? nullptr : Found->second;
}

std::vector<LinkedFunction *> World::targets(const Act &A) const {
  std::vector<LinkedFunction *> Found;
  if (A.What == Does::Call || A.What == Does::Start) {
    if (LinkedFunction *Known = find(A.Of.Class)) Found.push_back(Known);
  } else if (A.What == Does::Through) {
    auto Slot = Slots.find(A.Of.Class);
    if (Slot == Slots.end() || Slot->second.size() > CandidatesMax || Slot->second.count(""))
      return {};
    for (const std::string &Id : Slot->second)
      if (LinkedFunction *Known = find(Id)) Found.push_back(Known);
  }
  return Found;
}

void World::connect() {
  for (LinkedFunction *F : Functions)
    for (const Act &A : F->Is->Acts) {
      if (A.What == Does::Through && targets(A).empty()) ++UnknownSlots;
      for (LinkedFunction *To : targets(A)) {
        if (isCall(A.What)) To->Callers.push_back({F, &A});
        if (A.What != Does::Start) continue;
        To->Many |= To->Started || A.Loops || !F->Is->IsMain;
        To->Started = true;
      }
    }
}

// --- who runs it ---------------------------------------------------------------------------------

void World::findRoots(const Program &All) {
  std::set<std::string> Given;
  for (const Digest *D : All)
    Given.insert(D->Taken.begin(), D->Taken.end());
  LinkedFunction *Main = nullptr;
  for (LinkedFunction *F : Functions) {
    bool Uncalled = F->Callers.empty() && !F->Is->IsMain && !F->Started;
    bool Reachable =
        HasMain ? Given.count(F->Is->Id) != 0 : !F->Is->Static || Given.count(F->Is->Id);
    if (Uncalled && Reachable) F->Many = F->IsRoot = true;
    if (F->Started) F->IsRoot = true;
    if (F->Is->IsMain) Main = F;
  }
  if (Main) {
    Main->IsRoot = true;
    aloneAtFirst(Main);
  }
  for (LinkedFunction *F : Functions)
    if (F->IsRoot && !F->Is->IsMain) live(F);
}

void World::live(LinkedFunction *F) {
  std::vector<LinkedFunction *> Work{F};
  while (!Work.empty()) {
    LinkedFunction *Each = Work.back();
    Work.pop_back();
    if (Each->Live) continue;
    Each->Live = true;
    for (const Act &A : Each->Is->Acts)
      if (isCall(A.What))
        for (LinkedFunction *To : targets(A))
          Work.push_back(To);
  }
}

void World::markStarts() {
  std::vector<LinkedFunction *> Work;
  for (LinkedFunction *F : Functions)
    if (llvm::any_of(F->Is->Acts, [](const Act &A) { return A.What == Does::Start; }))
      Work.push_back(F);
  while (!Work.empty()) {
    LinkedFunction *F = Work.back();
    Work.pop_back();
    if (F->Starts) continue;
    F->Starts = true;
    for (const auto &Each : F->Callers)
      Work.push_back(Each.first);
  }
}

bool World::starts(const Act &A) const {
  if (A.What == Does::Start) return true;
  return isCall(A.What) && llvm::any_of(targets(A), [](LinkedFunction *To) { return To->Starts; });
}

// Of main, and of what it calls first: what is done before anything is started, and after it has
// waited for the last; a message may say that as well as a wait.
void World::aloneAtFirst(LinkedFunction *F) {
  const std::vector<Act> &Acts = F->Is->Acts;
  auto Joins = [&](size_t I) {
    return Acts[I].What == Does::Join || Acts[I].What == Does::Receive;
  };
  size_t First = 0, Last = Acts.size();
  while (First < Acts.size() && !starts(Acts[First]))
    Alone.insert(&Acts[First++]);
  while (Last > First && !Joins(Last - 1) && !starts(Acts[Last - 1]))
    --Last;
  bool Joined = Last > First && Joins(Last - 1);
  for (size_t I = Last; Joined && I < Acts.size(); ++I)
    Alone.insert(&Acts[I]);
  for (size_t I = First; I < (Joined ? Last : Acts.size()); ++I)
    if (isCall(Acts[I].What))
      for (LinkedFunction *To : targets(Acts[I])) {
        if (I == First && To->Callers.size() == 1 && !To->Is->IsMain)
          aloneAtFirst(To);
        else
          live(To);
      }
}

bool World::isLive(const LinkedFunction *F, const Act *A) const {
  if (F->Live) return true;
  bool OfMain = HasMain && Alone.count(A) == 0;
  return OfMain && rootsOf(F).size() != 0;
}

const std::set<const LinkedFunction *> &World::rootsOf(const LinkedFunction *F) const {
  auto [Known, New] = Roots.try_emplace(F);
  if (!New) return Known->second;
  llvm::DenseSet<const LinkedFunction *> Seen;
  std::vector<const LinkedFunction *> Work{F};
  while (!Work.empty()) {
    const LinkedFunction *Each = Work.back();
    Work.pop_back();
    if (!Seen.insert(Each).second) continue;
    if (Each->IsRoot) Known->second.insert(Each);
    for (const auto &[Caller, By] : Each->Callers)
      if (!Alone.count(By)) Work.push_back(Caller);
  }
  return Known->second;
}

// In a program with a main, what nobody calls is taken to be called back by main's thread.
bool World::runTogether(const std::set<const LinkedFunction *> &All) const {
  size_t Started = 0, Others = 0;
  for (const LinkedFunction *Each : All) {
    if (Each->Many && (Each->Started || !HasMain)) return true;
    ++(Each->Started ? Started : Others);
  }
  return Started > 1 || (Started && Others);
}

void World::findWriters() {
  for (const LinkedFunction *F : Functions)
    for (const Act &A : F->Is->Acts)
      if (A.What == Does::Take && !A.Shared && !A.Of.Class.empty() && isLive(F, &A))
        Written.try_emplace(A.Of.Class, F, &A);
}

// --- what it takes -------------------------------------------------------------------------------

Thing World::inCaller(const Thing &T, const Act &Call) {
  llvm::StringRef Name = T.Name;
  Thing Made{T.Class, "", T.Text};
  if (Name.starts_with("g")) return T;
  if (!Name.consume_front("p")) return Made; // a local: its class is all there is to say
  unsigned Number;
  if (Name.consumeInteger(10, Number) || Number >= Call.Given.size()) return Made;
  const Thing &Base = Call.Given[Number];
  if (!Base) return Made;
  bool Within = Name.find_first_of("*[") == llvm::StringRef::npos;
  bool OfField = Base.Class.find('.') != std::string::npos && Base.Class[0] != '*';
  if (!Base.Name.empty()) Made.Name = Base.Name + Name.str();
  if (Name.empty())
    Made.Class = Base.Class;
  else if (Within && OfField)
    Made.Class = Base.Class + Name.str();
  if (Name.empty()) Made.Text = Base.Text;
  return Made;
}

bool World::releases(const LinkedFunction *Called, const Act &Call, const Thing &T) const {
  return llvm::any_of(Called->Releases, [&](const std::string &Name) {
    Thing Here = inCaller({"", Name, ""}, Call);
    return Here.Name.empty() || Here.Name == T.Name;
  });
}

void World::addTaken(LinkedFunction *F, Taken T) {
  if (F->Takes.size() >= TakesMax) return;
  for (const Taken *Each : F->Takes)
    if (Each->Lock.Class == T.Lock.Class && Each->Lock.Name == T.Lock.Name &&
        Each->Shared == T.Shared && (T.Depends || !Each->Depends) &&
        std::includes(T.Under.begin(), T.Under.end(), Each->Under.begin(), Each->Under.end()))
      return;
  OwnedTaken.push_back(std::make_unique<Taken>(std::move(T)));
  F->Takes.push_back(OwnedTaken.back().get());
}

void World::settle(LinkedFunction *F) {
  if (F->Phase != LinkedFunction::New) return;
  F->Phase = LinkedFunction::Running;
  for (const Act &A : F->Is->Acts) {
    if (A.What == Does::Release && !A.Of.Name.empty() &&
        llvm::none_of(A.Held, [&](const HeldLock &H) { return H.Lock.Name == A.Of.Name; }))
      F->Releases.insert(A.Of.Name);
    std::set<std::string> Under;
    for (const HeldLock &H : A.Held)
      if (!H.Shared) Under.insert(H.Lock.Class);
    if (A.What == Does::Take && !A.Tries && !A.Depends && !A.Blind)
      addTaken(F, {A.Of, A.Shared, A.Foreign, false, F, &A, nullptr, Under});
    if (!isCall(A.What)) continue;
    for (LinkedFunction *To : targets(A)) {
      settle(To);
      for (const std::string &Name : To->Releases)
        F->Releases.insert(inCaller({"", Name, ""}, A).Name);
      if (A.Blind) continue;
      for (const Taken *Each : To->Takes) {
        Thing Lock = inCaller(Each->Lock, A);
        std::set<std::string> Both = Under;
        Both.insert(Each->Under.begin(), Each->Under.end());
        bool Depends = A.Depends || Each->Depends;
        if (Lock) addTaken(F, {Lock, Each->Shared, Each->Foreign, Depends, F, &A, Each, Both});
      }
    }
  }
  F->Phase = LinkedFunction::Done;
}

// Held at all calls of it, its callers' own among them, until nothing changes. What is held at a
// call in a function that was given up is not known, so that call does not count.
void World::enter() {
  for (LinkedFunction *F : Functions)
    F->EnteredKnown = F->IsRoot;
  bool Again = true;
  for (int Round = 0; Again && Round < RoundsMax; ++Round) {
    Again = false;
    for (LinkedFunction *F : Functions) {
      if (F->IsRoot) continue;
      std::set<std::string> All;
      bool Known = false;
      for (const auto &[Caller, By] : F->Callers) {
        if (By->Blind || !Caller->EnteredKnown || Alone.count(By)) continue;
        std::set<std::string> Here = Caller->Entered, Common;
        for (const HeldLock &H : By->Held)
          if (!H.Shared && !H.Lock.Class.empty()) Here.insert(H.Lock.Class);
        if (!Known) Common = Here;
        for (const std::string &Each : All)
          if (Here.count(Each)) Common.insert(Each);
        All = std::move(Common);
        Known = true;
      }
      if (Known == F->EnteredKnown && All == F->Entered) continue;
      F->EnteredKnown = Known;
      F->Entered = std::move(All);
      Again = true;
    }
  }
}

} // namespace weir
