// SPDX-License-Identifier: Apache-2.0
//
// A race between two goroutines four calls deep, for the tests of what a report says. `deep
// global|heap|stack` says where the memory lies. The teller, which main starts two calls deep,
// writes with the ledger locked; the auditor, which another goroutine starts, reads with the
// audit locked, and has last heard of the teller over a channel. report_ELEMENT.test looks at one
// element each, by a prefix of FileCheck that is found here beside the line it speaks of.
#include <stdlib.h>
#include <string.h>

#include "../../bugs/Inputs/hidden.h"

#define DEEP __attribute__((noinline, disable_tail_calls)) static

struct limits {
  int low, high;
};
struct account {
  long number;
  struct limits limits[3];
};

// FIELD: Location is global 'bank[1].limits[2].high' of 4 bytes at 0x{{[0-9a-f]+}}, declared at
// FIELD-SAME: deep.c:[[@LINE+1]]
struct account bank[4];
static struct account *table = bank;
static weir_mutex ledger, audit;
static weir_chan(int) news, closed;
int seen; // external: what nobody looks at would not be computed

// ORDER: The last that goroutine [[AUDITOR:[0-9]+]] (auditor) saw of goroutine [[TELLER:[0-9]+]]
// ORDER-SAME: (teller): it sent on channel news at {{.*}}and only then wrote it.
// ORDER: Last synchronisation between the two:
// ORDER-NEXT: from goroutine [[TELLER]] (teller) to goroutine [[AUDITOR]] (auditor):

// --- the auditor, innermost function first
DEEP int load(const struct limits *at) {
  // ACCESS: {{^  }}Read of size 4 at 0x[[ADDRESS:[0-9a-f]+]] by goroutine {{[0-9]+}} (auditor)
  // LOCKS: {{^  }}Read of size 4 {{.*}} (auditor), holding mutex audit:
  // STACKS: {{^  }}Read of size 4
  // STACKS-NEXT: #0 load {{.*}}deep.c:[[@LINE+1]]:
  return at->high;
}
DEEP int check(struct account *of) {
  // STACKS: #1 check {{.*}}deep.c:[[@LINE+1]]:
  return load(&of->limits[2]);
}
DEEP int look(int id) {
  // STACKS-NEXT: #2 look {{.*}}deep.c:[[@LINE+1]]:
  return check(&table[id]) + 1;
}
DEEP int check_all(void) {
  weir_mutex_lock(&audit);
  // STACKS-NEXT: #3 check_all {{.*}}deep.c:[[@LINE+1]]:
  int sum = look(1);
  weir_mutex_unlock(&audit);
  return sum;
}
DEEP void auditor(void) {
  // ORDER: goroutine [[AUDITOR]] (auditor) received from channel news at deep.c:[[@LINE+1]] in
  weir_recv(news, NULL);
  hidden_wait(1);
  // STACKS-NEXT: #4 auditor {{.*}}deep.c:[[@LINE+1]]:
  seen = check_all();
  // STACKS-EMPTY:
  weir_send(closed, 1);
}

// --- the teller
DEEP void store(struct limits *at) {
  // ACCESS: {{^  }}Previous write of size 4 at 0x[[ADDRESS]] by goroutine {{[0-9]+}} (teller)
  // LOCKS: {{^  }}Previous write of size 4 {{.*}} (teller), holding mutex ledger:
  // STACKS: {{^  }}Previous write of size 4
  // STACKS-NEXT: #0 store {{.*}}deep.c:[[@LINE+1]]:
  at->high = 7;
}
DEEP void apply(struct account *to) {
  // STACKS: #1 apply {{.*}}deep.c:[[@LINE+1]]:
  store(&to->limits[2]);
}
DEEP void handle(int id) {
  // STACKS-NEXT: #2 handle {{.*}}deep.c:[[@LINE+1]]:
  apply(&table[id]);
}
DEEP void serve(int id) {
  weir_mutex_lock(&ledger);
  // STACKS-NEXT: #3 serve {{.*}}deep.c:[[@LINE+1]]:
  handle(id);
  weir_mutex_unlock(&ledger);
}
DEEP void teller(void) {
  weir_send(news, 1);
  // STACKS-NEXT: #4 teller {{.*}}deep.c:[[@LINE+1]]:
  serve(1);
  // STACKS-EMPTY:
  hidden_post();
  weir_send(closed, 1);
}

// --- who started them
DEEP void start_auditor(void) {
  // CREATED: goroutine [[AUDITOR:[0-9]+]] [{{.*}}]:
  // CREATED: created by start_auditor in goroutine [[INSPECTOR:[0-9]+]]
  // CREATED-NEXT: deep.c:[[@LINE+5]]:
  // CREATED-NEXT: [originating from goroutine [[INSPECTOR]]]:
  // CREATED-NEXT: start_auditor(...)
  // CREATED-NEXT: deep.c:[[@LINE+2]]:
  // CREATED-NEXT: inspector(...)
  weir_go(auditor);
}
DEEP void inspector(void) {
  // CREATED-NEXT: deep.c:[[@LINE+1]]:
  start_auditor();
}
DEEP void open_teller(void) {
  weir_go(teller);
}
DEEP void open_bank(void) {
  open_teller();
  // CREATED-NEXT: created by open_bank in goroutine 1
  // CREATED-NEXT: deep.c:[[@LINE+5]]:
  // CREATED-NEXT: [originating from goroutine 1]:
  // CREATED-NEXT: open_bank(...)
  // CREATED-NEXT: deep.c:[[@LINE+2]]:
  // CREATED-NEXT: run(...)
  weir_go(inspector);
}

// --- where the memory lies
DEEP struct account *new_bank(void) {
  // HEAP: Location is a heap block of 128 bytes at 0x{{[0-9a-f]+}} allocated by goroutine 1 (main):
  // HEAP-NEXT: #0 new_bank {{.*}}deep.c:[[@LINE+1]]:
  return calloc(4, sizeof(struct account));
}
DEEP void run(void) {
  // CREATED-NEXT: deep.c:[[@LINE+1]]:
  open_bank();
  weir_recv(closed, NULL);
  weir_recv(closed, NULL);
}
DEEP void run_on_stack(void) {
  // STACK: Location is local variable 'vault[1].limits[2].high' of goroutine 1 (main), 4 bytes at 0x{{[0-9a-f]+}}, declared at deep.c:[[@LINE+1]]
  struct account vault[4] = {0};
  table = vault;
  run();
}
int main(int argc, char **argv) {
  news = weir_chan_make(int, 1);
  closed = weir_chan_make(int, 0);
  // HEAP-NEXT: #1 main {{.*}}deep.c:[[@LINE+1]]:
  if (argc > 1 && !strcmp(argv[1], "heap")) table = new_bank();
  if (argc > 1 && !strcmp(argv[1], "stack"))
    run_on_stack();
  else
    // CREATED-NEXT: main(...)
    // CREATED-NEXT: deep.c:[[@LINE+1]]:
    run();
  weir_chan_free(news);
  weir_chan_free(closed);
  return 0;
}
