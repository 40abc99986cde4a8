// SPDX-License-Identifier: Apache-2.0
//
// The arena is a list of chunks, each at least 64 KiB; freeing it frees all. The
// buffer doubles. Escaping looks at bytes, but decodes the two- and three-byte
// UTF-8 sequences that stand for C1 controls and direction marks.
#include "model/memory.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNK = 64 * 1024, EXIT_OUT_OF_MEMORY = 3 };

struct weir_arena_chunk {
  struct weir_arena_chunk *next;
  size_t used, size;
  _Alignas(16) char bytes[];
};

static _Noreturn void out_of_memory(void) {
  fputs("weir: out of memory\n", stderr);
  exit(EXIT_OUT_OF_MEMORY);
}

void *weir_xmalloc(size_t n) {
  return weir_xrealloc(NULL, n);
}

void *weir_xrealloc(void *p, size_t n) {
  void *q = realloc(p, n ? n : 1);
  if (!q) out_of_memory();
  return q;
}

char *weir_xstrdup(const char *s) {
  if (!s) return NULL;
  size_t n = strlen(s) + 1;
  return memcpy(weir_xmalloc(n), s, n);
}

void *weir_arena_alloc(struct weir_arena *a, size_t size) {
  size = (size + 15) & ~(size_t)15;
  struct weir_arena_chunk *c = a->head;
  if (!c || c->size - c->used < size) {
    size_t room = size > CHUNK ? size : CHUNK;
    c = weir_xmalloc(sizeof *c + room);
    *c = (struct weir_arena_chunk){.next = a->head, .size = room};
    a->head = c;
  }
  void *p = c->bytes + c->used;
  c->used += size;
  return memset(p, 0, size);
}

char *weir_arena_copy(struct weir_arena *a, const char *s, size_t n) {
  char *p = weir_arena_alloc(a, n + 1);
  memcpy(p, s, n);
  return p;
}

char *weir_arena_printf(struct weir_arena *a, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (n < 0) out_of_memory();
  char *p = weir_arena_alloc(a, (size_t)n + 1);
  vsnprintf(p, (size_t)n + 1, format, again);
  va_end(again);
  return p;
}

void weir_arena_free(struct weir_arena *a) {
  while (a->head) {
    struct weir_arena_chunk *next = a->head->next;
    free(a->head);
    a->head = next;
  }
}

static void reserve(struct weir_buf *b, size_t n) {
  if (b->cap - b->len > n) return;
  size_t cap = b->cap ? b->cap : 256;
  while (cap - b->len <= n)
    cap *= 2;
  b->data = weir_xrealloc(b->data, cap);
  b->cap = cap;
}

void weir_buf_addn(struct weir_buf *b, const char *s, size_t n) {
  reserve(b, n);
  if (n) memcpy(b->data + b->len, s, n);
  b->len += n;
  b->data[b->len] = 0;
}

void weir_buf_add(struct weir_buf *b, const char *s) {
  weir_buf_addn(b, s, strlen(s));
}

void weir_buf_fill(struct weir_buf *b, char c, size_t n) {
  reserve(b, n);
  memset(b->data + b->len, c, n);
  b->len += n;
  b->data[b->len] = 0;
}

void weir_buf_printf(struct weir_buf *b, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int n = vsnprintf(NULL, 0, format, args);
  va_end(args);
  if (n < 0) out_of_memory();
  reserve(b, (size_t)n);
  vsnprintf(b->data + b->len, (size_t)n + 1, format, again);
  va_end(again);
  b->len += (size_t)n;
}

void weir_buf_free(struct weir_buf *b) {
  free(b->data);
  *b = (struct weir_buf){0};
}

// The length of the dangerous character at s, or 0 if what stands there is
// harmless; *code is its number.
static size_t dangerous(const unsigned char *s, size_t n, unsigned *code) {
  *code = s[0];
  if (s[0] < 0x20 || s[0] == 0x7f) return 1;
  if (n >= 2 && s[0] == 0xc2 && s[1] >= 0x80 && s[1] < 0xa0) {
    *code = s[1];
    return 2;
  }
  if (n < 3 || s[0] != 0xe2) return 0;
  *code = 0x2000u | (s[1] & 0x3fu) << 6 | (s[2] & 0x3fu);
  bool direction = (*code >= 0x202a && *code <= 0x202e) || (*code >= 0x2066 && *code <= 0x2069) ||
                   *code == 0x200e || *code == 0x200f;
  return direction || *code == 0x2028 || *code == 0x2029 ? 3 : 0;
}

bool weir_text_is_safe(const char *s, size_t n) {
  unsigned code;
  for (size_t i = 0; i < n; i++)
    if (dangerous((const unsigned char *)s + i, n - i, &code)) return false;
  return true;
}

void weir_buf_add_safe(struct weir_buf *b, const char *s, size_t n) {
  size_t i = 0;
  while (i < n) {
    unsigned code;
    size_t bad = dangerous((const unsigned char *)s + i, n - i, &code);
    if (!bad)
      weir_buf_addn(b, s + i++, 1);
    else if (code < 0x100)
      weir_buf_printf(b, "\\x%02x", code);
    else
      weir_buf_printf(b, "\\u%04x", code);
    i += bad;
  }
}

int weir_write_all(int fd, const char *data, size_t n) {
  while (n) {
    ssize_t w = write(fd, data, n);
    if (w < 0 && errno == EINTR) continue;
    if (w < 0) return -errno;
    data += w;
    n -= (size_t)w;
  }
  return 0;
}
