// SPDX-License-Identifier: Apache-2.0
//
// fetchall [KEY...]: hedged requests with a timeout. Each key is asked of three
// replicas at once; the first answer counts, and after 300 ms nobody waits any
// more. Prints "key value" for each; without keys, those of a small built-in
// list. Exit status 1 if a key had no answer in time (as "slow" never has).
//
// The replicas are one server in this same program: a goroutine that accepts on
// a loopback port, and one goroutine for each connection. The answer channel
// has room for every replica's answer, so that the losers of the race can
// leave theirs and go.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <weir/weir.h>

enum { REPLICAS = 3, LINE = 128 };

struct answer {
  char text[LINE];
};

// --- the server --------------------------------------------------------------

struct server {
  int fd;
  struct sockaddr_in addr;
  weir_wg connections;
};

// Reads up to a newline, which becomes the terminating zero. False: no line.
static bool read_line(int fd, char line[LINE]) {
  size_t have = 0;
  while (have < LINE) {
    ssize_t n = weir_read(fd, line + have, LINE - have);
    if (n <= 0) return false;
    have += (size_t)n;
    char *end = memchr(line, '\n', have);
    if (end) return *end = 0, true;
  }
  return false;
}

// The further away a replica is, the later it answers.
static void serve(int fd) {
  char request[LINE], key[LINE], reply[2 * LINE];
  int replica;
  if (read_line(fd, request) && sscanf(request, "GET %127s %d", key, &replica) == 2) {
    weir_sleep(WEIR_MS(strcmp(key, "slow") == 0 ? 400 : 2 * replica));
    int n = snprintf(reply, sizeof reply, "%zu@%d\n", strlen(key), replica);
    weir_write(fd, reply, (size_t)n);
  }
  close(fd);
}

static void accept_all(struct server *s) {
  int fd;
  while ((fd = weir_accept(s->fd, NULL, NULL)) >= 0)
    weir_wg_go(&s->connections, serve, fd);
}

static bool listen_on_loopback(struct server *s) {
  socklen_t len = sizeof s->addr;
  s->addr = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  return s->fd >= 0 && bind(s->fd, (struct sockaddr *)&s->addr, len) == 0 &&
         listen(s->fd, 128) == 0 && getsockname(s->fd, (struct sockaddr *)&s->addr, &len) == 0;
}

// --- the client --------------------------------------------------------------

static bool ask(const struct server *s, const char *key, int replica, struct answer *a) {
  char request[LINE + 32];
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return false;
  int n = snprintf(request, sizeof request, "GET %s %d\n", key, replica);
  bool ok = weir_connect(fd, (const struct sockaddr *)&s->addr, sizeof s->addr) == 0 &&
            weir_write(fd, request, (size_t)n) == n && read_line(fd, a->text);
  close(fd);
  return ok;
}

static void ask_replica(const struct server *s, const char *key, int replica,
                        weir_chan(struct answer) answers) {
  struct answer a = {{0}};
  if (ask(s, key, replica, &a)) weir_send(answers, a);
}

struct query {
  const char *key;
  weir_chan(struct answer) answers;
};

// The first of the replicas' answers. False: none in time. The slower ones are
// still on their way then, so the channel outlives the call.
static bool fetch(const struct server *s, struct query *q, struct answer *first, weir_wg *asking) {
  q->answers = weir_chan_make(struct answer, REPLICAS);
  for (int i = 1; i <= REPLICAS; i++)
    weir_wg_go(asking, ask_replica, s, q->key, i, q->answers);
  return weir_select(weir_on_recv(q->answers, first, NULL),
                     weir_on_recv(weir_after(WEIR_MS(300)), NULL, NULL)) == 0;
}

static int fetch_all(const struct server *s, int n, char **keys) {
  struct query *queries = calloc((size_t)n, sizeof *queries);
  weir_wg asking = {0};
  int missing = 0;
  if (!queries) return n;
  for (int i = 0; i < n; i++) {
    struct answer a;
    queries[i].key = keys[i];
    if (fetch(s, &queries[i], &a, &asking)) {
      printf("%s %s\n", keys[i], a.text);
    } else {
      printf("%s (no answer in time)\n", keys[i]);
      missing++;
    }
  }
  weir_wg_wait(&asking);
  for (int i = 0; i < n; i++)
    weir_chan_free(queries[i].answers);
  free(queries);
  return missing;
}

int main(int argc, char **argv) {
  static char *some_keys[] = {"ash", "beech", "cedar", "elm", "fir"};
  static struct server server;
  weir_wg accepting = {0};
  if (!listen_on_loopback(&server)) {
    perror("fetchall");
    return 2;
  }
  weir_wg_go(&accepting, accept_all, &server);
  int missing =
      argc > 1 ? fetch_all(&server, argc - 1, argv + 1) : fetch_all(&server, 5, some_keys);

  shutdown(server.fd, SHUT_RDWR); // the accept returns with an error
  weir_wg_wait(&accepting);
  weir_wg_wait(&server.connections);
  close(server.fd);
  return missing ? 1 : 0;
}
