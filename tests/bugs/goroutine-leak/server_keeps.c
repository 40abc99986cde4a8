// SPDX-License-Identifier: Apache-2.0
//
// server.c with sessions that the server keeps in all the ways in which programs keep things: a
// hash table, tagged pointers, mapped memory, thread-local memory, a stack for signal handlers, an
// arena. While it serves and leaks, none of them is ever called leaked; at the end each is found
// the way it was kept, and closed.
//
// RUN: env SEVERAL=1 TRIES=3 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc_plain"
//
// CHECK: goroutine leak{{.*}}[proven]
// CHECK-DAG: [chan send]:
// CHECK-NOT: session
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <weir/weir.h>

typedef weir_chan(int) events;
enum { EACH = 20, REQUESTS = 8000, OUT_OF = 1000, LOST = REQUESTS / OUT_OF, STACK = 1 << 16 };

// --- the ways ------------------------------------------------------------------------------------

enum { BUCKETS = 7 };
static struct entry {
  struct entry *next;
  events e;
} *buckets[BUCKETS];
static uintptr_t tagged[EACH];
static events *mapped, *on_signal_stack;
static char *arena;
static _Thread_local events own[EACH]; // of a thread that keeps them and sleeps
static weir_chan(events) to_thread, from_thread;

static void keep_hashed(int i, events e) {
  struct entry *new = malloc(sizeof *new), **b = &buckets[i % BUCKETS];
  *new = (struct entry){*b, e};
  *b = new;
}
static events take_hashed(int i) {
  struct entry *first = buckets[i % BUCKETS];
  events e = first->e;
  buckets[i % BUCKETS] = first->next;
  free(first);
  return e;
}

static void keep_tagged(int i, events e) {
  tagged[i] = (uintptr_t)e | (uintptr_t)(i + 1) << 48 | (i & 7);
}
static events take_tagged(int i) {
  return (events)(tagged[i] & ((uintptr_t)1 << 48) - 8);
}

static void keep_mapped(int i, events e) {
  mapped[50 * i] = e;
}
static events take_mapped(int i) {
  return mapped[50 * i];
}

static void keep_on_signal_stack(int i, events e) {
  on_signal_stack[100 + i] = e;
}
static events take_from_signal_stack(int i) {
  return on_signal_stack[100 + i];
}

static void keep_in_arena(int i, events e) {
  ((events *)(arena + 4096))[3 * i] = e;
}
static events take_from_arena(int i) {
  return ((events *)(arena + 4096))[3 * i];
}

static void *keeper(void *unused) {
  sigaltstack(&(stack_t){.ss_sp = on_signal_stack, .ss_size = STACK}, NULL);
  for (int i = 0; i < EACH; i++)
    weir_recv(to_thread, &own[i]);
  for (int i = 0; i < EACH; i++) {
    weir_send(from_thread, own[i]);
    own[i] = NULL;
  }
  return unused;
}
static void keep_thread_local(int i, events e) {
  (void)i;
  weir_send(to_thread, e);
}
static events take_thread_local(int i) {
  events e;
  (void)i;
  weir_recv(from_thread, &e);
  return e;
}

static const struct way {
  void (*keep)(int i, events e);
  events (*take)(int i);
} ways[] = {
    {keep_hashed, take_hashed},
    {keep_tagged, take_tagged},
    {keep_mapped, take_mapped},
    {keep_thread_local, take_thread_local},
    {keep_on_signal_stack, take_from_signal_stack},
    {keep_in_arena, take_from_arena},
};
enum { WAYS = sizeof ways / sizeof *ways };

static void set_up(void) {
  int flags = MAP_PRIVATE | MAP_ANONYMOUS;
  pthread_t thread;
  mapped = mmap(NULL, STACK, PROT_READ | PROT_WRITE, flags, -1, 0);
  on_signal_stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, flags, -1, 0);
  arena = malloc(STACK);
  to_thread = weir_chan_make(events, 0);
  from_thread = weir_chan_make(events, 0);
  pthread_create(&thread, NULL, keeper, NULL);
  pthread_detach(thread);
}

// --- the server ----------------------------------------------------------------------------------

static weir_wg sessions, opened;
static atomic_int served, lost;

static void session(events e) {
  weir_recv(e, NULL);
  weir_wg_done(&sessions);
}

// In goroutines of their own: main's frame keeps none.
static void open_sessions(int way) {
  for (int i = 0; i < EACH; i++) {
    events e = weir_chan_make(int, 0);
    weir_go(session, e);
    ways[way].keep(i, e);
  }
  weir_wg_done(&opened);
}

static void close_sessions(int way) {
  for (int i = 0; i < EACH; i++)
    weir_close(ways[way].take(i));
}

static void look_up(int number, weir_chan(int) answers) {
  weir_yield();
  // CHECK-DAG: server_keeps.c:[[@LINE+1]]
  weir_send(answers, number);
}

static void handle(int number) {
#ifdef FIXED
  weir_chan(int) answers = weir_chan_make(int, 1);
#else
  weir_chan(int) answers = weir_chan_make(int, 0);
#endif
  bool gives_up = number % OUT_OF == OUT_OF / 2;
  if (gives_up) atomic_fetch_add(&lost, 1);
  weir_go(look_up, number, answers);
  if (!gives_up) weir_recv(answers, NULL);
  atomic_fetch_add(&served, 1);
}

static void serve(void) {
  for (int i = 0; i < REQUESTS; i++) {
    weir_go(handle, i);
    if (i % 16 == 0) weir_yield();
  }
}

static long look(void) {
  long found = weir_leak_check(), at_most = 0;
#ifndef FIXED
  at_most = atomic_load(&lost);
#endif
  if (found <= at_most && (found >= 0 || errno == EAGAIN)) return found;
  fprintf(stderr, "%ld are said to be leaked, at most %ld are\n", found, at_most);
  _Exit(1);
}

int main(void) {
  set_up();
  weir_wg_add(&sessions, WAYS * EACH);
  weir_wg_add(&opened, WAYS);
  for (int way = 0; way < WAYS; way++)
    weir_go(open_sessions, way);
  weir_wg_wait(&opened);
  weir_go(serve);
  while (atomic_load(&served) < REQUESTS) {
    look();
    for (int i = 0; i < 300; i++)
      weir_yield();
  }
#ifndef FIXED
  while (look() < LOST)
    weir_yield();
#endif
  for (int way = 0; way < WAYS; way++)
    close_sessions(way);
  weir_wg_wait(&sessions);
  return 0;
}
