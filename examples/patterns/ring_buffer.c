// SPDX-License-Identifier: Apache-2.0
//
// Ring-buffer channel: a buffer that drops its oldest element instead of making
// the sender wait.
//
// For sensors, positions, progress: where an old value is worth nothing once there is a new one,
// and the sender must not be held up. One goroutine stands between an unbuffered channel, on which
// a send never waits long, and a buffered one. When that is full it takes the oldest element out
// itself. It is the only sender, so after that there is room: the reader can only have made more.
#include <stdio.h>
#include <weir/weir.h>

enum { KEPT = 4 };

static void turn(weir_chan(int) in, weir_chan(int) out) {
  int v;
  while (weir_recv(in, &v)) {
    while (!weir_try_send(out, v))
      weir_try_recv(out, NULL, NULL); // the oldest; or nothing, if the reader was faster
  }
  weir_close(out);
}

struct ring {
  weir_chan(int) in, out;
  weir_wg turning;
};

static void ring_start(struct ring *r, size_t kept) {
  r->in = weir_chan_make(int, 0);
  r->out = weir_chan_make(int, kept);
  weir_wg_go(&r->turning, turn, r->in, r->out);
}

static void ring_free(struct ring *r) {
  weir_wg_wait(&r->turning);
  weir_chan_free(r->in);
  weir_chan_free(r->out);
}

static void send_numbers(weir_chan(int) out, int n) {
  for (int i = 1; i <= n; i++)
    weir_send(out, i);
  weir_close(out);
}

// Nobody reads meanwhile: the last ones are left.
static void read_late(void) {
  struct ring r = {0};
  ring_start(&r, KEPT);
  send_numbers(r.in, 100);
  weir_wg_wait(&r.turning);
  for (int v; weir_recv(r.out, &v);)
    printf("%d ", v);
  putchar('\n');
  ring_free(&r);
}

// A reader beside: some are dropped, but the order stays and the newest arrives.
static void read_meanwhile(void) {
  struct ring r = {0};
  ring_start(&r, KEPT);
  weir_go(send_numbers, r.in, 10000);
  int v, last = 0, disorder = 0;
  for (; weir_recv(r.out, &v); last = v)
    if (v <= last) disorder++;
  printf("%d out of order, the last is %d\n", disorder, last);
  ring_free(&r);
}

int main(void) {
  read_late();
  read_meanwhile();
}

// Output:
// 97 98 99 100
// 0 out of order, the last is 10000
