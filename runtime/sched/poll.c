// SPDX-License-Identifier: Apache-2.0
//
// The poller: epoll, one entry per descriptor number with those who wait for it, oldest first,
// armed one-shot for exactly what somebody waits for. Who reads the events: poller.c. An
// event ends the oldest wait to read and the oldest to write, and arms for the others anew: if
// there is something left for them, the next event comes at once. A descriptor that was
// closed and opened again has lost its registration; weir_epoll_set then adds it.
//
// An entry keeps the deadlines of its descriptor, as a Go connection does, and whether the
// descriptor is known not to block. Both end with weir_close_fd, and when weir_accept returns the
// number; a plain close(2) tells nobody, and the entry then speaks of another file. That is why
// nothing stays armed, which would save an epoll_ctl a wait. `empty` is a guess that can only cost
// time: arming a descriptor that is ready gives an event at once.
//
// The entry's lock guards its waits; deadlines and nonblocking are written under it and read
// without. It is taken before the timers' lock. Two happens-before edges: who ever waited -> the
// closer (`waited`), the closer -> the waits it ends (`ended`).
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>
#include <weir/io.h>

#include "base/check.h"
#include "base/hooks.h"
#include "os/event.h"
#include "os/memory.h"
#include "os/thread.h"
#include "sched/g.h"

#define CALLER __builtin_return_address(0)
enum { FD_CHUNK = 1024, FD_CHUNKS = 1024 };
enum { MOSTLY = 4, TRY_AGAIN = MOSTLY + 16 }; // entry.empty
enum { NEVER_POLLED = 2 }; // result of a wait: ready, as what epoll does not take always is

// A wait, on the parked goroutine's stack.
struct fd_wait {
  struct fd_wait *next;
  struct weir_g *g;
  struct entry *entry;
  struct weir_timer_ timer; // at the earlier of `limit` and the entry's deadlines
  int64_t limit;            // this call's own moment
  int events, result;       // result: 1 ready, 0 too late, -errno
  bool queued, timed;       // timed: the timer was started once
};

struct entry {
  struct weir_lock lock;
  int fd;
  struct fd_wait *first;
  _Atomic int64_t deadline[2]; // to read, to write; 0: none
  atomic_bool nonblocking;     // known to be; false: ask
  _Atomic uint8_t empty;       // reads in a row that found nothing; from MOSTLY on all count
  uint64_t waited, ended;      // only their addresses are used
};

static struct {
  struct weir_lock lock; // growth
  struct entry *_Atomic chunk[FD_CHUNKS];
  int epoll_fd;
  _Atomic long waiting;
} polls = {.epoll_fd = -1};

void weir_poll_init(int epoll_fd) {
  polls.epoll_fd = epoll_fd;
}
bool weir_poll_any(void) {
  return atomic_load_explicit(&polls.waiting, memory_order_acquire) > 0;
}

static struct entry *entry_of(int fd) {
  if (fd < 0 || fd >= FD_CHUNK * FD_CHUNKS) return NULL;
  struct entry *chunk = atomic_load_explicit(&polls.chunk[fd / FD_CHUNK], memory_order_acquire);
  if (!chunk) {
    weir_lock_acquire(&polls.lock);
    chunk = atomic_load_explicit(&polls.chunk[fd / FD_CHUNK], memory_order_acquire);
    if (!chunk) {
      chunk = weir_mem_map((FD_CHUNK * sizeof *chunk + WEIR_PAGE - 1) / WEIR_PAGE * WEIR_PAGE);
      if (!chunk) weir_fatal("out of memory for the poller");
      atomic_store_explicit(&polls.chunk[fd / FD_CHUNK], chunk, memory_order_release);
    }
    weir_lock_release(&polls.lock);
  }
  return &chunk[fd % FD_CHUNK];
}

// --- waits ------------------------------------------------------------------------------------

static void join(struct entry *e, struct fd_wait *wait) {
  struct fd_wait **at = &e->first;
  while (*at)
    at = &(*at)->next;
  *at = wait;
  wait->queued = true;
  atomic_fetch_add_explicit(&polls.waiting, 1, memory_order_release);
}

static void leave(struct entry *e, struct fd_wait *wait, int result) {
  for (struct fd_wait **at = &e->first; *at; at = &(*at)->next)
    if (*at == wait) {
      *at = wait->next;
      break;
    }
  wait->queued = false;
  wait->next = NULL;
  wait->result = result;
  atomic_fetch_sub_explicit(&polls.waiting, 1, memory_order_release);
}

// Takes the oldest wait for any of `events` off the entry and puts it on `out`.
static void end_oldest(struct entry *e, int events, int result, struct fd_wait **out) {
  struct fd_wait *wait = e->first;
  while (wait && !(wait->events & events))
    wait = wait->next;
  if (!wait) return;
  leave(e, wait, result);
  wait->next = *out;
  *out = wait;
}

static void end_all(struct entry *e, int result, struct fd_wait **out) {
  while (e->first) {
    struct fd_wait *wait = e->first;
    leave(e, wait, result);
    wait->next = *out;
    *out = wait;
  }
}

// A wait may be over, with its stack frame, as soon as it is readied: what is read comes first.
static void ready_all(struct fd_wait *wait) {
  while (wait) {
    struct fd_wait *next = wait->next;
    weir_ready(wait->g);
    wait = next;
  }
}

// Arms the entry for those who wait. Caller holds e->lock. 0 or -errno.
static int arm(struct entry *e) {
  struct epoll_event ev = {.events = EPOLLONESHOT, .data.u64 = (uint64_t)e->fd};
  for (struct fd_wait *wait = e->first; wait; wait = wait->next) {
    if (wait->events & POLLIN) ev.events |= EPOLLIN | EPOLLRDHUP;
    if (wait->events & POLLOUT) ev.events |= EPOLLOUT;
  }
  return weir_epoll_set(polls.epoll_fd, e->fd, &ev);
}

void weir_poll_event(uint64_t data, uint32_t events) {
  struct entry *e = entry_of((int)data);
  struct fd_wait *over = NULL;
  weir_lock_acquire(&e->lock);
  if (events & (EPOLLERR | EPOLLHUP)) end_all(e, 1, &over);
  if (events & (EPOLLIN | EPOLLRDHUP)) end_oldest(e, POLLIN, 1, &over);
  if (events & EPOLLOUT) end_oldest(e, POLLOUT, 1, &over);
  int err = e->first ? arm(e) : 0;
  if (err) end_all(e, err, &over);
  weir_lock_release(&e->lock);
  ready_all(over);
}

// --- deadlines --------------------------------------------------------------------------------

static int64_t deadline_of(struct entry *e, int events) {
  int64_t until = INT64_MAX;
  for (int i = 0; i < 2; i++) {
    int64_t when = atomic_load_explicit(&e->deadline[i], memory_order_relaxed);
    if (events & (i ? POLLOUT : POLLIN) && when && when < until) until = when;
  }
  return until;
}

// Caller holds the entry's lock, and the timer is not pending. One that fires at this moment
// waits for the lock, and then sees that its time has not come.
static void start_timer(struct fd_wait *wait) {
  int64_t until = deadline_of(wait->entry, wait->events);
  wait->timer.when = until < wait->limit ? until : wait->limit;
  if (wait->timer.when == INT64_MAX) return;
  wait->timed = true;
  weir_timer_start_(&wait->timer);
}

static void time_out(struct weir_timer_ *t) {
  struct fd_wait *wait = t->arg;
  struct entry *e = wait->entry;
  weir_lock_acquire(&e->lock);
  bool over = wait->queued && t->when <= weir_clock_now();
  if (over) leave(e, wait, 0);
  weir_lock_release(&e->lock);
  if (over) weir_ready(wait->g);
}

bool weir_poll_too_late(int fd, int events) {
  struct entry *e = entry_of(fd);
  int64_t until = e ? deadline_of(e, events) : INT64_MAX;
  return until != INT64_MAX && until <= weir_clock_now();
}

int weir_set_deadline(int fd, int events, int64_t when) {
  struct entry *e = entry_of(fd);
  if (!e || fcntl(fd, F_GETFL) < 0) {
    weir_errno_set(EBADF);
    return -1;
  }
  if (when == INT64_MAX)
    when = 0;
  else if (when <= 0)
    when = 1;
  weir_lock_acquire(&e->lock);
  if (events & POLLIN) atomic_store_explicit(&e->deadline[0], when, memory_order_relaxed);
  if (events & POLLOUT) atomic_store_explicit(&e->deadline[1], when, memory_order_relaxed);
  for (struct fd_wait *wait = e->first; wait; wait = wait->next)
    if (wait->events & events) {
      weir_timer_cancel_(&wait->timer, false);
      start_timer(wait);
    }
  weir_lock_release(&e->lock);
  return 0;
}

// --- descriptors ------------------------------------------------------------------------------

static void forget(struct entry *e, bool nonblocking) {
  atomic_store_explicit(&e->deadline[0], 0, memory_order_relaxed);
  atomic_store_explicit(&e->deadline[1], 0, memory_order_relaxed);
  atomic_store_explicit(&e->nonblocking, nonblocking, memory_order_relaxed);
  atomic_store_explicit(&e->empty, 0, memory_order_relaxed);
}

// Now and then one tries after all: things may have changed. A forked child cannot wait.
bool weir_poll_mostly_empty(int fd) {
  if (!atomic_load_explicit(&weir_sched.started, memory_order_relaxed)) return false;
  struct entry *e = entry_of(fd);
  uint8_t n = e ? atomic_load_explicit(&e->empty, memory_order_relaxed) : 0;
  if (n < MOSTLY) return false;
  atomic_store_explicit(&e->empty, n < TRY_AGAIN ? n + 1 : MOSTLY - 1, memory_order_relaxed);
  return n < TRY_AGAIN;
}

void weir_poll_tried(int fd, bool empty) {
  struct entry *e = entry_of(fd);
  uint8_t n = e ? atomic_load_explicit(&e->empty, memory_order_relaxed) : 0;
  uint8_t next = !empty ? 0 : n < MOSTLY ? n + 1 : n;
  if (e && next != n) atomic_store_explicit(&e->empty, next, memory_order_relaxed);
}

void weir_poll_fresh(int fd) {
  struct entry *e = entry_of(fd);
  if (e) forget(e, true);
}

bool weir_poll_may_block(int fd) {
  struct entry *e = entry_of(fd);
  if (!e || atomic_load_explicit(&e->nonblocking, memory_order_relaxed)) return false;
  int flags = fcntl(fd, F_GETFL);
  if (flags < 0) return false; // the call itself will say so
  if (flags & O_NONBLOCK) atomic_store_explicit(&e->nonblocking, true, memory_order_relaxed);
  return !(flags & O_NONBLOCK);
}

// Closes under the lock: who comes now finds the descriptor either open, and is ended below,
// or closed.
int weir_close_fd(int fd) {
  struct entry *e = entry_of(fd);
  if (!e) return close(fd);
  struct fd_wait *over = NULL;
  weir_lock_acquire(&e->lock);
  end_all(e, -EBADF, &over);
  forget(e, false);
  if (polls.epoll_fd >= 0) weir_epoll_remove(polls.epoll_fd, fd);
  WEIR_EDGE(acquire, &e->waited);
  int result = close(fd), err = weir_errno_get();
  WEIR_EDGE(release_store, &e->ended);
  weir_lock_release(&e->lock);
  ready_all(over);
  weir_errno_set(err);
  return result;
}

// --- park -------------------------------------------------------------------------------------

static int64_t moment(int64_t ns) {
  return ns < 0 ? INT64_MAX : weir_clock_after(ns);
}

// A foreign thread; in whole milliseconds, rounded up.
static int poll_thread(int fd, int events, int64_t until) {
  for (;;) {
    int64_t left = until == INT64_MAX ? -1 : until - weir_clock_now();
    if (until != INT64_MAX && left < 0) left = 0;
    int64_t ms = left < 0 ? -1 : left / 1000000 + (left % 1000000 != 0);
    struct pollfd p = {.fd = fd, .events = (short)events};
    int n = poll(&p, 1, ms > INT_MAX ? INT_MAX : (int)ms);
    if (n > 0 && !(p.revents & POLLNVAL)) return 1;
    if (n == 0 && left <= 0) return 0;
    if (n < 0 && weir_errno_get() == EINTR) continue;
    if (n != 0) {
      if (n > 0) weir_errno_set(EBADF);
      return -1;
    }
  }
}

// Parks until the wait is over; caller holds e->lock, which is given back.
static void park(struct entry *e, struct fd_wait *wait, const void *pc) {
  struct weir_waiter what = {.g = wait->g, .object = e, .kind = WEIR_OBJ_FD, .op = WEIR_WAIT_IO};
  weir_park_describe(wait->g, WEIR_WAIT_IO, &what, 1, pc);
  WEIR_EDGE(release, &e->waited);
  start_timer(wait);
  weir_park(wait->g, &e->lock);
  if (wait->timed) weir_timer_cancel_(&wait->timer, true);
  if (wait->result == -EBADF) WEIR_EDGE(acquire, &e->ended);
}

int weir_poll_park(int fd, int events, int64_t ns, const void *pc) {
  struct weir_g *g = weir_self();
  struct entry *e = entry_of(fd);
  if (!e) {
    weir_errno_set(EBADF);
    return -1;
  }
  if (g->thread) {
    int64_t until = deadline_of(e, events), limit = moment(ns);
    return poll_thread(fd, events, until < limit ? until : limit);
  }
  weir_sched_ensure();
  struct fd_wait wait = {.g = g, .entry = e, .events = events, .limit = moment(ns)};
  wait.timer = (struct weir_timer_){.fire = time_out, .arg = &wait};
  weir_lock_acquire(&e->lock);
  e->fd = fd;
  join(e, &wait);
  int err = arm(e);
  if (err) {
    leave(e, &wait, err);
    weir_lock_release(&e->lock);
  } else {
    park(e, &wait, pc);
  }
  if (wait.result == -EPERM) return NEVER_POLLED;
  if (wait.result >= 0) return wait.result;
  weir_errno_set(-wait.result);
  return -1;
}

int weir_wait_fd(int fd, int events, int64_t ns) {
  int got = weir_poll_park(fd, events, ns, CALLER);
  return got > 0 ? 1 : got;
}
