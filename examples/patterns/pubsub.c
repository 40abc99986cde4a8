// SPDX-License-Identifier: Apache-2.0
//
// Publish and subscribe: every message goes to all who have subscribed by then.
//
// Each subscriber has a channel with some room. The publisher never waits for a subscriber: one
// whose channel is full misses the message, and how many it missed is counted. The
// mutex guards the list and, with it, the right to close: a channel is closed only by who
// took it off the list, under the lock under which all sends are made, so nothing is ever sent on
// a closed channel. A send that could wait must not be made under a lock; try_send cannot.
#include <stdio.h>
#include <stdlib.h>
#include <weir/weir.h>

enum { ROOM = 8 };

struct subscriber {
  struct subscriber *next;
  weir_chan(int) messages; // closed when unsubscribed
  int missed;
};

struct topic {
  weir_mutex mu; // guards the list, and all sends and closes of the channels on it
  struct subscriber *subscribers;
};

static struct subscriber *subscribe(struct topic *t) {
  struct subscriber *s = calloc(1, sizeof *s);
  if (!s) abort();
  s->messages = weir_chan_make(int, ROOM);
  weir_guard(&t->mu);
  s->next = t->subscribers;
  return t->subscribers = s;
}

static void publish(struct topic *t, int message) {
  weir_guard(&t->mu);
  for (struct subscriber *s = t->subscribers; s; s = s->next)
    if (!weir_try_send(s->messages, message)) s->missed++;
}

// What was sent before can still be received.
static void unsubscribe(struct topic *t, struct subscriber *s) {
  weir_guard(&t->mu);
  struct subscriber **at = &t->subscribers;
  while (*at != s)
    at = &(*at)->next;
  *at = s->next;
  weir_close(s->messages);
}

static void subscriber_free(struct subscriber *s) {
  weir_chan_free(s->messages);
  free(s);
}

// --- a listener that goes when it has heard enough, and one that is too slow ----------------

static void hear(struct topic *t, struct subscriber *s, int enough, int *heard) {
  int message;
  while (*heard < enough && weir_recv(s->messages, &message))
    ++*heard;
  unsubscribe(t, s);
  subscriber_free(s);
}

int main(void) {
  struct topic topic = {0};
  struct subscriber *slow = subscribe(&topic);
  weir_wg listening = {0};
  int heard = 0, message, got = 0;
  weir_wg_go(&listening, hear, &topic, subscribe(&topic), 3, &heard);
  for (int i = 1; i <= 50; i++)
    publish(&topic, i);
  weir_wg_wait(&listening);
  printf("the listener heard %d and left\n", heard);

  unsubscribe(&topic, slow);
  while (weir_recv(slow->messages, &message))
    got++;
  printf("the slow one got %d, up to %d, and missed %d\n", got, ROOM, slow->missed);
  subscriber_free(slow);
}

// Output:
// the listener heard 3 and left
// the slow one got 8, up to 8, and missed 42
