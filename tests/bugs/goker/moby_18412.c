// SPDX-License-Identifier: Apache-2.0
//
// GoKer's moby_18412: When a command takes too long it is killed, and its output and exit code are
// read at once, while its last output is still copied and its end has not been seen. The command is
// a goroutine here that writes its lines to a channel, the pipe.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: data-race
// names: run_command
//
// CHECK-DAG: data race
// CHECK-DAG: goroutine 1 (main)
// CHECK-DAG: goroutine {{[0-9]+}} ({{copy_output|wait_command}})
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <weir/weir.h>

enum { ROOM = 64 };

struct line {
  char text[8];
};

struct output {
  char bytes[ROOM];
  size_t n;
};

struct command {
  weir_chan(struct line) pipe;
  weir_chan(char) copied; // closed when the last line is in the output
  struct output *output;
  atomic_bool killed;
};

struct result {
  struct output output;
  int exit_code, error;
  bool timed_out;
};

// What becomes of the command, for who waits for it.
struct end {
  int error, exit_code;
};

static weir_wg started;

static void list(struct command *c) {
  for (int i = 0; i < 3 && !c->killed; i++) {
    weir_sleep(WEIR_US(500));
    weir_send(c->pipe, (struct line){"line\n"});
  }
  weir_close(c->pipe);
  weir_wg_done(&started);
}

static void copy_output(struct command *c) {
  struct line line;
  while (weir_recv(c->pipe, &line)) {
    memcpy(c->output->bytes + c->output->n, line.text, strlen(line.text));
    c->output->n += strlen(line.text);
  }
  weir_close(c->copied);
  weir_wg_done(&started);
}

static void start(struct command *c) {
  weir_wg_add(&started, 2);
  weir_go(list, c);
  weir_go(copy_output, c);
}

#ifdef FIXED
static void wait_command(struct command *c, weir_chan(struct end) done) {
  weir_recv(c->copied, NULL);
  weir_send(done, (struct end){0, 1});
  weir_wg_done(&started);
}
#else
static void wait_command(struct command *c, int *exit_code, weir_chan(int) done) {
  weir_recv(c->copied, NULL);
  *exit_code = 1;
  weir_send(done, 0);
  weir_wg_done(&started);
}
#endif

static struct command *new_command(void) {
  struct command *c = calloc(1, sizeof *c);
  c->pipe = weir_chan_make(struct line, 0);
  c->copied = weir_chan_make(char, 0);
  c->output = calloc(1, sizeof *c->output);
  return c;
}

static struct result run_command(int64_t timeout) {
  struct command *c = new_command();
  struct result *r = calloc(1, sizeof *r); // may outlive this call: the waiter writes to it
  weir_chan(int64_t) late = weir_after(timeout);
  start(c);
  weir_wg_add(&started, 1);
#ifdef FIXED
  weir_chan(struct end) done = weir_chan_make(struct end, 1);
  struct end end;
  weir_go(wait_command, c, done);
  if (weir_select(weir_on_recv(late, NULL, NULL), weir_on_recv(done, &end, NULL)) == 0) {
    c->killed = true;
    r->timed_out = true;
    weir_recv(done, &end);
  }
  r->error = end.error;
  r->exit_code = end.exit_code;
#else
  weir_chan(int) done = weir_chan_make(int, 0);
  // CHECK-DAG: in run_command
  weir_go(wait_command, c, &r->exit_code, done);
  if (weir_select(weir_on_recv(late, NULL, NULL), weir_on_recv(done, &r->error, NULL)) == 0) {
    c->killed = true;
    r->timed_out = true;
  }
#endif
  r->output = *c->output;
  return *r;
}

int main(void) {
  struct result r = run_command(WEIR_MS(1));
  volatile size_t n = r.output.n + (size_t)r.exit_code;
  (void)n;
#ifdef FIXED
  weir_wg_wait(&started);
#endif
  return 0;
}
