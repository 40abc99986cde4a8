// SPDX-License-Identifier: Apache-2.0
//
// Heartbeat and restart: a steward starts a ward, hears its heartbeats, and when they stay
// away for too long takes it for stuck: it cancels the ward's context, waits until the ward has
// gone, and starts another, which goes on where the old one stopped.
//
// A goroutine cannot be ended from outside. A ward must therefore hear its context wherever it
// waits; one that does not stays behind, and the steward waits for it. That is the better of two
// evils: a second ward beside the first would work on the same data.
//
// Heartbeats are offered, not sent (weir_try_send into room for one): a beat that nobody has heard
// yet is as good as two, and a ward must not get stuck by beating. Silence is what counts, and a
// busy machine can be silent, too: a restart has to be harmless.
#include <stdio.h>
#include <weir/weir.h>

struct work {
  int next, jobs; // the ward's; the next ward's after it has gone
  int hang_at;    // the job that hangs the first time; -1: none
};

static void do_job(weir_ctx *ctx, struct work *w) {
  if (w->next == w->hang_at) {
    w->hang_at = -1;
    weir_recv(weir_ctx_done(ctx), NULL); // a server that never answers
    return;
  }
  printf("job %d\n", w->next++);
}

// Closes `beats` when all jobs are done; leaves it open when it was told to stop.
static void ward(weir_ctx *ctx, weir_chan(char) beats, struct work *w) {
  while (w->next < w->jobs) {
    if (weir_ctx_err(ctx)) return;
    do_job(ctx, w);
    weir_try_send(beats, 1);
  }
  weir_close(beats);
}

// True: the ward has done its work. False: it was silent for longer than `patience`.
static bool watch(weir_chan(char) beats, int64_t patience) {
  weir_timer *silence = weir_timer_new(patience);
  bool alive = true;
  while (alive && weir_select(weir_on_recv(beats, NULL, &alive),
                              weir_on_recv(weir_timer_chan(silence), NULL, NULL)) == 0)
    weir_timer_reset(silence, patience);
  weir_timer_free(silence);
  return !alive;
}

// Returns the number of restarts.
static int steward(struct work *w, int64_t patience) {
  for (int restarts = 0;; restarts++) {
    weir_ctx *ctx = weir_ctx_with_cancel(weir_ctx_background());
    weir_chan(char) beats = weir_chan_make(char, 1);
    weir_wg warding = {0};
    weir_wg_go(&warding, ward, ctx, beats, w);
    bool finished = watch(beats, patience);
    weir_ctx_cancel(ctx);
    weir_wg_wait(&warding);
    weir_chan_free(beats);
    weir_ctx_free(ctx);
    if (finished) return restarts;
  }
}

int main(void) {
  struct work well = {.jobs = 3, .hang_at = -1}, hangs = {.jobs = 5, .hang_at = 2};
  printf("restarted: %d\n", steward(&well, WEIR_S(60)));
  printf("restarted: %s\n", steward(&hangs, WEIR_MS(20)) > 0 ? "yes" : "no");
}

// Output:
// job 0
// job 1
// job 2
// restarted: 0
// job 0
// job 1
// job 2
// job 3
// job 4
// restarted: yes
