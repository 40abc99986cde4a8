// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <stdatomic.h>
#include <stdbool.h>
#include <weir/weir.h>

struct hub {
  weir_mutex lock;
  weir_once once;
  weir_chan(int) out, quit;
  bool closed;
  atomic_flag closing;
  struct hub *next;
  weir_chan(int) each[4];
};
int check(int);
void restart(struct hub *h);
struct hub *take(void);

// Asked first: by a flag, under a lock, by an atomic, by a once.
static void stop(struct hub *h) {
  weir_mutex_lock(&h->lock);
  if (!h->closed) {
    h->closed = true;
    weir_close(h->out);
  }
  weir_mutex_unlock(&h->lock);
}
void both(struct hub *h) {
  stop(h);
  stop(h);
}
void in_turns(struct hub *h, int n) {
  while (n-- > 0)
    if (!h->closed) {
      h->closed = true;
      weir_close(h->out);
    }
}
void who_is_first(struct hub *h, int n) {
  if (n && !atomic_flag_test_and_set(&h->closing)) weir_close(h->out);
  if (!atomic_flag_test_and_set(&h->closing)) weir_close(h->out);
}
static weir_chan(int) only;
static void close_only(void) {
  weir_close(only);
}
void by_once(struct hub *h) {
  weir_once_do(&h->once, close_only);
  weir_once_do(&h->once, close_only);
}

// Another channel each time.
void all_of_them(struct hub *h) {
  for (int i = 0; i < 4; i++)
    weir_close(h->each[i]);
  for (; h; h = h->next)
    weir_close(h->out);
}
void as_they_come(void) {
  struct hub *h;
  while ((h = take()))
    weir_close(h->out);
}
void made_anew(weir_chan(int) c) {
  weir_close(c);
  c = weir_chan_make(int, 0);
  weir_close(c);
}
void of_two(struct hub *a, struct hub *b) {
  weir_close(a->out);
  weir_close(b->out);
  weir_close(a->quit);
}
void started_again(struct hub *h) {
  weir_close(h->out);
  restart(h);
  weir_close(h->out);
}
static void pop(struct hub **top) {
  (*top) = (*top)->next;
}
struct list {
  struct hub *top;
};
static void drop(struct list *l) {
  l->top = l->top->next;
}
void one_by_one(struct list *l, struct hub *h) {
  while (l->top) {
    weir_close(l->top->out);
    drop(l);
  }
  while (h) {
    weir_close(h->out);
    pop(&h);
  }
}

// Each way closes once.
int two_ways(weir_chan(int) c, int n) {
  if (n < 0) {
    weir_close(c);
    return -1;
  }
  weir_close(c);
  return 0;
}
void until_closed(weir_chan(int) c, int n) {
  for (;;)
    if (check(n)) {
      weir_close(c);
      break;
    }
}
void one_or_the_other(weir_chan(int) c, int first, int last) {
  if (first) weir_close(c);
  if (last) weir_close(c);
}
void the_owner_captured(int n) {
  weir_chan(int) c = weir_chan_make(int, 0);
  weir_defer(weir_close(c));
  if (n) c = weir_chan_make(int, 1);
  weir_close(c);
}
int main(void) {
  return 0;
}
