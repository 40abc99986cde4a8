// SPDX-License-Identifier: Apache-2.0
//
// Link.h.
#include "link/Link.h"
#include "link/Checks.h"

namespace weir {

LinkCounters link(const std::vector<Digest> &All, const Wanted &Want, llvm::raw_ostream &Out) {
  Reports Found(Want);
  LinkCounters Count;
  std::vector<std::unique_ptr<World>> Programs; // findings point into them
  for (const Program &Each : programsOf(All)) {
    Programs.push_back(std::make_unique<World>(Each));
    World &Linked = *Programs.back();
    Count.Functions += Linked.Functions.size();
    Count.UnknownPointers += Linked.UnknownSlots;
    Count.Orders += checkLockOrder(Linked, Found);
    checkLockTwice(Linked, Found);
  }
  Found.write(Out);
  Count.Silenced = Found.Silenced;
  return Count;
}

} // namespace weir
