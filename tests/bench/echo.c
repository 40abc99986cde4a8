// SPDX-License-Identifier: Apache-2.0
//
// echo [-m] N ROUNDS: a TCP echo server in a process of its own and N loopback connections to
// it, all open at once, each with a goroutine at both ends that does nothing but read and write.
// Prints "name value" lines as micro.c does; echo.go prints the same for Go:
//
//   echo-N           ns per message that went there and back (32 bytes, ROUNDS on each connection)
//   echo-N-connect   ns per connection, from the first connect to the last one's first message
//   echo-N-memory    with -m: bytes of the server per connection, page tables included
//
// Each process needs N descriptors and raises its limit for them. Status 2: cannot be done here.
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <weir/weir.h>

enum { MESSAGE = 32, BUFFER = 512, CONNECTING = 128, SPARE = 32 };

static struct sockaddr_in server_address;

static void die(const char *what) {
  perror(what);
  exit(2);
}

// --- the server ---------------------------------------------------------------------------

static void handle(int fd) {
  char data[BUFFER];
  for (ssize_t n; (n = weir_read(fd, data, sizeof data)) > 0;)
    if (weir_write(fd, data, (size_t)n) < 0) break;
  close(fd);
}

static void serve(int listener) {
  for (int fd; (fd = weir_accept(listener, NULL, NULL)) >= 0;)
    weir_go(handle, fd);
  die("accept");
}

// Forked before the first goroutine: each process has a runtime of its own.
static pid_t start_server(void) {
  socklen_t len = sizeof server_address;
  server_address.sin_family = AF_INET;
  server_address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || bind(fd, (struct sockaddr *)&server_address, len) != 0 || listen(fd, 4096) != 0 ||
      getsockname(fd, (struct sockaddr *)&server_address, &len) != 0)
    die("listen");
  pid_t pid = fork();
  if (pid < 0) die("fork");
  if (pid == 0) serve(fd);
  close(fd);
  return pid;
}

// Kilobytes in use, with page tables.
static long memory_of(pid_t pid) {
  char path[64], line[256];
  long sum = 0, kb;
  snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
  FILE *f = fopen(path, "r");
  if (!f) die(path);
  while (fgets(line, sizeof line, f))
    if (sscanf(line, "VmRSS: %ld", &kb) == 1 || sscanf(line, "VmPTE: %ld", &kb) == 1) sum += kb;
  fclose(f);
  return sum;
}

// --- the clients --------------------------------------------------------------------------

static int dial(void) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0 || weir_connect(fd, (struct sockaddr *)&server_address, sizeof server_address) != 0)
    die("connect");
  return fd;
}

static void echo(int fd, long rounds) {
  char out[MESSAGE] = "a message", in[MESSAGE];
  while (rounds-- > 0) {
    if (weir_write(fd, out, MESSAGE) != MESSAGE) die("write");
    for (ssize_t have = 0, n; have < MESSAGE; have += n)
      if ((n = weir_read(fd, in + have, (size_t)(MESSAGE - have))) <= 0) die("read");
  }
}

struct load {
  long rounds;
  weir_sem connecting;
  weir_wg ready, done;
  weir_chan(char) gate;
};

static void client(struct load *l) {
  weir_sem_acquire(&l->connecting, NULL, 1);
  int fd = dial();
  echo(fd, 1);
  weir_sem_release(&l->connecting, 1);
  weir_wg_done(&l->ready);
  weir_recv(l->gate, NULL);
  echo(fd, l->rounds);
  weir_wg_done(&l->done); // the descriptor stays open until the end
}

static void report(const char *what, long n, double value) {
  printf("echo-%ld%s %.1f\n", n, what, value);
}

static void measure(long n, long rounds, pid_t server, bool memory) {
  static struct load l;
  l.rounds = rounds;
  l.gate = weir_chan_make(char, 0);
  weir_sem_init(&l.connecting, CONNECTING);
  weir_wg_add(&l.ready, (int)n), weir_wg_add(&l.done, (int)n);
  echo(dial(), 1); // the server is there
  long before = memory_of(server);
  int64_t t = weir_now();
  for (long i = 0; i < n; i++)
    weir_go(client, &l);
  weir_wg_wait(&l.ready);
  double connected = (double)(weir_now() - t);
  long after = memory_of(server);
  t = weir_now();
  weir_close(l.gate);
  weir_wg_wait(&l.done);
  report("", n, (double)(weir_now() - t) / ((double)n * (double)rounds));
  report("-connect", n, connected / (double)n);
  if (memory) report("-memory", n, 1024.0 * (double)(after - before) / (double)n);
}

static void allow(long descriptors) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) die("getrlimit");
  if (limit.rlim_max < (rlim_t)descriptors) {
    fprintf(stderr, "echo: %ld descriptors are needed, the hard limit (ulimit -Hn) is %ld\n",
            descriptors, (long)limit.rlim_max);
    exit(2);
  }
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) die("setrlimit");
}

int main(int argc, char **argv) {
  bool memory = argc == 4 && strcmp(argv[1], "-m") == 0;
  long n = argc >= 3 ? atol(argv[argc - 2]) : 0, rounds = argc >= 3 ? atol(argv[argc - 1]) : 0;
  if (argc != 3 + memory || n < 1 || rounds < 1) {
    fprintf(stderr, "usage: echo [-m] N ROUNDS\n");
    return 2;
  }
  allow(n + SPARE);
  pid_t server = start_server();
  measure(n, rounds, server, memory);
  fflush(stdout);
  kill(server, SIGKILL);
  waitpid(server, NULL, 0);
  _exit(0); // the connections end with the process
}
