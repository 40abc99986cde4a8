// SPDX-License-Identifier: Apache-2.0
//
// A recursive descent without a limit, on input that nests deeper than the stack. The fixed
// twin has the limit.
//
// REQUIRES: races
// RUN: bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: goroutine stack overflow
// CHECK: goroutine {{[0-9]+}} (parse) used up its stack at recursion.c:[[#]] in nested
// CHECK: nested(
#include <stdlib.h>
#include <string.h>
#include <weir/weir.h>

static int nested(const char **text, int depth) {
  char token[200];
  memset(token, **text, sizeof token);
#ifdef FIXED
  if (depth > 100) return -1;
#endif
  if (**text != '(') return depth;
  ++*text;
  // CHECK: recursion.c:[[@LINE+2]]
  // CHECK: ...the same call {{[0-9]+}} times more...
  int inner = nested(text, depth + 1);
  return inner < 0 ? inner : inner + (token[depth % 200] == ')');
}

static void parse(const char *text, weir_chan(int) result) {
  weir_send(result, nested(&text, 0));
}

int main(void) {
  enum { DEPTH = 100000 };
  char *text = malloc(DEPTH + 1);
  memset(text, '(', DEPTH);
  text[DEPTH] = 0;
  weir_chan(int) result = weir_chan_make(int, 0);
  weir_go(parse, text, result);
  weir_recv(result, NULL);
  weir_chan_free(result);
  free(text);
}
