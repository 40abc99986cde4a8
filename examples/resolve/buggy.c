// SPDX-License-Identifier: Apache-2.0
//
// resolve [-t SECONDS] HOSTS [ADDRESS...]: the names of the addresses, looked
// up in a file in the form of /etc/hosts; without addresses, of all that are in
// the file. Stops after SECONDS (default 5) whatever is still missing.
//
// A server goroutine: one goroutine owns the table and answers requests; each
// request carries the channel for its answer, so nothing is shared and nothing
// is locked. One goroutine asks for each address, and a heartbeat goroutine
// shows that the program is alive.
//
// The bug: the resolver puts the request of an address that it does not know on a
// list for later, which nobody ever looks at, and whoever asked waits for ever.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <weir/weir.h>

enum { TEXT = 64, HOSTS_MAX = 1024 };

struct name {
  char text[TEXT];
};

struct host {
  char address[TEXT];
  struct name name;
};

struct request {
  const char *address;
  weir_chan(struct name) reply;
};

struct table {
  int n;
  struct host hosts[HOSTS_MAX];
};

static bool load(struct table *t, const char *path) {
  FILE *file = fopen(path, "r");
  char line[512];
  if (!file) return false;
  while (t->n < HOSTS_MAX && fgets(line, sizeof line, file)) {
    struct host *h = &t->hosts[t->n];
    line[strcspn(line, "#\n")] = 0;
    if (sscanf(line, "%63s %63s", h->address, h->name.text) == 2) t->n++;
  }
  fclose(file);
  return true;
}

static const struct name *find(const struct table *t, const char *address) {
  for (int i = 0; i < t->n; i++)
    if (strcmp(t->hosts[i].address, address) == 0) return &t->hosts[i].name;
  return NULL;
}

static struct {
  int n;
  struct request of[HOSTS_MAX];
} unknown; // the resolver's

static void resolver(const struct table *t, weir_chan(struct request) requests) {
  struct request r;
  weir_expect_blocked(); // for requests, as long as the program lives
  while (weir_recv(requests, &r)) {
    const struct name *name = find(t, r.address);
    if (name)
      weir_send(r.reply, *name);
    else if (unknown.n < HOSTS_MAX)
      unknown.of[unknown.n++] = r;
  }
}

static void look_up(const char *address, weir_chan(struct request) requests,
                    weir_chan(struct name) found) {
  weir_chan(struct name) reply = weir_chan_make(struct name, 0);
  struct request request = {address, reply};
  struct name name, line;
  weir_send(requests, request);
  weir_recv(reply, &name);
  weir_chan_free(reply);
  snprintf(line.text, sizeof line.text, "%.24s %.36s", address, name.text[0] ? name.text : "-");
  weir_send(found, line);
}

static void heartbeat(weir_ctx *ctx) {
  while (weir_select(weir_on_recv(weir_ctx_done(ctx), NULL, NULL),
                     weir_on_recv(weir_after(WEIR_MS(100)), NULL, NULL)) == 1)
    fprintf(stderr, "resolve: %ld goroutines at work\n", weir_num_goroutine());
}

// Prints n names as they come. False: the time was over first.
static bool print_found(weir_chan(struct name) found, int n, weir_ctx *ctx) {
  struct name line;
  for (int i = 0; i < n; i++) {
    if (weir_select(weir_on_recv(found, &line, NULL), weir_on_recv(weir_ctx_done(ctx), NULL, NULL)))
      return false;
    puts(line.text);
  }
  return true;
}

int main(int argc, char **argv) {
  static struct table table;
  int seconds = 5, opt;
  while ((opt = getopt(argc, argv, "t:")) != -1)
    seconds = opt == 't' ? atoi(optarg) : 0;
  if (seconds < 1 || optind == argc) {
    fprintf(stderr, "usage: resolve [-t SECONDS] HOSTS [ADDRESS...]\n");
    return 2;
  }
  if (!load(&table, argv[optind])) {
    perror(argv[optind]);
    return 2;
  }
  int n = argc - optind - 1;
  bool all = n == 0;
  if (all) n = table.n;

  weir_ctx *ctx = weir_ctx_with_timeout(weir_ctx_background(), WEIR_S(seconds));
  weir_chan(struct request) requests = weir_chan_make(struct request, 0);
  weir_chan(struct name) found = weir_chan_make(struct name, n);
  weir_wg serving = {0}, beating = {0};
  weir_wg_go(&serving, resolver, &table, requests);
  weir_wg_go(&beating, heartbeat, ctx);
  for (int i = 0; i < n; i++)
    weir_go(look_up, all ? table.hosts[i].address : argv[optind + 1 + i], requests, found);

  bool complete = print_found(found, n, ctx);
  weir_ctx_cancel(ctx);
  weir_wg_wait(&beating);
  if (!complete) {
    fprintf(stderr, "resolve: not all answered in time\n");
    return 1;
  }
  weir_close(requests);
  weir_wg_wait(&serving);
  weir_chan_free(requests), weir_chan_free(found);
  weir_ctx_free(ctx);
  return 0;
}
