// SPDX-License-Identifier: Apache-2.0
//
// Plays on channels: nothing is lost or doubled, what one sender sends to one receiver arrives in
// order, a close reaches everybody, a select takes exactly one of its cases.
#include <string.h>

#include "torture.h"

// --- fifo: several senders and receivers, each operation in every form --------------------------

struct item {
  int from;
  int seq;
};
enum { SENDERS_MAX = 5, RECEIVERS_MAX = 5 };
struct fifo {
  weir_chan(struct item) c;
  int senders, each;
  atomic_long got, sum;
};
struct fifo_part {
  struct fifo *all;
  int id;
  struct rng r;
};

// Two sides that only try may miss each other for ever.
static bool tries_send(weir_chan(struct item) c, struct item it) {
  for (int i = 0; i < 10; i++, weir_yield())
    if (weir_try_send(c, it)) return true;
  return false;
}

static bool tries_recv(weir_chan(struct item) c, struct item *it, bool *ok) {
  for (int i = 0; i < 10; i++, weir_yield())
    if (weir_try_recv(c, it, ok)) return true;
  return false;
}

static void fifo_send(void *arg) {
  struct fifo_part *p = arg;
  weir_chan(struct item) c = p->all->c;
  for (int seq = 1; seq <= p->all->each; seq++) {
    struct item it = {p->id, seq};
    switch (rnd(&p->r, 5)) {
    case 0:
      if (tries_send(c, it)) break;
      weir_send(c, it);
      break;
    case 1:
      if (weir_select(weir_on_send(c, it), weir_on_default()) == WEIR_DEFAULT) weir_send(c, it);
      break;
    case 2: {
      weir_chan(struct item) nil = NULL;
      CHECK_EQ(weir_select(weir_on_recv(nil, NULL, NULL), weir_on_send(c, it)), 1);
      break;
    }
    default:
      weir_send(c, it);
    }
    stir(&p->r);
  }
}

// False: closed and drained.
static bool take(weir_chan(struct item) c, struct rng *r, struct item *it) {
  bool ok;
  switch (rnd(r, 5)) {
  case 0:
    return tries_recv(c, it, &ok) ? ok : weir_recv(c, it);
  case 1:
    if (weir_select(weir_on_default(), weir_on_recv(c, it, &ok)) == 1) return ok;
    return weir_recv(c, it);
  case 2:
    for (;;) {
      int i = weir_select(weir_on_recv(c, it, &ok),
                          weir_on_recv(weir_after(WEIR_US(rnd(r, 300))), NULL, NULL));
      if (i == 0) return ok;
    }
  case 3:
    weir_select(weir_on_recv(c, it, &ok), weir_on_recv(c, it, &ok)); // twice the same
    return ok;
  default:
    return weir_recv(c, it);
  }
}

static void fifo_recv(void *arg) {
  struct fifo_part *p = arg;
  int last[SENDERS_MAX] = {0};
  struct item it;
  while (take(p->all->c, &p->r, &it)) {
    CHECK(it.from >= 0 && it.from < p->all->senders);
    CHECK(it.seq > last[it.from]); // of one sender in order
    last[it.from] = it.seq;
    atomic_fetch_add_explicit(&p->all->got, 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&p->all->sum, it.seq, memory_order_relaxed);
    stir(&p->r);
  }
  CHECK(it.from == 0 && it.seq == 0); // zeroed at the end
}

void play_fifo(struct rng *r) {
  static const int caps[] = {0, 0, 1, 2, 7, 64};
  struct fifo f = {.senders = 1 + (int)rnd(r, SENDERS_MAX), .each = 1 + (int)rnd(r, 150)};
  int receivers = 1 + (int)rnd(r, RECEIVERS_MAX);
  f.c = weir_chan_make(struct item, caps[rnd(r, 6)]);
  struct crew from = {0}, to = {0};
  struct fifo_part parts[SENDERS_MAX + RECEIVERS_MAX];
  for (int i = 0; i < f.senders + receivers; i++)
    parts[i] = (struct fifo_part){&f, i, rng_new(r)};
  for (int i = 0; i < receivers; i++)
    crew_go(&to, r, fifo_recv, &parts[f.senders + i]);
  for (int i = 0; i < f.senders; i++)
    crew_go(&from, r, fifo_send, &parts[i]);
  crew_wait(&from);
  weir_close(f.c);
  crew_wait(&to);
  CHECK_EQ(f.got, (long)f.senders * f.each);
  CHECK_EQ(f.sum, (long)f.senders * f.each * (f.each + 1) / 2);
  weir_chan_free(f.c);
}

// --- select: 1 to 64 cases, of both kinds -------------------------------------------------------

enum { LANES_MAX = 64 };
struct lanes {
  weir_chan(int) c[LANES_MAX];
  int n, each;
  atomic_long received;
};
struct lane {
  struct lanes *all;
  int id;
  bool sends;
  struct rng r;
};

static void lane_end(void *arg) {
  struct lane *l = arg;
  for (int k = 0; k < l->all->each; k++) {
    int v = l->id;
    if (l->sends)
      weir_send(l->all->c[l->id], v);
    else
      CHECK(weir_recv(l->all->c[l->id], &v));
    CHECK_EQ(v, l->id);
    stir(&l->r);
  }
}

void play_select(struct rng *r) {
  struct lanes all = {.n = 1 + (int)rnd(r, rnd(r, 4) ? 8 : LANES_MAX), .each = 1 + (int)rnd(r, 12)};
  struct lane lane[LANES_MAX];
  struct weir_case cases[LANES_MAX];
  int left[LANES_MAX], value[LANES_MAX], total = 0;
  bool ok[LANES_MAX];
  struct crew crew = {0};
  for (int i = 0; i < all.n; i++) {
    all.c[i] = weir_chan_make(int, rnd(r, 3));
    left[i] = all.each;
    total += all.each;
    lane[i] = (struct lane){&all, i, rnd(r, 2), rng_new(r)};
    value[i] = i;
    if (lane[i].sends)
      cases[i] = weir_on_recv(all.c[i], &value[i], &ok[i]);
    else
      cases[i] = (struct weir_case){.kind = WEIR_CASE_SEND,
                                    .ch = WEIR_CH_(all.c[i]),
                                    .elem = &value[i],
                                    .site = WEIR_SITE("lane")};
    crew_go(&crew, r, lane_end, &lane[i]);
  }
  while (total > 0) {
    int i = weir_select_n(cases, (size_t)all.n);
    CHECK(i >= 0 && i < all.n && left[i] > 0);
    CHECK_EQ(value[i], i);
    CHECK(!lane[i].sends || ok[i]);
    if (--left[i] == 0) cases[i].ch = NULL;
    total--;
    stir(r);
  }
  crew_wait(&crew);
  for (int i = 0; i < all.n; i++) {
    CHECK_EQ(weir_chan_len(all.c[i]), 0);
    weir_chan_free(all.c[i]);
  }
}

// --- close under fire: senders and the closer keep a protocol, receivers do not know of it ------

struct fire {
  weir_chan(int) c;
  weir_chan(char) stop; // closed first: blocked senders give up
  weir_rwmutex open;    // held for reading by who sends
  bool closed;
  atomic_long sent, received;
};
struct shooter {
  struct fire *all;
  struct rng r;
};

static void shoot(void *arg) {
  struct shooter *s = arg;
  struct fire *f = s->all;
  for (int v = 1;; v++) {
    weir_rguard(&f->open);
    if (f->closed) return;
    if (weir_select(weir_on_send(f->c, v), weir_on_recv(f->stop, NULL, NULL)) == 1) return;
    atomic_fetch_add_explicit(&f->sent, v, memory_order_relaxed);
    stir(&s->r);
  }
}

static void catch_all(void *arg) {
  struct shooter *s = arg;
  int v;
  while (weir_recv(s->all->c, &v)) {
    atomic_fetch_add_explicit(&s->all->received, v, memory_order_relaxed);
    stir(&s->r);
  }
  CHECK_EQ(v, 0);
}

void play_close(struct rng *r) {
  struct fire f = {.c = weir_chan_make(int, rnd(r, 4)), .stop = weir_chan_make(char, 0)};
  struct shooter s[8];
  struct crew crew = {0};
  int n = 2 + (int)rnd(r, 7);
  for (int i = 0; i < n; i++)
    s[i] = (struct shooter){&f, rng_new(r)};
  for (int i = 0; i < n; i++)
    crew_go(&crew, r, i % 2 ? shoot : catch_all, &s[i]);
  for (unsigned i = rnd(r, 200); i; i--)
    weir_yield();
  weir_close(f.stop);
  weir_rwmutex_lock(&f.open);
  f.closed = true;
  weir_close(f.c);
  weir_rwmutex_unlock(&f.open);
  crew_wait(&crew);
  CHECK_EQ(f.sent, f.received);
  weir_chan_free(f.c);
  weir_chan_free(f.stop);
}

// --- ring: one token, each adds one -------------------------------------------------------------

struct stop {
  weir_chan(long) in, out;
  struct rng r;
};

static void ring_stop(void *arg) {
  struct stop *s = arg;
  long token;
  while (weir_recv(s->in, &token)) {
    stir(&s->r);
    weir_send(s->out, token + 1);
  }
  weir_close(s->out);
}

void play_ring(struct rng *r) {
  enum { MAX = 30 };
  int n = 1 + (int)rnd(r, MAX), rounds = 1 + (int)rnd(r, 20);
  weir_chan(long) c[MAX + 1];
  struct stop s[MAX];
  struct crew crew = {0};
  for (int i = 0; i <= n; i++)
    c[i] = weir_chan_make(long, 0);
  for (int i = 0; i < n; i++) {
    s[i] = (struct stop){c[i], c[i + 1], rng_new(r)};
    crew_go(&crew, r, ring_stop, &s[i]);
  }
  long token = 0;
  for (int k = 0; k < rounds; k++) {
    weir_send(c[0], token);
    CHECK(weir_recv(c[n], &token));
  }
  CHECK_EQ(token, (long)n * rounds);
  weir_close(c[0]);
  CHECK(!weir_recv(c[n], &token));
  crew_wait(&crew);
  for (int i = 0; i <= n; i++)
    weir_chan_free(c[i]);
}

// --- elements of several sizes arrive whole ------------------------------------------------------

#define SIZED(bytes)                                                                     \
  struct sized_##bytes {                                                                 \
    unsigned char b[bytes];                                                              \
  };                                                                                     \
  static void sized_send_##bytes(weir_chan(struct sized_##bytes) c, int n) {             \
    for (int i = 0; i < n; i++) {                                                        \
      struct sized_##bytes v;                                                            \
      memset(&v, i, sizeof v);                                                           \
      weir_send(c, v);                                                                   \
    }                                                                                    \
    weir_close(c);                                                                       \
  }                                                                                      \
  static void sized_##bytes(struct rng *r) {                                             \
    int n = 1 + (int)rnd(r, 40), got = 0;                                                \
    weir_chan(struct sized_##bytes) c = weir_chan_make(struct sized_##bytes, rnd(r, 3)); \
    weir_wg wg = {0};                                                                    \
    weir_wg_go(&wg, sized_send_##bytes, c, n);                                           \
    for (struct sized_##bytes v; weir_recv(c, &v); got++)                                \
      for (size_t i = 0; i < sizeof v; i += 1 + sizeof v / 9)                            \
        CHECK_EQ(v.b[i], (unsigned char)got);                                            \
    CHECK_EQ(got, n);                                                                    \
    weir_wg_wait(&wg);                                                                   \
    weir_chan_free(c);                                                                   \
  }
SIZED(1)
SIZED(3)
SIZED(8)
SIZED(24)
SIZED(200)
SIZED(5000)

void play_elements(struct rng *r) {
  static play_fn *const sizes[] = {sized_1, sized_3, sized_8, sized_24, sized_200, sized_5000};
  sizes[rnd(r, 6)](r);
}

// --- nil: cases that are never ready, until they are not nil -------------------------------------

static void merge_source(weir_chan(int) c, int n) {
  for (int i = 0; i < n; i++)
    weir_send(c, 1);
  weir_close(c);
}

void play_nil(struct rng *r) {
  int n = (int)rnd(r, 40), got = 0;
  weir_chan(int) a = weir_chan_make(int, rnd(r, 2)), b = weir_chan_make(int, 0), va = a, vb = b;
  weir_wg wg = {0};
  weir_wg_go(&wg, merge_source, a, n);
  weir_wg_go(&wg, merge_source, b, n);
  while (va || vb) {
    bool ok;
    int i = weir_select(weir_on_recv(va, NULL, &ok), weir_on_recv(vb, NULL, &ok));
    if (ok)
      got++;
    else if (i == 0)
      va = NULL;
    else
      vb = NULL;
    stir(r);
  }
  CHECK_EQ(got, 2 * n);
  weir_wg_wait(&wg);
  weir_chan_free(a);
  weir_chan_free(b);
}
