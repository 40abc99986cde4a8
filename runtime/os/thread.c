// SPDX-License-Identifier: Apache-2.0
//
// thread.h on Linux with glibc.
#define _GNU_SOURCE
#include "os/thread.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/copy.h"
#include "os/io.h"
#include "os/rawcall.h"
#include "os/stop.h"

_Thread_local void *weir_tls;
_Thread_local void *weir_self_at_;

struct start {
  weir_thread_fn *fn;
  void *arg;
  char name[16];
};

// The threads made here. A slot is taken by swapping 0 for the id and freed by storing 0; `frame`
// is good while the id stands.
enum { OWN_MAX = 2304 }; // more than the workers, helpers and the monitor
static struct {
  _Atomic int tid;
  void *_Atomic frame;
} own[OWN_MAX];

static int note_own(void *frame) {
  int tid = weir_thread_id();
  for (int i = 0; i < OWN_MAX; i++) {
    int unused = 0;
    if (atomic_load_explicit(&own[i].tid, memory_order_relaxed)) continue;
    if (!atomic_compare_exchange_strong(&own[i].tid, &unused, tid)) continue;
    atomic_store(&own[i].frame, frame);
    return i;
  }
  return -1;
}

void *weir_thread_base(int tid) {
  for (int i = 0; i < OWN_MAX; i++)
    if (atomic_load_explicit(&own[i].tid, memory_order_relaxed) == tid)
      return atomic_load(&own[i].frame);
  return NULL;
}

static void *begin(void *p) {
  struct start s = *(struct start *)p;
  free(p);
  pthread_setname_np(pthread_self(), s.name);
  int slot = note_own(__builtin_frame_address(0));
  s.fn(s.arg);
  if (slot < 0) return NULL;
  atomic_store(&own[slot].frame, NULL);
  atomic_store(&own[slot].tid, 0);
  return NULL;
}

// The program's signals are for its own threads, and two for the C library.
uint64_t weir_thread_mask(void) {
  static const int open[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, WEIR_STOP_SIGNAL, SIGKILL, SIGSTOP};
  uint64_t mask = ~0ull;
  for (size_t i = 0; i < sizeof open / sizeof *open; i++)
    mask &= ~(1ull << (open[i] - 1));
  for (int sig = __SIGRTMIN; sig < SIGRTMIN; sig++)
    mask &= ~(1ull << (sig - 1));
  return mask;
}

int weir_thread_start(weir_thread_fn *fn, void *arg, const char *name) {
  struct start *s = malloc(sizeof *s);
  if (!s) return -ENOMEM;
  *s = (struct start){.fn = fn, .arg = arg};
  strncpy(s->name, name, sizeof s->name - 1);
  // By raw calls, as the program's own would be noted (raise.c).
  uint64_t mask = weir_thread_mask(), old;
  weir_raw(SYS_rt_sigprocmask, SIG_SETMASK, &mask, &old, sizeof mask);
  pthread_t thread;
  int err = pthread_create(&thread, NULL, begin, s);
  weir_raw(SYS_rt_sigprocmask, SIG_SETMASK, &old, 0, sizeof old);
  if (err) {
    free(s);
    return -err;
  }
  pthread_detach(thread);
  return 0;
}

int weir_thread_id(void) {
  return (int)syscall(SYS_gettid);
}
bool weir_thread_is_main(void) {
  return weir_thread_id() == getpid();
}

int weir_cpu_count(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  int n = CPU_COUNT(&set);
  return n > 0 ? n : 1;
}

size_t weir_thread_stack(void **low) {
  pthread_attr_t attr;
  size_t size = 0;
  *low = NULL;
  if (pthread_getattr_np(pthread_self(), &attr) != 0) return 0;
  pthread_attr_getstack(&attr, low, &size);
  pthread_attr_destroy(&attr);
  return size;
}

void *weir_thread_stack_high(void) {
  void *low;
  size_t size = weir_thread_stack(&low);
  return low ? (char *)low + size : NULL;
}

// Reads a small file of /proc; "" when it is not there. By raw calls, as everything below: the
// number of our descriptor was the program's a moment ago, and a race detector would take our
// open and close for the program's, ordered with nothing.
static void slurp(const char *path, char *buf, size_t size) {
  long n = weir_io_read_file(path, buf, size - 1);
  buf[n > 0 ? n : 0] = 0;
}

static void task_path(char *out, int tid, const char *leaf) {
  char digits[12];
  int n = 0;
  for (unsigned v = (unsigned)tid; v || n == 0; v /= 10)
    digits[n++] = (char)('0' + v % 10);
  for (const char *folder = "/proc/self/task/"; *folder; folder++)
    *out++ = *folder;
  while (n > 0)
    *out++ = digits[--n];
  weir_copy_text(out, leaf, 16);
}

char weir_thread_run_state(int tid) {
  char path[64], text[512];
  task_path(path, tid, "/stat");
  slurp(path, text, sizeof text);
  const char *close_paren = strrchr(text, ')');
  return close_paren && close_paren[1] == ' ' ? close_paren[2] : 0;
}

// Those in which a thread may sleep for long, that every architecture has.
static const struct {
  long number;
  const char *name;
} calls[] = {
    {SYS_read, "read"},         {SYS_write, "write"},
    {SYS_readv, "readv"},       {SYS_writev, "writev"},
    {SYS_futex, "futex"},       {SYS_clock_nanosleep, "clock_nanosleep"},
    {SYS_ppoll, "ppoll"},       {SYS_nanosleep, "nanosleep"},
    {SYS_accept, "accept"},     {SYS_accept4, "accept4"},
    {SYS_connect, "connect"},   {SYS_recvfrom, "recvfrom"},
    {SYS_sendto, "sendto"},     {SYS_recvmsg, "recvmsg"},
    {SYS_sendmsg, "sendmsg"},   {SYS_epoll_pwait, "epoll_pwait"},
    {SYS_pselect6, "pselect6"}, {SYS_wait4, "wait4"},
    {SYS_waitid, "waitid"},     {SYS_flock, "flock"},
    {SYS_fcntl, "fcntl"},       {SYS_fsync, "fsync"},
    {SYS_openat, "openat"},     {SYS_rt_sigtimedwait, "rt_sigtimedwait"},
#ifdef SYS_poll
    {SYS_poll, "poll"},         {SYS_select, "select"},
    {SYS_pause, "pause"},       {SYS_epoll_wait, "epoll_wait"},
#endif
};

void weir_thread_call(int tid, char *out) {
  enum { SIZE = 24 };
  char path[64], text[256];
  *out = 0;
  task_path(path, tid, "/syscall");
  slurp(path, text, sizeof text);
  char *end;
  long number = strtol(text, &end, 10);
  if (end == text || *end != ' ' || number < 0) return;
  for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
    if (calls[i].number == number) {
      weir_copy_text(out, calls[i].name, SIZE);
      return;
    }
  *end = 0;
  weir_copy_text(out, text, SIZE);
}

int64_t weir_thread_cpu_ns(int tid) {
  enum { OF_A_THREAD = 4, SCHEDULED = 2 }; // how the kernel numbers the clocks of threads
  struct timespec t;
  clockid_t clock = (clockid_t)((~(unsigned)tid << 3) | OF_A_THREAD | SCHEDULED);
  if (weir_raw(SYS_clock_gettime, clock, &t) != 0) return -1;
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

// By hand, as threads may be stopped inside a race detector, which sees calls of libc.
static const char *after(const char *text, const char *what) {
  for (; *text; text++) {
    size_t n = 0;
    while (what[n] && text[n] == what[n])
      n++;
    if (!what[n]) return text + n;
  }
  return NULL;
}

static uint64_t hex(const char *s) {
  uint64_t n = 0;
  for (;; s++) {
    int digit = *s >= '0' && *s <= '9' ? *s - '0' : *s >= 'a' && *s <= 'f' ? *s - 'a' + 10 : -1;
    if (digit < 0) return n;
    n = n * 16 + (uint64_t)digit;
  }
}

// The signals that it blocks; false: it is gone.
static bool blocked_signals(int tid, uint64_t *mask) {
  char path[64], text[4096];
  task_path(path, tid, "/status");
  slurp(path, text, sizeof text);
  const char *line = after(text, "\nSigBlk:\t"), *state = after(text, "\nState:\t");
  if (!line || !state || *state == 'Z' || *state == 'X') return false;
  *mask = hex(line);
  return true;
}

static uint64_t decimal(const char *s) {
  uint64_t n = 0;
  for (; *s >= '0' && *s <= '9'; s++)
    n = n * 10 + (uint64_t)(*s - '0');
  return n;
}

// "number 0xARG ... (six of them) 0xSP 0xPC", of one that runs "running"
static uintptr_t stack_pointer_in_call(int tid) {
  enum { WORDS_BEFORE = 7 };
  char path[64], text[512];
  task_path(path, tid, "/syscall");
  slurp(path, text, sizeof text);
  const char *at = text[0] >= '0' && text[0] <= '9' ? text : NULL;
  for (int i = 0; at && i < WORDS_BEFORE; i++)
    at = after(at, " ");
  return at && at[0] == '0' && at[1] == 'x' ? (uintptr_t)hex(at + 2) : 0;
}

bool weir_thread_asleep(int tid, uintptr_t *sp, uint64_t *times) {
  char path[64], text[4096];
  task_path(path, tid, "/status");
  slurp(path, text, sizeof text);
  const char *state = after(text, "\nState:\t");
  const char *voluntary = after(text, "\nvoluntary_ctxt_switches:\t");
  const char *other = after(text, "\nnonvoluntary_ctxt_switches:\t");
  if (!state || !voluntary || !other || *state != 'S') return false;
  *times = decimal(voluntary) + decimal(other);
  *sp = stack_pointer_in_call(tid);
  return *sp != 0;
}

enum weir_thread_signal weir_thread_takes(int tid, int sig) {
  uint64_t mask;
  if (!blocked_signals(tid, &mask)) return WEIR_THREAD_GONE;
  if (!(mask >> (sig - 1) & 1)) return WEIR_THREAD_TAKES;
  // The C library never blocks its own two, a sanitizer for a moment the first of them.
  return mask >> 31 & 1 ? WEIR_THREAD_BUSY : WEIR_THREAD_BLOCKS;
}

static bool blocks_all_signals(int tid) {
  uint64_t mask;
  if (!blocked_signals(tid, &mask)) return false;
  // SIGKILL, SIGSTOP and glibc's two internal signals cannot be blocked by pthread_sigmask. A
  // sanitizer's thread keeps eight more open: those of a crash, SIGPIPE and SIGSYS.
  enum { SIGNALS = 64, NEVER_BLOCKED = 4, OPEN_AT_MOST = 8 };
  return __builtin_popcountll(mask) >= SIGNALS - NEVER_BLOCKED - OPEN_AT_MOST &&
         (mask & (1u << (SIGSEGV - 1))) == 0;
}

struct linux_dirent64 { // as the kernel writes it
  uint64_t ino;
  int64_t off;
  uint16_t size;
  uint8_t type;
  char name[];
};

int weir_thread_each(void (*fn)(int tid, bool all_blocked, void *arg), void *arg) {
  _Alignas(struct linux_dirent64) char entries[4096];
  int dir =
      (int)weir_raw(SYS_openat, AT_FDCWD, "/proc/self/task", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (dir < 0) return -1;
  for (long n; (n = weir_raw(SYS_getdents64, dir, entries, sizeof entries)) > 0;)
    for (long at = 0; at < n;) {
      const struct linux_dirent64 *e = (const void *)(entries + at);
      int tid = atoi(e->name);
      if (tid > 0) fn(tid, blocks_all_signals(tid), arg);
      at += e->size;
    }
  weir_raw(SYS_close, dir);
  return 0;
}

// --- a race detector's own thread ---------------------------------------------------------------

enum { NOT_KNOWN = -1 };
static _Atomic int hidden = NOT_KNOWN;

static void *say_tid(void *tid) {
  *(int *)tid = weir_thread_id();
  return NULL;
}

struct census {
  int except[2], found, last;
};
static void count(int tid, bool all_blocked, void *arg) {
  struct census *c = arg;
  (void)all_blocked;
  if (tid == c->except[0] || tid == c->except[1]) return;
  c->found++;
  c->last = tid;
}

void weir_thread_note_hidden(void) {
  struct census before = {.except = {weir_thread_id()}}, after = before;
  pthread_t thread;
  if (weir_thread_each(count, &before) != 0 || before.found > 1) return;
  if (pthread_create(&thread, NULL, say_tid, &after.except[1]) != 0) return;
  pthread_join(thread, NULL);
  if (weir_thread_each(count, &after) == 0 && after.found == 1) atomic_store(&hidden, after.last);
}

void weir_thread_forget_hidden(void) {
  atomic_store(&hidden, NOT_KNOWN);
}

int weir_thread_hidden(void) {
  int known = atomic_load(&hidden);
  return known > 0 ? known : 0;
}

bool weir_thread_is_hidden(int tid, bool all_blocked) {
  int known = atomic_load(&hidden);
  return known == NOT_KNOWN ? all_blocked : tid == known;
}

__attribute__((noinline)) int weir_errno_get(void) {
  return errno;
}
__attribute__((noinline)) void weir_errno_set(int value) {
  errno = value;
}
