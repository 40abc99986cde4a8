// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain %s -o %t
// RUN: not env WEIR_OPTIONS=procs=1 %t send 2>&1 | FileCheck %s --check-prefix=SEND
// RUN: not env WEIR_OPTIONS=procs=1 %t recv 2>&1 | FileCheck %s --check-prefix=RECV
// RUN: not env WEIR_OPTIONS=procs=1 %t select 2>&1 | FileCheck %s --check-prefix=SELECT
// RUN: not env WEIR_OPTIONS=procs=1 %t none 2>&1 | FileCheck %s --check-prefix=NONE
//
// Operations on nil channels block for ever, which is a deadlock when main does it.
#include <string.h>

#include "check.h"

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  weir_chan(int) nil = NULL;
  // SEND: [chan send (nil chan)
  if (!strcmp(what, "send")) weir_send(nil, 1);
  // RECV: [chan receive (nil chan)
  if (!strcmp(what, "recv")) weir_recv(nil, NULL);
  // SELECT: [select
  if (!strcmp(what, "select")) weir_select(weir_on_recv(nil, NULL, NULL), weir_on_send(nil, 1));
  // NONE: [select (no cases)
  if (!strcmp(what, "none")) weir_select_n((struct weir_case *)NULL, 0);
  puts("came back");
}
