// SPDX-License-Identifier: Apache-2.0
//
// The umbrella: everything a program needs. Link with libweir, or build with
// `weir cc`.
#ifndef WEIR_WEIR_H
#define WEIR_WEIR_H

#include <weir/abi.h>
#include <weir/chan.h>
#include <weir/ctx.h>
#include <weir/diag.h>
#include <weir/fence.h>
#include <weir/go.h>
#include <weir/group.h>
#include <weir/io.h>
#include <weir/map.h>
#include <weir/pool.h>
#include <weir/semaphore.h>
#include <weir/singleflight.h>
#include <weir/sync.h>
#include <weir/time.h>
#include <weir/watchdog.h>

#define WEIR_VERSION "0.1.0"

#endif
