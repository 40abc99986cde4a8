// SPDX-License-Identifier: Apache-2.0
//
// For programs of which a part is stuck for good while the rest goes on: the rest. It says that it
// may wait, so the end of main finds nothing to say of it.
#ifndef HEARTBEAT_H
#define HEARTBEAT_H

#include <weir/weir.h>

static void beat(void) {
  weir_expect_blocked();
  for (;;)
    weir_sleep(WEIR_MS(10));
}

static void heartbeat(void) {
  weir_go(beat);
}

#endif
