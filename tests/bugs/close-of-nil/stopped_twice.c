// SPDX-License-Identifier: Apache-2.0
//
// A service forgets its channel when it is stopped, and is stopped by its user and once more by the
// cleanup. The fixed twin asks whether it still has one.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: close of nil
// CHECK: service.jobs
#include <weir/weir.h>

struct service {
  weir_chan(int) jobs;
  weir_wg workers;
};

static void serve(weir_chan(int) jobs) {
  while (weir_recv(jobs, NULL)) {
  }
}

static void stop(struct service *service) {
#ifdef FIXED
  if (!service->jobs) return;
#endif
  // CHECK-DAG: stopped_twice.c:[[@LINE+1]]
  weir_close(service->jobs);
  weir_wg_wait(&service->workers);
  service->jobs = NULL;
}

int main(void) {
  static struct service service;
  weir_defer(stop(&service));
  service.jobs = weir_chan_make(int, 2);
  weir_wg_go(&service.workers, serve, service.jobs);
  weir_send(service.jobs, 1);
  stop(&service);
  return 0;
}
