// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -O1 -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t 24 || exit 1; done
// RUN: %weircc -O1 %s -o %t.i && for n in 1 2; do WEIR_OPTIONS=procs=$n %t.i 12 || exit 1; done
//
// A network of goroutines that computes with power series modulo a prime. A series is a goroutine
// that gives one coefficient each time it is asked; operations are goroutines that ask their
// operands. Networks feed on themselves (exp is the integral of itself times the derivative of its
// argument), grow while they run, and are taken down by closing `ask`, which each goroutine passes
// on to its operands before it frees its own channels: nothing may be left over.
#include <stdatomic.h>
#include <stdlib.h>

#include "check.h"

typedef uint64_t num; // below P
enum { P = 998244353 };
static num mul_mod(num a, num b) {
  return a * b % P;
}
static num inverse(num a) { // a^(P - 2)
  num r = 1;
  for (unsigned e = P - 2; e; e >>= 1, a = mul_mod(a, a))
    if (e & 1) r = mul_mod(r, a);
  return r;
}

typedef struct {
  weir_chan(char) ask;
  weir_chan(num) give;
} series;
static atomic_long alive;

static series make(void) {
  atomic_fetch_add(&alive, 1);
  return (series){weir_chan_make(char, 0), weir_chan_make(num, 0)};
}
static num next(series s) {
  num v = 0;
  weir_send(s.ask, 1);
  CHECK(weir_recv(s.give, &v));
  return v;
}
// The goroutine behind s: whether one more coefficient is wanted.
static bool asked(series s) {
  return weir_recv(s.ask, NULL);
}
static void drop(series s) { // by who asks
  weir_close(s.ask);
}
static void end(series s) { // by who gives, when asked says no
  weir_chan_free(s.ask);
  weir_chan_free(s.give);
  atomic_fetch_sub(&alive, 1);
}

// --- sources and simple operations
static void run_polynomial(series out, num c0, num c1) {
  for (num n = 0; asked(out); n++)
    weir_send(out.give, n == 0 ? c0 : n == 1 ? c1 : 0);
  end(out);
}
static series polynomial(num c0, num c1) {
  series out = make();
  weir_go(run_polynomial, out, c0, c1);
  return out;
}
static void run_add(series out, series a, num factor, series b) {
  while (asked(out)) {
    num x = next(a);
    weir_send(out.give, (x + mul_mod(factor, next(b))) % P);
  }
  drop(a), drop(b);
  end(out);
}
static series add(series a, num factor, series b) {
  series out = make();
  weir_go(run_add, out, a, factor, b);
  return out;
}
static void run_derivative(series out, series a) {
  bool first = true;
  for (num n = 1; asked(out); n++) {
    if (first) next(a);
    first = false;
    weir_send(out.give, mul_mod(n, next(a)));
  }
  drop(a);
  end(out);
}
static series derivative(series a) {
  series out = make();
  weir_go(run_derivative, out, a);
  return out;
}
// The constant comes without asking the operand: that is what lets a network feed on itself.
static void run_integral(series out, num constant, series a) {
  for (num n = 0; asked(out); n++)
    weir_send(out.give, n == 0 ? constant : mul_mod(inverse(n), next(a)));
  drop(a);
  end(out);
}
static series integral(num constant, series a) {
  series out = make();
  weir_go(run_integral, out, constant, a);
  return out;
}

// --- one series for two readers. While it waits for the operand it serves from what it has kept,
// because the operand may need just that: the other reader is part of the operand in a loop
struct kept {
  struct kept *next;
  num v;
};
struct reader {
  series s; // ask NULL: gone
  bool waits;
  struct kept *first, **last; // what it has not read yet
};
static void keep(struct reader *r, num v) {
  struct kept *k = calloc(1, sizeof *k);
  k->v = v;
  *r->last = k;
  r->last = &k->next;
}
static num take(struct reader *r) {
  struct kept *k = r->first;
  num v = k->v;
  if (!(r->first = k->next)) r->last = &r->first;
  free(k);
  return v;
}
static void part(struct reader *r) {
  end(r->s);
  r->s.ask = NULL;
  while (r->first)
    take(r);
}
static void spread(struct reader *r, num v) {
  for (int i = 0; i < 2; i++)
    if (r[i].s.ask) keep(&r[i], v);
  for (int i = 0; i < 2; i++)
    if (r[i].waits) {
      r[i].waits = false;
      weir_send(r[i].s.give, take(&r[i]));
    }
}
static void run_split(series in, series out0, series out1) {
  struct reader r[2] = {{.s = out0}, {.s = out1}};
  r[0].last = &r[0].first, r[1].last = &r[1].first;
  bool fetching = false, more;
  while (r[0].s.ask || r[1].s.ask) {
    num v;
    weir_chan(char) ask0 = r[0].waits ? NULL : r[0].s.ask, ask1 = r[1].waits ? NULL : r[1].s.ask;
    int i = weir_select(weir_on_recv(ask0, NULL, &more), weir_on_recv(ask1, NULL, &more),
                        weir_on_recv(fetching ? in.give : NULL, &v, NULL));
    if (i == 2) {
      fetching = false;
      spread(r, v);
    } else if (!more) {
      part(&r[i]);
    } else if (r[i].first) {
      weir_send(r[i].s.give, take(&r[i]));
    } else {
      r[i].waits = true;
      if (!fetching) weir_send(in.ask, 1);
      fetching = true;
    }
  }
  drop(in);
}
static void split(series in, series out[2]) {
  out[0] = make(), out[1] = make();
  weir_go(run_split, in, out[0], out[1]);
}

// --- product: with a = a0 + x A and b = b0 + x B it is a0 b0 + x (a0 B + b0 A + x A B), so each
// coefficient starts another product for the rest
static series product(series a, series b);
static void run_product(series out, series a, series b) {
  if (!asked(out)) {
    drop(a), drop(b);
    end(out);
    return;
  }
  num a0 = next(a), b0 = next(b);
  weir_send(out.give, mul_mod(a0, b0));
  series as[2], bs[2];
  split(a, as), split(b, bs);
  series rest = product(as[1], bs[1]);
  for (bool first = true; asked(out); first = false) {
    num v = (mul_mod(a0, next(bs[0])) + mul_mod(b0, next(as[0]))) % P;
    weir_send(out.give, first ? v : (v + next(rest)) % P);
  }
  drop(as[0]), drop(bs[0]), drop(rest);
  end(out);
}
static series product(series a, series b) {
  series out = make();
  weir_go(run_product, out, a, b);
  return out;
}

// --- networks that feed on themselves. A loop of goroutines never hears that nobody asks any more
// by itself, so who takes the outer end down breaks the loop: its pump ends with `stop`.
static void run_pump(series out, series in, weir_chan(char) stop) {
  while (weir_select(weir_on_recv(out.ask, NULL, NULL), weir_on_recv(stop, NULL, NULL)) == 0)
    weir_send(out.give, next(in));
  drop(in);
  CHECK(!asked(out)); // that was what used it
  end(out);
}
struct loop {
  series out;
  weir_chan(char) stop;
  series back;
};
// E = 1 + integral(E A'), the exponential of a series A without constant
static struct loop exponential(series a) {
  struct loop l = {.stop = weir_chan_make(char, 0), .back = make()};
  series e = integral(1, product(l.back, derivative(a))), es[2];
  split(e, es);
  weir_go(run_pump, l.back, es[1], l.stop);
  l.out = es[0];
  return l;
}
static void until_alive(long n) {
  while (atomic_load(&alive) > n)
    weir_yield();
}

static void expect_equal(series a, series b, int n) {
  for (int i = 0; i < n; i++)
    CHECK_EQ(next(a), next(b));
  drop(a), drop(b);
}
static void expect_only(series a, num c0, num c1, int n) {
  series p = polynomial(c0, c1);
  expect_equal(a, p, n);
}

static void simple(int n) {
  // (1 + x)(1 - x) = 1 - x^2, whose derivative is -2 x
  series p = product(polynomial(1, 1), polynomial(1, P - 1));
  expect_only(derivative(p), 0, P - 2, n);
  expect_only(integral(5, polynomial(7, 0)), 5, 7, n);
  series s[2];
  split(polynomial(3, 4), s);
  expect_only(add(s[0], 2, s[1]), 9, 12, n); // in step
  split(polynomial(3, 4), s);
  for (int i = 0; i < n; i++)
    next(s[0]); // far ahead, then gone
  drop(s[0]);
  expect_only(s[1], 3, 4, n);
  until_alive(0);
}

static void exponentials(int n) {
  // exp(x) exp(-x) = 1
  struct loop up = exponential(polynomial(0, 1)), down = exponential(polynomial(0, P - 1));
  expect_only(product(up.out, down.out), 1, 0, n);
  weir_close(up.stop), weir_close(down.stop);
  // the n-th coefficient of exp(x) is 1 / n!
  struct loop e = exponential(polynomial(0, 1));
  num factorial = 1;
  for (int i = 0; i < n; i++) {
    if (i) factorial = mul_mod(factorial, (num)i);
    CHECK_EQ(mul_mod(next(e.out), factorial), 1);
  }
  drop(e.out);
  weir_close(e.stop);
  until_alive(0);
  weir_chan_free(up.stop), weir_chan_free(down.stop), weir_chan_free(e.stop);
}

int main(int argc, char **argv) {
  int n = argc > 1 ? atoi(argv[1]) : 10;
  simple(n);
  exponentials(n);
}
