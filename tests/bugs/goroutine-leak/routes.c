// SPDX-License-Identifier: Apache-2.0
//
// Every way by which a program can still reach a channel, one at a time: while the way is there
// the goroutine that waits on the channel must not be called leaked, however often one looks; with
// `drop` the same program forgets the channel instead, and the leak must be found.
//
// RUN: bash %S/../Inputs/routes.sh -O0 %s %t "%weircc_plain"
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#include <weir/weir.h>

typedef weir_chan(int) chan;
#define APART __attribute__((noinline)) static

struct packed {
  char odd;
  chan c;
} __attribute__((packed));

static struct kept {
  chan c;
  void *at;
  uintptr_t tagged;
  struct packed packed;
} kept;

static void *keep_at(void *at) { // the compiler must not see what for
  __asm__ volatile("" : "+r"(at)::"memory");
  return kept.at = at;
}

// --- memory --------------------------------------------------------------------------------------

static void global(chan c) {
  kept.c = c;
}

static void heap_list(chan c) {
  struct node {
    struct node *next;
    chan c;
  } *first = NULL;
  for (int i = 0; i < 20; i++) {
    struct node *n = malloc(sizeof *n);
    *n = (struct node){first, i == 0 ? c : NULL};
    first = n;
  }
  keep_at(first);
}

static void interior(chan c) {
  chan *block = calloc(100, sizeof c);
  block[70] = c;
  keep_at((char *)&block[20] + 3);
}

static void one_past_end(chan c) {
  for (int i = 0; i < 8; i++)
    calloc(5, sizeof c); // what comes next in memory is not free
  chan *block = malloc(5 * sizeof c);
  calloc(5, sizeof c);
  block[4] = c;
  keep_at(block + 5);
}

static void big_block(chan c) {
  chan *block = keep_at(malloc(400000));
  block[40000] = c;
}

static void odd_block(chan c) { // a large one that is no mapping of its own
  chan *block = keep_at(malloc(100000));
  block[12000] = c;
}

static void mapping(chan c, int flags, int protect) {
  chan *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);
  page[77] = c;
  mprotect(page, 8192, protect);
}
static void mapped(chan c) {
  mapping(c, MAP_PRIVATE, PROT_READ | PROT_WRITE);
}
static void shared(chan c) {
  mapping(c, MAP_SHARED, PROT_READ | PROT_WRITE);
}
static void read_only(chan c) {
  mapping(c, MAP_PRIVATE, PROT_READ);
}

static void misaligned(chan c) {
  kept.packed.c = c;
}

static void tagged(chan c) {
  kept.tagged = (uintptr_t)c | (uintptr_t)0xab55 << 48;
}

static void low_tag(chan c) {
  kept.tagged = (uintptr_t)c | 5;
}

static void hash_table(chan c) {
  enum { BUCKETS = 64 };
  struct entry {
    struct entry *next;
    unsigned long key;
    chan c;
  } **buckets = keep_at(calloc(BUCKETS, sizeof *buckets));
  for (unsigned long key = 0; key < 500; key++) {
    struct entry *e = malloc(sizeof *e), **b = &buckets[key * 2654435761u % BUCKETS];
    *e = (struct entry){*b, key, key == 250 ? c : NULL};
    *b = e;
  }
}

static void arena(chan c) { // blocks of the program's own allocator, in one of malloc's
  struct {
    char *next;
    char bytes[60000];
  } *a = keep_at(malloc(sizeof *a));
  a->next = a->bytes;
  for (int i = 0; i < 500; i++) {
    struct {
      chan c;
      long n;
    } *one = (void *)a->next;
    one->c = i == 333 ? c : NULL;
    a->next += sizeof *one;
  }
}

// --- threads -------------------------------------------------------------------------------------

static volatile int threads_up;
static void (*thread_way)(chan c);

static void *thread(void *box) {
  chan c = *(chan *)box;
  *(chan *)box = NULL;
  thread_way(c);
  return NULL;
}

static void on_thread(chan c, void (*way)(chan c)) {
  static chan box;
  pthread_t t;
  box = c;
  thread_way = way;
  pthread_create(&t, NULL, thread, &box);
  while (!threads_up)
    weir_yield();
}

static void stay(void) {
  threads_up = 1;
  for (;;)
    pause();
}

static void hold(chan c) {
  chan volatile mine = c;
  c = NULL;
  stay();
  weir_send(mine, 1);
}
static void thread_stack(chan c) {
  on_thread(c, hold);
}

static void hold_in_register(chan c) {
  __asm__ volatile("movq %0, %%xmm13\n\txorl %%eax, %%eax\n\tmovq %%rax, %0\n\t"
                   "movl $1, %1\n1:\tpause\n\tjmp 1b"
                   : "+r"(c), "=m"(threads_up)::"rax", "xmm13", "memory");
}
static void vector_register(chan c) {
  on_thread(c, hold_in_register);
}

static _Thread_local chan own;
static void hold_in_tls(chan c) {
  own = c;
  stay();
}
static void thread_local_(chan c) {
  on_thread(c, hold_in_tls);
}
static void worker_local(chan c) {
  own = c;
}

static void hold_specific(chan c) {
  pthread_key_t key;
  pthread_key_create(&key, NULL);
  pthread_setspecific(key, (void *)c);
  stay();
}
static void specific(chan c) {
  on_thread(c, hold_specific);
}

static void hold_on_signal_stack(chan c) {
  enum { SIZE = 1 << 16 };
  stack_t s = {.ss_size = SIZE};
  s.ss_sp = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ((chan *)s.ss_sp)[SIZE / sizeof c - 40] = c;
  sigaltstack(&s, NULL);
  stay();
}
static void signal_stack(chan c) {
  on_thread(c, hold_on_signal_stack);
}

// --- goroutines
// ------------------------------------------------------------------------------------

static chan open_door; // reachable: whoever waits here is alive

static void hold_parked(chan c) {
  weir_recv(open_door, NULL);
  weir_send(c, 1);
}
static void parked(chan c) {
  weir_go(hold_parked, c);
}

static void hold_selecting(chan c, chan unknown) {
  if (weir_select(weir_on_recv(unknown, NULL, NULL), weir_on_recv(open_door, NULL, NULL)) == 1)
    weir_send(c, 1);
}
static void selecting(chan c) {
  chan unknown = weir_chan_make(int, 0);
  weir_go(hold_selecting, c, unknown);
}

struct locked {
  char before[40];
  weir_mutex mu;
};
static void hold_locking(struct locked *l, chan c) {
  weir_mutex_lock(&l->mu);
  weir_send(c, 1);
}
static void locking(chan c) {
  struct locked *l = keep_at(calloc(1, sizeof *l));
  weir_mutex_lock(&l->mu);
  weir_go(hold_locking, l, c);
}

static void hold_asleep(chan c) {
  weir_sleep(WEIR_S(1000));
  weir_send(c, 1);
}
static void sleeper(chan c) {
  weir_go(hold_asleep, c);
}

static void hold_running(chan c) {
  static volatile int never;
  while (!never)
    weir_yield();
  weir_send(c, 1);
}
static void runnable(chan c) {
  weir_go(hold_running, c);
}

static void hold_busy(chan c) {
  static volatile int never;
  for (int i = 0; !never; i++)
    ;
  weir_send(c, 1);
}
static void running(chan c) {
  if (weir_set_procs(0) > 1)
    weir_go(hold_busy, c);
  else
    runnable(c);
}

// --- what the runtime keeps for the program
// ------------------------------------------------------------

static void element(chan c) {
  static weir_chan(chan) letters;
  letters = weir_chan_make(chan, 3);
  weir_send(letters, NULL);
  weir_send(letters, NULL);
  weir_recv(letters, NULL);
  weir_recv(letters, NULL);
  weir_send(letters, NULL);
  weir_send(letters, c); // where the ring begins again
}

static void send_later(chan c) {
  weir_send(c, 1);
}
static void timer(chan c) {
  weir_after_func(WEIR_S(1000), send_later, c);
}

static void context_function(chan c) {
  weir_ctx *ctx = keep_at(weir_ctx_with_cancel(weir_ctx_background()));
  weir_ctx_after_func(ctx, send_later, c);
}

static void context_value(chan c) {
  static int key;
  weir_ctx *ctx = weir_ctx_with_value(weir_ctx_background(), &key, (void *)c);
  keep_at(weir_ctx_with_cancel(ctx));
}

static void pool_object(chan c) {
  static weir_pool pool;
  chan *object = malloc(sizeof *object);
  *object = c;
  weir_pool_put(&pool, object);
}

static void map_value(chan c) {
  static weir_map(int, chan) map;
  map = weir_map_make(int, chan);
  weir_map_store(map, 17, c);
}

// --- what the kernel keeps
// --------------------------------------------------------------------------------

static void epoll(chan c) {
  int fd = epoll_create1(0), ends[2];
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = (void *)c};
  if (pipe(ends) != 0 || epoll_ctl(fd, EPOLL_CTL_ADD, ends[0], &event) != 0) abort();
  memset(&event, 0, sizeof event);
}

static void timer_signal(chan c) {
  timer_t t;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  event.sigev_value.sival_ptr = (void *)c;
  if (timer_create(CLOCK_MONOTONIC, &event, &t) != 0) abort();
  memset(&event, 0, sizeof event);
}

// So much memory, in MiB, that a copy of the process is looked at.
static void grow(size_t mib) {
  static char *ballast;
  ballast = malloc(mib << 20);
  memset(ballast, 1, mib << 20);
}

// --- the test
// ----------------------------------------------------------------------------------------------

static const struct {
  const char *name;
  void (*keep)(chan c);
} ways[] = {
    {"global", global},
    {"heap_list", heap_list},
    {"interior", interior},
    {"one_past_end", one_past_end},
    {"big_block", big_block},
    {"odd_block", odd_block},
    {"mapped", mapped},
    {"shared", shared},
    {"read_only", read_only},
    {"misaligned", misaligned},
    {"tagged", tagged},
    {"low_tag", low_tag},
    {"hash_table", hash_table},
    {"arena", arena},
    {"signal_stack", signal_stack},
    {"thread_stack", thread_stack},
    {"vector_register", vector_register},
    {"thread_local", thread_local_},
    {"worker_local", worker_local},
    {"specific", specific},
    {"parked", parked},
    {"selecting", selecting},
    {"locking", locking},
    {"sleeper", sleeper},
    {"runnable", runnable},
    {"running", running},
    {"element", element},
    {"timer", timer},
    {"context_function", context_function},
    {"context_value", context_value},
    {"pool_object", pool_object},
    {"map_value", map_value},
    {"epoll", epoll},
    {"timer_signal", timer_signal},
};
enum { WAYS = sizeof ways / sizeof *ways };

static void wait_for(chan c) {
  weir_recv(c, NULL); // weir-nolint(goroutine-blocked): what is dropped is to leak
}

// With `drop` the way keeps another channel, so all the rest is the same.
static void make(int way, bool drop, weir_wg *made) {
  chan c = weir_chan_make(int, 0), other = weir_chan_make(int, 0);
  weir_go(wait_for, c);
  ways[way].keep(drop ? other : c);
  weir_wg_done(made);
}

static long look(void) {
  long n = weir_leak_check();
  if (n < 0 && errno != EAGAIN) {
    perror("weir_leak_check");
    exit(1);
  }
  weir_yield();
  return n;
}

int main(int argc, char **argv) {
  static weir_wg made;
  int way = 0;
  if (argc < 2) {
    for (way = 0; way < WAYS; way++)
      puts(ways[way].name);
    return 0;
  }
  while (strcmp(ways[way].name, argv[1]) != 0)
    way++;
  bool drop = argc > 2;
  if (getenv("BALLAST")) grow((size_t)atoi(getenv("BALLAST")));
  open_door = weir_chan_make(int, 0);
  weir_wg_add(&made, 1);
  weir_go(make, way, drop, &made);
  weir_wg_wait(&made);
  enum { DROPPED_ROUNDS = 5000 };
  int kept_rounds = getenv("ROUNDS") ? atoi(getenv("ROUNDS")) : 20;
  long n = 0;
  for (int i = 0; i < (drop ? DROPPED_ROUNDS : kept_rounds) && n <= 0; i++)
    n = look();
  if (n == drop) _exit(0);
  printf("%s%s: %ld leaked\n", argv[1], drop ? ", dropped" : "", n);
  fflush(stdout);
  _exit(1);
}
