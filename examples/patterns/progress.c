// SPDX-License-Identifier: Apache-2.0
//
// A progress meter: workers count what they have done, and one goroutine looks from time to
// time and shows it. The workers never wait for the display, and the display shows numbers that
// belong together, because both are changed and read under one lock.
//
// The meter is told that all is done by a closed channel and then shows the end itself. So the
// last line is always there and always complete, however the last tick fell.
#include <stdio.h>
#include <weir/weir.h>

struct progress {
  long files; // to do
  weir_mutex mu;
  long done, bytes; // guarded by mu
};

static void progress_add(struct progress *p, long bytes) {
  weir_guard(&p->mu);
  p->done++;
  p->bytes += bytes;
}

// Every ten per cent that were passed since the last look.
static void show(struct progress *p, long *next) {
  weir_mutex_lock(&p->mu);
  long percent = 100 * p->done / p->files;
  weir_mutex_unlock(&p->mu);
  for (; *next <= percent; *next += 10) // the display may be slow: not under the lock
    printf("%ld%% ", *next);
}

static void meter(struct progress *p, int64_t period, weir_chan(char) finished) {
  weir_ticker *ticker = weir_ticker_new(period);
  long next = 0;
  while (weir_select(weir_on_recv(weir_ticker_chan(ticker), NULL, NULL),
                     weir_on_recv(finished, NULL, NULL)) == 0)
    show(p, &next);
  weir_ticker_free(ticker);
  show(p, &next);
  printf("\n");
}

// --- something that takes a while ---------------------------------------------------------

static void worker(struct progress *p, weir_chan(int) sizes) {
  for (int size; weir_recv(sizes, &size);) {
    weir_sleep(WEIR_US(size));
    progress_add(p, size);
  }
}

int main(void) {
  enum { FILES = 200, WORKERS = 8 };
  static struct progress p = {.files = FILES};
  weir_chan(int) sizes = weir_chan_make(int, 0);
  weir_chan(char) finished = weir_chan_make(char, 0);
  weir_wg working = {0}, showing = {0};
  weir_wg_go(&showing, meter, &p, WEIR_MS(2), finished);
  for (int i = 0; i < WORKERS; i++)
    weir_wg_go(&working, worker, &p, sizes);
  for (int size = 1; size <= FILES; size++)
    weir_send(sizes, size);
  weir_close(sizes);
  weir_wg_wait(&working);
  weir_close(finished);
  weir_wg_wait(&showing);
  printf("%ld of %d files, %ld bytes\n", p.done, FILES, p.bytes);
  weir_chan_free(sizes), weir_chan_free(finished);
}

// Output:
// 0% 10% 20% 30% 40% 50% 60% 70% 80% 90% 100%
// 200 of 200 files, 20100 bytes
