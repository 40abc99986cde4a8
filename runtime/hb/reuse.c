// SPDX-License-Identifier: Apache-2.0
//
// Forgets the accesses to stacks that are used again. A goroutine mostly uses one page of its
// stack, and clearing the shadow of all costs more than all the rest of its end; what was never
// touched has none. Which pages were is asked of the kernel, and a call for one stack costs about
// as much as for sixteen: so stacks come several at a time (sched/g.c), and neighbours are asked
// for in one.
#include <stdint.h>

#include "base/hooks.h"
#include "hb/tsan.h"
#include "os/memory.h"

enum {
  PAGES = 2048,
  FAR = 5
}; // asked for at once; a call costs as much as so many stacks in between

static char *page_of(char *at) {
  return (char *)((uintptr_t)at & ~(uintptr_t)(WEIR_PAGE - 1));
}

static void reset_from(char *low, size_t size, const unsigned char *resident) {
  const size_t pages = (size_t)(low + size - page_of(low) + WEIR_PAGE - 1) / WEIR_PAGE;
  size_t i = 0;
  while (i < pages && !(resident[i] & 1))
    i++;
  if (i == pages) return;
  char *from = i ? page_of(low) + i * WEIR_PAGE : low;
  weir_tsan_reset_shadow(from, (size_t)(low + size - from));
}

// How many of the first lie close enough together.
static size_t neighbours(char **lows, size_t n, size_t size) {
  size_t together = 1;
  while (together < n && (size_t)(lows[together] - lows[together - 1]) < FAR * size &&
         (size_t)(lows[together] + size - page_of(lows[0])) <= (size_t)(PAGES - 1) * WEIR_PAGE)
    together++;
  return together;
}

static void reset_neighbours(char **lows, size_t n, size_t size) {
  unsigned char resident[PAGES];
  char *first = page_of(lows[0]);
  const size_t span = (size_t)(lows[n - 1] + size - first);
  const bool known = span <= (size_t)PAGES * WEIR_PAGE && weir_mem_resident(first, span, resident);
  for (size_t i = 0; i < n; i++)
    if (known)
      reset_from(lows[i], size, resident + (lows[i] - first) / WEIR_PAGE);
    else
      weir_tsan_reset_shadow(lows[i], size);
}

void weir_hb_stacks_reuse(char **lows, size_t n, size_t size) {
  if (!weir_hb_on) return;
  for (size_t done = 0, some; done < n; done += some) {
    some = neighbours(lows + done, n - done, size);
    reset_neighbours(lows + done, some, size);
  }
}

void weir_hb_stack_reuse(void *low, size_t size) {
  char *one = low;
  weir_hb_stacks_reuse(&one, 1, size);
}
