// SPDX-License-Identifier: Apache-2.0
//
// maps.h: the pages of a range that were ever touched, as runs, from /proc/self/pagemap. Linux 6.7
// and later tells the runs itself (PAGEMAP_SCAN) and steps over what has no page tables: a race
// detector's memory is mostly holes. Before that each page has a word to be read. What cannot be
// told counts as touched.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>

#include "os/maps.h"
#include "os/rawcall.h"

enum { PAGE = 4096, PRESENT = 1 << 3, SWAPPED = 1 << 4 };

struct scan { // struct pm_scan_arg of the kernel
  uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
  uint64_t inverted, all_of, any_of, returned;
};
struct run { // struct page_region
  uint64_t start, end, categories;
};
#define SCAN _IOWR('f', 16, struct scan)

void weir_touched_open(struct weir_touched *t, uintptr_t low, uintptr_t high) {
  t->at = low & ~(uintptr_t)(PAGE - 1);
  t->end = (high + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
  t->n = t->next = 0;
  t->by_word = false;
  t->fd = (int)weir_raw(SYS_openat, AT_FDCWD, "/proc/self/pagemap", O_RDONLY | O_CLOEXEC, 0);
}

void weir_touched_close(struct weir_touched *t) {
  if (t->fd >= 0) weir_raw(SYS_close, t->fd);
}

static void add(struct weir_touched *t, uintptr_t low, uintptr_t high) {
  t->run[t->n].low = low;
  t->run[t->n++].high = high;
}

static bool ask_for_runs(struct weir_touched *t) {
  struct run run[WEIR_TOUCHED_RUNS];
  struct scan scan = {.size = sizeof scan, .start = t->at, .end = t->end};
  scan.vec = (uintptr_t)run;
  scan.vec_len = WEIR_TOUCHED_RUNS;
  scan.any_of = scan.returned = PRESENT | SWAPPED;
  long n = weir_raw(SYS_ioctl, t->fd, SCAN, &scan);
  if (n < 0 || scan.walk_end <= t->at) return false;
  for (long i = 0; i < n; i++)
    add(t, run[i].start, run[i].end);
  t->at = scan.walk_end;
  return true;
}

static void read_words(struct weir_touched *t) {
  uint64_t word[WEIR_TOUCHED_RUNS];
  size_t n = (t->end - t->at) / PAGE;
  if (n > WEIR_TOUCHED_RUNS) n = WEIR_TOUCHED_RUNS;
  long got = t->fd < 0 ? -1 : weir_raw(SYS_pread64, t->fd, word, 8 * n, t->at / PAGE * 8);
  bool told = got == (long)(8 * n);
  for (size_t i = 0; i < n; i++, t->at += PAGE) {
    if (told && !(word[i] >> 62)) continue; // neither present nor swapped out
    if (t->n && t->run[t->n - 1].high == t->at)
      t->run[t->n - 1].high += PAGE;
    else
      add(t, t->at, t->at + PAGE);
  }
}

bool weir_touched_next(struct weir_touched *t, uintptr_t *low, uintptr_t *high) {
  while (t->next == t->n) {
    if (t->at >= t->end) return false;
    t->n = t->next = 0;
    if (!t->by_word && !ask_for_runs(t)) t->by_word = true;
    if (t->by_word) read_words(t);
  }
  *low = t->run[t->next].low;
  *high = t->run[t->next++].high;
  return true;
}
