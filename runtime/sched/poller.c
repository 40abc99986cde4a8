// SPDX-License-Identifier: Apache-2.0
//
// Who reads the poller's events. A worker that has nothing to run waits in epoll instead of in
// its futex, if somebody waits for a descriptor: an event then needs no other thread, and what
// it makes runnable is in the queue of the worker that is awake for it. One thread reads at a
// time (`by`): so an event that is meant to interrupt it cannot be taken by another.
//
// A worker that waits here is idle like any other, in the list and in the count. Before it
// handles an event it leaves the idle, so nobody finds all idle and no wait for a
// descriptor while the goroutine of such a wait is on its way.
//
// Who wakes it: rouse sets `wake` and then looks at `by`; the reader sets `by` and then looks
// at `wake` (both seq_cst). One sees the other, so the reader does not wait, or is interrupted.
//
// A reader that has left with an event leaves nobody behind: most often it is back before
// the next event. The monitor looks after that: if nobody has read since its last round it wakes
// an idle worker, or when there is none reads what is there by itself.
#include <string.h>

#include "base/check.h"
#include "base/hooks.h"
#include "os/event.h"
#include "os/futex.h"
#include "sched/g.h"

enum { EVENTS = 128, MONITOR_EVENTS = 64 };
#define INTERRUPT UINT64_MAX

static struct {
  int epoll_fd, event_fd;
  _Atomic(const void *) by; // a worker, or `poller` itself for others; NULL: nobody
  _Atomic uint32_t reads;   // grows whenever somebody has read
  uint32_t seen;            // the monitor's: reads, a round ago
} poller = {.epoll_fd = -1, .event_fd = -1};

// Edge-triggered, so the event needs no read of the descriptor to be over.
int weir_poller_start(void) {
  poller.epoll_fd = weir_epoll_make();
  poller.event_fd = weir_event_make();
  struct epoll_event ev = {.events = EPOLLIN | EPOLLET, .data.u64 = INTERRUPT};
  weir_poll_init(poller.epoll_fd);
  return poller.epoll_fd < 0   ? poller.epoll_fd
         : poller.event_fd < 0 ? poller.event_fd
                               : weir_epoll_set(poller.epoll_fd, poller.event_fd, &ev);
}

static bool begin(const void *who) {
  const void *nobody = NULL;
  return weir_poll_any() && atomic_compare_exchange_strong(&poller.by, &nobody, who);
}

static void end(void) {
  atomic_fetch_add_explicit(&poller.reads, 1, memory_order_relaxed);
  atomic_store_explicit(&poller.by, NULL, memory_order_release);
}

static void handle(const struct epoll_event *events, int n) {
  for (int i = 0; i < n; i++)
    if (events[i].data.u64 != INTERRUPT) weir_poll_event(events[i].data.u64, events[i].events);
}

bool weir_poller_is(const struct weir_worker *w) {
  return atomic_load(&poller.by) == w;
}

bool weir_poller_interrupt(const struct weir_worker *w) {
  if (!weir_poller_is(w)) return false;
  weir_event_set(poller.event_fd);
  return true;
}

bool weir_poller_look(void) {
  struct epoll_event events[MONITOR_EVENTS];
  if (!begin(&poller)) return false;
  int n = weir_epoll_wait(poller.epoll_fd, events, MONITOR_EVENTS, 0);
  end();
  handle(events, n);
  return n > 0;
}

// Waits for events as w, an idle worker that reads. True: w is active again.
static bool read_as(struct weir_worker *w) {
  struct epoll_event events[EVENTS];
  int n = 0;
  if (atomic_load(&w->wake) == 0 && weir_worker_is_idle(w))
    n = weir_epoll_wait(poller.epoll_fd, events, EVENTS, weir_hb_sleep_limit());
  end();
  bool active = n > 0 && !(n == 1 && events[0].data.u64 == INTERRUPT) && weir_leave_idle(w);
  handle(events, n);
  if (!active && !weir_worker_is_idle(w)) weir_leave_work(w); // is being woken, or was benched
  if (!active && atomic_load(&w->role) == WEIR_BENCHED) weir_wake_a_worker(); // reads from now on
  return active;
}

void weir_poller_rest(struct weir_worker *w) {
  while (atomic_load_explicit(&w->wake, memory_order_acquire) == 0) {
    if (!weir_worker_is_idle(w) || !begin(w))
      weir_futex_wait(&w->wake, 0, weir_hb_sleep_limit());
    else if (read_as(w))
      return;
    weir_hb_take_signals();
  }
}

bool weir_poller_is_watched(void) {
  bool quiet = atomic_load_explicit(&poller.reads, memory_order_relaxed) == poller.seen;
  return weir_poll_any() && !(quiet && atomic_load(&poller.by));
}

void weir_poller_supervise(void) {
  uint32_t reads = atomic_load_explicit(&poller.reads, memory_order_relaxed);
  bool unread = reads == poller.seen && !atomic_load(&poller.by) && weir_poll_any();
  poller.seen = reads;
  if (!unread) return;
  if (atomic_load_explicit(&weir_sched.idle.count, memory_order_relaxed) == 0) weir_poller_look();
  weir_wake_a_worker(); // one that came to rest while we read, too
}
