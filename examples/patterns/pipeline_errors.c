// SPDX-License-Identifier: Apache-2.0
//
// A pipeline in which a stage can fail.
//
// Each stage is a function of a group: it reads one channel, writes the next, closes it when
// it ends for whatever reason, and returns 0 or an error. The first error cancels
// the group's context. Every send and receive therefore is in a select with that context: a stage
// whose neighbour is gone leaves instead of waiting for ever. weir_group_wait returns when
// all stages have, with the error that was first, and only then the channels are freed.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir/weir.h>

struct pipeline {
  weir_ctx *ctx;
  weir_chan(const char *) lines;
  weir_chan(long) numbers;
  long sum; // written by the last stage, read after wait
};

static int read_lines(struct pipeline *p, const char *const *text) {
  weir_defer(weir_close(p->lines));
  for (; *text; text++)
    if (weir_select(weir_on_send(p->lines, *text),
                    weir_on_recv(weir_ctx_done(p->ctx), NULL, NULL)) == 1)
      return weir_ctx_err(p->ctx);
  return 0;
}

static int parse(struct pipeline *p) {
  weir_defer(weir_close(p->numbers));
  for (;;) {
    const char *line;
    bool ok;
    if (weir_select(weir_on_recv(p->lines, &line, &ok),
                    weir_on_recv(weir_ctx_done(p->ctx), NULL, NULL)) == 1)
      return weir_ctx_err(p->ctx);
    if (!ok) return 0;
    char *end;
    long n = strtol(line, &end, 10);
    if (*end) return EINVAL;
    if (weir_select(weir_on_send(p->numbers, n), weir_on_recv(weir_ctx_done(p->ctx), NULL, NULL)) ==
        1)
      return weir_ctx_err(p->ctx);
  }
}

static int add(struct pipeline *p) {
  for (;;) {
    long n;
    bool ok;
    if (weir_select(weir_on_recv(p->numbers, &n, &ok),
                    weir_on_recv(weir_ctx_done(p->ctx), NULL, NULL)) == 1)
      return weir_ctx_err(p->ctx);
    if (!ok) return 0;
    p->sum += n;
  }
}

static void run(const char *what, const char *const *text) {
  weir_group stages = weir_group_with_ctx(weir_ctx_background());
  struct pipeline p = {.ctx = weir_group_ctx(&stages),
                       .lines = weir_chan_make(const char *, 0),
                       .numbers = weir_chan_make(long, 0)};
  weir_group_go(&stages, read_lines, &p, text);
  weir_group_go(&stages, parse, &p);
  weir_group_go(&stages, add, &p);
  int err = weir_group_wait(&stages);
  if (err)
    printf("%s: %s\n", what, strerror(err));
  else
    printf("%s: the sum is %ld\n", what, p.sum);
  weir_chan_free(p.lines);
  weir_chan_free(p.numbers);
  weir_group_free(&stages);
}

int main(void) {
  static const char *const good[] = {"1", "2", "39", NULL};
  static const char *const bad[] = {"1", "2", "three", "4", "5", NULL};
  run("good", good);
  run("bad", bad);
}

// Output:
// good: the sum is 42
// bad: Invalid argument
