// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t && %t
// RUN: for w in cap min zero-size; do \
// RUN:   not %t $w 2>&1 | FileCheck %s --check-prefix=NEGATIVE || exit 1; done
// RUN: not %t overflow 2>&1 | FileCheck %s --check-prefix=OVERFLOW
// RUN: not %t huge 2>&1 | FileCheck %s --check-prefix=HUGE
// RUN: not %t element 2>&1 | FileCheck %s --check-prefix=ELEMENT
// RUN: for w in stop reset chan ticker-stop ticker-reset ticker-chan; do \
// RUN:   not %t $w 2>&1 | FileCheck %s --check-prefix=TIMER || exit 1; done
// NEGATIVE: weir: fatal: weir_chan_make: a capacity of -{{[0-9]+}}, at {{.*}}bad_input.c:
// OVERFLOW: weir: fatal: weir_chan_make: {{.*}} are too many, at {{.*}}bad_input.c:
// HUGE: weir: fatal: weir_chan_make: out of memory {{.*}}, at {{.*}}bad_input.c:
// ELEMENT: an element of 65537 bytes is over the limit of 65536, at {{.*}}bad_input.c:
// TIMER: weir: fatal: weir_{{timer|ticker}}_{{stop|reset|chan}}: NULL is no timer
//
// What cannot be made is refused where it is asked for, in words. Durations below 0 are over at
// once; those beyond the end of the clock never are.
#include <limits.h>
#include <string.h>

#include "check.h"

struct nothing {};
struct big {
  char bytes[65537];
};

static void capacities(const char *what) {
  if (!strcmp(what, "cap")) (void)weir_chan_make(int, -1);
  if (!strcmp(what, "min")) (void)weir_chan_make(int, LONG_MIN);
  if (!strcmp(what, "zero-size")) (void)weir_chan_make(struct nothing, -1);
  if (!strcmp(what, "huge")) (void)weir_chan_make(int, LONG_MAX / 8);
  if (!strcmp(what, "overflow")) (void)weir_chan_make(int64_t, LONG_MAX / 2);
  if (!strcmp(what, "element")) (void)weir_chan_make(struct big, 0);
}

static void timers(const char *what) {
  if (!strcmp(what, "stop")) weir_timer_stop(NULL);
  if (!strcmp(what, "reset")) weir_timer_reset(NULL, 1);
  if (!strcmp(what, "chan")) (void)weir_timer_chan(NULL);
  if (!strcmp(what, "ticker-stop")) weir_ticker_stop(NULL);
  if (!strcmp(what, "ticker-reset")) weir_ticker_reset(NULL, 1);
  if (!strcmp(what, "ticker-chan")) (void)weir_ticker_chan(NULL);
}

int main(int argc, char **argv) {
  if (argc > 1) {
    capacities(argv[1]);
    timers(argv[1]);
    return 0;
  }
  weir_chan(struct nothing) many = weir_chan_make(struct nothing, LONG_MAX);
  CHECK_EQ(weir_chan_cap(many), LONG_MAX);
  weir_send(many, (struct nothing){});
  CHECK_EQ(weir_chan_len(many), 1);
  weir_chan_free(many);

  weir_sleep(INT64_MIN);
  CHECK(weir_recv(weir_after(INT64_MIN), NULL) && weir_recv(weir_after(-1), NULL));
  weir_timer *t = weir_timer_new(INT64_MIN);
  CHECK(weir_recv(weir_timer_chan(t), NULL));
  weir_timer_reset(t, INT64_MAX);
  weir_ticker *k = weir_ticker_new(INT64_MAX);
  weir_ctx *past = weir_ctx_with_timeout(weir_ctx_background(), INT64_MIN),
           *never = weir_ctx_with_timeout(weir_ctx_background(), INT64_MAX);
  CHECK(weir_ctx_err(past) != 0);
  weir_sleep(WEIR_MS(2));
  CHECK(!weir_try_recv(weir_timer_chan(t), NULL, NULL));
  CHECK(!weir_try_recv(weir_ticker_chan(k), NULL, NULL));
  CHECK_EQ(weir_ctx_err(never), 0);
  weir_timer_free(t), weir_ticker_free(k), weir_timer_free(NULL), weir_ticker_free(NULL);
  weir_ctx_free(past), weir_ctx_free(never);
  return 0;
}
