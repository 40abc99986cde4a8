// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t all || exit 1; done
// RUN: not %t itself 2>&1 | FileCheck %s
// RUN: %weircc %s -o %t.i && %t.i all
// CHECK: Weir: deadlock
// CHECK: waiting for another goroutine's call for the same key
// CHECK: goroutine 1 [singleflight.Do]:
//
// Singleflight: one execution for all who ask meanwhile, the same result for each, none shared
// between keys or with who comes later; forget; goexit; many keys at once.
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "check.h"

enum { CALLERS = 20, KEYS = 3000 };
static weir_singleflight flights;
static atomic_int executed, arrived, got, shares;
static weir_chan(char) gate;
static int answer;

static void *slow(void *arg) {
  atomic_fetch_add(&executed, 1);
  weir_recv(gate, NULL);
  answer++; // not atomic: executions of one key follow each other
  return arg;
}
static void ask(const char *key, void *mine) {
  bool shared;
  char copy[32]; // equal, not the same
  strcpy(copy, key);
  atomic_fetch_add(&arrived, 1);
  void *result = weir_singleflight_do(&flights, copy, slow, mine, &shared);
  CHECK(result != NULL && answer > 0);
  if (result == mine) atomic_fetch_add(&got, 1);
  atomic_fetch_add(&shares, shared);
}

static void one_for_all(void) {
  static char mine[CALLERS];
  weir_wg wg = {0};
  for (int i = 0; i < CALLERS; i++)
    weir_wg_go(&wg, ask, "key", (void *)&mine[i]);
  while (atomic_load(&arrived) < CALLERS)
    weir_yield();
  weir_close(gate); // now, and for those that come later
  weir_wg_wait(&wg);
  int n = atomic_load(&executed);
  CHECK_EQ(atomic_load(&got), n); // each executor got its own result, nobody else did
  CHECK(n == 1 || atomic_load(&shares) < CALLERS); // who was late flew alone or with others
  CHECK(n < CALLERS);
  bool shared = true;
  CHECK(weir_singleflight_do(&flights, "key", slow, mine, &shared) == mine);
  CHECK(!shared);
  CHECK(weir_singleflight_do(&flights, "key", slow, mine, NULL) == mine);
  CHECK_EQ(atomic_load(&executed), n + 2);
}

static void *wait_then(void *arg) {
  atomic_fetch_add(&arrived, 1);
  weir_recv((weir_chan(char))arg, NULL);
  return &arrived;
}
static void call(const char *key, weir_chan(char) until) {
  bool shared;
  CHECK(weir_singleflight_do(&flights, key, wait_then, (void *)until, &shared) == &arrived);
  CHECK(!shared);
}
static void forgotten(void) {
  weir_wg wg = {0};
  weir_chan(char) first = weir_chan_make(char, 0), second = weir_chan_make(char, 0);
  arrived = 0;
  weir_wg_go(&wg, call, "key", first);
  while (atomic_load(&arrived) < 1)
    weir_yield();
  weir_singleflight_forget(&flights, "other");
  weir_singleflight_forget(&flights, "key");
  weir_wg_go(&wg, call, "key", second); // executes at once
  while (atomic_load(&arrived) < 2)
    weir_yield();
  weir_close(first);
  weir_close(second);
  weir_wg_wait(&wg);
  weir_chan_free(first), weir_chan_free(second);
}

static void *leave(void *arg) {
  weir_recv((weir_chan(char))arg, NULL);
  weir_goexit();
}
static void lead(weir_chan(char) until) {
  weir_singleflight_do(&flights, "key", leave, (void *)until, NULL);
  CHECK(!"reached");
}
static void left_alone(void) {
  weir_chan(char) until = weir_chan_make(char, 0);
  weir_wg wg = {0};
  weir_wg_go(&wg, lead, until);
  weir_send(until, 0); // it is in the call
  weir_wg_wait(&wg);   // and the flight has landed
  bool shared;
  weir_chan(char) open = weir_chan_make(char, 0);
  weir_close(open);
  CHECK(weir_singleflight_do(&flights, "key", wait_then, (void *)open, &shared) == &arrived);
  CHECK(!shared);
  weir_chan_free(until), weir_chan_free(open);
}

static void many_keys(void) { // all in flight at once: the table grows, and shrinks again
  static char key[KEYS][16];
  weir_wg wg = {0};
  weir_chan(char) until = weir_chan_make(char, 0);
  arrived = 0;
  for (int i = 0; i < KEYS; i++) {
    snprintf(key[i], sizeof key[i], "key %d", i);
    weir_wg_go(&wg, call, (const char *)key[i], until);
  }
  while (atomic_load(&arrived) < KEYS)
    weir_yield();
  CHECK_EQ(flights.count, KEYS);
  weir_close(until);
  weir_wg_wait(&wg);
  CHECK_EQ(flights.count, 0);
  CHECK(flights.many == NULL);
  weir_chan_free(until);
}

static void *again(void *arg) {
  return weir_singleflight_do(&flights, "key", again, arg, NULL);
}

int main(int argc, char **argv) {
  CHECK_EQ(argc, 2);
  if (!strcmp(argv[1], "itself")) again(NULL);
  gate = weir_chan_make(char, 0);
  one_for_all();
  forgotten();
  left_alone();
  many_keys();
  weir_chan_free(gate);
}
