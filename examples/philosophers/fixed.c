// SPDX-License-Identifier: Apache-2.0
//
// philosophers [SEATS [MEALS]]: Dijkstra's dining philosophers. Each sits
// between two forks and needs both to eat; each eats MEALS times.
//
// A fork is a mutex. They say grace together (a wait group as a barrier) before
// the first meal, and then reach for the forks. Whoever sits at the last place
// takes the right one first, which leaves the circle open: the neighbour on the
// left always gets a second fork sooner or later.
#include <stdio.h>
#include <stdlib.h>
#include <weir/weir.h>

struct table {
  int seats, meals;
  weir_mutex *forks;
  weir_wg grace;
};

static void say_grace(struct table *t) {
  weir_wg_done(&t->grace);
  weir_wg_wait(&t->grace);
}

static void eat(struct table *t, int seat, int *eaten) {
  int left = seat, right = (seat + 1) % t->seats;
  bool last = seat == t->seats - 1;
  weir_mutex_lock(&t->forks[last ? right : left]);
  weir_mutex_lock(&t->forks[last ? left : right]);
  ++*eaten;
  weir_mutex_unlock(&t->forks[right]);
  weir_mutex_unlock(&t->forks[left]);
}

static void philosopher(struct table *t, int seat, int *eaten) {
  say_grace(t);
  for (int i = 0; i < t->meals; i++)
    eat(t, seat, eaten);
}

int main(int argc, char **argv) {
  struct table t = {.seats = argc > 1 ? atoi(argv[1]) : 5, .meals = argc > 2 ? atoi(argv[2]) : 100};
  if (t.seats < 2 || t.meals < 1) {
    fprintf(stderr, "usage: philosophers [SEATS [MEALS]], at least 2 seats\n");
    return 2;
  }
  t.forks = calloc((size_t)t.seats, sizeof *t.forks);
  int *eaten = calloc((size_t)t.seats, sizeof *eaten);
  if (!t.forks || !eaten) return 2;

  weir_wg dinner = {0};
  weir_wg_add(&t.grace, t.seats);
  for (int i = 0; i < t.seats; i++)
    weir_wg_go(&dinner, philosopher, &t, i, &eaten[i]);
  weir_wg_wait(&dinner);

  int sum = 0;
  for (int i = 0; i < t.seats; i++)
    sum += eaten[i];
  printf("%d philosophers have had %d meals\n", t.seats, sum);
  free(t.forks), free(eaten);
  return sum == t.seats * t.meals ? 0 : 1;
}
