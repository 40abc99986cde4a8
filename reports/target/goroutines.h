// SPDX-License-Identifier: Apache-2.0
//
// The goroutines of a process that is looked into from outside, and the objects they wait for and
// hold, read by weir/layout.def. What cannot be read is left out: a process that crashed may have
// written over anything.
#ifndef WEIR_TARGET_GOROUTINES_H
#define WEIR_TARGET_GOROUTINES_H

#include "target/target.h"

enum weir_seen_state { WEIR_SEEN_DEAD, WEIR_SEEN_RUNNABLE, WEIR_SEEN_RUNNING, WEIR_SEEN_WAITING };
enum { WEIR_SEEN_FRAMES = 64, WEIR_SEEN_WAITS = 64 };

struct weir_seen_site {
  const char *name, *func, *file;
  unsigned line;
};

struct weir_seen_object {
  uint64_t address;
  const char *kind; // "channel" ...
  struct weir_seen_site site;
  int64_t len, cap, elem_size; // -1: has none; len INT64_MIN
  bool closed, nil;
  uint64_t closed_by, closed_at, last_sender, last_receiver;
  uint64_t owner, owner_at; // goroutine id, return address
};

struct weir_seen_use { // of an object: how it is waited for, or where it was taken
  const char *op;
  int object;
  uint64_t pc;
};

struct weir_seen_goroutine {
  uint64_t id, parent, address;
  enum weir_seen_state state;
  bool thread, expected;
  const char *op, *name, *labels; // labels: "key=value" 0 ... 0
  int64_t since_ns;               // -1: unknown
  struct weir_seen_use *waits, *holds;
  size_t wait_count, hold_count;
  uint64_t *stack, *creation;
  size_t frames, creation_frames;
  int tid; // running: of the thread; else 0
};

struct weir_seen {
  struct weir_seen_goroutine *goroutines; // none of them dead
  size_t count, room;
  struct weir_seen_object *objects;
  size_t object_count, object_room;
  uint32_t *by_address; // of objects: number + 1, 0 = free; twice object_room
  size_t lost;          // goroutines that could not be read
  struct weir_arena arena;
};

// False after a message: the process has no runtime, or one of another version.
bool weir_seen_read(struct weir_target *t, const char *verb, struct weir_seen *seen);
void weir_seen_free(struct weir_seen *seen);

const struct weir_seen_goroutine *weir_seen_find(const struct weir_seen *seen, uint64_t id);

#endif
