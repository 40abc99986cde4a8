// SPDX-License-Identifier: Apache-2.0
//
// leak.h: where the program's own pointers begin. Every mapping that can be read and was or
// can be written is a root, whatever it is for, but for what is known: the runtime's own memory,
// the heap's blocks, stacks of goroutines, and the dead part of a stack. So what we do not know of
// (another allocator, a segment of a library, thread-local memory, shared memory) counts.
//
// Threads. One of the runtime's has nothing of the program's on its own stack but thread-local
// memory above its first frame, unless it is at work. Of any other thread all of the stack is a
// root. A thread that was stopped in the middle of waking a goroutine has it in its registers or
// on its stack: whoever is named there counts as able to run.
//
// Beyond memory: what epoll and timer_create give back (read from /proc), pending timers, and what
// can only be doubted.
#include "detect/leak.h"

#include <errno.h>

#include "base/hooks.h"
#include "os/loaded.h"
#include "os/maps.h"
#include "os/memory.h"
#include "os/snapshot.h"
#include "os/stop.h"
#include "os/thread.h"

enum {
  RED_ZONE = 128,
  READ_ROOM = 64 << 10,
  KEPT_MAX = 1 << 16,
  OWN_THREADS = 4096,
  THREAD_BYTES = 4096, // what the C library keeps of a thread, above its pointer
  PAGES_MAX = 65536
};
#define SHARED_LIMIT ((uintptr_t)64 << 20) // more is not worth a copy
#define ROOTS_LIMIT ((uintptr_t)8 << 30)   // more would stop the program for too long

extern char __start_weir_bss[] __attribute__((weak, visibility("hidden")));
extern char __stop_weir_bss[] __attribute__((weak, visibility("hidden")));
extern char __start_weir_data[] __attribute__((weak, visibility("hidden")));
extern char __stop_weir_data[] __attribute__((weak, visibility("hidden")));

static struct {
  struct weir_map_line *line;
  size_t n_lines;
  bool *useless;    // lines that no look needs
  bool any_touched; // of the pages just looked at
  struct weir_mem_region *region;
  size_t n_regions;
  struct weir_area *known; // what is no root, sorted
  size_t n_known, max_known;
  struct weir_object_span *root;
  size_t n_roots, max_roots;
  uintptr_t total; // bytes of all roots
  uint64_t *kept;
  size_t n_kept;
  unsigned doubts;
  int self;    // thread that looks
  bool copied; // what was shared has been copied
  struct weir_object_span *shared;
  size_t n_shared;
  size_t seen; // mappings that a child has found
  bool missing;
  uintptr_t unwinder_low, unwinder_high; // its variables name the stacks that it has looked at
  size_t tls_most;                       // below a thread's pointer; 0: not known
  char text[READ_ROOM];
} roots;

// --- what is known
// ---------------------------------------------------------------------------------------

static void count_line(const struct weir_map_line *line, void *n) {
  (void)line;
  ++*(size_t *)n;
}
static void keep_line(const struct weir_map_line *line, void *max) {
  if (roots.n_lines < *(size_t *)max) roots.line[roots.n_lines++] = *line;
}

static int read_maps(void) {
  size_t n = 0;
  if (!weir_maps_each(roots.text, sizeof roots.text, count_line, &n)) return -EIO;
  n += 64;
  roots.n_lines = 0;
  if (!(roots.line = weir_leak_take(n * sizeof *roots.line))) return -ENOMEM;
  return weir_maps_each(roots.text, sizeof roots.text, keep_line, &n) ? 0 : -EIO;
}

static const struct weir_map_line *line_of(uintptr_t address) {
  for (size_t i = 0; i < roots.n_lines; i++)
    if (address >= roots.line[i].low && address < roots.line[i].high) return &roots.line[i];
  return NULL;
}

static void know(uintptr_t low, uintptr_t high) {
  if (low < high && roots.n_known < roots.max_known)
    roots.known[roots.n_known++] = (struct weir_area){.low = low, .high = high};
}

static int read_regions(void) {
  roots.n_regions = weir_mem_regions(NULL, 0);
  if (roots.n_regions == SIZE_MAX) return -ENOMEM;
  if (!(roots.region = weir_leak_take(roots.n_regions * sizeof *roots.region))) return -ENOMEM;
  weir_mem_regions(roots.region, roots.n_regions);
  return 0;
}

static int know_regions(void) {
  size_t n = roots.n_regions;
  roots.max_known = n + OWN_THREADS + 8192;
  roots.known = weir_leak_take(roots.max_known * sizeof *roots.known);
  if (!roots.known || !weir_space_open(n + 8192)) return -ENOMEM;
  for (size_t i = 0; i < n; i++) {
    const struct weir_mem_region *r = &roots.region[i];
    know(r->low, r->high);
    enum weir_area_kind kind = r->use == WEIR_MEM_STACKS ? WEIR_AREA_STACKS : WEIR_AREA_BLOCKS;
    if (r->use != WEIR_MEM_OWN && !weir_space_add(r->low, r->high, r->unit, kind)) return -ENOMEM;
  }
  return 0;
}

static int know_heap(void) {
  enum { SPANS = 4096 };
  struct weir_object_span *span = weir_leak_take(SPANS * sizeof *span);
  uintptr_t low = 0, high = 0;
  if (!span) return -ENOMEM;
  if (weir_hb_fibers) return weir_tsan_heap_look(roots.line, roots.n_lines);
  for (size_t i = 0; i < roots.n_lines; i++)
    if (roots.line[i].heap) {
      if (!low) low = roots.line[i].low;
      high = roots.line[i].high;
    }
  weir_heap_look(low, high);
  size_t n = weir_heap_owned(span, SPANS);
  for (size_t i = 0; i < n; i++)
    know(span[i].low, span[i].high);
  return 0;
}

// Main's stack is one of a goroutine, if main is one.
static int know_main_stack(void) {
  struct weir_g_context main;
  weir_inspect_context(0, &main);
  const struct weir_map_line *line = main.stack_high ? line_of(main.stack_high - 1) : NULL;
  if (!line || !line->stack) return 0;
  know(line->low, main.stack_high);
  return weir_space_add(line->low, main.stack_high, 0, WEIR_AREA_MAIN) ? 0 : -ENOMEM;
}

// Below the first frame of a thread of the runtime's there is nothing but its own doings.
static void know_thread(int tid) {
  uintptr_t base = (uintptr_t)weir_thread_base(tid);
  const struct weir_map_line *line = base ? line_of(base) : NULL;
  if (line) know(line->low, base);
}

static int know_all(bool read_heap) {
  int err;
  if ((err = know_regions()) || (err = read_heap ? know_heap() : 0) || (err = know_main_stack()))
    return err;
  know((uintptr_t)__start_weir_bss, (uintptr_t)__stop_weir_bss);
  know((uintptr_t)__start_weir_data, (uintptr_t)__stop_weir_data);
  know(roots.unwinder_low, roots.unwinder_high);
  for (size_t i = 0; i < weir_stopped_count(); i++)
    know_thread(weir_stopped_at(i)->tid);
  know_thread(roots.self);
  if (roots.n_known == roots.max_known) return -ENOMEM;
  weir_areas_sort(roots.known, roots.n_known);
  return weir_space_seal() ? 0 : -EFAULT;
}

// --- the rest
// ------------------------------------------------------------------------------------------------

static bool may_hold_pointers(const struct weir_map_line *m) {
  return m->readable && !m->other && (m->writable || !m->file);
}

static void add_root(uintptr_t low, uintptr_t high) {
  if (roots.n_roots == roots.max_roots) return;
  roots.root[roots.n_roots++] = (struct weir_object_span){low, high};
  roots.total += high - low;
}

// Which of n pages are the program's. One that was never touched holds nothing.
static void whose_pages(uintptr_t at, size_t n, bool *theirs) {
  bool *noted = theirs + n; // two pages of notes for each
  weir_maps_touched(at, n, theirs);
  weir_maps_touched(weir_tsan_notes_on(at), 2 * n, noted);
  for (size_t i = 0; i < n; i++) {
    roots.any_touched |= theirs[i];
    theirs[i] &=
        (noted[2 * i] || noted[2 * i + 1]) && weir_tsan_page_is_the_programs(at + i * WEIR_PAGE);
  }
}

static void add_pages(uintptr_t low, uintptr_t high) {
  enum { AT_ONCE = READ_ROOM / 4 };
  bool *theirs = (bool *)roots.text;
  low &= ~(uintptr_t)(WEIR_PAGE - 1); // of the page that is cut in two, both parts
  uintptr_t from = low;
  for (uintptr_t at = low; at < high;) {
    size_t n = (high - at + WEIR_PAGE - 1) / WEIR_PAGE;
    if (n > AT_ONCE) n = AT_ONCE;
    whose_pages(at, n, theirs);
    for (size_t i = 0; i < n; i++, at += WEIR_PAGE) {
      if (theirs[i]) continue;
      if (from < at) add_root(from, at);
      from = at + WEIR_PAGE;
    }
  }
  if (from < high) add_root(from, high);
}

// What is left of [low, high) between the known parts, from the first that can matter on.
static size_t cut(uintptr_t low, uintptr_t high, size_t first,
                  void (*add)(uintptr_t low, uintptr_t high)) {
  while (first < roots.n_known && roots.known[first].high <= low)
    first++;
  for (size_t i = first; low < high; i++) {
    bool more = i < roots.n_known && roots.known[i].low < high;
    uintptr_t end = more ? roots.known[i].low : high;
    if (end > low) add(low, end);
    if (!more) break;
    if (roots.known[i].high > low) low = roots.known[i].high;
  }
  return first;
}

static bool is_known(const struct weir_map_line *m, size_t first) {
  while (first < roots.n_known && roots.known[first].high <= m->low)
    first++;
  return first < roots.n_known && roots.known[first].low < m->high;
}

// A mapping that is touched and has no page of the program's.
static size_t add_by_page(size_t i, size_t first) {
  const struct weir_map_line *m = &roots.line[i];
  size_t before = roots.n_roots;
  bool known = is_known(m, first);
  roots.any_touched = false;
  first = cut(m->low, m->high, first, add_pages);
  roots.useless[i] = !known && roots.any_touched && roots.n_roots == before;
  return first;
}

static int find_roots(void) {
  roots.n_roots = 0;
  roots.useless = weir_leak_take(roots.n_lines * sizeof *roots.useless);
  if (!roots.useless) return -ENOMEM;
  roots.max_roots = roots.n_lines + roots.n_known + PAGES_MAX;
  roots.root = weir_leak_take(roots.max_roots * sizeof *roots.root);
  if (!roots.root) return -ENOMEM;
  size_t first = 0;
  roots.total = 0;
  for (size_t i = 0; i < roots.n_lines; i++) {
    const struct weir_map_line *m = &roots.line[i];
    enum weir_tsan_mapping whose = WEIR_TSAN_THE_PROGRAMS;
    if (!may_hold_pointers(m) || (m->shared && roots.copied)) continue;
    if (weir_hb_fibers) whose = weir_tsan_mapping(m, i ? m - 1 : NULL);
    if (whose == WEIR_TSAN_THE_PROGRAMS) first = cut(m->low, m->high, first, add_root);
    if (whose == WEIR_TSAN_BY_PAGE) first = add_by_page(i, first);
  }
  if (roots.n_roots == roots.max_roots) return -ENOMEM;
  for (size_t i = 0; i < roots.n_shared; i++)
    add_root(roots.shared[i].low, roots.shared[i].high);
  return roots.total > ROOTS_LIMIT ? -EFBIG : 0;
}

static void keep(enum weir_kept what, uint64_t word, void *arg) {
  (void)arg;
  if (what == WEIR_KEPT_IO_URING) roots.doubts |= WEIR_DOUBT_IO_URING;
  if (what == WEIR_KEPT_UNKNOWN || roots.n_kept == KEPT_MAX) roots.doubts |= WEIR_DOUBT_KERNEL;
  if (what == WEIR_KEPT_WORD && roots.n_kept < KEPT_MAX) roots.kept[roots.n_kept++] = word;
}

static bool somebody_in_a_handler(void) {
  for (size_t i = 0; i < weir_stopped_count(); i++)
    if (weir_stopped_at(i)->in_handler) return true;
  return false;
}

static bool somebody_asleep(void) {
  for (size_t i = 0; i < weir_stopped_count(); i++)
    if (weir_stopped_at(i)->asleep) return true;
  return false;
}

int weir_roots_read(const struct weir_leak_caller *caller) {
  roots.n_kept = roots.n_shared = 0;
  roots.doubts = 0;
  roots.copied = false;
  roots.self = caller->tid;
  if (somebody_in_a_handler()) return -EAGAIN;
  if (somebody_asleep()) roots.doubts |= WEIR_DOUBT_SLEEPER;
  if (!(roots.kept = weir_leak_take(KEPT_MAX * sizeof *roots.kept))) return -ENOMEM;
  weir_kept_each(roots.text, sizeof roots.text, keep, NULL);
  int err = read_maps();
  return err ? err : read_regions();
}

int weir_roots_find(bool read_heap) {
  roots.n_known = 0;
  int err = know_all(read_heap);
  return err ? err : find_roots();
}

// --- for a look at a copy
// ----------------------------------------------------------------------------------------

static bool is_ours(const struct weir_map_line *m) {
  for (size_t i = 0; i < roots.n_regions; i++)
    if (roots.region[i].low == m->low) return true;
  return false;
}

static bool is_shared_root(const struct weir_map_line *m) {
  return m->shared && may_hold_pointers(m) && !is_ours(m);
}

// What cannot be read of it is no root either; its copy is zero there.
static bool keep_shared(const struct weir_map_line *m) {
  enum { AT_ONCE = 64 << 10 };
  char *to = weir_leak_take(m->high - m->low);
  if (!to) return false;
  for (uintptr_t at = m->low, n; at < m->high; at += n) {
    n = m->high - at < AT_ONCE ? m->high - at : AT_ONCE;
    if (weir_maps_copy(to + (at - m->low), at, n)) continue;
    n = WEIR_PAGE;
    weir_maps_copy(to + (at - m->low), at, n);
  }
  roots.shared[roots.n_shared++] =
      (struct weir_object_span){(uintptr_t)to, (uintptr_t)to + (m->high - m->low)};
  return true;
}

int weir_roots_keep_shared(void) {
  uintptr_t n = 0, bytes = 0;
  for (size_t i = 0; i < roots.n_lines; i++)
    if (is_shared_root(&roots.line[i])) {
      bytes += roots.line[i].high - roots.line[i].low;
      n++;
    }
  if (bytes > SHARED_LIMIT) return -EFBIG;
  if (!(roots.shared = weir_leak_take((n + 1) * sizeof *roots.shared))) return -ENOMEM;
  for (size_t i = 0; i < roots.n_lines; i++)
    if (is_shared_root(&roots.line[i]) && !keep_shared(&roots.line[i])) return -ENOMEM;
  roots.copied = true;
  return 0;
}

static void needed(uintptr_t address) {
  const struct weir_map_line *m = line_of(address);
  if (m) roots.useless[m - roots.line] = false;
}

static void leave_out_runs(bool leave) {
  for (size_t i = 0, n; i < roots.n_lines; i += n) {
    n = 1;
    if (!roots.useless[i]) continue;
    while (i + n < roots.n_lines && roots.useless[i + n] &&
           roots.line[i + n].low == roots.line[i + n - 1].high)
      n++;
    weir_snapshot_leave_out(roots.line[i].low, roots.line[i + n - 1].high, leave);
  }
}

void weir_roots_leave_out(const struct weir_leak_caller *caller, bool leave) {
  if (!weir_hb_fibers) return;
  needed(caller->sp);
  needed((uintptr_t)__builtin_thread_pointer());
  for (size_t i = 0; i < weir_stopped_count(); i++) {
    needed(weir_stopped_at(i)->sp);
    needed(weir_stopped_at(i)->saved_low);
    needed(weir_stopped_at(i)->tls);
  }
  leave_out_runs(leave);
  weir_tsan_leave_out(leave);
}

// Both lists are sorted. A stack may have grown.
static void find_inherited(const struct weir_map_line *mine, bool wiped, void *unused) {
  (void)unused;
  for (; roots.seen < roots.n_lines && roots.line[roots.seen].low < mine->high; roots.seen++) {
    const struct weir_map_line *m = &roots.line[roots.seen];
    bool there = mine->low <= m->low && m->high <= mine->high && !wiped;
    bool matters = may_hold_pointers(m) && !m->shared;
    if (weir_hb_fibers) matters &= weir_tsan_leaves_alone(m) && !roots.useless[roots.seen];
    if (matters && !there) roots.missing = true;
  }
}

int weir_roots_inherited(void) {
  roots.seen = 0;
  roots.missing = false;
  if (!weir_maps_each_inherited(roots.text, sizeof roots.text, find_inherited, NULL)) return -EXDEV;
  return roots.missing ? -EXDEV : 0;
}

unsigned weir_roots_doubts(void) {
  return roots.doubts;
}

static uintptr_t below(uintptr_t sp, uintptr_t low) {
  return sp - low > RED_ZONE ? sp - RED_ZONE : low;
}

static void (*timer_word)(uintptr_t value);
static void timer(const void *at, const void *owner, void *arg) {
  (void)arg;
  timer_word((uintptr_t)at);
  timer_word((uintptr_t)owner);
}

// Thread-local memory, with what the C library keeps there: on a thread's own stack above all
// frames; of the main thread a mapping.
static void each_tls(uintptr_t tls, int tid, void (*range)(uintptr_t low, uintptr_t high)) {
  const struct weir_map_line *line = line_of(tls);
  uintptr_t base = (uintptr_t)weir_thread_base(tid);
  if (!line) return;
  uintptr_t low = base > line->low && base < tls ? base : line->low, high = line->high;
  // the race detector's mappings may lie in the same line
  if (roots.tls_most && tls - low > roots.tls_most) low = tls - roots.tls_most;
  if (roots.tls_most && high - tls > THREAD_BYTES) high = tls + THREAD_BYTES;
  cut(low, high, 0, range);
}

void weir_roots_learn(void) {
  roots.tls_most = weir_hb_fibers ? weir_loaded_thread_local() : 0;
  if (roots.unwinder_high) return;
  weir_loaded_variables(weir_inspect_unwinder(), &roots.unwinder_low, &roots.unwinder_high);
}

void weir_roots_each(void (*range)(uintptr_t low, uintptr_t high), void (*word)(uintptr_t value)) {
  for (size_t i = 0; i < roots.n_roots; i++)
    range(roots.root[i].low, roots.root[i].high);
  for (size_t i = 0; i < roots.n_kept; i++)
    word((uintptr_t)roots.kept[i]);
  for (size_t i = 0; i < weir_stopped_count(); i++) {
    const struct weir_stopped *t = weir_stopped_at(i);
    uintptr_t base = t->tid ? (uintptr_t)weir_thread_base(t->tid) : 0;
    if (t->tid) each_tls(t->tls, t->tid, range);
    if (!t->tid || weir_inspect_thread(t->tid) == WEIR_THREAD_AT_REST) continue;
    range(t->saved_low, t->saved_high);
    const struct weir_map_line *line = base ? line_of(base) : NULL;
    if (line && t->sp > line->low && t->sp < base) range(below(t->sp, line->low), base);
    struct weir_block b;
    line = base || weir_space_find(t->sp, &b) ? NULL : line_of(t->sp);
    if (line) range(below(t->sp, line->low), line->high); // though it may be a root already
  }
  each_tls((uintptr_t)__builtin_thread_pointer(), roots.self, range);
  timer_word = word;
  weir_inspect_timers(timer, NULL);
}

// --- threads
// ---------------------------------------------------------------------------------------------------

static void each_held(uintptr_t low, uintptr_t high, void (*held)(long slot)) {
  for (uintptr_t at = (low + 7) & ~(uintptr_t)7; at + 8 <= high; at += 8) {
    long slot = weir_inspect_slot_around(*(const uintptr_t *)at);
    if (slot != WEIR_NO_SLOT) held(slot);
  }
}

// The goroutine whose stack it was on, with the end of that stack; or none.
static long slot_at(uintptr_t sp, uintptr_t *high) {
  struct weir_block block;
  if (!weir_space_find(sp, &block)) return WEIR_NO_SLOT;
  if (block.kind != WEIR_AREA_STACKS && block.kind != WEIR_AREA_MAIN) return WEIR_NO_SLOT;
  long slot = block.kind == WEIR_AREA_MAIN ? 0 : block.slot;
  struct weir_g_context g;
  weir_inspect_context((size_t)slot, &g);
  *high = g.stack_high;
  return slot;
}

static void look_at_thread(const struct weir_stopped *t, void (*running)(long slot, uintptr_t sp),
                           void (*held)(long slot)) {
  uintptr_t high = 0, base = (uintptr_t)weir_thread_base(t->tid);
  long slot = slot_at(t->sp, &high);
  if (slot != WEIR_NO_SLOT)
    running(slot, t->sp - RED_ZONE);
  else if (weir_inspect_thread(t->tid) == WEIR_THREAD_AT_REST)
    return;
  const struct weir_map_line *line = line_of(t->sp);
  if (!high && line) high = base > t->sp && base < line->high ? base : line->high;
  each_held(t->saved_low, t->saved_high, held);
  if (high && line) each_held(below(t->sp, line->low), high, held);
}

void weir_roots_each_thread(const struct weir_leak_caller *caller,
                            void (*running)(long slot, uintptr_t sp), void (*held)(long slot)) {
  for (size_t i = 0; i < weir_stopped_count(); i++)
    if (weir_stopped_at(i)->tid) look_at_thread(weir_stopped_at(i), running, held);
  uintptr_t high = 0;
  long slot = slot_at(caller->sp, &high);
  if (slot == WEIR_NO_SLOT) return;
  const struct weir_map_line *line = line_of(caller->sp);
  running(slot, slot == 0 && caller->main_gone && line ? line->low : caller->sp);
}
