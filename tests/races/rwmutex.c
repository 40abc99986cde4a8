// SPDX-License-Identifier: Apache-2.0
//
// What a read-write mutex orders: writers with everybody, readers with writers, and readers not
// with each other.
//
// REQUIRES: races
// RUN: %python %S/Inputs/run_cases.py %s %t %weir %weircc
#include "cases.h"

static weir_rwmutex rw;
static weir_mutex mu;

// Its lock is not that of a mutex.
static void two_kinds(bool same) {
  weir_go_block(^{
    weir_rwmutex_lock(&rw);
    x = 1; // RACE: two_kinds
    weir_rwmutex_unlock(&rw);
    hidden_post();
  });
  hidden_wait(1);
  if (same)
    weir_rwmutex_lock(&rw);
  else
    weir_mutex_lock(&mu);
  x = 2; // RACE: two_kinds
  if (same)
    weir_rwmutex_unlock(&rw);
  else
    weir_mutex_unlock(&mu);
}
static void two_kinds_racy(void) {
  two_kinds(false);
}
static void two_kinds_quiet(void) {
  two_kinds(true);
}

// A writer, then a reader, who reads inside or after.
static void written_then_read(bool inside) {
  weir_go_block(^{
    if (!inside) hidden_wait(1);
    weir_rwmutex_lock(&rw);
    x = 2; // RACE: write_then_read
    weir_rwmutex_unlock(&rw);
    hidden_post();
  });
  if (inside) hidden_wait(1);
  weir_rwmutex_rlock(&rw);
  if (inside) use(x);
  weir_rwmutex_runlock(&rw);
  if (!inside) {
    hidden_post();
    hidden_wait(2);
    use(x); // RACE: write_then_read
  }
}
static void write_then_read_racy(void) {
  written_then_read(false);
}
static void write_then_read_quiet(void) {
  written_then_read(true);
}

// Readers may not write.
static void read_and(bool write, int turn) {
  hidden_wait(turn);
  weir_rwmutex_rlock(&rw);
  if (write)
    y = x + turn; // RACE: readers_write
  else
    use(x + turn);
  weir_rwmutex_runlock(&rw);
  hidden_post();
}
static void several_readers(bool write) {
  weir_rwmutex_lock(&rw);
  x = 2;
  weir_rwmutex_unlock(&rw);
  for (int i = 0; i < 2; i++)
    weir_go(read_and, write, i);
  hidden_wait(2);
}
static void readers_write_racy(void) {
  several_readers(true);
}
static void readers_write_quiet(void) {
  several_readers(false);
}

// All readers before a writer are before it, not only the last.
static void read_beside(bool inside, int turn) {
  hidden_wait(turn);
  weir_rwmutex_rlock(&rw);
  if (inside || turn) use(x);
  weir_rwmutex_runlock(&rw);
  if (!inside && !turn) use(x); // RACE: all_readers
  hidden_post();
}
static void readers_then_writer(bool inside) {
  weir_go(read_beside, inside, 0);
  weir_go(read_beside, inside, 1);
  hidden_wait(2);
  weir_rwmutex_lock(&rw);
  x = 42; // RACE: all_readers
  weir_rwmutex_unlock(&rw);
}
static void all_readers_racy(void) {
  readers_then_writer(false);
}
static void all_readers_quiet(void) {
  readers_then_writer(true);
}

// A reader passes on nothing to the next reader, though a writer would.
static void reader_to_reader(bool by_writer) {
  weir_go_block(^{
    x = 1; // RACE: reader_to_reader
    if (by_writer)
      weir_rwmutex_lock(&rw);
    else
      weir_rwmutex_rlock(&rw);
    if (by_writer)
      weir_rwmutex_unlock(&rw);
    else
      weir_rwmutex_runlock(&rw);
    hidden_post();
  });
  hidden_wait(1);
  weir_rwmutex_rlock(&rw);
  weir_rwmutex_runlock(&rw);
  use(x); // RACE: reader_to_reader
}
static void reader_to_reader_racy(void) {
  reader_to_reader(false);
}
static void reader_to_reader_quiet(void) {
  reader_to_reader(true);
}

// A try to write that fails orders nothing.
static void tried(bool succeeds) {
  weir_go_block(^{
    weir_rwmutex_rlock(&rw);
    use(x); // RACE: try_write
    if (succeeds) weir_rwmutex_runlock(&rw);
    hidden_post();
    hidden_wait(2);
    if (!succeeds) weir_rwmutex_runlock(&rw);
    hidden_post();
  });
  hidden_wait(1);
  MUST(weir_rwmutex_trylock(&rw) == succeeds);
  x = 1; // RACE: try_write
  if (succeeds) weir_rwmutex_unlock(&rw);
  hidden_post();
  hidden_wait(3);
}
static void try_write_racy(void) {
  tried(false);
}
static void try_write_quiet(void) {
  tried(true);
}
static void tried_read(bool succeeds) {
  weir_go_block(^{
    weir_rwmutex_lock(&rw);
    x = 1; // RACE: try_read
    if (succeeds) weir_rwmutex_unlock(&rw);
    hidden_post();
    hidden_wait(2);
    if (!succeeds) weir_rwmutex_unlock(&rw);
    hidden_post();
  });
  hidden_wait(1);
  MUST(weir_rwmutex_tryrlock(&rw) == succeeds);
  use(x); // RACE: try_read
  if (succeeds) weir_rwmutex_runlock(&rw);
  hidden_post();
  hidden_wait(3);
}
static void try_read_racy(void) {
  tried_read(false);
}
static void try_read_quiet(void) {
  tried_read(true);
}

// Two guards of the read side, or one of each.
static void add_reading(int turn) {
  hidden_wait(turn);
  weir_rguard(&rw);
  x++; // RACE: read_guard
  hidden_post();
}
static void add_writing(int turn) {
  hidden_wait(turn);
  weir_guard(&rw);
  x++;
  hidden_post();
}
static void read_guard_racy(void) {
  weir_go(add_reading, 0);
  add_reading(1);
}
static void read_guard_quiet(void) {
  weir_go(add_writing, 0);
  add_writing(1);
}

// Writers that wait for readers, and the other way round: each is ordered after who let it in.
static void waited(bool inside) {
  weir_rwmutex_rlock(&rw);
  weir_go_block(^{
    hidden_post();
    weir_rwmutex_lock(&rw);
    x = 1; // RACE: writer_waited
    weir_rwmutex_unlock(&rw);
    hidden_post();
  });
  hidden_wait(1);
  for (int i = 0; i < 20; i++) // with one processor it waits now
    weir_yield();
  if (inside) use(x);
  weir_rwmutex_runlock(&rw);
  hidden_wait(2);
  if (!inside) use(x); // RACE: writer_waited
}
static void writer_waited_racy(void) {
  waited(false);
}
static void writer_waited_quiet(void) {
  waited(true);
}

CASES(CASE(two_kinds), CASE(write_then_read), CASE(readers_write), CASE(all_readers),
      CASE(reader_to_reader), CASE(try_write), CASE(try_read), CASE(read_guard),
      CASE(writer_waited))
