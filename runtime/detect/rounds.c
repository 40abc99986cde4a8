// SPDX-License-Identifier: Apache-2.0
//
// More of the finding `goroutine-leak-at-exit`: main has returned, the others have been let go on
// for a while, and one of them goes round and round: it waits in one and the same select with a
// time limit, and each time it is the limit that ends the wait. What else could end it, a channel
// that is always the same one and open, nobody closes or sends on. It is never blocked for
// long, so nothing else would name it; and like one that is blocked without a limit it was to be
// told to end, and was not.
//
// Looked for only if the program did not come to rest, for LOOKS ms at most. One that goes round
// less than ROUNDS times in that time is not named: it may be about to end by itself. Nor is one
// that only sleeps, as nobody could tell it anything.
#include <weir/time.h>

#include "base/flags.h"
#include "detect/emit.h"
#include "detect/hooks.h"

enum { LOOKS = 100, ROUNDS = 10, SEEN = 3, MOST = 32, WAYS = 16, TRIES = 200 };

struct rounds {
  struct weir_g *g;
  uint64_t id;
  const void *pc, *way_out; // where it waits; the channel that could end it
  uint32_t first, last, seen;
};
static struct {
  size_t n;
  struct rounds of[MOST];
} going;

// Of a wait that a clock ends: the first channel that it would receive from and that no clock
// is behind.
static const void *way_out_of(const struct weir_g_view *v) {
  struct weir_wait_on on[WAYS];
  if (v->state != WEIR_G_WAITING || v->op != WEIR_WAIT_SELECT || !v->timed) return NULL;
  size_t n = weir_inspect_waits(v->g, on, WAYS);
  for (size_t i = 0; i < n && i < WAYS; i++) {
    struct weir_object_desc d;
    if (on[i].kind != WEIR_OBJ_CHAN || on[i].op != WEIR_WAIT_CHAN_RECV || !on[i].object) continue;
    weir_object_describe(on[i].kind, on[i].object, &d);
    if (!d.timer_pending && !d.closed) return on[i].object;
  }
  return NULL;
}

static struct rounds *rounds_of(const struct weir_g_view *v, const void *way_out) {
  for (size_t i = 0; i < going.n; i++) {
    struct rounds *r = &going.of[i];
    if (r->id == v->id && r->pc == v->api_pc && r->way_out == way_out) return r;
  }
  if (going.n == MOST) return NULL;
  struct rounds *r = &going.of[going.n++];
  *r = (struct rounds){v->g, v->id, v->api_pc, way_out, v->park_seq, v->park_seq, 0};
  return r;
}

static bool note(const struct weir_g_view *v, void *any) {
  if (v->thread || v->expected || v->id == 1) return true;
  *(bool *)any |= v->state != WEIR_G_WAITING || v->timed;
  const void *way_out = way_out_of(v);
  struct rounds *r = way_out ? rounds_of(v, way_out) : NULL;
  if (!r) return true;
  r->seen += r->last != v->park_seq;
  r->last = v->park_seq;
  return true;
}

static bool is_round(const struct rounds *r) {
  return r->last - r->first >= ROUNDS && r->seen >= SEEN;
}

// Its stack as it is in one of these waits; 0: it is in none now.
static size_t stack_of(const struct rounds *r, struct weir_g_view *v, uintptr_t *pcs) {
  struct weir_g_view after;
  weir_inspect_one(r->g, v);
  if (v->id != r->id || v->api_pc != r->pc || way_out_of(v) != r->way_out) return 0;
  size_t n = weir_inspect_stack(r->g, NULL, pcs, WEIR_STACK_MAX);
  weir_inspect_one(r->g, &after);
  bool same = after.park_seq == v->park_seq && after.state == WEIR_G_WAITING;
  return !same ? 0 : n < WEIR_STACK_MAX ? n : WEIR_STACK_MAX;
}

static bool report(const struct rounds *r) {
  uintptr_t pcs[WEIR_STACK_MAX];
  struct weir_g_view v;
  size_t frames = 0;
  for (int i = 0; i < TRIES && !(frames = stack_of(r, &v, pcs)); i++)
    weir_sleep(WEIR_US(50));
  if (!frames) return false;
  struct weir_record *record = weir_record_begin(
      WEIR_F_GOROUTINE_LEAK_AT_EXIT,
      "Goroutine %lu goes round for ever after main has returned: it waits in select with a time "
      "limit again and again, and nobody tells it to end.",
      (unsigned long)v.id);
  weir_record_goroutines_open(record);
  struct weir_record_goroutine g = {.view = &v,
                                    .count = 1,
                                    .stack = pcs,
                                    .frames = frames,
                                    .past = weir_wait_op_text(WEIR_WAIT_SELECT)}; // it goes on
  g.past_object = weir_record_object_at(record, WEIR_OBJ_CHAN, r->way_out);
  weir_record_goroutine(record, &g);
  weir_record_goroutines_close(record);
  weir_record_rounds(record, r->last - r->first);
  return weir_record_end(record);
}

void weir_rounds_look(void) {
  bool any = true, done = false;
  for (int i = 0; i < LOOKS && any && !done; i++) {
    any = false;
    weir_inspect_each(note, &any);
    done = going.n > 0;
    for (size_t k = 0; k < going.n; k++)
      done &= is_round(&going.of[k]);
    if (!done) weir_sleep(WEIR_MS(1));
  }
  for (size_t i = 0; i < going.n; i++)
    if (is_round(&going.of[i]) && report(&going.of[i])) weir_end_program();
}
