// SPDX-License-Identifier: Apache-2.0
// RUN: %python %S/../Inputs/expect.py %weir %s
#include <weir/weir.h>

int check(int);

static void worker(weir_wg *wg) {
  check(1);
  weir_wg_done(wg);
}
void added_before(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(worker, &wg);
  weir_wg_wait(&wg);
}

// It is counted while it adds others.
static void parent(weir_wg *wg, int n) {
  if (n > 0) {
    weir_wg_add(wg, 1);
    weir_go(parent, wg, n - 1);
  }
  weir_wg_done(wg);
}
void tree(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(parent, &wg, 3);
  weir_wg_wait(&wg);
}

void all_in_one(void) {
  weir_wg wg = {0};
  weir_wg_go(&wg, check, 1);
  weir_wg_wait(&wg);
}

// Another group than the one that is waited for.
static void own_group(weir_wg *outer) {
  weir_wg inner = {0};
  weir_wg_add(&inner, 1);
  weir_go(worker, &inner);
  weir_wg_wait(&inner);
  weir_wg_done(outer);
}
void nested(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(own_group, &wg);
  weir_wg_wait(&wg);
}

// Nobody waits here; whoever does waits for a message first.
static void registers(weir_wg *wg, weir_chan(int) ready) {
  weir_wg_add(wg, 1);
  weir_send(ready, 1);
  weir_wg_done(wg);
}
void only_starts(weir_wg *wg, weir_chan(int) ready) {
  weir_go(registers, wg, ready);
}

// One that takes its count back.
static void takes_back(weir_wg *wg) {
  weir_wg_add(wg, -1);
}
void gives_back(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(takes_back, &wg);
  weir_wg_wait(&wg);
}

// Adds others, whom it starts itself.
static void accepts(weir_wg *connections) {
  for (int i = 0; i < 3; i++)
    weir_wg_go(connections, check, i);
}
void serves(void) {
  weir_wg connections = {0}, accepting = {0};
  weir_wg_go(&accepting, accepts, &connections);
  weir_wg_wait(&accepting);
  weir_wg_wait(&connections);
}

// Called, not started.
static void helper(weir_wg *wg) {
  weir_wg_add(wg, 1);
  weir_go(worker, wg);
}
void calls(void) {
  weir_wg wg = {0};
  helper(&wg);
  weir_wg_wait(&wg);
}

// By as many as it is told, which may be none.
static void told(weir_wg *wg, int n) {
  weir_wg_add(wg, n);
}
void tells(weir_wg *wg, int n) {
  weir_go(told, wg, n);
  weir_wg_wait(wg);
}
