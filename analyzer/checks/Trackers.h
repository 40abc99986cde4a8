// SPDX-License-Identifier: Apache-2.0
//
// The trackers there are: one file each.
#ifndef WEIR_ANALYZER_CHECKS_TRACKERS_H
#define WEIR_ANALYZER_CHECKS_TRACKERS_H

#include "core/Flow.h"

namespace weir {

std::unique_ptr<Tracker> makeCollector(Flow &F, DigestMaker &Made); // before all others
std::unique_ptr<Tracker> makeLocks(Flow &F);
std::unique_ptr<Tracker> makeEscapes(Flow &F);
std::unique_ptr<Tracker> makeThreads(Flow &F);
std::unique_ptr<Tracker> makeChannels(Flow &F);    // nullptr: it has nothing to do with any
std::unique_ptr<Tracker> makeObligations(Flow &F); // the same
std::unique_ptr<Tracker> makeWaits(Flow &F);       // the same; after the locks

// Everything that is found in one file.
void runChecks(Unit &U);

} // namespace weir

#endif
