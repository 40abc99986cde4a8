// SPDX-License-Identifier: Apache-2.0
//
// Who runs next: the one place that decides. The scheduler asks through these calls and
// knows nothing of queues; another policy (deterministic, seeded) replaces
// policy.c behind them. All are called on a worker's thread unless they say otherwise.
#ifndef WEIR_SCHED_POLICY_H
#define WEIR_SCHED_POLICY_H

#include <stdbool.h>

struct weir_g;
struct weir_worker;

// A goroutine became runnable. `soon`: it was just woken or started by the one that
// runs here, so it goes next and the caches are warm. w is NULL on any other thread.
// Returns true when another worker should be woken for it.
bool weir_policy_add(struct weir_worker *w, struct weir_g *g, bool soon);

// The one that runs here gave way: it goes behind the others.
void weir_policy_yield(struct weir_worker *w, struct weir_g *g);

// Shaken by ranks (shake.h): would another one that is at hand here run in place of g?
bool weir_policy_outranked(struct weir_worker *w, const struct weir_g *g);

// The next for this worker from what is at hand, or NULL. Also NULL when the worker has to come to
// its loop (attention), for instance because the next is at home elsewhere.
struct weir_g *weir_policy_next(struct weir_worker *w);

// The next from anywhere, other workers included, or NULL. With `later` only what another worker
// will not soon run itself: *later tells that something was left to it for that reason. Without,
// whatever there is.
struct weir_g *weir_policy_find(struct weir_worker *w, bool *later);

// The worker runs nothing for now: what it had is for all. Any thread may call.
void weir_policy_hand_in(struct weir_worker *w);

// Is there anything that this worker could run? A hint without locks, exact when all
// workers are idle.
bool weir_policy_any(struct weir_worker *w);
bool weir_policy_any_here(struct weir_worker *w); // but for what stands in workers' own queues

#endif
