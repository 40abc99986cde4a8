// SPDX-License-Identifier: Apache-2.0
//
// Channels, locks and the rest, as they lie in the memory of a process that is looked into.
#include "target/objects.h"

#include <stdlib.h>
#include <string.h>

struct weir_seen_site weir_seen_site_at(const struct weir_layout *l, struct weir_seen *seen,
                                        uint64_t address) {
  struct weir_seen_site s = {"", "", "", 0};
  if (!address) return s;
  s.name = weir_target_text(l->t, weir_layout_word(l, address, WEIR_L_SITE_NAME), &seen->arena);
  s.func = weir_target_text(l->t, weir_layout_word(l, address, WEIR_L_SITE_FUNC), &seen->arena);
  s.file = weir_target_text(l->t, weir_layout_word(l, address, WEIR_L_SITE_FILE), &seen->arena);
  s.line = weir_layout_half(l, address, WEIR_L_SITE_LINE);
  return s;
}

static void read_channel(const struct weir_layout *l, struct weir_seen_object *o) {
  uint64_t c = o->address;
  o->nil = !c;
  if (!c) return;
  o->cap = (int64_t)weir_layout_word(l, c, WEIR_L_CHAN_CAP);
  o->len = (int64_t)weir_layout_word(l, c, WEIR_L_CHAN_COUNT);
  o->elem_size = weir_layout_half(l, c, WEIR_L_CHAN_ELEM_SIZE);
  o->closed = weir_layout_byte(l, c, WEIR_L_CHAN_CLOSED);
  if (o->closed) {
    o->closed_by = weir_layout_word(l, c, WEIR_L_CHAN_CLOSED_BY);
    o->closed_at = weir_layout_word(l, c, WEIR_L_CHAN_CLOSED_PC);
  }
  o->last_sender = weir_layout_word(l, c, WEIR_L_CHAN_LAST_SENDER);
  o->last_receiver = weir_layout_word(l, c, WEIR_L_CHAN_LAST_RECEIVER);
}

static void read_lock(const struct weir_layout *l, struct weir_seen_object *o) {
  uint64_t owner = weir_layout_word(l, o->address, WEIR_L_LOCK_OWNER);
  o->owner = weir_layout_word(l, owner, WEIR_L_G_ID);
  if (o->owner) o->owner_at = weir_layout_word(l, o->address, WEIR_L_LOCK_PC);
  if (!strcmp(o->kind, "rwmutex"))
    o->len =
        weir_layout_half(l, o->address, WEIR_L_LOCK_STATE) / l->number[WEIR_L_RWMUTEX_ONE_READER];
}

static bool is_lock(const char *kind) {
  return !strcmp(kind, "mutex") || !strcmp(kind, "rwmutex") || !strcmp(kind, "once");
}

static const char *lock_kind(const struct weir_layout *l, uint64_t address) {
  uint32_t kind = weir_layout_half(l, address, WEIR_L_LOCK_KIND);
  if (kind == l->number[WEIR_L_LOCK_KIND_RWMUTEX]) return "rwmutex";
  return kind == l->number[WEIR_L_LOCK_KIND_ONCE] ? "once" : "mutex";
}

static uint64_t site_of(const struct weir_layout *l, const struct weir_seen_object *o) {
  static const struct {
    const char *kind;
    enum weir_layout_name site;
  } by_kind[] = {
      {"channel", WEIR_L_CHAN_SITE},  {"mutex", WEIR_L_LOCK_SITE},
      {"rwmutex", WEIR_L_LOCK_SITE},  {"once", WEIR_L_LOCK_SITE},
      {"wait group", WEIR_L_WG_SITE}, {"condition variable", WEIR_L_COND_SITE},
      {"semaphore", WEIR_L_SEM_SITE}, {"fence", WEIR_L_FENCE_SITE},
  };
  for (size_t i = 0; i < sizeof by_kind / sizeof *by_kind; i++)
    if (!strcmp(o->kind, by_kind[i].kind)) return weir_layout_word(l, o->address, by_kind[i].site);
  return 0;
}

static void read_object(const struct weir_layout *l, struct weir_seen *seen,
                        struct weir_seen_object *o) {
  if (!strcmp(o->kind, "channel")) read_channel(l, o);
  if (is_lock(o->kind)) read_lock(l, o);
  if (!strcmp(o->kind, "wait group"))
    o->len = (int32_t)(weir_layout_word(l, o->address, WEIR_L_WG_STATE) >> 32);
  if (!strcmp(o->kind, "semaphore")) {
    o->len = (int64_t)weir_layout_word(l, o->address, WEIR_L_SEM_TAKEN);
    o->cap = (int64_t)weir_layout_word(l, o->address, WEIR_L_SEM_CAPACITY);
  }
  o->site = weir_seen_site_at(l, seen, site_of(l, o));
}

// Where the object stands in the table, or would.
static size_t place_of(const struct weir_seen *seen, const char *kind, uint64_t address) {
  size_t mask = 2 * seen->object_room - 1, i = (address >> 3) * 0x9e3779b97f4a7c15u >> 20 & mask;
  for (; seen->by_address[i]; i = (i + 1) & mask) {
    const struct weir_seen_object *o = &seen->objects[seen->by_address[i] - 1];
    if (o->address == address && !strcmp(o->kind, kind)) break;
  }
  return i;
}

static void grow(struct weir_seen *seen) {
  seen->object_room = seen->object_room ? 2 * seen->object_room : 64;
  seen->objects = weir_xrealloc(seen->objects, seen->object_room * sizeof *seen->objects);
  free(seen->by_address);
  size_t bytes = 2 * seen->object_room * sizeof *seen->by_address;
  seen->by_address = memset(weir_xmalloc(bytes), 0, bytes);
  for (size_t i = 0; i < seen->object_count; i++)
    seen->by_address[place_of(seen, seen->objects[i].kind, seen->objects[i].address)] =
        (uint32_t)i + 1;
}

int weir_seen_object_at(const struct weir_layout *l, struct weir_seen *seen, const char *kind,
                        uint64_t address) {
  if (!kind) kind = lock_kind(l, address);
  if (!*kind || (!address && strcmp(kind, "channel"))) return -1;
  if (seen->object_count == seen->object_room) grow(seen);
  size_t place = place_of(seen, kind, address);
  if (seen->by_address[place]) return (int)seen->by_address[place] - 1;
  struct weir_seen_object *o = &seen->objects[seen->object_count];
  *o = (struct weir_seen_object){
      .address = address, .kind = kind, .len = INT64_MIN, .cap = -1, .elem_size = -1};
  read_object(l, seen, o);
  seen->by_address[place] = (uint32_t)++seen->object_count;
  return (int)seen->object_count - 1;
}
