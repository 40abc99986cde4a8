// SPDX-License-Identifier: Apache-2.0
//
// The classic: the caller takes the first answer, the other senders block for ever.
//
// REQUIRES: races
// RUN: env RUN_OPTIONS=leak_check=0 \
// RUN:   bash %S/../Inputs/twins.sh %s %t %weir "%weircc" "%weircc_plain"
//
// CHECK: goroutine leak at exit
// CHECK-DAG: [chan send]:
#include <weir/weir.h>

static void ask(int server, weir_chan(int) answers) {
  // CHECK-DAG: forgotten_sender.c:[[@LINE+1]]
  weir_send(answers, server);
}

static int first_answer(void) {
#ifdef FIXED
  weir_chan(int) answers = weir_chan_make(int, 3);
#else
  // CHECK-DAG: forgotten_sender.c:[[@LINE+1]]
  weir_chan(int) answers = weir_chan_make(int, 0);
#endif
  for (int i = 1; i <= 3; i++)
    // CHECK-DAG: forgotten_sender.c:[[@LINE+1]]
    weir_go(ask, i, answers);
  int answer;
  weir_recv(answers, &answer);
  return answer;
}

int main(void) {
  return first_answer() > 0 ? 0 : 1;
}
