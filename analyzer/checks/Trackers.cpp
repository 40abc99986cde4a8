// SPDX-License-Identifier: Apache-2.0
//
// All checks over one file, in an order that does not matter: summaries are made when they are
// first asked for.
#include "checks/Trackers.h"
#include "checks/Patterns.h"

namespace weir {

std::vector<std::unique_ptr<Tracker>> makeTrackers(Flow &F) {
  std::vector<std::unique_ptr<Tracker>> All;
  if (F.U.ForLink) All.push_back(makeCollector(F, *F.U.ForLink));
  All.push_back(makeLocks(F));
  All.push_back(makeEscapes(F));
  All.push_back(makeThreads(F));
  if (auto Channels = makeChannels(F)) All.push_back(std::move(Channels));
  if (auto Obligations = makeObligations(F)) All.push_back(std::move(Obligations));
  if (auto Waits = makeWaits(F)) All.push_back(std::move(Waits));
  return All;
}

void runChecks(Unit &U) {
  for (auto &Each : U.Functions) {
    if (!U.isOwn(Each.first)) continue;
    checkCopies(U, Each.second);
    if (!Each.second.Gated) continue;
    checkCalls(U, Each.second);
    checkSpawns(U, Each.second);
    checkSpins(U, Each.second);
    summaryOf(U, Each.first);
  }
  checkHandlers(U);
  checkProtocols(U);
  for (auto &[Class, Found] : U.Pending)
    if (!Class || !U.isReleasedForOthers(Class)) U.Out.add(std::move(Found));
}

} // namespace weir
