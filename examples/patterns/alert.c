// SPDX-License-Identifier: Apache-2.0
//
// A monitor with alert: one goroutine owns the watched value. Readings come in on a channel;
// when one crosses the upper limit an alert goes out, and an all-clear when one comes back below
// the lower limit. The gap between the limits keeps a value that trembles around one of them
// from raising an alert with every reading.
//
// The owner never waits for whoever handles alerts: it holds at most one event to be delivered, and
// offers it in the same select in which it takes readings. An event that nobody took before
// the next one is replaced by it, and the number of those lost travels along.
#include <stdio.h>
#include <weir/weir.h>

struct event {
  bool high;
  int reading, missed; // missed: events before this one that nobody took
};

struct limits {
  int low, high;
};

// Whether the reading changes the state; then *high is the new one.
static bool crosses(const struct limits *l, int reading, bool *high) {
  if (*high ? reading >= l->low : reading <= l->high) return false;
  *high = !*high;
  return true;
}

// Ends when `readings` is closed, after the last event was taken.
static void monitor(struct limits l, weir_chan(int) readings, weir_chan(struct event) events) {
  struct event e = {0};
  bool high = false, waiting = false, more = true;
  int reading;
  while (more || waiting) {
    int what = weir_select(weir_on_recv(more ? readings : NULL, &reading, &more),
                           weir_on_send(waiting ? events : NULL, e));
    if (what == 1) {
      waiting = false;
    } else if (more && crosses(&l, reading, &high)) {
      e = (struct event){high, reading, waiting ? e.missed + 1 : 0};
      waiting = true;
    }
  }
  weir_close(events);
}

// --- a boiler -----------------------------------------------------------------------------

static void tell(struct event e) {
  printf("%s at %d, %d missed\n", e.high ? "ALERT" : "clear", e.reading, e.missed);
}

// Readings that change the state, each taken note of before the next comes.
static void one_by_one(weir_chan(int) readings, weir_chan(struct event) events) {
  static const int first[] = {60, 89, 90, 91}, then[] = {95, 89, 92, 80, 79};
  struct event e;
  for (size_t i = 0; i < sizeof first / sizeof *first; i++)
    weir_send(readings, first[i]);
  weir_recv(events, &e), tell(e);
  for (size_t i = 0; i < sizeof then / sizeof *then; i++)
    weir_send(readings, then[i]);
  weir_recv(events, &e), tell(e);
}

int main(void) {
  const struct limits limits = {80, 90};
  weir_chan(int) readings = weir_chan_make(int, 0);
  weir_chan(struct event) events = weir_chan_make(struct event, 0);
  struct event e;
  weir_go(monitor, limits, readings, events);
  one_by_one(readings, events);

  for (int i = 0; i < 3; i++) { // nobody listens meanwhile
    weir_send(readings, 99);
    weir_send(readings, 20);
  }
  weir_send(readings, 97);
  weir_close(readings);
  while (weir_recv(events, &e))
    tell(e);
  weir_chan_free(readings), weir_chan_free(events);
}

// Output:
// ALERT at 91, 0 missed
// clear at 79, 0 missed
// ALERT at 97, 6 missed
