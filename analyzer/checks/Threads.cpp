// SPDX-License-Identifier: Apache-2.0
//
// thread-lock-across-wait: a goroutine holds a lock of OS threads (pthread or C11) while it waits
// in Weir. It may go on on another thread, which does not own the lock and must not release it; and
// whoever takes the lock meanwhile blocks its whole thread, perhaps the one that would have to run
// for the wait to end. Only for functions that the file starts as goroutines, and what they call.
#include "checks/Trackers.h"
#include "core/Spawned.h"

using namespace clang;

namespace weir {

namespace {

bool mayPark(const CallRole &Role) {
  if (Role.Of != Family::Weir) return false;
  switch (Role.What) {
  case Role::Acquire:
  case Role::CondWait:
  case Role::Send:
  case Role::Recv:
  case Role::Select:
  case Role::Wait:
  case Role::Sleep:
  case Role::Block:
    return true;
  default:
    return false;
  }
}

class Threads : public Tracker {
public:
  explicit Threads(Flow &F) : Tracker(F, 'T') {}

  void call(Event &E) override;
  void finish() override;

private:
  std::map<const CallExpr *, Item> Held; // at a call that may park
};

void Threads::call(Event &E) {
  if (!mayPark(E.Role) || !F.U.runsAsGoroutine(F.Function)) return;
  for (const auto &[Key, I] : E.Now.Items)
    if (Key[0] == 'L' && I.Is == Status::Held && I.Foreign && I.Site) Held.try_emplace(E.Call, I);
}

void Threads::finish() {
  for (const auto &[Call, I] : Held) {
    if (!F.isCertain(I)) continue;
    F.U.Out.add({Check::ThreadLockAcrossWait,
                 Certainty::Likely,
                 "'" + I.Object.Text +
                     "' is a lock of the thread, and is held while the goroutine may wait here: it "
                     "may go on on another thread, which must not unlock it",
                 {{Call->getExprLoc(), "", F.Function},
                  {I.Site->getExprLoc(), "locked here", F.Function}}});
  }
}

} // namespace

std::unique_ptr<Tracker> makeThreads(Flow &F) {
  return std::make_unique<Threads>(F);
}

} // namespace weir
