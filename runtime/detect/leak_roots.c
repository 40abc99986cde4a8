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
#define ROOTS_LIMIT ((uintptr_t)8 << 30) // more would stop the program for too long

extern char __start_weir_bss[] __attribute__((weak, visibility("hidden")));
extern char __stop_weir_bss[] __attribute__((weak, visibility("hidden")));
extern char __start_weir_data[] __attribute__((weak, visibility("hidden")));
extern char __stop_weir_data[] __attribute__((weak, visibility("hidden")));

static struct {
  bool any_touched;        // of the pages just looked at
  struct weir_area *known; // what is no root, sorted
  size_t n_known, max_known;
  struct weir_object_span *root;
  size_t n_roots, max_roots;
  uintptr_t total; // bytes of all roots
  uint64_t *kept;
  size_t n_kept;
  unsigned doubts;
  int self;                              // thread that looks
  uintptr_t unwinder_low, unwinder_high; // its variables name the stacks that it has looked at
  size_t tls_most;                       // below a thread's pointer; 0: not known
  char text[READ_ROOM];
} roots;
struct weir_mapped weir_mapped;

// --- what is known
// ---------------------------------------------------------------------------------------

static void count_line(const struct weir_map_line *line, void *n) {
  (void)line;
  ++*(size_t *)n;
}
static void keep_line(const struct weir_map_line *line, void *max) {
  if (weir_mapped.n_lines < *(size_t *)max) weir_mapped.line[weir_mapped.n_lines++] = *line;
}

static int read_maps(void) {
  size_t n = 0;
  if (!weir_maps_each(roots.text, sizeof roots.text, count_line, &n)) return -EIO;
  n += 64;
  weir_mapped.n_lines = 0;
  if (!(weir_mapped.line = weir_leak_take(n * sizeof *weir_mapped.line))) return -ENOMEM;
  return weir_maps_each(roots.text, sizeof roots.text, keep_line, &n) ? 0 : -EIO;
}

const struct weir_map_line *weir_mapped_line(uintptr_t address) {
  for (size_t i = 0; i < weir_mapped.n_lines; i++)
    if (address >= weir_mapped.line[i].low && address < weir_mapped.line[i].high)
      return &weir_mapped.line[i];
  return NULL;
}

static void know(uintptr_t low, uintptr_t high) {
  if (low < high && roots.n_known < roots.max_known)
    roots.known[roots.n_known++] = (struct weir_area){.low = low, .high = high};
}

static int read_regions(void) {
  weir_mapped.n_regions = weir_mem_regions(NULL, 0);
  if (weir_mapped.n_regions == SIZE_MAX) return -ENOMEM;
  if (!(weir_mapped.region = weir_leak_take(weir_mapped.n_regions * sizeof *weir_mapped.region)))
    return -ENOMEM;
  weir_mem_regions(weir_mapped.region, weir_mapped.n_regions);
  return 0;
}

static int know_regions(void) {
  size_t n = weir_mapped.n_regions;
  roots.max_known = n + OWN_THREADS + 8192;
  roots.known = weir_leak_take(roots.max_known * sizeof *roots.known);
  if (!roots.known || !weir_space_open(n + 8192)) return -ENOMEM;
  for (size_t i = 0; i < n; i++) {
    const struct weir_mem_region *r = &weir_mapped.region[i];
    know(r->low, r->high);
    enum weir_area_kind kind = r->use == WEIR_MEM_STACKS ? WEIR_AREA_STACKS : WEIR_AREA_BLOCKS;
    bool blocks = r->use == WEIR_MEM_STACKS || r->use == WEIR_MEM_BLOCKS;
    if (blocks && !weir_space_add(r->low, r->high, r->unit, kind)) return -ENOMEM;
  }
  return 0;
}

static int know_heap(void) {
  enum { SPANS = 4096 };
  struct weir_object_span *span = weir_leak_take(SPANS * sizeof *span);
  uintptr_t low = 0, high = 0;
  if (!span) return -ENOMEM;
  if (weir_hb_fibers) return weir_tsan_heap_look(weir_mapped.line, weir_mapped.n_lines);
  for (size_t i = 0; i < weir_mapped.n_lines; i++)
    if (weir_mapped.line[i].heap) {
      if (!low) low = weir_mapped.line[i].low;
      high = weir_mapped.line[i].high;
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
  const struct weir_map_line *line = main.stack_high ? weir_mapped_line(main.stack_high - 1) : NULL;
  if (!line || !line->stack) return 0;
  know(line->low, main.stack_high);
  return weir_space_add(line->low, main.stack_high, 0, WEIR_AREA_MAIN) ? 0 : -ENOMEM;
}

// Below the first frame of a thread of the runtime's there is nothing but its own doings.
static void know_thread(int tid) {
  uintptr_t base = (uintptr_t)weir_thread_base(tid);
  const struct weir_map_line *line = base ? weir_mapped_line(base) : NULL;
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

bool weir_mapped_may_hold_pointers(const struct weir_map_line *m) {
  return m->readable && !m->other && (m->writable || !m->file);
}

static void add_root(uintptr_t low, uintptr_t high) {
  if (roots.n_roots == roots.max_roots) return;
  roots.root[roots.n_roots++] = (struct weir_object_span){low, high};
  roots.total += high - low;
}

// One that was never touched holds nothing, nor does one whose notes never were.
static void add_pages(uintptr_t low, uintptr_t high) {
  static struct weir_touched page, note;
  uintptr_t at, end, noted = 0, noted_end = 0, from = 0, to = 0;
  low &= ~(uintptr_t)(WEIR_PAGE - 1); // of the page that is cut in two, both parts
  weir_touched_open(&page, low, high);
  weir_touched_open(&note, weir_tsan_notes_on(low), weir_tsan_notes_on(high));
  while (weir_touched_next(&page, &at, &end)) {
    roots.any_touched = true;
    for (; at < end; at += WEIR_PAGE) {
      uintptr_t notes = weir_tsan_notes_on(at);
      while (noted_end <= notes)
        if (!weir_touched_next(&note, &noted, &noted_end)) noted = noted_end = UINTPTR_MAX;
      if (noted >= notes + 2 * WEIR_PAGE || !weir_tsan_page_is_the_programs(at)) continue;
      if (from < to && to != at) add_root(from, to);
      if (to != at) from = at;
      to = at + WEIR_PAGE;
    }
  }
  if (from < to) add_root(from, to);
  weir_touched_close(&note);
  weir_touched_close(&page);
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
  const struct weir_map_line *m = &weir_mapped.line[i];
  size_t before = roots.n_roots;
  bool known = is_known(m, first);
  roots.any_touched = false;
  first = cut(m->low, m->high, first, add_pages);
  weir_mapped.useless[i] = !known && roots.any_touched && roots.n_roots == before;
  return first;
}

static int find_roots(void) {
  roots.n_roots = 0;
  weir_mapped.useless = weir_leak_take(weir_mapped.n_lines * sizeof *weir_mapped.useless);
  if (!weir_mapped.useless) return -ENOMEM;
  roots.max_roots = weir_mapped.n_lines + roots.n_known + PAGES_MAX;
  roots.root = weir_leak_take(roots.max_roots * sizeof *roots.root);
  if (!roots.root) return -ENOMEM;
  size_t first = 0;
  roots.total = 0;
  for (size_t i = 0; i < weir_mapped.n_lines; i++) {
    const struct weir_map_line *m = &weir_mapped.line[i];
    enum weir_tsan_mapping whose = WEIR_TSAN_THE_PROGRAMS;
    if (!weir_mapped_may_hold_pointers(m) || (m->shared && weir_copy_has_shared())) continue;
    if (weir_hb_fibers) whose = weir_tsan_mapping(m, i ? m - 1 : NULL);
    if (whose == WEIR_TSAN_THE_PROGRAMS) first = cut(m->low, m->high, first, add_root);
    if (whose == WEIR_TSAN_BY_PAGE) first = add_by_page(i, first);
  }
  if (roots.n_roots == roots.max_roots) return -ENOMEM;
  weir_copy_each_shared(add_root);
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
  roots.n_kept = 0;
  roots.doubts = 0;
  weir_copy_forget();
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
  const struct weir_map_line *line = weir_mapped_line(tls);
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
    const struct weir_map_line *line = base ? weir_mapped_line(base) : NULL;
    if (line && t->sp > line->low && t->sp < base) range(below(t->sp, line->low), base);
    struct weir_block b;
    line = base || weir_space_find(t->sp, &b) ? NULL : weir_mapped_line(t->sp);
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
  const struct weir_map_line *line = weir_mapped_line(t->sp);
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
  const struct weir_map_line *line = weir_mapped_line(caller->sp);
  running(slot, slot == 0 && caller->main_gone && line ? line->low : caller->sp);
}
