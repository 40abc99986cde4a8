// SPDX-License-Identifier: Apache-2.0
//
// many [ROUNDS [fork]]: 1,000 goroutines pass a token on, ROUNDS times (0: for ever). `fork`: a child
// does what a forked child may, and the parent goes on. Prints a line when the token has gone round
// the first time.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weir/weir.h>

enum { MANY = 1000 };

static void pass(weir_chan(long) in, weir_chan(long) out) {
  long token;
  while (weir_recv(in, &token))
    weir_send(out, token + 1);
  weir_close(out);
}

static void fork_once(void) {
  pid_t child = fork();
  if (child == 0) {
    weir_chan(int) c = weir_chan_make(int, 4);
    for (int i = 0; i < 4; i++)
      weir_send(c, i);
    _exit(0);
  }
  waitpid(child, NULL, 0);
}

int main(int argc, char **argv) {
  long rounds = argc > 1 ? atol(argv[1]) : 1, token = 0;
  weir_chan(long) first = weir_chan_make(long, 0), in = first, out = NULL;
  for (int i = 0; i < MANY; i++, in = out) {
    out = weir_chan_make(long, i % 3);
    weir_go(pass, in, out);
  }
  for (long i = 0; !rounds || i < rounds; i++) {
    weir_send(first, 0);
    weir_recv(out, &token);
    if (i == 0) {
      puts("round");
      fflush(stdout);
      if (argc > 2 && !strcmp(argv[2], "fork")) fork_once();
    }
  }
  weir_close(first);
  weir_recv(out, NULL);
  return token != MANY;
}
