// SPDX-License-Identifier: Apache-2.0
//
// The names of timers, groups and what runs in them.
// RUN: %clang -fplugin=%weir_plugin -fplugin-arg-weir-race=off -w -I%include -I%S -O2 %s -o %t && %t | FileCheck %s
#include "Inputs/print_sites.c"

weir_timer *weir_timer_new_(int64_t ns, const struct weir_site *s) {
  return (void *)weir_after_(ns, s);
}
weir_ticker *weir_ticker_new_(int64_t ns, const struct weir_site *s) {
  return (void *)weir_after_(ns, s);
}
struct weir_chan_ *weir_timer_chan_(weir_timer *t) {
  return (void *)t;
}
struct weir_chan_ *weir_ticker_chan_(weir_ticker *t) {
  return (void *)t;
}
weir_ctx *weir_ctx_make_value_(weir_ctx *parent, const void *key, void *value,
                               const struct weir_site *s) {
  return (void *)weir_chan_make_(1, 0, s);
}
bool weir_group_enter_(weir_group *g, const struct weir_site *s, bool wait) {
  show(s);
  return true;
}
void weir_group_result_(weir_group *g, int result) {
}
void weir_group_leave_(weir_group *g, const struct weir_site *s) {
}
int weir_group_end_(weir_group *g) {
  return 0;
}
void weir_blocking_(const void *block, const struct weir_site *s) {
  show(s);
}

struct service {
  weir_ticker *beat;
  weir_group workers;
};

int main(int argc, char **argv) {
  struct service s = {.beat = weir_ticker_new(5)}; // CHECK-DAG: [[@LINE]]: main: service.beat
  weir_timer *alarm = weir_timer_new(5);           // CHECK-DAG: [[@LINE]]: main: alarm
  weir_recv(weir_timer_chan(alarm), NULL);         // CHECK-DAG: [[@LINE]]: main: alarm
  weir_recv(weir_ticker_chan(s.beat), NULL);       // CHECK-DAG: [[@LINE]]: main: service.beat
  weir_ctx *user = weir_ctx_with_value(NULL, argv, NULL); // CHECK-DAG: [[@LINE]]: main: user
  s.workers = weir_group_with_ctx(user);  // CHECK-DAG: [[@LINE]]: main: weir_group.ctx
  weir_group_go(&s.workers, abs, argc);   // CHECK-DAG: [[@LINE]]: main: service.workers
  weir_group_try_go(&s.workers, labs, 1); // CHECK-DAG: [[@LINE]]: main: labs
  weir_group_wait(&s.workers);            // CHECK-DAG: [[@LINE]]: main: service.workers
  weir_blocking(abs, argc);               // CHECK-DAG: [[@LINE]]: main: abs
}
