// SPDX-License-Identifier: Apache-2.0
//
// Who holds a lock and calls something that takes it again, by what is known over all files:
//
//  - double-lock and read-lock-upgrade: through a function of another file, or through a function
//    pointer that can only be one; what is within one file, the tracker of locks has reported.
//  - read-lock-twice: both times for reading, also directly. Weir's locks let no reader in once a
//    writer waits, so a writer that comes in between stops the second, and is stopped by the first.
//    pthread's let readers through unless asked otherwise: there it is advice. Without anybody who
//    writes it is nothing.
//
// It must be the same object for certain, held on all ways to the call, and what is called must not
// depend on an argument that this call may rule out.
#include "link/Checks.h"

namespace weir {

namespace {

class Twice {
public:
  Twice(const World &All, Reports &Out) : All(All), Out(Out) {}

  void check() {
    for (const LinkedFunction *F : All.Functions)
      for (const Act &A : F->Is->Acts)
        for (const HeldLock &H : A.Held)
          if (H.Always && !H.Lock.Name.empty()) look(F, A, H);
  }

private:
  void look(const LinkedFunction *F, const Act &A, const HeldLock &H);
  void report(const LinkedFunction *F, const Act &A, const HeldLock &H, const Taken *Then);
  void reportRead(const LinkedFunction *F, const Act &A, const HeldLock &H, const Taken *Then);
  static bool isSeenInFile(const LinkedFunction *F, const Act &A, const Taken *Then);

  const World &All;
  Reports &Out;
};

bool Twice::isSeenInFile(const LinkedFunction *F, const Act &A, const Taken *Then) {
  if (A.What == Does::Through) return false;
  for (; Then; Then = Then->Then)
    if (Then->In->From != F->From || Then->By->What == Does::Through) return false;
  return true;
}

void Twice::look(const LinkedFunction *F, const Act &A, const HeldLock &H) {
  if (A.What == Does::Take && A.Shared && H.Shared && !A.Tries && A.Of.Name == H.Lock.Name)
    return reportRead(F, A, H, nullptr);
  if (A.What != Does::Call && A.What != Does::Through) return;
  auto Targets = All.targets(A);
  if (Targets.size() != 1) return;
  for (const Taken *Each : Targets[0]->Takes) {
    Thing Lock = World::inCaller(Each->Lock, A);
    if (Each->Depends || Lock.Name != H.Lock.Name || All.releases(Each->In, A, H.Lock)) continue;
    if (Each->Shared && H.Shared)
      reportRead(F, A, H, Each);
    else if (!isSeenInFile(F, A, Each) && !(H.Foreign && All.Recursive))
      report(F, A, H, Each);
  }
}

void Twice::report(const LinkedFunction *F, const Act &A, const HeldLock &H, const Taken *Then) {
  bool Upgrade = H.Shared;
  LinkFinding Made{Upgrade ? Check::ReadLockUpgrade : Check::DoubleLock, Certainty::Likely, "", {}};
  Made.Message = "'" + H.Lock.Text + "' is " +
                 (Upgrade ? "locked for writing by the function called here, while it is held for "
                            "reading: it waits for itself"
                          : "locked again by the function called here, which waits for itself");
  Made.Places = {{F, A.At, ""}, {F, H.At, "locked here"}};
  addChain(&Made.Places, Then, "locked again here");
  Out.add(std::move(Made));
}

void Twice::reportRead(const LinkedFunction *F, const Act &A, const HeldLock &H,
                       const Taken *Then) {
  auto Writer = All.Written.find(H.Lock.Class);
  if (Writer == All.Written.end() || !All.isLive(F, &A)) return;
  Certainty Sure = H.Foreign ? Certainty::Advice : Certainty::Likely;
  LinkFinding Made{Check::ReadLockTwice, Sure, "", {}};
  Made.Message = "'" + H.Lock.Text + "' is locked for reading " +
                 (Then ? "again by the function called here" : "a second time") +
                 "; a writer that comes in between waits for the first and stops the second";
  Made.Places = {{F, A.At, ""}, {F, H.At, "locked for reading here"}};
  addChain(&Made.Places, Then, "and again here");
  auto [Who, By] = Writer->second;
  Made.Places.push_back({Who, By->At, "a writer"});
  Out.add(std::move(Made));
}

} // namespace

void checkLockTwice(const World &All, Reports &Out) {
  Twice(All, Out).check();
}

} // namespace weir
