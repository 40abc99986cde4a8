// SPDX-License-Identifier: Apache-2.0
//
// weir/post_mortem.h: where a debugger finds what. It lies here because this is the lowest layer
// that knows the structs of sched and of sync.
#include <weir/post_mortem.h>

#include <weir/fence.h>
#include <weir/semaphore.h>

#include "sched/g.h"
#include "sync/chan.h"
#include "sync/locks.h"

static const uint32_t layout[] = {
#define WEIR_LAYOUT(name, type, member) offsetof(type, member),
#define WEIR_LAYOUT_VALUE(name, value) (value),
#include <weir/layout.def>
};

const struct weir_post_mortem_ weir_post_mortem_ = {
    .magic = WEIR_POST_MORTEM_MAGIC,
    .layout_count = sizeof layout / sizeof *layout,
    .layout = layout,
    .op_count = WEIR_WAIT_OPS,
    .ops = weir_wait_op_texts,
    .kind_count = WEIR_OBJ_KINDS,
    .kinds = weir_object_kind_texts,
    .goroutines = &weir_goroutine_table_,
    .workers = weir_sched.workers,
    .worker_count = (const int *)&weir_sched.n_workers,
    .now = (const int64_t *)&weir_sched.coarse_now,
};
