// SPDX-License-Identifier: Apache-2.0
//
// torture [-t milliseconds] [-n rounds] [-s seed] [-a actors] [-q] [play...]
// The actors play until the time is over, or each has played `rounds` rounds. -q: ends by SIGQUIT
// in the middle instead. The seed is printed first, so that a failure can be tried again.
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>

#include "torture.h"

static const struct {
  const char *name;
  play_fn *fn;
} plays[] = {
#define PLAY(name) {#name, play_##name},
    PLAY(fifo) PLAY(select) PLAY(close) PLAY(ring) PLAY(elements) PLAY(nil) PLAY(mutex)
        PLAY(rwmutex) PLAY(once) PLAY(cond) PLAY(semaphore) PLAY(wait_group) PLAY(context)
            PLAY(timer) PLAY(ticker) PLAY(sleep) PLAY(group) PLAY(flight) PLAY(blocking) PLAY(pipe)
                PLAY(tcp) PLAY(goexit) PLAY(many) PLAY(look)};
enum { N_PLAYS = sizeof plays / sizeof *plays };

static struct {
  long ms, rounds, actors;
  unsigned long seed;
  bool quit;
  bool wanted[N_PLAYS];
  int64_t until;
} how = {.ms = 1000, .rounds = -1, .actors = 4, .seed = 1};
static _Atomic long played[N_PLAYS];

void stir(struct rng *r) {
  switch (rnd(r, 16)) {
  case 0:
  case 1:
  case 2:
    weir_yield();
    break;
  case 3:
    for (volatile unsigned i = rnd(r, 500); i; i--) {
    }
    break;
  case 4:
    if (rnd(r, 50) == 0) weir_sleep(WEIR_US(rnd(r, 60)));
    break;
  case 5:
    if (rnd(r, 20) == 0) sched_yield();
    break;
  default:
    break;
  }
}

struct recruit {
  void (*fn)(void *arg);
  void *arg;
};

static void *thread(void *p) {
  struct recruit job = *(struct recruit *)p;
  free(p);
  job.fn(job.arg);
  return NULL;
}

void crew_go(struct crew *c, struct rng *r, void (*fn)(void *arg), void *arg) {
  if (c->n_threads < CREW_THREADS && rnd(r, 12) == 0) {
    struct recruit *job = malloc(sizeof *job);
    *job = (struct recruit){fn, arg};
    if (pthread_create(&c->threads[c->n_threads], NULL, thread, job) == 0) {
      c->n_threads++;
      return;
    }
    free(job);
  }
  weir_wg_go(&c->wg, fn, arg);
}

void crew_wait(struct crew *c) {
  weir_wg_wait(&c->wg);
  for (int i = 0; i < c->n_threads; i++)
    weir_blocking(pthread_join, c->threads[i], NULL);
}

static void act(struct rng r) {
  for (long i = 0; how.rounds < 0 ? weir_now() < how.until : i < how.rounds; i++) {
    unsigned which = rnd(&r, N_PLAYS);
    while (!how.wanted[which])
      which = (which + 1) % N_PLAYS;
    plays[which].fn(&r);
    atomic_fetch_add_explicit(&played[which], 1, memory_order_relaxed);
  }
}

static int usage(const char *what) {
  dprintf(2, "torture: what is %s? [-t ms] [-n rounds] [-s seed] [-a actors] [-q] [play...]\n",
          what);
  return 3;
}

static int parse(int argc, char **argv) {
  bool all = true;
  for (int opt; (opt = getopt(argc, argv, "t:n:s:a:q")) != -1;) {
    if (opt == 't')
      how.ms = atol(optarg);
    else if (opt == 'n')
      how.rounds = atol(optarg);
    else if (opt == 's')
      how.seed = strtoul(optarg, NULL, 10);
    else if (opt == 'a')
      how.actors = atol(optarg);
    else if (opt == 'q')
      how.quit = true;
    else
      return usage("that option");
  }
  for (int i = optind; i < argc; i++) {
    int k = 0;
    while (k < N_PLAYS && strcmp(plays[k].name, argv[i]) != 0)
      k++;
    if (k == N_PLAYS) return usage(argv[i]);
    how.wanted[k] = true;
    all = false;
  }
  for (int k = 0; all && k < N_PLAYS; k++)
    how.wanted[k] = true;
  return 0;
}

int main(int argc, char **argv) {
  int status = parse(argc, argv);
  if (status) return status;
  dprintf(2, "seed %lu\n", how.seed);
  signal(SIGPIPE, SIG_IGN);
  how.until = weir_now() + WEIR_MS(how.ms);
  struct rng r = {how.seed * 2654435761u + 1};
  rnd(&r, 2);
  weir_wg actors = {0};
  for (long i = 0; i < how.actors; i++)
    weir_wg_go(&actors, act, rng_new(&r));
  if (how.quit) {
    weir_sleep(WEIR_MS(how.ms) / 2);
    kill(getpid(), SIGQUIT);
  }
  weir_wg_wait(&actors);
  while (weir_num_goroutine() > 1) // the last defer of a goroutine is not yet its end
    weir_yield();
  for (int k = 0; k < N_PLAYS; k++)
    if (how.wanted[k]) printf("%s %ld\n", plays[k].name, played[k]);
  return 0;
}
