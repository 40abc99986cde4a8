// SPDX-License-Identifier: Apache-2.0
//
// The poller: epoll, one entry per descriptor with at most one reader and one writer,
// armed one-shot for exactly what somebody waits for. The monitor thread reads the events. A
// descriptor that was closed and reopened has lost its registration; weir_epoll_set
// then adds it anew.
#include <errno.h>
#include <poll.h>
#include <weir/io.h>

#include "base/check.h"
#include "os/event.h"
#include "os/memory.h"
#include "sched/g.h"

enum { FD_CHUNK = 1024, FD_CHUNKS = 1024 };

// A wait, on the parked goroutine's stack.
struct fd_wait {
  struct weir_g *g;
  struct entry *entry;
  struct weir_timer_ timer;
  bool timed_out;
};

struct entry {
  struct weir_lock lock;
  int fd;
  struct fd_wait *reader, *writer;
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

// Arms the entry for those who wait. Caller holds e->lock. 0 or -errno.
static int arm(struct entry *e) {
  struct epoll_event ev = {.events = EPOLLONESHOT, .data.u64 = (uint64_t)e->fd};
  if (e->reader) ev.events |= EPOLLIN | EPOLLRDHUP;
  if (e->writer) ev.events |= EPOLLOUT;
  return weir_epoll_set(polls.epoll_fd, e->fd, &ev);
}

static void leave(struct entry *e, struct fd_wait *wait) {
  if (e->reader == wait) e->reader = NULL;
  if (e->writer == wait) e->writer = NULL;
  atomic_fetch_sub_explicit(&polls.waiting, 1, memory_order_release);
}

void weir_poll_event(uint64_t data, uint32_t events) {
  struct entry *e = entry_of((int)data);
  weir_lock_acquire(&e->lock);
  const uint32_t broken = EPOLLERR | EPOLLHUP;
  struct fd_wait *r = events & (EPOLLIN | EPOLLRDHUP | broken) ? e->reader : NULL;
  struct fd_wait *w = events & (EPOLLOUT | broken) ? e->writer : NULL;
  if (r) leave(e, r);
  if (w && w != r) leave(e, w);
  if (e->reader || e->writer) arm(e);
  weir_lock_release(&e->lock);
  // The wait may be over, with its stack frame, as soon as it is readied: read g first.
  struct weir_g *rg = r ? r->g : NULL, *wg = w && w != r ? w->g : NULL;
  if (rg) weir_ready(rg);
  if (wg) weir_ready(wg);
}

static void time_out(struct weir_timer_ *t) {
  struct fd_wait *wait = t->arg;
  struct entry *e = wait->entry;
  weir_lock_acquire(&e->lock);
  bool still = e->reader == wait || e->writer == wait;
  if (still) {
    leave(e, wait);
    wait->timed_out = true;
  }
  weir_lock_release(&e->lock);
  if (still) weir_ready(wait->g);
}

static int poll_thread(int fd, int events, int64_t ns) {
  struct pollfd p = {.fd = fd, .events = (short)events};
  int n = poll(&p, 1, ns < 0 ? -1 : (int)((ns + 999999) / 1000000));
  return n > 0 ? 1 : n;
}

int weir_poll_park(int fd, int events, int64_t ns, const void *pc) {
  struct weir_g *g = weir_self();
  struct entry *e = entry_of(fd);
  if (!e) {
    errno = EBADF;
    return -1;
  }
  if (g->thread) return poll_thread(fd, events, ns);
  weir_sched_ensure();
  struct fd_wait wait = {.g = g, .entry = e};
  struct weir_waiter what = {.g = g, .object = e, .kind = WEIR_OBJ_FD, .op = WEIR_WAIT_IO};
  weir_lock_acquire(&e->lock);
  e->fd = fd;
  bool in = events & POLLIN, out = events & POLLOUT;
  int err = (in && e->reader) || (out && e->writer) ? -EBUSY : 0;
  if (!err) {
    if (in) e->reader = &wait;
    if (out) e->writer = &wait;
    atomic_fetch_add_explicit(&polls.waiting, 1, memory_order_release);
    err = arm(e);
    if (err) leave(e, &wait);
  }
  if (err) {
    weir_lock_release(&e->lock);
    if (err == -EPERM) return 1; // a regular file is always ready
    errno = -err;
    return -1;
  }
  weir_park_describe(g, WEIR_WAIT_IO, &what, 1, pc);
  if (ns >= 0) {
    wait.timer = (struct weir_timer_){.when = weir_clock_after(ns), .fire = time_out, .arg = &wait};
    weir_timer_start_(&wait.timer);
  }
  weir_park(g, &e->lock);
  if (ns >= 0) weir_timer_cancel_(&wait.timer, true);
  return wait.timed_out ? 0 : 1;
}
