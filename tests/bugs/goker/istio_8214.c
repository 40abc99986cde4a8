// SPDX-License-Identifier: Apache-2.0
//
// GoKer's istio_8214: A counter is added to atomically and copied plainly.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: data-race
// names: caller stats writes
#include <stdint.h>
#include <weir/weir.h>

struct stats {
  uint64_t writes, reads;
};
static struct stats st;
static weir_wg wg;

static struct stats stats(void) {
  struct stats s;
#ifdef FIXED
  s.writes = __atomic_load_n(&st.writes, __ATOMIC_SEQ_CST);
  s.reads = 0;
#else
  s = st;
#endif
  return s;
}

static void record(void) {
  volatile struct stats s = stats();
  (void)s;
}

static void set(void) {
  __atomic_fetch_add(&st.writes, 1, __ATOMIC_SEQ_CST);
  record();
}

static void caller(void) {
  set();
  weir_wg_done(&wg);
}

static void scenario(void) {
  weir_go(caller);
  weir_go(caller);
  weir_wg_done(&wg);
}

int main(void) {
  weir_wg_add(&wg, 3);
  weir_go(scenario);
  weir_wg_wait(&wg);
}
