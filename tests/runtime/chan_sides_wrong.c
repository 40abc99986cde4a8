// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -fsyntax-only %s
// RUN: for i in 1 2 3 4 5; do \
// RUN:   not %weircc_plain -fsyntax-only -DTAKE=$i %s 2>&1 | FileCheck %s --check-prefix=SEND || exit 1; \
// RUN:   not %weircc_plain -fsyntax-only -DGIVE=$i %s 2>&1 | FileCheck %s --check-prefix=RECV || exit 1; \
// RUN: done
// RUN: for i in 1 2 3 4; do \
// RUN:   not %weircc_plain -fsyntax-only -DPASS=$i %s 2>&1 | FileCheck %s --check-prefix=PASS || exit 1; \
// RUN: done
//
// What one side of a channel does not allow is refused at compile time, in words.
//
// SEND: error: {{.*}}this channel is send-only: it cannot be received from
// RECV: error: {{.*}}this channel is receive-only: it cannot be sent on or closed
// PASS: error: incompatible function pointer types
#include <weir/weir.h>

void producer(weir_send_chan(int) out);
void consumer(weir_recv_chan(int) in);

void wrong(weir_send_chan(int) out, weir_recv_chan(int) in) {
  weir_send_chan(int) o = weir_send_only(out);
  weir_recv_chan(int) i = weir_recv_only(in);
  int n;
  bool ok;
#if TAKE == 1
  weir_recv(out, &n);
#elif TAKE == 2
  weir_try_recv(out, &n, &ok);
#elif TAKE == 3
  weir_select(weir_on_recv(out, &n, &ok), weir_on_default());
#elif TAKE == 4
  i = weir_recv_only(out);
#elif TAKE == 5
  weir_recv(*&o, NULL);
#elif GIVE == 1
  weir_send(in, 1);
#elif GIVE == 2
  weir_close(in);
#elif GIVE == 3
  weir_select(weir_on_send(in, 1), weir_on_default());
#elif GIVE == 4
  o = weir_send_only(in);
#elif GIVE == 5
  weir_try_send(in, 1);
#elif PASS == 1
  weir_go(consumer, out);
#elif PASS == 2
  weir_chan(int) both = in;
#elif PASS == 3
  producer(i);
#elif PASS == 4
  weir_chan(long) other = NULL;
  producer(weir_send_only(other));
#endif
  (void)n, (void)ok, (void)o, (void)i;
}
