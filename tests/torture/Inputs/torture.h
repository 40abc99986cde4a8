// SPDX-License-Identifier: Apache-2.0
//
// The torture program: plays that each use some of the primitives, check their invariants and end.
// A few actors, which are goroutines, play random ones at the same time until the time is over, so
// that every primitive meets every other one. All chance comes from a seed.
//
// A play is wrong when a CHECK fails, when the detectors or a sanitizer find something, and when it
// does not end: a wake-up that is lost is a hang, which the caller's time limit ends.
#ifndef WEIR_TESTS_TORTURE_H
#define WEIR_TESTS_TORTURE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "../../runtime/check.h"

struct rng {
  uint64_t state;
};

// 0 to n - 1
static inline unsigned rnd(struct rng *r, unsigned n) {
  r->state = r->state * 6364136223846793005u + 1442695040888963407u; // Knuth, MMIX
  return (unsigned)((r->state >> 33) % n);
}

// A stream of its own, for somebody who is started.
static inline struct rng rng_new(struct rng *r) {
  struct rng other = {r->state ^ ((uint64_t)rnd(r, 1u << 30) << 20)};
  rnd(r, 2);
  return other;
}

// Often nothing, or something that lets others come in between.
void stir(struct rng *r);

// Those who take part in one play: goroutines, and sometimes OS threads. Begins as zero.
enum { CREW_THREADS = 3 };
struct crew {
  weir_wg wg;
  pthread_t threads[CREW_THREADS];
  int n_threads;
};
void crew_go(struct crew *c, struct rng *r, void (*fn)(void *arg),
             void *arg);        // thread or goroutine
void crew_wait(struct crew *c); // all have ended

typedef void play_fn(struct rng *r);
play_fn play_fifo, play_select, play_close, play_ring, play_elements, play_nil;
play_fn play_mutex, play_rwmutex, play_once, play_cond, play_semaphore, play_wait_group;
play_fn play_context, play_timer, play_ticker, play_sleep, play_group, play_flight;
play_fn play_blocking, play_pipe, play_tcp, play_goexit, play_many, play_look;

#endif
