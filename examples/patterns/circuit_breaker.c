// SPDX-License-Identifier: Apache-2.0
//
// A circuit breaker: after a few failures in a row nobody asks the service any more, so that
// callers fail at once instead of waiting and the service can recover. When the pause is over
// one call, and only one, is let through to try; its result closes the breaker or opens it again.
//
//   closed --failures reach the limit--> open --pause over, next call--> trial
//   trial --success--> closed            trial --failure--> open
//
// The lock is held to decide and to take note of a result, never during the call. Each change of
// state begins a new period, and the result of a call that began in an earlier one is dropped: it
// says nothing about the service as it is now.
//
// The moment is an argument, so that what happens when can be tried without waiting.
#include <errno.h>
#include <stdio.h>
#include <weir/weir.h>

enum state { CLOSED, OPEN, TRIAL };

struct breaker {
  int limit;     // failures in a row
  int64_t pause; // nanoseconds
  weir_mutex mu; // guards the rest
  enum state state;
  int failures;
  long period;
  int64_t open_until;
};

static void turn(struct breaker *b, enum state to) { // under the lock
  b->state = to;
  b->failures = 0;
  b->period++;
}

// 0: call the service, and report with this *period. EAGAIN: do not.
static int breaker_enter(struct breaker *b, int64_t now, long *period) {
  weir_guard(&b->mu);
  if (b->state == TRIAL || (b->state == OPEN && now < b->open_until)) return EAGAIN;
  if (b->state == OPEN) turn(b, TRIAL);
  *period = b->period;
  return 0;
}

static void breaker_report(struct breaker *b, int64_t now, long period, int err) {
  weir_guard(&b->mu);
  if (period != b->period) return;
  if (err == 0) {
    b->failures = 0;
    if (b->state == TRIAL) turn(b, CLOSED);
  } else if (b->state == TRIAL || ++b->failures == b->limit) {
    turn(b, OPEN);
    b->open_until = now + b->pause;
  }
}

// --- a service behind it ------------------------------------------------------------------

static int call(struct breaker *b, int64_t now, int result) {
  long period;
  if (breaker_enter(b, now, &period)) return EAGAIN;
  breaker_report(b, now, period, result);
  return result;
}

static void time_line(struct breaker *b) {
  static const struct {
    int ms, result;
  } calls[] = {{0, EIO}, {1, 0},  {2, EIO},   {3, EIO}, {4, EIO},
               {5, 0},   {99, 0}, {104, EIO}, {105, 0}, {205, 0}};
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    int err = call(b, WEIR_MS(calls[i].ms), calls[i].result);
    printf("%d:%s ", calls[i].ms, err == 0 ? "good" : err == EAGAIN ? "refused" : "failed");
  }
  printf("\n");
}

// The trial is under way for as long as `refused` has not been told of all the others.
static void try_it(struct breaker *b, int others, weir_chan(int) refused) {
  long period;
  if (breaker_enter(b, WEIR_S(10), &period)) {
    weir_send(refused, 1);
    return;
  }
  for (int i = 0; i < others; i++)
    weir_recv(refused, NULL);
  printf("trial made, %d refused meanwhile\n", others);
  breaker_report(b, WEIR_S(10), period, 0);
}

int main(void) {
  enum { CALLERS = 8 };
  static struct breaker b = {.limit = 3, .pause = WEIR_MS(100)};
  weir_wg calling = {0};
  time_line(&b);
  for (int i = 0; i < b.limit; i++)
    call(&b, WEIR_S(1), EIO);
  weir_chan(int) refused = weir_chan_make(int, 0);
  for (int i = 0; i < CALLERS; i++)
    weir_wg_go(&calling, try_it, &b, CALLERS - 1, refused);
  weir_wg_wait(&calling);
  printf("afterwards: %s\n", call(&b, WEIR_S(10), 0) == 0 ? "good" : "refused");
  weir_chan_free(refused);
}

// Output:
// 0:failed 1:good 2:failed 3:failed 4:failed 5:refused 99:refused 104:failed 105:refused 205:good
// trial made, 7 refused meanwhile
// afterwards: good
