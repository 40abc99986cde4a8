// SPDX-License-Identifier: Apache-2.0
//
// Worker pool: a fixed number of goroutines that live as long as there are jobs.
//
// For workers that own something dear, here a scratch buffer; where they own nothing, bounded
// parallelism (bounded.c) is simpler. Closing `jobs` says that no more will come, and the
// workers end when it is drained. When all have ended, the results are closed. main
// submits and reads at the same time, by a goroutine that submits: one goroutine that first
// submitted everything would wait for workers that wait for it to read.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <weir/weir.h>

enum { WORKERS = 3, JOBS = 200, SCRATCH = 1 << 16 };

struct job {
  int id, length;
};

struct result {
  int id;
  unsigned checksum;
};

struct pool {
  weir_chan(struct job) jobs;
  weir_chan(struct result) results;
  weir_wg workers;
};

static unsigned work(const struct job *j, unsigned char *scratch) {
  unsigned sum = 0;
  memset(scratch, j->id, (size_t)j->length);
  for (int i = 0; i < j->length; i++)
    sum = sum * 31 + scratch[i];
  return sum;
}

static void worker(struct pool *p) {
  unsigned char *scratch = malloc(SCRATCH);
  if (!scratch) abort();
  weir_defer(free(scratch));
  struct job j;
  while (weir_recv(p->jobs, &j))
    weir_send(p->results, (struct result){j.id, work(&j, scratch)});
}

static void submit_all(struct pool *p) {
  for (int i = 0; i < JOBS; i++)
    weir_send(p->jobs, (struct job){.id = i, .length = i * 97 % SCRATCH});
  weir_close(p->jobs);
  weir_wg_wait(&p->workers);
  weir_close(p->results);
}

int main(void) {
  struct pool pool = {.jobs = weir_chan_make(struct job, 0),
                      .results = weir_chan_make(struct result, 0)};
  for (int i = 0; i < WORKERS; i++)
    weir_wg_go(&pool.workers, worker, &pool);
  weir_go(submit_all, &pool);

  struct result r;
  bool seen[JOBS] = {false};
  unsigned count = 0, all = 0;
  for (; weir_recv(pool.results, &r); count++) {
    if (seen[r.id]) return 1;
    seen[r.id] = true;
    all ^= r.checksum;
  }
  printf("%u results, together %08x\n", count, all);
  weir_chan_free(pool.jobs);
  weir_chan_free(pool.results);
}

// Output:
// 200 results, together f2431400
