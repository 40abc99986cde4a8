// SPDX-License-Identifier: Apache-2.0
//
// What goroutines did last is left of a program that was killed, however many there were, and of
// one that ended by itself nothing.
//
// REQUIRES: runtime
// RUN: rm -rf %t.d && mkdir %t.d && cd %t.d && %weircc_plain -g -O1 %s -o prog
// RUN: (%weir run -- ./prog 3000 kill 2>err; test $? = 137)
// RUN: FileCheck %s --check-prefix=SAID <err
// RUN: sh -c "$(grep 'trace summary' err)" | FileCheck %s --check-prefix=SUMMARY
// RUN: %weir trace list .weir/*.trace | FileCheck %s --check-prefix=LIST
// RUN: %weir trace perfetto .weir/*.trace -o t.json && %python %S/Inputs/chrome.py t.json >said
// RUN: grep 'span: chan receive from' said
// RUN: rm -r .weir && %weir run -- ./prog 10 2>err && not ls .weir/*.trace && not grep trace err
//
// It ends with a finding: that says what its goroutines did last.
// RUN: (%weir run -- ./prog 10 deadlock 2>err; test $? = 66) && not ls .weir/*.trace
// RUN: grep '"events"' .weir/prog.*
// RUN: grep -x 'Reproduce: ./prog 10 deadlock' err
//
// Of several processes, that which was killed; where the log is told, beside it.
// RUN: (%weir run --children --log=f -- sh -c './prog 9; ./prog 9 kill; true' 2>err; test $? = 0)
// RUN: grep '1 process did not come to its end; what goroutines did last' err
// RUN: test $(ls f.*.trace | wc -l) = 1 && %weir trace summary f.*.trace | grep ' 10 goroutines'
//
// No file without the recorder, nor beside a trace; one without room is said once, and all share.
// RUN: (%weir run --option=recorder=0 --log=g -- ./prog 9 kill; test $? = 137) && not ls g.*.trace
// RUN: (%weir run --trace=t --log=g -- ./prog 9 kill; test $? = 137) && not ls g.*.trace
// RUN: (ulimit -f 2048; %weir run --log=h -- ./prog 3000 kill 2>err; test $? = 137)
// RUN: grep -c 'no more than 2048 goroutines (File too large); others share' err | grep -x 1
// RUN: %weir trace summary h.*.trace | grep 'chan receive from'
// RUN: (WEIR_OPTIONS=recorder=1:recorder_file=no/f ./prog 9 kill 2>err; test $? = 137)
// RUN: grep 'cannot make no/f (No such file or directory); there is no file' err
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <weir/weir.h>

// SAID: the program was ended by signal 9 (Killed); what goroutines did last:
//
// SUMMARY: recorder.c.tmp.d/prog (pid [[#]]): {{.*}} 3001 goroutines
// SUMMARY: The program did not come to its end
// SUMMARY: Of each goroutine, the newest 15 things
// SUMMARY: 3000 {{.*}} 3000  chan receive from at recorder.c:[[#WAITS:]] in worker
//
// LIST: goroutine 3001 (worker) begins
// LIST: goroutine 3001 (worker) waits: chan receive from, recorder.c:[[#]] in worker
static void worker(weir_chan(int) from, weir_wg *begun) {
  weir_wg_done(begun);
  weir_recv(from, NULL);
}

int main(int argc, char **argv) {
  int n = atoi(argv[1]);
  weir_chan(int) from = weir_chan_make(int, 0);
  weir_wg begun = {0};
  weir_set_procs(1); // who is done with `begun` waits before another one runs
  weir_wg_add(&begun, n);
  for (int i = 0; i < n; i++)
    weir_go(worker, from, &begun);
  weir_wg_wait(&begun);
  weir_yield();
  if (argc > 2 && !strcmp(argv[2], "kill")) kill(getpid(), SIGKILL);
  if (argc > 2) weir_recv(from, NULL);
  weir_close(from);
  return 0;
}
