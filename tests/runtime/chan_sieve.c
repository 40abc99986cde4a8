// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -O1 -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t 300 || exit 1; done
// RUN: %weircc -O1 %s -o %t.i && for n in 1 2; do WEIR_OPTIONS=procs=$n %t.i 60 || exit 1; done
//
// A prime sieve that feeds on itself: one goroutine for each prime sends its multiples, one merges
// them, and one takes what they leave out of the odd numbers; those are new primes and go back
// to the merger through a buffer without bound. Checked against division, and ended by one close.
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"

enum { STREAMS = 64, CHANNELS = STREAMS + 8 };
static weir_chan(char) quit; // closed: everybody ends
static weir_wg everybody;
static weir_chan(long) made[CHANNELS]; // freed when everybody has ended
static atomic_int n_made;

static weir_chan(long) make(int cap) {
  int i = atomic_fetch_add(&n_made, 1);
  CHECK(i < CHANNELS);
  return made[i] = weir_chan_make(long, cap);
}

// False: it is time to end.
static bool give(weir_chan(long) c, long v) {
  return weir_select(weir_on_send(c, v), weir_on_recv(quit, NULL, NULL)) == 0;
}
static bool take(weir_chan(long) c, long *v) {
  return weir_select(weir_on_recv(c, v, NULL), weir_on_recv(quit, NULL, NULL)) == 0;
}

static void count_up(long n, long step, weir_chan(long) out) {
  for (; give(out, n); n += step) {
  }
}

static void unbounded(weir_chan(long) in, weir_chan(long) out) {
  size_t first = 0, n = 0, room = 4;
  long *kept = calloc(room, sizeof *kept), v;
  for (;;) {
    bool any = first < n;
    int which = weir_select(weir_on_recv(in, &v, NULL),
                            weir_on_send(any ? out : NULL, any ? kept[first] : 0),
                            weir_on_recv(quit, NULL, NULL));
    if (which == 2) break;
    if (which == 1) {
      first++;
    } else {
      if (n == room) kept = realloc(kept, (room *= 2) * sizeof *kept);
      kept[n++] = v;
    }
  }
  free(kept);
}

struct stream {
  weir_chan(long) c;
  long head;
};
static size_t smallest(const struct stream *s, size_t n) {
  size_t best = 0;
  for (size_t i = 1; i < n; i++)
    if (s[i].head < s[best].head) best = i;
  return best;
}
// All odd composites in order, each once. The stream of a prime starts when its square is next.
static void merge(weir_chan(long) primes, weir_chan(long) out) {
  struct stream s[STREAMS];
  size_t n = 0;
  long p = 0, last = 0;
  bool go_on = take(primes, &p);
  while (go_on) {
    size_t i = smallest(s, n);
    if (n == 0 || p * p <= s[i].head) {
      CHECK(n < STREAMS);
      s[n].c = make(2);
      weir_wg_go(&everybody, count_up, p * p, 2 * p, s[n].c);
      go_on = take(s[n].c, &s[n].head) && take(primes, &p);
      n++;
    } else {
      if (s[i].head != last) go_on = give(out, last = s[i].head);
      go_on = go_on && take(s[i].c, &s[i].head);
    }
  }
}
static void take_out(weir_chan(long) odd, weir_chan(long) composites, weir_chan(long) back,
                     weir_chan(long) out) {
  enum { FIRST = 9 };
  long n, next = 0;
  while (take(odd, &n)) {
    if (n >= FIRST && next < n && !take(composites, &next)) return;
    if (n != next && !(give(back, n) && give(out, n))) return;
  }
}

static bool is_prime(long n) {
  for (long d = 2; d * d <= n; d++)
    if (n % d == 0) return false;
  return n > 1;
}

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 30;
  quit = weir_chan_make(char, 0);
  weir_chan(long) odd = make(0), composites = make(8), back = make(0), primes = make(0),
                  out = make(0);
  weir_wg_go(&everybody, count_up, 3L, 2L, odd);
  weir_wg_go(&everybody, unbounded, back, primes);
  weir_wg_go(&everybody, merge, primes, composites);
  weir_wg_go(&everybody, take_out, odd, composites, back, out);
  for (long want = 3, got; n > 0; want += 2) {
    if (!is_prime(want)) continue;
    CHECK(take(out, &got));
    CHECK_EQ(got, want);
    n--;
  }
  weir_close(quit);
  weir_wg_wait(&everybody);
  for (int i = 0; i < atomic_load(&n_made); i++)
    weir_chan_free(made[i]);
  weir_chan_free(quit);
}
