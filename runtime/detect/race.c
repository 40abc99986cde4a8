// SPDX-License-Identifier: Apache-2.0
//
// The finding `data-race`: two accesses to the same memory that no edge of happens-before orders,
// one of them a write. Found by ThreadSanitizer; this file turns its reports into findings, also
// those of two calls that do not go together (predict.h).
//
// TSan calls __tsan_on_report with its thread registry, its report lock and two slots locked,
// one report at a time. So in it: nothing that calls TSan (but the __tsan_get_report_* readers),
// nothing that may wait for another thread that may wait for TSan. What was reported is copied
// into a queue, and a record is made at once only if no other thread has one open; else that
// thread makes ours when it is done. (Push, then try; release, then look: one of the two sees it.)
//
// TSan's own text goes to a memory file. It is read for what the reader functions do not tell,
// the mutexes held at each access, and is passed on for reports of other kinds and when TSan dies.
//
// A race is told once for each pair of innermost places; that it was met again with other stacks
// is counted. TSan itself drops what has equal stacks or addresses, so a count is a lower bound.
#include "detect/race.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/flags.h"
#include "detect/emit.h"
#include "detect/history.h"
#include "detect/hooks.h"
#include "detect/modules.h"
#include "detect/predict.h"
#include "detect/race_threads.h"
#include "hb/order.h"
#include "hb/tsan.h"
#include "os/context.h"
#include "os/io.h"
#include "os/thread.h"

enum { QUEUE = 64, SEEN = 4096, ACCESSES = 2, MUTEXES = 16, TEXT_ROOM = 65536 };

struct race {
  struct weir_access access[ACCESSES];
  bool runs[ACCESSES]; // of a thread: whether it did
  const void *mutexes[ACCESSES][WEIR_HELD_MAX];
  bool freed; // one of the two is a free
  bool has_location;
  struct weir_location location;
  uintptr_t location_stack[WEIR_STACK_MAX];
  struct weir_order_path order[2]; // from the earlier to the later goroutine, and back
  size_t n_orders;
  unsigned kind; // its index in `seen`, SEEN: none
  enum weir_finding_id id;
  enum weir_use use[ACCESSES]; // NONE: a data race; else what the object was used for
  struct weir_object_desc object;
};

WEIR_API void __tsan_on_report(void *report);

static struct race queue[QUEUE];
static _Atomic unsigned pushed, popped; // pushed: TSan's report lock; popped: the open record
static _Atomic unsigned lost;

static struct {
  uintptr_t pc[ACCESSES];
  _Atomic unsigned long number, more; // of its record, 0: none yet; met again. Relaxed: counters
} seen[SEEN];                         // TSan's report lock
static unsigned n_seen;
static unsigned long others;
static int text_fd = -1;

unsigned long weir_race_others(void) {
  return others;
}

// --- TSan's text -------------------------------------------------------------------

static char text[TEXT_ROOM]; // TSan's report lock

static size_t take_text(void) {
  if (text_fd < 0) return 0;
  long n = weir_io_read_at(text_fd, text, sizeof text - 1, 0);
  if (n < 0) n = 0;
  text[n] = 0;
  weir_io_truncate(text_fd);
  return (size_t)n;
}

// TSan is about to end the process (a check of its own failed, a deadly signal).
static void on_death(void) {
  size_t n = take_text();
  if (n) weir_io_write(STDERR_FILENO, text, n);
}

// In a forked child TSan finds that its report file belongs to another process and opens
// one of its own, in the current folder. What it says there is of its death: for everybody to see.
static void after_fork_in_child(void) {
  for (unsigned i = 0; i < SEEN; i++) { // the records are the parent's
    atomic_store_explicit(&seen[i].number, 0, memory_order_relaxed);
    atomic_store_explicit(&seen[i].more, 0, memory_order_relaxed);
  }
  __sanitizer_set_report_fd((void *)(intptr_t)STDERR_FILENO);
}

// A fork takes TSan's slot from the thread that makes it, and of the one it gets next its history
// says nothing, so its accesses would be in no report. The first release says it.
static void after_fork_in_parent(void) {
  static char nobodys;
  weir_hb_release_(&nobodys);
}

// From a shared object the name is bound to the definition of TSan's own in the executable. The asm
// hides from the compiler that the two are declared to be different.
extern void taken_here(void *report)
    __attribute__((alias("__tsan_on_report"), visibility("hidden")));

static bool is_told(void) {
  uintptr_t here = (uintptr_t)taken_here, called = (uintptr_t)__tsan_on_report;
  __asm__("" : "+r"(here), "+r"(called));
  return here == called;
}

void weir_race_start(void) {
  if (!weir_hb_on || !__sanitizer_set_report_fd) return;
  if (!is_told()) {
    weir_warn("libweir.so reports no data races: link the program with weir cc");
    return;
  }
  text_fd = weir_io_memory_file("weir-race-text");
  if (text_fd < 0) {
    weir_warn("no memory file: ThreadSanitizer's own text is shown as well");
    return;
  }
  __sanitizer_set_report_fd((void *)(intptr_t)text_fd);
  pthread_atfork(NULL, after_fork_in_parent, after_fork_in_child);
  if (__sanitizer_set_death_callback) __sanitizer_set_death_callback(on_death);
}

// The lines that introduce an access: "  Write of size", "  Previous atomic read of size" ...
static const char *next_access_line(const char *at) {
  for (const char *hit; (hit = strstr(at, " of size ")) != NULL; at = hit + 1) {
    const char *line = hit;
    while (line > text && line[-1] != '\n')
      line--;
    if (line[0] == ' ' && line[1] == ' ' && (strstr(line, "rite of") || strstr(line, "ead of")))
      return line;
  }
  return NULL;
}

// "(mutexes: write M0, read M3)" in one line gives the numbers.
static size_t mutex_ids(const char *line, uint64_t *ids, size_t max) {
  const char *end = strchr(line, '\n'), *at = strstr(line, "(mutexes:");
  size_t n = 0;
  while (at && (!end || at < end) && n < max) {
    at = strstr(at, " M");
    if (!at || (end && at >= end)) break;
    at += 2;
    ids[n++] = strtoull(at, NULL, 10);
  }
  return n;
}

static const void *mutex_address(void *report, int count, uint64_t id) {
  for (int i = 0; i < count; i++) {
    uint64_t its = 0;
    void *address = NULL, *trace[1];
    int destroyed = 0;
    if (__tsan_get_report_mutex(report, (unsigned long)i, &its, &address, &destroyed, trace, 1) &&
        its == id)
      return address;
  }
  return NULL;
}

static void collect_mutexes(void *report, int count, struct race *r) {
  const char *line = text;
  for (int i = 0; i < ACCESSES && count > 0; i++, line += 2) {
    line = next_access_line(line);
    if (!line) return;
    uint64_t ids[WEIR_HELD_MAX];
    size_t n = mutex_ids(line, ids, WEIR_HELD_MAX);
    for (size_t m = 0; m < n; m++) {
      const void *address = mutex_address(report, count, ids[m]);
      if (address) r->mutexes[i][r->access[i].n_holds++] = address;
    }
    line = strchr(line, '\n');
    if (!line) return;
  }
}

// --- TSan's data -------------------------------------------------------------------------

// Drops the frames of our annotations, and the second of two equal ones at the top: the
// caller's frame and the place of an access that the runtime made for the caller.
static size_t clean_stack(uintptr_t *pcs) {
  size_t n = 0, cut = 0;
  while (n < WEIR_STACK_MAX && pcs[n])
    n++;
  for (size_t i = 0; i < 3 && i < n; i++)
    if (weir_tsan_is_annotation(pcs[i]) || weir_use_of(pcs[i])) cut = i + 1;
  if (cut + 1 < n && pcs[cut] == pcs[cut + 1]) cut++;
  memmove(pcs, pcs + cut, (n - cut) * sizeof *pcs);
  return n - cut;
}

static void collect_access(void *report, int n_threads, int i, struct race *r) {
  struct weir_access *a = &r->access[i];
  int tid = -1, write = 0, atomic = 0;
  void *address = NULL;
  *a = (struct weir_access){0};
  __tsan_get_report_mop(report, (unsigned long)i, &tid, &address, &a->size, &write, &atomic,
                        (void **)a->stack, WEIR_STACK_MAX);
  a->address = (uintptr_t)address;
  a->write = write;
  a->atomic = atomic;
  a->goroutine = weir_race_who(report, n_threads, tid, &r->runs[i]);
  a->thread = !a->goroutine || weir_race_is_thread(a->goroutine);
  r->use[i] = weir_use_of(a->stack[0]);
  if (r->use[i]) a->what = weir_predict_what(r->use[i]);
  a->frames = clean_stack(a->stack);
}

static void collect_location(void *report, int n_locs, int n_threads, struct race *r) {
  const char *type = "";
  void *address = NULL;
  uintptr_t start = 0;
  unsigned long size = 0;
  int tid = -1, fd, suppressable;
  struct weir_location *l = &r->location;
  *l = (struct weir_location){.kind = "unknown", .address = r->access[0].address};
  memset(r->location_stack, 0, sizeof r->location_stack);
  if (n_locs > 0) {
    __tsan_get_report_loc(report, 0, &type, &address, &start, &size, &tid, &fd, &suppressable,
                          (void **)r->location_stack, WEIR_STACK_MAX);
    if (strcmp(type, "global") == 0) l->kind = "global";
    if (strcmp(type, "stack") == 0) l->kind = "stack";
    if (strcmp(type, "tls") == 0) l->kind = "tls";
    if (strcmp(type, "fd") == 0) { // the address is TSan's own note on the descriptor
      l->kind = "fd";
      l->fd = fd;
    }
    if (strcmp(type, "heap") == 0) {
      l->kind = "heap";
      l->address = start;
      l->size = size;
    }
    bool runs;
    if (l->kind[0] != 'g') l->goroutine = weir_race_who(report, n_threads, tid, &runs);
  }
  l->stack = r->location_stack;
  l->frames = clean_stack(r->location_stack);
}

// The frame that a variable on a stack lies in can be told now, if its owner waits or is the one
// that reports.
static void collect_frame(struct race *r) {
  struct weir_location *l = &r->location;
  const struct weir_access *a = &r->access[0];
  struct weir_ctx_frame frame;
  if (l->kind[0] != 'u' && l->kind[0] != 's') return;
  uint64_t owner = l->goroutine ? l->goroutine : weir_inspect_stack_owner((void *)a->address);
  struct weir_g *g = owner ? weir_inspect_find(owner) : NULL;
  if (!g || !weir_inspect_frame(g, (void *)a->address, a->stack, a->frames, &frame)) return;
  l->frame_pc = frame.pc;
  l->frame_at = (intptr_t)(a->address - frame.fp);
}

// --- queue, duplicates -----------------------------------------------------------------------

// Where the program makes the access: all its calls of memcpy access in the same place.
static uintptr_t place_of(const struct weir_access *a) {
  size_t i = 0;
  while (i + 1 < a->frames && weir_tsan_is_interceptor(a->stack[i]))
    i++;
  return a->stack[i];
}

static bool seen_before(struct race *r) {
  uintptr_t a = place_of(&r->access[0]), b = place_of(&r->access[1]);
  if (a > b) {
    uintptr_t t = a;
    a = b;
    b = t;
  }
  for (unsigned i = 0; i < n_seen; i++)
    if (seen[i].pc[0] == a && seen[i].pc[1] == b) {
      atomic_fetch_add_explicit(&seen[i].more, 1, memory_order_relaxed);
      return true;
    }
  r->kind = n_seen;
  if (n_seen < SEEN) {
    seen[n_seen].pc[0] = a;
    seen[n_seen++].pc[1] = b;
  }
  return false;
}

// What each side last knew of the other; found at once, as the logs go on.
static void collect_order(struct race *r) {
  uint64_t now = r->access[0].goroutine, before = r->access[1].goroutine;
  r->n_orders = 0;
  if (r->access[0].thread || r->access[1].thread) return;
  if (weir_order_last(before, now, &r->order[r->n_orders])) r->n_orders++;
  if (weir_order_last(now, before, &r->order[r->n_orders])) r->n_orders++;
}

static void pass_on(size_t n) {
  others++;
  if (n) weir_io_write(STDERR_FILENO, text, n);
}

// A use beside an access of the program's own is neither.
static bool is_wanted(struct race *r) {
  if (!r->use[0] && !r->use[1]) return r->id = WEIR_F_DATA_RACE, weir_flags.races;
  r->id = weir_predict_id(r->use[0], r->use[1]);
  return r->id != WEIR_F_COUNT && weir_flags.predict;
}

static void take_report(void *report) {
  const char *kind = "";
  int count, stacks, mops = 0, locs = 0, mutexes = 0, threads = 0, tids;
  void *sleep_trace[1];
  __tsan_get_report_data(report, &kind, &count, &stacks, &mops, &locs, &mutexes, &threads, &tids,
                         sleep_trace, 1);
  size_t n = take_text();
  bool freed = strcmp(kind, "heap-use-after-free") == 0;
  if ((strcmp(kind, "data-race") != 0 && !freed) || mops < ACCESSES) {
    pass_on(n);
    return;
  }
  unsigned at = atomic_load_explicit(&pushed, memory_order_relaxed);
  if (at - atomic_load_explicit(&popped, memory_order_acquire) == QUEUE) {
    atomic_fetch_add_explicit(&lost, 1, memory_order_relaxed);
    return;
  }
  struct race *r = &queue[at % QUEUE];
  r->freed = freed;
  for (int i = 0; i < ACCESSES; i++)
    collect_access(report, threads, i, r);
  if (!is_wanted(r) || seen_before(r)) return;
  collect_mutexes(report, mutexes, r);
  if (r->use[0]) {
    weir_predict_describe(r->use[0], weir_use_object(r->use[0], r->access[0].address), &r->object);
  } else {
    collect_location(report, locs, threads, r);
    collect_frame(r);
  }
  collect_order(r);
  atomic_store(&pushed, at + 1); // seq_cst: before the try for the record's lock
  weir_race_flush();
}

// Between a call that failed and the program's look at errno, or in a signal handler.
void __tsan_on_report(void *report) {
  int saved = weir_errno_get();
  take_report(report);
  weir_errno_set(saved);
}

// --- the record ------------------------------------------------------------------------------

static void put_goroutine(struct weir_record *record, uint64_t goid, bool runs) {
  struct weir_g_view v;
  bool alive = weir_history_find(goid, &v);
  if (v.thread && !alive && runs) {
    v.state = WEIR_G_RUNNING;
    alive = true;
  }
  if (alive) { // it runs, or is just now somewhere else than at its access
    v.op = WEIR_WAIT_NONE;
    v.held_count = 0;
  }
  struct weir_record_goroutine g = {.view = &v, .finished = !alive, .count = 1, .ancestry = true};
  weir_record_goroutine(record, &g);
}

// TSan tells globals only with its symbolizer on, and knows nothing of goroutines' stacks.
static void locate(struct weir_location *l) {
  if (l->kind[0] != 'u') return;
  uint64_t owner = weir_inspect_stack_owner((const void *)l->address);
  if (owner) {
    l->kind = "stack";
    l->goroutine = owner;
  } else if (weir_modules_find(l->address)) {
    l->kind = "global";
  }
}

static void fill_record(struct weir_record *record, struct race *r) {
  if (r->use[0])
    weir_record_object(record, &r->object, NULL);
  else
    locate(&r->location);
  for (int i = 0; i < ACCESSES; i++) {
    struct weir_access *a = &r->access[i];
    size_t n = a->n_holds;
    a->n_holds = 0;
    for (size_t m = 0; m < n; m++) {
      int object = weir_record_lock_at(record, r->mutexes[i][m]);
      if (object >= 0) a->holds[a->n_holds++] = object;
    }
  }
  uint64_t first = r->access[0].goroutine, second = r->access[1].goroutine;
  weir_record_accesses(record, r->access, ACCESSES);
  if (!r->use[0]) weir_record_location(record, &r->location);
  if (r->n_orders) weir_record_orders(record, r->order, r->n_orders);
  weir_record_goroutines_open(record);
  if (first) put_goroutine(record, first, r->runs[0]);
  if (second && second != first) put_goroutine(record, second, r->runs[1]);
  weir_record_goroutines_close(record);
}

static void name_side(char *out, const struct weir_access *a) {
  char name[WEIR_FIBER_NAME];
  weir_history_fiber_name(name, a->goroutine);
  if (!a->goroutine)
    strcpy(out, "an OS thread");
  else if (a->thread)
    strcat(strcpy(out, "thread"), strchr(name, ' '));
  else
    strcpy(out, name);
}

static const char *verb(const struct race *r, int i) {
  static const char *const verbs[2][2] = {{"reads", "read"}, {"writes", "wrote"}};
  if (r->freed && i == 1) return "freed";
  return verbs[r->access[i].write][i];
}

static struct weir_record *begin(const struct race *r) {
  char now[WEIR_FIBER_NAME], before[WEIR_FIBER_NAME];
  name_side(now, &r->access[0]);
  name_side(before, &r->access[1]);
  now[0] = (char)(now[0] - 'a' + 'A');
  if (r->use[0]) return weir_predict_begin(r->id, now, r->use[0], before, r->use[1]);
  return weir_record_try_begin(
      WEIR_F_DATA_RACE, "%s %s%s %d byte%s that %s %s%s earlier, and nothing orders the two.", now,
      r->access[0].atomic ? "atomically " : "", verb(r, 0), r->access[0].size,
      r->access[0].size == 1 ? "" : "s", before, r->access[1].atomic ? "atomically " : "",
      verb(r, 1));
}

void weir_race_flush(void) {
  while (atomic_load(&popped) != atomic_load(&pushed)) { // seq_cst, as the push
    unsigned at = atomic_load_explicit(&popped, memory_order_relaxed);
    struct weir_record *record = begin(&queue[at % QUEUE]);
    if (!record) return;
    if (atomic_load_explicit(&popped, memory_order_relaxed) != at) {
      weir_record_abandon(record);
      continue;
    }
    fill_record(record, &queue[at % QUEUE]);
    unsigned kind = queue[at % QUEUE].kind;
    if (kind < SEEN)
      atomic_store_explicit(&seen[kind].number, weir_record_number(record), memory_order_relaxed);
    atomic_store_explicit(&popped, at + 1, memory_order_release);
    if (weir_record_end(record)) weir_end_program();
  }
  unsigned n = atomic_exchange_explicit(&lost, 0, memory_order_relaxed);
  if (n) weir_warn("%u data races came too fast to be reported", n);
}

void weir_race_say_seen(void) {
  for (unsigned i = 0; i < SEEN; i++) {
    unsigned long number = atomic_load_explicit(&seen[i].number, memory_order_relaxed);
    unsigned long more = atomic_exchange_explicit(&seen[i].more, 0, memory_order_relaxed);
    if (number && more) weir_record_seen(number, more);
  }
}
