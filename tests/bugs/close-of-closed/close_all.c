// SPDX-License-Identifier: Apache-2.0
//
// A broker closes the channels of all its subscribers, one of which stands in its list twice. The
// fixed twin takes nobody in twice.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: close of closed
// CHECK: closed{{.*}} by goroutine 1
#include <weir/weir.h>

enum { MAX = 8 };

struct broker {
  weir_chan(int) subscriber[MAX];
  int count;
};

static void subscribe(struct broker *b, weir_chan(int) ch) {
#ifdef FIXED
  for (int i = 0; i < b->count; i++)
    if (b->subscriber[i] == ch) return;
#endif
  b->subscriber[b->count++] = ch;
}

static void close_all(struct broker *b) {
  for (int i = 0; i < b->count; i++)
    // CHECK-DAG: close_all.c:[[@LINE+1]]
    weir_close(b->subscriber[i]);
}

static void listen(weir_chan(int) news) {
  while (weir_recv(news, NULL)) {
  }
}

int main(void) {
  static weir_wg listeners;
  struct broker b = {0};
  weir_chan(int) sports = weir_chan_make(int, 1), weather = weir_chan_make(int, 1);
  weir_wg_go(&listeners, listen, sports);
  weir_wg_go(&listeners, listen, weather);
  subscribe(&b, sports);
  subscribe(&b, weather);
  subscribe(&b, sports);
  close_all(&b);
  weir_wg_wait(&listeners);
  return 0;
}
