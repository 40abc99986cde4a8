// SPDX-License-Identifier: Apache-2.0
//
// dirsum [-j WORKERS] PATH...: the XXH3-128 digest of every regular file below
// the paths, in the form of xxh128sum, sorted by path; totals on standard error.
//
// A worker pool: main walks the tree and opens the files, a bounded channel
// carries them to the workers, each worker digests one file at a time and adds
// its result to `totals`. The walk changes directory as it descends and opens
// each file by its short name, so the depth of a tree is not limited by
// PATH_MAX; nobody else uses a relative path. Symbolic links are not followed,
// devices, pipes and sockets are left out. What cannot be read is named on
// standard error, and the exit status is then 1.
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <weir/weir.h>
#include <xxhash.h>

enum { CHUNK = 64 * 1024, QUEUE = 32 };

// A file on its way: made by the walk, finished by one worker, printed by main.
struct file {
  struct file *next;
  char *path;
  int fd;
  int error; // errno of what went wrong, 0 = digested
  uint64_t size;
  XXH128_hash_t digest;
};

static struct {
  weir_mutex mu; // guards everything below
  struct file *done;
  size_t files, failed;
  uint64_t bytes;
} totals;

static void *must(void *p) {
  if (p) return p;
  perror("dirsum");
  exit(2);
}

static struct file *new_file(const char *path) {
  struct file *f = must(calloc(1, sizeof *f));
  f->path = must(strdup(path));
  return f;
}

static void add_to_totals(struct file *f) {
  weir_guard(&totals.mu);
  f->next = totals.done;
  totals.done = f;
  totals.bytes += f->size;
  totals.files++;
  totals.failed += f->error != 0;
}

static void digest(struct file *f, XXH3_state_t *state, char *chunk) {
  ssize_t n;
  XXH3_128bits_reset(state);
  while ((n = read(f->fd, chunk, CHUNK)) > 0) {
    XXH3_128bits_update(state, chunk, (size_t)n);
    f->size += (uint64_t)n;
  }
  if (n < 0) f->error = errno;
  f->digest = XXH3_128bits_digest(state);
  close(f->fd);
}

static void worker(weir_chan(struct file *) jobs) {
  XXH3_state_t *state = must(XXH3_createState());
  char *chunk = must(malloc(CHUNK));
  struct file *f;
  while (weir_recv(jobs, &f)) {
    digest(f, state, chunk);
    add_to_totals(f);
  }
  free(chunk);
  XXH3_freeState(state);
}

static void visit(FTSENT *entry, weir_chan(struct file *) jobs) {
  switch (entry->fts_info) {
  case FTS_F: {
    struct file *f = new_file(entry->fts_path);
    f->fd = open(entry->fts_accpath, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (f->fd >= 0) {
      weir_send(jobs, f);
    } else {
      f->error = errno;
      add_to_totals(f);
    }
    break;
  }
  case FTS_DNR: // a directory that cannot be read
  case FTS_NS:  // nothing there, or not to be looked at
  case FTS_ERR: {
    struct file *f = new_file(entry->fts_path);
    f->error = entry->fts_errno;
    add_to_totals(f);
    break;
  }
  default:
    break; // directories, links, devices
  }
}

static int walk(char **paths, weir_chan(struct file *) jobs) {
  FTS *tree = fts_open(paths, FTS_PHYSICAL, NULL);
  if (!tree) return -1;
  FTSENT *entry;
  errno = 0;
  while ((entry = fts_read(tree)) != NULL)
    visit(entry, jobs);
  int error = errno;
  fts_close(tree);
  errno = error;
  return error ? -1 : 0;
}

static int by_path(const void *a, const void *b) {
  return strcmp((*(struct file *const *)a)->path, (*(struct file *const *)b)->path);
}

static void print_sorted(void) {
  struct file **sorted = must(malloc((totals.files + 1) * sizeof *sorted));
  size_t n = 0;
  for (struct file *f = totals.done; f && n < totals.files; f = f->next)
    sorted[n++] = f;
  qsort(sorted, n, sizeof *sorted, by_path);
  for (size_t i = 0; i < n; i++) {
    struct file *f = sorted[i];
    if (f->error)
      fprintf(stderr, "dirsum: %s: %s\n", f->path, strerror(f->error));
    else
      printf("%016" PRIx64 "%016" PRIx64 "  %s\n", f->digest.high64, f->digest.low64, f->path);
    free(f->path);
    free(f);
  }
  free(sorted);
}

int main(int argc, char **argv) {
  int workers = 8, opt;
  while ((opt = getopt(argc, argv, "j:")) != -1)
    workers = opt == 'j' ? atoi(optarg) : 0;
  if (workers < 1 || optind == argc) {
    fprintf(stderr, "usage: dirsum [-j WORKERS] PATH...\n");
    return 2;
  }
  weir_chan(struct file *) jobs = weir_chan_make(struct file *, QUEUE);
  weir_wg pool = {0};
  for (int i = 0; i < workers; i++)
    weir_wg_go(&pool, worker, jobs);

  int walked = walk(argv + optind, jobs);
  if (walked < 0) perror("dirsum");
  weir_close(jobs);
  weir_wg_wait(&pool);
  weir_chan_free(jobs);

  print_sorted();
  fprintf(stderr, "%zu files, %" PRIu64 " bytes, %zu not readable\n", totals.files - totals.failed,
          totals.bytes, totals.failed);
  return walked < 0 || totals.failed != 0;
}
