// SPDX-License-Identifier: Apache-2.0
//
// Ordered fan-in: work in parallel, results in the order of the input.
//
// Each item gets a channel of its own with room for one result, and these channels go
// through a queue in the order of the items. The reader takes the next channel
// from the queue, then the result from that channel; that later items may be finished
// before is invisible. The queue's capacity bounds how many items are under way: the
// goroutine that starts them waits when the reader is that far behind.
#include <stdio.h>
#include <string.h>
#include <weir/weir.h>

enum { AHEAD = 4 };

struct word {
  char text[16];
};

typedef weir_chan(struct word) promise; // receives one result

// Those with more to do come later, as long as somebody else can run.
static void reverse(const char *text, promise p) {
  struct word w = {{0}};
  size_t n = strlen(text);
  for (size_t i = 0; i < n; i++) {
    w.text[i] = text[n - 1 - i];
    weir_yield();
  }
  weir_send(p, w); // never waits: there is room
}

static void start_all(char *const *texts, weir_chan(promise) queue) {
  for (; *texts; texts++) {
    promise p = weir_chan_make(struct word, 1);
    weir_go(reverse, *texts, p);
    weir_send(queue, p);
  }
  weir_close(queue);
}

int main(void) {
  static char *const texts[] = {"extraordinary", "on", "the", "whole", "a",
                                "parallel",      "is", "not", "hard",  NULL};
  weir_chan(promise) queue = weir_chan_make(promise, AHEAD);
  weir_go(start_all, texts, queue);
  promise next;
  while (weir_recv(queue, &next)) {
    struct word w;
    weir_recv(next, &w);
    puts(w.text);
    weir_chan_free(next);
  }
  weir_chan_free(queue);
}

// Output:
// yranidroartxe
// no
// eht
// elohw
// a
// lellarap
// si
// ton
// drah
