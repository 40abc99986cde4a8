// SPDX-License-Identifier: Apache-2.0
//
// GoKer's grpc_1275: Somebody reads from a stream that the client closes, but closing it tells the
// reader nothing. main gives up after a while.
//
// A tool must name the reader, where it was started, and the channel that nobody sends on. The
// fixed close ends the stream, and the reader gets to know.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: goroutine-leak goroutine-leak-at-exit
// names: reader main recv
#include <stdlib.h>
#include <sys/types.h>
#include <weir/weir.h>

struct recv_buffer {
  weir_chan(bool) recv;
};
struct stream {
  ssize_t (*read)(struct stream *s, char *to, size_t size); // -1: the end
  struct recv_buffer *buffer;
};
struct client {
  int streams;
};

static ssize_t read_buffer(struct stream *s, char *to, size_t size) {
  (void)to, (void)size;
  bool open;
  // CHECK-DAG: grpc_1275.c:[[@LINE+1]]
  weir_select(weir_on_recv(s->buffer->recv, NULL, &open));
  return open ? 0 : -1;
}

static ssize_t read_full(struct stream *s, char *to, size_t size) {
  size_t got = 0;
  while (got < size) {
    ssize_t n = s->read(s, to + got, size - got);
    if (n < 0) return -1;
    got += (size_t)n;
  }
  return (ssize_t)got;
}

static void reader(struct stream *s, weir_chan(char) donec) {
  weir_defer(weir_close(donec));
  char byte;
  read_full(s, &byte, 1);
}

static struct stream *new_stream(struct client *c) {
  struct stream *s = calloc(1, sizeof *s);
  s->read = read_buffer;
  s->buffer = calloc(1, sizeof *s->buffer);
  s->buffer->recv = weir_chan_make(bool, 0);
  c->streams++;
  return s;
}

static void close_stream(struct client *c, struct stream *s) {
  c->streams--;
#ifdef FIXED
  weir_close(s->buffer->recv);
#else
  (void)s;
#endif
}

int main(void) {
  struct client client = {0};
  struct stream *s = new_stream(&client);
  weir_chan(char) donec = weir_chan_make(char, 0);
  // CHECK-DAG: grpc_1275.c:[[@LINE+1]]
  weir_go(reader, s, donec);
  close_stream(&client, s);

  weir_timer *limit = weir_timer_new(300);
  switch (weir_select(weir_on_recv(donec, NULL, NULL),
                      weir_on_recv(weir_timer_chan(limit), NULL, NULL))) {
  case 0:
    if (!weir_timer_stop(limit)) weir_recv(weir_timer_chan(limit), NULL);
    break;
  case 1:
#ifdef FIXED
    weir_recv(donec, NULL);
#endif
    break;
  }
  return 0;
}
