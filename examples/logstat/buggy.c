// SPDX-License-Identifier: Apache-2.0
//
// logstat [-w WORKERS] FILE: requests and bytes by status code of a web
// server's access log (Common or Combined Log Format). A line that is no log
// line ends it with a message and exit status 1.
//
// A pipeline: one goroutine reads lines in batches, WORKERS goroutines make a
// table of each batch, main adds up the tables. A batch or a table belongs to
// whoever received it. A worker that finds a bad line puts its number into the
// table, and main stops.
//
// The bug: nobody tells the stages. Each worker is left with a table that it
// cannot deliver, the reader with a batch, and whoever waits for the workers.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <weir/weir.h>

enum { BATCH = 64, STATUSES = 600 };

struct batch {
  long first; // line number
  int n;
  char *lines[BATCH];
};

struct table {
  long bad; // number of a bad line, 0 if all are well
  uint64_t requests[STATUSES], bytes[STATUSES];
};

struct pipeline {
  weir_chan(struct batch *) batches;
  weir_chan(struct table *) tables;
  weir_wg workers;
};

static void *must(void *p) {
  if (p) return p;
  perror("logstat");
  exit(2);
}

static void free_batch(struct batch *b) {
  for (int i = 0; i < b->n; i++)
    free(b->lines[i]);
  free(b);
}

// --- the stages ------------------------------------------------------------

static struct batch *read_batch(FILE *file, long first) {
  struct batch *b = must(calloc(1, sizeof *b));
  size_t size = 0;
  b->first = first;
  while (b->n < BATCH && getline(&b->lines[b->n], &size, file) >= 0)
    b->n++, size = 0;
  if (b->n < BATCH) free(b->lines[b->n]); // getline allocates even at the end
  return b;
}

static void read_lines(FILE *file, struct pipeline *p) {
  weir_defer(weir_close(p->batches));
  weir_defer(fclose(file));
  for (long line = 1;;) {
    struct batch *b = read_batch(file, line);
    line += b->n;
    if (b->n == 0) {
      free_batch(b);
      return;
    }
    weir_send(p->batches, b);
  }
}

// host ident user [time] "request" status bytes
static bool count_line(const char *line, struct table *t) {
  int status;
  char bytes[24];
  const char *request = strchr(line, '"');
  const char *end = request ? strchr(request + 1, '"') : NULL;
  if (!end || sscanf(end + 1, " %d %23s", &status, bytes) != 2) return false;
  if (status < 100 || status >= STATUSES) return false;
  t->requests[status]++;
  t->bytes[status] += strtoull(bytes, NULL, 10); // "-" counts as 0
  return true;
}

static struct table *count_batch(const struct batch *b) {
  struct table *t = must(calloc(1, sizeof *t));
  for (int i = 0; i < b->n && !t->bad; i++)
    if (!count_line(b->lines[i], t)) t->bad = b->first + i;
  return t;
}

static void count(struct pipeline *p) {
  struct batch *b;
  while (weir_recv(p->batches, &b)) {
    struct table *t = count_batch(b);
    free_batch(b);
    weir_send(p->tables, t);
  }
}

static void close_tables(struct pipeline *p) {
  weir_wg_wait(&p->workers);
  weir_close(p->tables);
}

static void add(struct table *sum, const struct table *t) {
  for (int i = 0; i < STATUSES; i++) {
    sum->requests[i] += t->requests[i];
    sum->bytes[i] += t->bytes[i];
  }
}

// Adds up the tables. Number of a bad line, 0 if all are well.
static long merge(struct pipeline *p, struct table *sum) {
  struct table *t;
  long bad = 0;
  while (!bad && weir_recv(p->tables, &t)) {
    add(sum, t);
    bad = t->bad;
    free(t);
  }
  return bad;
}

// --- main --------------------------------------------------------------------

static struct pipeline *new_pipeline(void) {
  struct pipeline *p = must(calloc(1, sizeof *p));
  p->batches = weir_chan_make(struct batch *, 4);
  p->tables = weir_chan_make(struct table *, 0);
  return p;
}

static long run(FILE *file, int workers, struct table *sum) {
  struct pipeline *p = new_pipeline();
  weir_go(read_lines, file, p);
  for (int i = 0; i < workers; i++)
    weir_wg_go(&p->workers, count, p);
  weir_go(close_tables, p);
  return merge(p, sum);
}

static void print_table(const struct table *t) {
  for (int i = 0; i < STATUSES; i++)
    if (t->requests[i]) printf("%d %8" PRIu64 " %12" PRIu64 "\n", i, t->requests[i], t->bytes[i]);
}

int main(int argc, char **argv) {
  int workers = 4, opt;
  while ((opt = getopt(argc, argv, "w:")) != -1)
    workers = opt == 'w' ? atoi(optarg) : 0;
  if (workers < 1 || optind + 1 != argc) {
    fprintf(stderr, "usage: logstat [-w WORKERS] FILE\n");
    return 2;
  }
  FILE *file = fopen(argv[optind], "r");
  struct table *sum = must(calloc(1, sizeof *sum));
  if (!file) {
    perror(argv[optind]);
    return 2;
  }
  long bad = run(file, workers, sum);
  if (bad)
    fprintf(stderr, "logstat: %s:%ld: not a log line\n", argv[optind], bad);
  else
    print_table(sum);
  free(sum);
  return bad ? 1 : 0;
}
