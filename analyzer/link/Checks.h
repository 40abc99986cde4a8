// SPDX-License-Identifier: Apache-2.0
//
// The checks of the link, one file each.
#ifndef WEIR_ANALYZER_LINK_CHECKS_H
#define WEIR_ANALYZER_LINK_CHECKS_H

#include "link/Report.h"

namespace weir {

unsigned checkLockOrder(const World &All, Reports &Out); // lock-order-cycle; the number of orders
void checkLockTwice(const World &All, Reports &Out);     // double-lock, read-lock-twice

} // namespace weir

#endif
