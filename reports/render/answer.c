// SPDX-License-Identifier: Apache-2.0
//
// The answer: what happened, in one or two sentences with real names, built from the
// record and not from its message, which the runtime wrote before names were
// known. One function per kind of finding; a kind without one gets the message.
#include <stdlib.h>
#include <string.h>

#include "render/view.h"

static const char *done(struct weir_view *v, struct weir_buf *b) {
  const char *s = weir_arena_copy(&v->arena, b->data ? b->data : "", b->len);
  weir_buf_free(b);
  return s;
}

static const char *capital(struct weir_view *v, const char *s) {
  char *copy = weir_arena_copy(&v->arena, s, strlen(s));
  if (*copy >= 'a' && *copy <= 'z') *copy = (char)(*copy - 'a' + 'A');
  return copy;
}

static void add_at(struct weir_buf *b, const char *before, const char *at) {
  if (*at) weir_buf_printf(b, "%s%s", before, at);
}

// --- data race ---------------------------------------------------------------------------

static bool shares_lock(const struct weir_access *a, const struct weir_access *b) {
  for (size_t i = 0; i < a->hold_count; i++)
    for (size_t j = 0; j < b->hold_count; j++)
      if (a->holds[i] == b->holds[j]) return true;
  return false;
}

static void add_locks(struct weir_view *v, struct weir_buf *b, const struct weir_access *x,
                      const struct weir_access *y) {
  if (shares_lock(x, y) || (!x->hold_count && !y->hold_count)) return;
  if (x->hold_count && y->hold_count) {
    weir_buf_printf(b, " They held different locks: %s against %s.",
                    weir_view_locks(v, x->holds, x->hold_count),
                    weir_view_locks(v, y->holds, y->hold_count));
    return;
  }
  const struct weir_access *with = x->hold_count ? x : y, *without = x->hold_count ? y : x;
  weir_buf_printf(b, " %s held %s, %s held no lock.",
                  capital(v, weir_view_goroutine(v, with->goroutine)),
                  weir_view_locks(v, with->holds, with->hold_count),
                  weir_view_goroutine(v, without->goroutine));
}

static const char *answer_race(struct weir_view *v) {
  if (v->f->access_count < 2) return v->f->message;
  const struct weir_access *x = &v->f->accesses[0], *y = &v->f->accesses[1];
  struct weir_buf b = {0};
  weir_buf_printf(&b, "%s %s %s", weir_view_goroutine(v, x->goroutine), weir_view_did(v, x),
                  weir_view_location(v));
  add_at(&b, " at ", weir_view_at(v, &x->stack));
  weir_buf_printf(&b, " while %s %s it", weir_view_goroutine(v, y->goroutine), weir_view_did(v, y));
  add_at(&b, " at ", weir_view_at(v, &y->stack));
  weir_buf_add(&b, ", and nothing orders the two.");
  add_locks(v, &b, x, y);
  const char *hint = weir_view_order_hint(v, weir_view_did(v, y));
  if (*hint) weir_buf_printf(&b, " %s.", capital(v, hint));
  return done(v, &b);
}

// --- calls that may not come in any order ---------------------------------------------------

static const struct {
  const char *id, *why;
} predicted[] = {
    {"send-close-race", "a send that comes after the close ends the program (send on closed)"},
    {"channel-free-race",
     "a use that comes after the free meets memory that may be another channel's by then"},
    {"wait-group-race", "whether the wait waits for what is added is chance"},
    {"negative-wait-group", "a done that comes before every add ends the program"},
    {"unlock-by-other", "an unlock that comes before the lock ends the program (unlock of "
                        "unlocked), or takes the lock from another"},
};

static const char *answer_predicted(struct weir_view *v, const char *why) {
  if (v->f->access_count < 2 || !v->f->object_count) return v->f->message;
  const struct weir_access *x = &v->f->accesses[0], *y = &v->f->accesses[1];
  struct weir_buf b = {0};
  weir_buf_printf(&b, "%s %s %s", weir_view_goroutine(v, x->goroutine), weir_view_did(v, x),
                  weir_view_object(v, 0));
  add_at(&b, " at ", weir_view_at(v, &x->stack));
  weir_buf_printf(&b, ", %s %s it", weir_view_goroutine(v, y->goroutine), weir_view_did(v, y));
  add_at(&b, " at ", weir_view_at(v, &y->stack));
  weir_buf_printf(&b, ", and nothing orders the two: %s.", why);
  const char *hint = weir_view_order_hint(v, weir_view_did(v, y));
  if (*hint) weir_buf_printf(&b, " %s.", capital(v, hint));
  return done(v, &b);
}

// --- deadlocks -----------------------------------------------------------------------------

static void add_blocked(struct weir_view *v, struct weir_buf *b, const struct weir_group *g) {
  if (g->count > 1) {
    const char *name = weir_view_name(v, g->first);
    weir_buf_printf(b, "%llu goroutines", (unsigned long long)g->count);
    if (*name) weir_buf_printf(b, " (%s)", name);
    weir_buf_add(b, " are ");
  } else {
    weir_buf_printf(b, "%s is ", weir_view_goroutine(v, g->first->id));
  }
  weir_buf_add(b, weir_view_waiting(v, g->first));
  add_at(b, " at ", weir_view_at(v, &g->first->stack));
}

static uint64_t goroutine_total(const struct weir_view *v) {
  uint64_t n = 0;
  for (size_t i = 0; i < v->group_count; i++)
    n += v->groups[i].count;
  return n;
}

static void add_groups(struct weir_view *v, struct weir_buf *b, size_t most) {
  for (size_t i = 0; i < v->group_count && i < most; i++) {
    if (i) weir_buf_add(b, "; ");
    add_blocked(v, b, &v->groups[i]);
  }
  size_t left = v->group_count > most ? v->group_count - most : 0;
  if (left) weir_buf_printf(b, "; and %zu more kind%s of goroutine", left, left == 1 ? "" : "s");
  weir_buf_add(b, ".");
}

static void add_cycle(struct weir_view *v, struct weir_buf *b) {
  for (size_t i = 0; i < v->f->cycle_count; i++) {
    struct weir_cycle_row row = weir_view_cycle_row(v, i);
    weir_buf_printf(b, "%s%s ", i ? "; " : "", row.who);
    if (*row.holds) weir_buf_printf(b, "holds %s and ", row.holds);
    weir_buf_printf(b, "waits for %s", row.waits);
    add_at(b, " at ", row.waits_at);
  }
}

// Of one that reads already and waits to read again.
static void add_writer(struct weir_view *v, struct weir_buf *b, uint64_t reader) {
  const struct weir_goroutine *writer = NULL;
  for (size_t i = 0; i < v->f->goroutine_count && !writer; i++)
    if (v->f->goroutines[i].id != reader) writer = &v->f->goroutines[i];
  weir_buf_printf(b, "; %s waits in between to write",
                  writer ? weir_view_goroutine(v, writer->id) : "somebody");
  if (writer) add_at(b, " at ", weir_view_at(v, &writer->stack));
  weir_buf_add(b, ", so");
}

static const char *answer_self(struct weir_view *v) {
  const struct weir_cycle_edge *e = &v->f->cycle[0];
  const struct weir_goroutine *g = weir_finding_goroutine(v->f, e->goroutine);
  const struct weir_hold *h = g ? weir_view_hold(g, e->object) : NULL;
  struct weir_buf b = {0};
  bool once = e->object >= 0 && !strcmp(v->f->objects[e->object].kind, "once");
  weir_buf_printf(&b, "%s %s %s", weir_view_goroutine(v, e->goroutine), once ? "calls" : "locks",
                  weir_view_object(v, e->object));
  if (g) add_at(&b, " at ", weir_view_at(v, &g->stack));
  bool writes = e->object >= 0 && v->f->objects[e->object].owner == e->goroutine;
  bool again = g && !writes && !strcmp(g->op, "sync.RWMutex.RLock");
  weir_buf_add(&b, once ? ", whose function it runs" : ", which it holds already");
  if (e->object >= 0 && !strcmp(v->f->objects[e->object].kind, "rwmutex"))
    weir_buf_add(&b, writes ? " for writing" : " for reading");
  if (h) add_at(&b, " since ", weir_view_at(v, &h->at));
  if (again)
    add_writer(v, &b, e->goroutine);
  else
    weir_buf_add(&b, ":");
  weir_buf_add(&b, " it waits for itself and can never go on.");
  weir_view_add_doubt(v, &b);
  return done(v, &b);
}

// What all goroutines of the cycle have in common, or "".
static const char *common(struct weir_view *v, bool place) {
  const char *shared = NULL;
  for (size_t i = 0; i < v->f->cycle_count; i++) {
    const struct weir_goroutine *g = weir_finding_goroutine(v->f, v->f->cycle[i].goroutine);
    const char *own = !g ? "" : place ? weir_view_at(v, &g->stack) : weir_view_name(v, g);
    if (shared && strcmp(shared, own)) return "";
    shared = own;
  }
  return shared ? shared : "";
}

// A long cycle is said in short; the table below it has the rest.
static const char *answer_ring(struct weir_view *v) {
  struct weir_buf b = {0};
  const char *name = common(v, false);
  weir_buf_printf(&b, "%zu goroutines", v->f->cycle_count);
  if (*name) weir_buf_printf(&b, " (%s)", name);
  weir_buf_add(&b, " wait for each other in a circle");
  add_at(&b, " at ", common(v, true));
  weir_buf_add(&b, ", each for what the next one holds: none of them can ever go on.");
  return done(v, &b);
}

static const char *answer_cycle(struct weir_view *v) {
  struct weir_buf b = {0};
  size_t n = v->f->cycle_count;
  if (!n) return v->f->message;
  if (n == 1) return answer_self(v);
  if (n > 3) return answer_ring(v);
  add_cycle(v, &b);
  weir_buf_printf(&b, ": %s can ever go on.", n == 2 ? "neither" : "none of them");
  return done(v, &b);
}

static const char *answer_partial_deadlock(struct weir_view *v) {
  return v->f->wait_for_count || !v->f->cycle_count ? weir_view_answer_knot(v) : answer_cycle(v);
}

static const char *answer_order(struct weir_view *v) {
  struct weir_buf b = {0};
  size_t n = v->f->cycle_count;
  if (!n) return v->f->message;
  for (size_t i = 0; i < n && n <= 3; i++) {
    struct weir_cycle_row row = weir_view_cycle_row(v, i);
    const struct weir_goroutine *g = weir_finding_goroutine(v->f, v->f->cycle[i].goroutine);
    bool serves = weir_view_serves(v, i);
    if (g && weir_view_is_turn(v, i)) {
      weir_buf_printf(&b, "%s%s comes first, %s", i ? "; " : "", row.who, weir_view_wants(v, g));
      add_at(&b, " at ", row.waits_at);
      continue;
    }
    weir_buf_printf(&b, "%s%s %s %s", i ? "; " : "", row.who, serves ? "still has" : "holds",
                    row.holds);
    add_at(&b, serves ? " at " : " since ", row.holds_at);
    weir_buf_printf(&b, " and is %s", g ? weir_view_wants(v, g) : row.waits);
    add_at(&b, " at ", row.waits_at);
  }
  if (n > 3) weir_buf_printf(&b, "%zu goroutines each hold what another one wants", n);
  weir_buf_printf(&b, ": nothing keeps these from happening at once, and then %s can ever go on.",
                  n == 2 ? "neither" : "none of them");
  return done(v, &b);
}

// Why nobody comes: the locks that were left locked.
static void add_left_locked(struct weir_view *v, struct weir_buf *b) {
  for (size_t i = 0; i < v->f->object_count; i++) {
    const struct weir_object *o = &v->f->objects[i];
    if (!o->owner_ended) continue;
    weir_buf_printf(b, " %s took %s",
                    o->owner ? capital(v, weir_view_goroutine(v, o->owner)) : "A goroutine",
                    weir_view_object(v, (int)i));
    add_at(b, " at ", weir_view_at(v, &o->owner_at));
    weir_buf_add(b, " and has ended without unlocking it.");
  }
}

// A signal is not kept for who comes later.
static void add_missed(struct weir_view *v, struct weir_buf *b) {
  for (size_t i = 0; i < v->f->object_count; i++) {
    const struct weir_object *o = &v->f->objects[i];
    if (!o->missed_by) continue;
    weir_buf_printf(b, " %s signalled %s", capital(v, weir_view_goroutine(v, o->missed_by)),
                    weir_view_object(v, (int)i));
    add_at(b, " at ", weir_view_at(v, &o->missed_at));
    weir_buf_add(b, " before that, when nobody waited, and nobody has since.");
  }
}

static const char *answer_deadlock(struct weir_view *v) {
  uint64_t n = goroutine_total(v);
  struct weir_buf b = {0};
  if (v->f->cycle_count) {
    const char *cycle = answer_cycle(v);
    weir_buf_printf(&b, "%s", cycle);
    if (n == 2 && v->f->cycle_count == 1)
      weir_buf_add(&b, " Both goroutines are blocked.");
    else if (n > v->f->cycle_count)
      weir_buf_printf(&b, " All %llu goroutines are blocked.", (unsigned long long)n);
    return done(v, &b);
  }
  if (!n) return v->f->message;
  if (n == 1)
    weir_buf_add(&b, "The only goroutine left is blocked and nothing can ever wake it: ");
  else if (n == 2)
    weir_buf_add(&b, "Both goroutines are blocked and nothing can ever wake either: ");
  else
    weir_buf_printf(&b, "All %llu goroutines are blocked and nothing can ever wake one: ",
                    (unsigned long long)n);
  add_groups(v, &b, 3);
  add_left_locked(v, &b);
  add_missed(v, &b);
  return done(v, &b);
}

// --- goroutines that stay ------------------------------------------------------------------

static const struct weir_object *waited_channel(struct weir_view *v,
                                                const struct weir_goroutine *g) {
  int object = weir_view_waited(v, g);
  if (object < 0 || strcmp(v->f->objects[object].kind, "channel")) return NULL;
  return &v->f->objects[object];
}

// What was to send on it, or to close it, and why that will not be.
static bool add_owner(struct weir_buf *b, const struct weir_object *ch) {
  static const struct {
    const char *of, *text;
  } owners[] = {
      {"timer", " Its timer is spent or was stopped, and nobody sets it again."},
      {"ticker", " Its ticker was stopped, which ends no wait for the next tick."},
      {"context", " Its context was never cancelled, and has no deadline."},
  };
  for (size_t i = 0; i < sizeof owners / sizeof *owners; i++)
    if (!strcmp(ch->of, owners[i].of)) {
      weir_buf_add(b, owners[i].text);
      return true;
    }
  return false;
}

// Who used the other side last: the first thing one wants to know.
static void add_partner(struct weir_view *v, struct weir_buf *b, const struct weir_goroutine *g) {
  const struct weir_object *ch = waited_channel(v, g);
  if (!ch || add_owner(b, ch)) return;
  bool sends = !strcmp(g->op, "chan send");
  if (!sends && strcmp(g->op, "chan receive")) return;
  uint64_t partner = sends ? ch->last_receiver : ch->last_sender;
  const char *did = sends ? "received from it" : "sent on it";
  if (partner)
    weir_buf_printf(b, " The last that %s was %s.", did, weir_view_goroutine(v, partner));
  else
    weir_buf_printf(b, " Nobody ever %s.", did);
}

static const char *answer_rounds(struct weir_view *v, const struct weir_goroutine *g) {
  struct weir_buf b = {0};
  weir_buf_printf(&b, "%s goes round and round after main has returned, waiting in select",
                  weir_view_goroutine(v, g->id));
  add_at(&b, " at ", weir_view_at(v, &g->stack));
  weir_buf_add(&b, ". Each time the wait is over when its time is");
  if (g->wait_count && g->waits[0].object >= 0)
    weir_buf_printf(&b, "; what could end it is %s", weir_view_object(v, g->waits[0].object));
  weir_buf_add(&b, ", and nobody does.");
  return done(v, &b);
}

static const char *answer_leak(struct weir_view *v) {
  uint64_t n = goroutine_total(v);
  struct weir_buf b = {0};
  if (!n) return v->f->message;
  if (v->f->rounds) return answer_rounds(v, v->groups[0].first);
  const struct weir_group *g = &v->groups[0];
  if (n == 1)
    weir_buf_printf(&b, "%s was still blocked when main had returned, ",
                    weir_view_goroutine(v, g->first->id));
  else
    weir_buf_printf(
        &b, "%llu goroutines were still blocked when main had returned: ", (unsigned long long)n);
  if (v->group_count == 1) {
    weir_buf_add(&b, weir_view_waiting(v, g->first));
    add_at(&b, " at ", weir_view_at(v, &g->first->stack));
    weir_buf_add(&b, ".");
    add_partner(v, &b, g->first);
  } else {
    add_groups(v, &b, 3);
  }
  add_left_locked(v, &b);
  add_missed(v, &b);
  return done(v, &b);
}

// What makes sure that nobody comes.
static void add_proof(struct weir_view *v, struct weir_buf *b, const struct weir_goroutine *g) {
  if (strstr(g->op, "nil chan"))
    weir_buf_add(b, ": a nil channel never has a partner.");
  else if (strstr(g->op, "singleflight"))
    weir_buf_add(b, ": who makes the call that it shares never returns.");
  else if (!g->wait_count)
    weir_buf_add(b, ": a select without channels never ends.");
  else
    weir_buf_printf(b,
                    ": no goroutine that can run, no thread, timer, poller or global leads to %s.",
                    g->wait_count > 1 ? "anything that it waits for"
                                      : weir_view_object(v, weir_view_waited(v, g)));
}

static const char *answer_proven_leak(struct weir_view *v) {
  struct weir_buf b = {0};
  if (!v->group_count) return v->f->message;
  const struct weir_group *g = &v->groups[0];
  bool sure = !strcmp(v->f->certainty, "proven");
  if (g->count > 1)
    weir_buf_printf(&b, "%llu goroutines (%s) are", (unsigned long long)g->count,
                    weir_view_name(v, g->first));
  else
    weir_buf_printf(&b, "%s is", weir_view_goroutine(v, g->first->id));
  weir_buf_printf(&b, "%s blocked for ever, %s", sure ? "" : " probably",
                  weir_view_waiting(v, g->first));
  add_at(&b, " at ", weir_view_at(v, &g->first->stack));
  add_proof(v, &b, g->first);
  add_partner(v, &b, g->first);
  add_missed(v, &b);
  if (!sure && *v->f->doubt) weir_buf_printf(&b, " Only suspected: %s.", v->f->doubt);
  return done(v, &b);
}

// Who holds what is waited for, and what that one does meanwhile.
static void add_holder(struct weir_view *v, struct weir_buf *b, int object) {
  const struct weir_object *o = &v->f->objects[object];
  const struct weir_stack *since = &o->owner_at;
  uint64_t holder = o->owner_ended ? 0 : o->owner;
  for (size_t i = 0; !o->owner && !holder && i < v->group_count; i++) { // a reader
    const struct weir_goroutine *g = v->groups[i].first;
    for (size_t j = 0; j < g->hold_count; j++)
      if (g->holds[j].object == object) {
        holder = g->id;
        since = &g->holds[j].at;
      }
  }
  if (!holder) return;
  weir_buf_printf(b, " %s holds it", capital(v, weir_view_goroutine(v, holder)));
  add_at(b, " since ", weir_view_at(v, since));
  const struct weir_goroutine *g = weir_finding_goroutine(v->f, holder);
  if (g && *g->op) {
    weir_buf_printf(b, " and is %s", weir_view_waiting(v, g));
    add_at(b, " at ", weir_view_at(v, &g->stack));
  }
  weir_buf_add(b, ".");
}

static const char *answer_stuck(struct weir_view *v) {
  struct weir_buf b = {0};
  if (!v->group_count) return v->f->message;
  const struct weir_group *g = &v->groups[0];
  const char *name = weir_view_name(v, g->first);
  if (g->count > 1)
    weir_buf_printf(&b, "%llu goroutines%s%s%s have been ", (unsigned long long)g->count,
                    *name ? " (" : "", name, *name ? ")" : "");
  else
    weir_buf_printf(&b, "%s has been ", weir_view_goroutine(v, g->first->id));
  weir_buf_add(&b, weir_view_waiting(v, g->first));
  if (g->first->since_ns >= 0)
    weir_buf_printf(&b, " for %s", weir_view_duration(v, g->first->since_ns));
  add_at(&b, " at ", weir_view_at(v, &g->first->stack));
  weir_buf_add(&b, ".");
  int object = weir_view_waited(v, g->first);
  add_left_locked(v, &b);
  if (object >= 0) add_holder(v, &b, object);
  add_partner(v, &b, g->first);
  add_missed(v, &b);
  if (*v->f->doubt) weir_buf_printf(&b, " Only suspected: %s.", v->f->doubt);
  return done(v, &b);
}

// --- misuse ----------------------------------------------------------------------------------

static const struct weir_goroutine *culprit(struct weir_view *v) {
  return v->f->goroutine_count ? &v->f->goroutines[0] : NULL;
}

static const char *target(struct weir_view *v, const char *fallback) {
  return v->f->object_count ? weir_view_object(v, 0) : fallback;
}

static void add_other(struct weir_view *v, struct weir_buf *b, const char *did) {
  const struct weir_other *o = &v->f->other;
  uint64_t id = o->goroutine;
  const char *at = weir_view_at(v, &o->at);
  if (!id && v->f->object_count) id = v->f->objects[0].closed_by;
  if (!*at && v->f->object_count) at = weir_view_at(v, &v->f->objects[0].closed_at);
  if (!id && !*at) return;
  const struct weir_goroutine *g = culprit(v);
  bool same = g && id && g->id == id;
  weir_buf_printf(b, ", which %s had %s", same ? "it" : weir_view_goroutine(v, id), did);
  add_at(b, " at ", at);
}

struct misuse {
  const char *id, *verb, *fallback;
  const char *how;   // directly after the object
  const char *why;   // after the place
  const char *other; // what the other side had done, or NULL
  const char *what;  // only where the record's `other` says this; NULL: always
};

static const struct misuse misuses[] = {
    {"send-on-closed", "sent on", "a channel", "", "", "closed", NULL},
    {"close-of-closed", "closed", "a channel", "", "", "already closed", NULL},
    {"close-of-nil", "closed", "a channel", "", ", which is nil", NULL, NULL},
    {"free-of-channel-in-use", "used", "a channel", "", "", "freed", "freed by"},
    {"free-of-channel-in-use", "freed", "a channel", "", ", which goroutines are blocked on", NULL,
     NULL},
    {"unlock-of-unlocked", "unlocked", "a mutex", "", ", which was not locked", NULL, NULL},
    {"semaphore-over-release", "took", "a semaphore", " below zero",
     ": more was given back than taken", NULL, NULL},
    {"cond-wait-unlocked", "waited on", "a condition variable", " without its lock", "", NULL,
     NULL},
    {"negative-wait-group", "took", "a wait group", " below zero", ": there are more done than add",
     NULL, NULL},
    {"send-close-race", "took another case than the send on", "a channel", "",
     " by chance: the send ends the program", "closed", NULL},
    {"wait-group-race", "used", "a wait group", "",
     " before all who wait for the round before had come back: they may wait for this one, too",
     NULL, NULL},
    {"goroutine-stack-overflow", "used up", "its stack", "",
     ": it calls too deep, or keeps too much there", NULL, NULL},
};

static const char *answer_misuse(struct weir_view *v, const struct misuse *m) {
  const struct weir_goroutine *g = culprit(v);
  struct weir_buf b = {0};
  if (!g) return v->f->message;
  weir_buf_printf(&b, "%s %s %s%s", weir_view_goroutine(v, g->id), m->verb, target(v, m->fallback),
                  m->how);
  add_at(&b, " at ", weir_view_at(v, &g->stack));
  weir_buf_add(&b, m->other ? "" : m->why);
  if (m->other) add_other(v, &b, m->other);
  if (m->other) weir_buf_add(&b, m->why);
  weir_buf_add(&b, ".");
  if (g->stack_size)
    weir_buf_printf(&b,
                    " The stack has %llu KiB; weir_go_stack gives a goroutine a larger one, "
                    "stack_kb all.",
                    (unsigned long long)(g->stack_size + 1023) / 1024);
  return done(v, &b);
}

// What each signal means.
static const char *crash_phrase(const char *sig) {
  static const struct {
    const char *sig, *phrase;
  } phrases[] = {
      {"SIGSEGV", "used memory that is not there or not its to use"},
      {"SIGBUS", "used memory that has nothing behind it, or at an odd address"},
      {"SIGFPE", "divided by zero, or made a number too large"},
      {"SIGILL", "came to an instruction that cannot be executed"},
      {"SIGABRT", "called abort, as a failed assert does"},
  };
  for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
    if (!strcmp(phrases[i].sig, sig)) return phrases[i].phrase;
  return "crashed";
}

static const char *answer_crash(struct weir_view *v) {
  enum { NEAR_NULL = 4096 };
  const struct weir_crash *crash = &v->f->crash;
  const struct weir_goroutine *g = culprit(v);
  struct weir_buf b = {0};
  if (!g) return v->f->message;
  weir_buf_printf(&b, "%s %s", weir_view_goroutine(v, g->id), crash_phrase(crash->signal));
  add_at(&b, " at ", weir_view_at(v, &g->stack));
  if (crash->has_address && crash->address < NEAR_NULL)
    weir_buf_printf(&b, ": a null pointer, plus %llu", (unsigned long long)crash->address);
  else if (crash->has_address && crash->address)
    weir_buf_printf(&b, ": address 0x%llx", (unsigned long long)crash->address);
  weir_buf_printf(&b, ". %s ended the program.", crash->signal);
  return done(v, &b);
}

static const char *answer_dump(struct weir_view *v) {
  uint64_t n = goroutine_total(v);
  const char *more = strchr(v->f->message, '.'); // behind the first sentence, which says the number
  return weir_arena_printf(&v->arena, "%llu goroutine%s, of %zu kind%s.%s", (unsigned long long)n,
                           n == 1 ? "" : "s", v->group_count, v->group_count == 1 ? "" : "s",
                           more ? more + 1 : "");
}

static const char *raw_answer(struct weir_view *v) {
  static const struct {
    const char *id;
    const char *(*answer)(struct weir_view *v);
  } kinds[] = {
      {"data-race", answer_race},
      {"deadlock", answer_deadlock},
      {"partial-deadlock", answer_partial_deadlock},
      {"lock-order", answer_order},
      {"goroutine-leak-at-exit", answer_leak},
      {"stuck-goroutine", answer_stuck},
      {"crash", answer_crash},
      {"goroutine-dump", answer_dump},
      {"goroutine-leak", answer_proven_leak},
  };
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (!strcmp(v->f->id, kinds[i].id)) return kinds[i].answer(v);
  for (size_t i = 0; v->f->access_count && i < sizeof predicted / sizeof *predicted; i++)
    if (!strcmp(v->f->id, predicted[i].id)) return answer_predicted(v, predicted[i].why);
  for (size_t i = 0; i < sizeof misuses / sizeof *misuses; i++)
    if (!strcmp(v->f->id, misuses[i].id) &&
        (!misuses[i].what || !strcmp(v->f->other.what, misuses[i].what)))
      return answer_misuse(v, &misuses[i]);
  return v->f->message;
}

const char *weir_view_answer(struct weir_view *v) {
  const char *s = raw_answer(v);
  return *s ? s : weir_view_title(v);
}

const struct weir_stack *weir_view_main_stack(const struct weir_finding *f) {
  if (f->place_count) return &f->places[0].at;
  if (f->access_count && weir_stack_top(&f->accesses[0].stack)) return &f->accesses[0].stack;
  for (size_t i = 0; i < f->cycle_count; i++) {
    const struct weir_goroutine *g = weir_finding_goroutine(f, f->cycle[i].goroutine);
    if (g && weir_stack_top(&g->stack)) return &g->stack;
  }
  for (size_t i = 0; i < f->goroutine_count; i++)
    if (weir_stack_top(&f->goroutines[i].stack)) return &f->goroutines[i].stack;
  return NULL;
}

const char *weir_view_place(struct weir_view *v) {
  const struct weir_stack *s = weir_view_main_stack(v->f);
  return s ? weir_view_at(v, s) : "";
}

const char *weir_view_summary(struct weir_view *v) {
  const char *at = weir_view_place(v);
  return weir_arena_printf(&v->arena, "%s%s%s", weir_view_title(v), *at ? " " : "", at);
}
