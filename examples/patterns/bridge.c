// SPDX-License-Identifier: Apache-2.0
//
// Bridge: a channel of channels read as if it were one.
//
// The source hands out its data in pieces, each piece a channel of its own: pages of a
// listing, files of a folder. The bridge reads one piece to its end before it takes the next,
// so the order stays, and the reader needs a single loop. A channel that was received belongs to
// who received it: the bridge frees each piece when it is closed and drained.
// Whoever stops reading cancels the context. The bridge then still drains the pieces that
// were handed out, so that nobody who sends on one is left behind.
#include <stdio.h>
#include <weir/weir.h>

enum { PER_PAGE = 4 };

typedef weir_chan(int) page;

static bool put(weir_chan(int) out, int v, weir_ctx *ctx) {
  return weir_select(weir_on_send(out, v), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) == 0;
}

static void fill(page p, int first, int n) {
  for (int i = first; i < first + n; i++)
    weir_send(p, i);
  weir_close(p);
}

// Hands out the numbers below n in pages. A page is filled only once it was handed out:
// then there is somebody who reads it to the end.
static void list(int n, weir_chan(page) pages, weir_ctx *ctx) {
  weir_defer(weir_close(pages));
  for (int first = 0; first < n; first += PER_PAGE) {
    page p = weir_chan_make(int, 0);
    if (weir_select(weir_on_send(pages, p), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)) == 1) {
      weir_chan_free(p);
      return;
    }
    weir_go(fill, p, first, n - first < PER_PAGE ? n - first : PER_PAGE);
  }
}

static void bridge(weir_chan(page) pages, weir_chan(int) out, weir_ctx *ctx) {
  page p;
  int v;
  bool wanted = true;
  while (weir_recv(pages, &p)) {
    while (weir_recv(p, &v))
      wanted = wanted && put(out, v, ctx);
    weir_chan_free(p);
  }
  weir_chan_free(pages);
  weir_close(out);
}

static void print_up_to(int wanted, int n) {
  weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
  weir_chan(page) pages = weir_chan_make(page, 0);
  weir_chan(int) numbers = weir_chan_make(int, 0);
  weir_go(list, n, pages, ctx);
  weir_go(bridge, pages, numbers, ctx);
  for (int v; wanted > 0 && weir_recv(numbers, &v); wanted--)
    printf("%d ", v);
  puts(wanted ? "(all)" : "(enough)");
  weir_ctx_cancel(ctx);
  while (weir_recv(numbers, NULL)) {
  }
  weir_chan_free(numbers);
  weir_ctx_free(ctx);
}

int main(void) {
  print_up_to(100, 10);
  print_up_to(6, 1000000);
}

// Output:
// 0 1 2 3 4 5 6 7 8 9 (all)
// 0 1 2 3 4 5 (enough)
