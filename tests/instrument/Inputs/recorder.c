// SPDX-License-Identifier: Apache-2.0
//
// Stands in for the race runtime: says which bytes of the program's variables were checked, in each
// stretch between two calls of boundary(). The program lists its variables (hunt.py writes it);
// what lies elsewhere is of no interest.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct variable {
  const char *name;
  char *at;
  size_t size;
};
extern const struct variable variables[];
extern const size_t n_variables;
void boundary(void);

enum { ROOM = 1 << 16 };
static char seen[ROOM]; // of all variables, one after the other: 0, 'r' or 'w'
static int stretch;

static void note(const char *at, size_t size, char kind) {
  size_t before = 0;
  for (size_t v = 0; v < n_variables; before += variables[v++].size)
    for (size_t i = 0; i < size; i++) {
      const size_t in = (size_t)(at + i - variables[v].at);
      if (in < variables[v].size && seen[before + in] != 'w') seen[before + in] = kind;
    }
}

void boundary(void) {
  size_t before = 0;
  for (size_t v = 0; v < n_variables; before += variables[v++].size)
    for (size_t i = 0; i < variables[v].size; i++)
      if (seen[before + i])
        printf("%d %s+%zu %c\n", stretch, variables[v].name, i, seen[before + i]);
  memset(seen, 0, sizeof seen);
  stretch++;
}

#define CHECKS(size)                                                             \
  void __tsan_read##size(char *at), __tsan_unaligned_read##size(char *at),       \
      __tsan_write##size(char *at), __tsan_unaligned_write##size(char *at);      \
  void __tsan_read##size(char *at) {                                             \
    note(at, size, 'r');                                                         \
  }                                                                              \
  void __tsan_unaligned_read##size(char *at) {                                   \
    note(at, size, 'r');                                                         \
  }                                                                              \
  void __tsan_write##size(char *at) {                                            \
    note(at, size, 'w');                                                         \
  }                                                                              \
  void __tsan_unaligned_write##size(char *at) {                                  \
    note(at, size, 'w');                                                         \
  }
CHECKS(1)
CHECKS(2)
CHECKS(4)
CHECKS(8)
CHECKS(16)

void __tsan_read_range(char *at, size_t size), __tsan_write_range(char *at, size_t size);
void __tsan_read_range(char *at, size_t size) {
  note(at, size, 'r');
}
void __tsan_write_range(char *at, size_t size) {
  note(at, size, 'w');
}

void *__tsan_memcpy(char *to, const char *from, size_t size);
void *__tsan_memmove(char *to, const char *from, size_t size);
void *__tsan_memset(char *to, int byte, size_t size);
void *__tsan_memcpy(char *to, const char *from, size_t size) {
  return __tsan_memmove(to, from, size);
}
void *__tsan_memmove(char *to, const char *from, size_t size) {
  note(from, size, 'r');
  note(to, size, 'w');
  return memmove(to, from, size);
}
void *__tsan_memset(char *to, int byte, size_t size) {
  note(to, size, 'w');
  return memset(to, byte, size);
}

void __tsan_init(void), __tsan_func_entry(void *pc), __tsan_func_exit(void);
void __tsan_init(void) {}
void __tsan_func_entry(void *pc) {
  (void)pc;
}
void __tsan_func_exit(void) {}
