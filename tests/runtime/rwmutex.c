// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: %weircc %s -o %t.i && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t.i || exit 1; done
//
// The read-write mutex: readers together, a writer alone, who is kept out while somebody
// waits, in which order they are served, try operations, unlock by another goroutine.
#include <stdatomic.h>
#include <string.h>

#include "check.h"

static weir_rwmutex rw;

// --- exclusion ----------------------------------------------------------------------------------
static atomic_int readers, writers;
static long value, twin; // equal whenever no writer is at work

static void inside(bool read, bool yields) {
  atomic_fetch_add(read ? &readers : &writers, 1);
  CHECK_EQ(atomic_load(&writers), read ? 0 : 1);
  if (read) {
    CHECK_EQ(value, twin);
    if (yields) weir_yield();
    CHECK_EQ(value, twin);
  } else {
    CHECK_EQ(atomic_load(&readers), 0);
    value++;
    if (yields) weir_yield();
    twin++;
  }
  atomic_fetch_sub(read ? &readers : &writers, 1);
}

static void work(int id, int n, bool yields) {
  for (int i = 0; i < n; i++) {
    bool read = (id + i) % 3 != 0, try_ = (id + i) % 7 == 0;
    while (try_ && !(read ? weir_rwmutex_tryrlock(&rw) : weir_rwmutex_trylock(&rw)))
      weir_yield();
    if (!try_ && read) weir_rwmutex_rlock(&rw);
    if (!try_ && !read) weir_rwmutex_lock(&rw);
    inside(read, yields);
    if (read)
      weir_rwmutex_runlock(&rw);
    else
      weir_rwmutex_unlock(&rw);
  }
}

static void excludes(int goroutines, int n, bool yields) {
  weir_wg wg = {0};
  value = twin = 0;
  for (int i = 0; i < goroutines; i++)
    weir_wg_go(&wg, work, i, n, yields);
  weir_wg_wait(&wg);
  CHECK_EQ(value, (long)goroutines * n / 3);
  CHECK_EQ(twin, value);
}

static atomic_int together;
static void meet(int n) {
  weir_rguard(&rw);
  atomic_fetch_add(&together, 1);
  while (atomic_load(&together) < n)
    weir_yield();
}
static void read_together(void) {
  weir_wg wg = {0};
  for (int i = 0; i < 5; i++)
    weir_wg_go(&wg, meet, 5);
  weir_wg_wait(&wg);
}

// --- who gets in when
// -----------------------------------------------------------------------------
static char order[16];
static atomic_int at;

static void say(char c) {
  order[atomic_fetch_add(&at, 1)] = c;
}
static void read_as(char c) {
  weir_rguard(&rw);
  say(c);
}
static void write_as(char c) {
  weir_guard(&rw);
  say(c);
}
// Starts one goroutine after the other, each when the one before has queued: then a try of
// its kind, which would succeed before, fails.
static void queue_writer(weir_wg *wg, char c) {
  weir_wg_go(wg, write_as, c);
  while (weir_rwmutex_tryrlock(&rw)) {
    weir_rwmutex_runlock(&rw);
    weir_yield();
  }
}

// A writer that waits keeps new readers out, and is next.
static void writer_first(void) {
  weir_wg wg = {0};
  weir_rwmutex_rlock(&rw);
  CHECK(weir_rwmutex_tryrlock(&rw)); // readers together
  CHECK(!weir_rwmutex_trylock(&rw));
  weir_rwmutex_runlock(&rw);
  queue_writer(&wg, 'w');
  CHECK(!weir_rwmutex_tryrlock(&rw));
  weir_wg_go(&wg, read_as, 'r');
  for (int i = 0; i < 100; i++)
    weir_yield();
  CHECK_EQ(atomic_load(&at), 0);
  weir_rwmutex_runlock(&rw);
  weir_wg_wait(&wg);
  CHECK_EQ(strncmp(order, "wr", 2), 0);
}

// An unlock lets in all readers that wait, before the next writer, although that came first.
static void write_then_hand_over(weir_chan(int) go_on) {
  weir_rwmutex_lock(&rw);
  weir_recv(go_on, NULL);
  weir_rwmutex_unlock(&rw);
}
static void wait_until_queued(void) { // all others are parked: one worker only
  for (int i = 0; i < 100; i++)
    weir_yield();
}
static void phases_alternate(void) {
  if (weir_set_procs(0) != 1) return;
  weir_wg wg = {0};
  weir_chan(int) go_on = weir_chan_make(int, 0);
  atomic_store(&at, 0);
  weir_wg_go(&wg, write_then_hand_over, go_on);
  wait_until_queued();
  for (const char *c = "WrXsY"; *c; c++) {
    if (*c < 'a')
      weir_wg_go(&wg, write_as, *c);
    else
      weir_wg_go(&wg, read_as, *c);
    wait_until_queued();
  }
  weir_send(go_on, 1);
  weir_wg_wait(&wg);
  if (order[0] == 's') order[0] = 'r', order[1] = 's'; // these two together
  CHECK_EQ(strncmp(order, "rsWXY", 5), 0);
  weir_chan_free(go_on);
}

// --- the rest
// ---------------------------------------------------------------------------------------
static void tries(void) {
  CHECK(weir_rwmutex_trylock(&rw));
  CHECK(!weir_rwmutex_trylock(&rw));
  CHECK(!weir_rwmutex_tryrlock(&rw));
  weir_rwmutex_unlock(&rw);
  CHECK(weir_rwmutex_tryrlock(&rw) && weir_rwmutex_tryrlock(&rw));
  CHECK(!weir_rwmutex_trylock(&rw));
  weir_rwmutex_runlock(&rw);
  CHECK(!weir_rwmutex_trylock(&rw));
  weir_rwmutex_runlock(&rw);
}

static void unlock_both_sides(weir_chan(int) step) {
  weir_rwmutex_unlock(&rw);
  weir_send(step, 1);
  weir_recv(step, NULL);
  weir_rwmutex_runlock(&rw);
  weir_send(step, 1);
}
static void unlocked_by_other(void) {
  weir_chan(int) step = weir_chan_make(int, 0);
  weir_rwmutex_lock(&rw);
  weir_go(unlock_both_sides, step);
  weir_recv(step, NULL);
  weir_rwmutex_rlock(&rw);
  weir_send(step, 1);
  weir_recv(step, NULL);
  CHECK(weir_rwmutex_trylock(&rw));
  weir_rwmutex_unlock(&rw);
  weir_chan_free(step);
}

// Neither side starves beside one that comes again at once.
static void hog(atomic_bool *stop, bool read) {
  while (!atomic_load(stop)) {
    if (read)
      weir_rwmutex_rlock(&rw);
    else
      weir_rwmutex_lock(&rw);
    weir_yield();
    if (read)
      weir_rwmutex_runlock(&rw);
    else
      weir_rwmutex_unlock(&rw);
  }
}
static void no_starvation(bool hogs_read) {
  atomic_bool stop = false;
  weir_wg wg = {0};
  for (int i = 0; i < 3; i++)
    weir_wg_go(&wg, hog, &stop, hogs_read);
  for (int i = 0; i < 50; i++) {
    weir_yield();
    if (hogs_read) {
      weir_rwmutex_lock(&rw);
      weir_rwmutex_unlock(&rw);
    } else {
      weir_rwmutex_rlock(&rw);
      weir_rwmutex_runlock(&rw);
    }
  }
  atomic_store(&stop, true);
  weir_wg_wait(&wg);
}

int main(void) {
  tries();
  excludes(9, 6000, false);
  excludes(9, 600, true);
  read_together();
  writer_first();
  phases_alternate();
  unlocked_by_other();
  no_starvation(true);
  no_starvation(false);
  CHECK(weir_rwmutex_trylock(&rw));
}
