// SPDX-License-Identifier: Apache-2.0
//
// <weir/weir.h> takes no names that a program likes to have: those of the sockets, of <unistd.h>,
// <stdlib.h> and <stdio.h> are free for functions of its own.
//
// RUN: %weircc_plain -Wall -Wextra -Werror -fno-builtin %s -o %t && %t
#include <weir/weir.h>

static int count;

// clang-format off
static void listen(weir_chan(int) in) { while (weir_recv(in, NULL)) count++; }
static void send(weir_chan(int) out, int v) { weir_send(out, v); }
static void connect(weir_wg *wg, weir_chan(int) ch) { weir_wg_go(wg, listen, ch); }
static void accept(weir_chan(int) ch) { send(ch, 1); }
static void bind(weir_chan(int) ch) { accept(ch); }
static void shutdown(weir_chan(int) ch) { weir_close(ch); }
static void pause(weir_wg *wg) { weir_wg_wait(wg); }
// clang-format on

int main(void) {
  weir_chan(int) ch = weir_chan_make(int, 0);
  weir_wg wg = {0};
  connect(&wg, ch);
  bind(ch);
  shutdown(ch);
  pause(&wg);
  return count == 1 ? 0 : 1;
}
