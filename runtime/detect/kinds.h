// SPDX-License-Identifier: Apache-2.0
//
// What a detector has reported already, by a hash of what makes two goroutines alike: later ones
// are counted, and the numbers said at the end of the program (weir.seen/1). In a full table
// everything counts as reported, so a detector that meets ever new kinds falls silent.
//
// One thread looks and adds; the counts may be read by another, at the end.
#ifndef WEIR_DETECT_KINDS_H
#define WEIR_DETECT_KINDS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct weir_g_view;

enum { WEIR_KINDS = 1024 };

struct weir_kinds {
  _Atomic size_t n;
  struct {
    uint64_t hash;
    _Atomic unsigned long number, more;
  } kind[WEIR_KINDS];
};

bool weir_kinds_new(const struct weir_kinds *k, uint64_t hash); // false also when it is full
// Reported as the record of that number. Only what is new.
void weir_kinds_add(struct weir_kinds *k, uint64_t hash, unsigned long number);
// Met again, so often. What is not there is not counted.
void weir_kinds_more(struct weir_kinds *k, uint64_t hash, unsigned long more);
void weir_kinds_say_seen(struct weir_kinds *k);

// Of the statement that created a goroutine: what it does, whatever it is doing just now.
uint64_t weir_kind_of_creation(const struct weir_g_view *v);

#endif
