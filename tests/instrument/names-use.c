// SPDX-License-Identifier: Apache-2.0
//
// A use is named by what is declared, not by the text of the expression.
// RUN: %clang -fplugin=%weir_plugin -fplugin-arg-weir-race=off -w -DWEIR_BUILDING -I%include -O1 %s %S/Inputs/print_sites.c -o %t && %t | FileCheck %s
#include <stdlib.h>
#include <weir/weir.h>

struct account {
  weir_mutex mu;
  long balance;
};
typedef struct {
  struct account *accounts;
  weir_wg pending;
  weir_chan(int) queue;
} bank;
static struct account accounts[4];
static struct {
  weir_mutex lock;
} state;
static weir_mutex global;

#define LOCK(a) weir_mutex_lock(&(a)->mu)

static void transfer(struct account *from, struct account *to, weir_mutex *m, weir_wg *wg) {
  weir_mutex_lock(&from->mu);   // CHECK: [[@LINE]]: transfer: account.mu
  weir_mutex_unlock(&(*to).mu); // CHECK: [[@LINE]]: transfer: account.mu
  LOCK(to);                     // CHECK: [[@LINE]]: transfer: account.mu
  weir_mutex_lock(m);           // CHECK: [[@LINE]]: transfer: m{{$}}
  weir_wg_done(wg);             // CHECK: [[@LINE]]: transfer: wg{{$}}
}

int main(int argc, char **argv) {
  bank b = {.accounts = accounts};
  bank *bp = &b;
  weir_wg wg = {0};
  weir_mutex locks[2];
  weir_chan(int) jobs = NULL, all[2] = {0}, *some = all;
  weir_ctx *ctx = NULL;
  int r;
  bool ok;
  transfer(&accounts[0], &accounts[1], &global, &wg);
  weir_mutex_lock(&accounts[argc].mu);     // CHECK: [[@LINE]]: main: accounts[].mu
  weir_mutex_lock(&bp->accounts[argc].mu); // CHECK: [[@LINE]]: main: bank.accounts[].mu
  weir_mutex_lock(&state.lock);            // CHECK: [[@LINE]]: main: state.lock
  weir_mutex_lock(&global);                // CHECK: [[@LINE]]: main: global{{$}}
  weir_mutex_trylock(&locks[0]);           // CHECK: [[@LINE]]: main: locks[]
  weir_mutex_trylock(locks + argc);        // CHECK: [[@LINE]]: main: locks[]
  weir_mutex_lock(argc ? &global
                       : &state.lock); // CHECK: [[@LINE]]: main: ~argc ? &global : &state.lock
  {
    weir_guard(&accounts[2].mu); // CHECK-COUNT-2: [[@LINE]]: main: accounts[].mu
  }
  weir_rwmutex rw;
  weir_once once;
  weir_cond conds[2];
  weir_sem slots = WEIR_SEM(2);
  weir_rwmutex_rlock(&rw);                                   // CHECK: [[@LINE]]: main: rw{{$}}
  weir_once_do(&once, abort);                                // CHECK: [[@LINE]]: main: once{{$}}
  weir_cond_wait(&conds[1], &global);                        // CHECK: [[@LINE]]: main: conds[]
  weir_sem_acquire(&slots, ctx, 1);                          // CHECK: [[@LINE]]: main: slots{{$}}
  weir_wg_add(&wg, 1);                                       // CHECK: [[@LINE]]: main: wg{{$}}
  weir_wg_add(&b.pending, 1);                                // CHECK: [[@LINE]]: main: bank.pending
  weir_wg_wait(&bp->pending);                                // CHECK: [[@LINE]]: main: bank.pending
  weir_send(jobs, 1);                                        // CHECK: [[@LINE]]: main: jobs{{$}}
  weir_try_send(bp->queue, 1);                               // CHECK: [[@LINE]]: main: bank.queue
  weir_recv(all[1], &r);                                     // CHECK: [[@LINE]]: main: all[]
  weir_try_recv(*some, &r, &ok);                             // CHECK: [[@LINE]]: main: some{{$}}
  weir_close((b.queue));                                     // CHECK: [[@LINE]]: main: bank.queue
  weir_select(weir_on_recv(jobs, &r, &ok),                   // CHECK: main: jobs{{$}}
              weir_on_send(bp->queue, 1),                    // CHECK-NEXT: main: bank.queue
              weir_on_recv(weir_ctx_done(ctx), NULL, NULL)); // CHECK-NEXT: main: ctx.done
                                                             // CHECK-NEXT: main: ~select
  weir_send((weir_chan(int))NULL, 1); // CHECK: [[@LINE]]: main: ~(weir_chan(int))NULL
  return 0;
}
