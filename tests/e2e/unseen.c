// SPDX-License-Identifier: Apache-2.0
//
// A program written from the README alone, with three bugs: a race, locks taken in
// both orders (each side holds its first when it asks for the second, by an
// exchange over channels), and a goroutine left behind. Each is found at its line,
// without optimisation and with it; the program is compiled and run as users do. The race may lose one of
// the two that are sold.
//
// REQUIRES: races
// RUN: rm -rf %t && mkdir -p %t && cd %t
// RUN: for level in -O0 -O2; do %weir cc $level %s -o inventory || exit 1; PATH=%build/bin:$PATH ./inventory > out 2> err && exit 1; [ $? = 66 ] || exit 1; FileCheck --dump-input=fail %s < err || exit 1; grep -qx 'sold [12]' out || exit 1; done
#include <stdio.h>
#include <stdlib.h>
#include <weir/weir.h>

struct shelf {
  weir_mutex lock;
  int items;
};

struct shop {
  struct shelf front, back;
  int sold;
};

static void sell(struct shop *s, weir_wg *customers) {
  weir_defer(weir_wg_done(customers));
  s->sold++;
  // CHECK-DAG: SUMMARY: Weir: data race {{.*}}unseen.c:[[#@LINE-1]] in sell
  // CHECK-DAG: #0 sell {{.*}}unseen.c:[[#@LINE-2]]
}

static void move_item(struct shelf *from, struct shelf *to, weir_chan(char) mine,
                      weir_chan(char) theirs) {
  weir_mutex_lock(&from->lock);
  // CHECK-DAG: holds {{.*}}shelf.lock{{.*}}, taken at {{.*}}unseen.c:[[#@LINE-1]] in move_item
  weir_send(mine, 1);
  weir_recv(theirs, NULL);
  weir_mutex_lock(&to->lock);
  // CHECK-DAG: SUMMARY: Weir: partial deadlock{{.*}} {{.*}}unseen.c:[[#@LINE-1]] in move_item
  from->items--, to->items++;
  weir_mutex_unlock(&to->lock);
  weir_mutex_unlock(&from->lock);
}

static void deliver(weir_chan(int) orders) {
  int order;
  while (weir_recv(orders, &order))
    // CHECK-DAG: {{^}}goroutine {{[0-9]+}} [chan receive
    // CHECK-DAG: orders{{.*}} at {{.*}}unseen.c:[[#@LINE-2]] in deliver
    printf("order %d\n", order);
}

int main(void) {
  struct shop *s = calloc(1, sizeof *s);
  weir_wg *customers = calloc(1, sizeof *customers);
  weir_chan(char) a = weir_chan_make(char, 1), b = weir_chan_make(char, 1);
  weir_chan(int) orders = weir_chan_make(int, 0);
  weir_wg_add(customers, 2);
  weir_go(sell, s, customers);
  weir_go(sell, s, customers);
  weir_wg_wait(customers);

  weir_go(move_item, &s->front, &s->back, a, b);
  weir_go(move_item, &s->back, &s->front, b, a);
  weir_go(deliver, orders);
  // CHECK-DAG: {{^}}	{{.*}}unseen.c:[[#@LINE-1]]
  weir_send(orders, 0);
  weir_sleep(WEIR_MS(300)); // the rest of the program goes on
  printf("sold %d\n", s->sold);
}
