// SPDX-License-Identifier: Apache-2.0
//
// Memory for the reporter: an arena that lives as long as one finding, and a
// growing text buffer. Running out of memory ends the program with status 3, so no
// caller tests for NULL. Not for use by several threads at once.
#ifndef WEIR_MODEL_MEMORY_H
#define WEIR_MODEL_MEMORY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct weir_arena {
  struct weir_arena_chunk *head;
};

void *weir_arena_alloc(struct weir_arena *a, size_t size); // zeroed
char *weir_arena_copy(struct weir_arena *a, const char *s, size_t n);
char *weir_arena_printf(struct weir_arena *a, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void weir_arena_free(struct weir_arena *a);

#define WEIR_ARENA_ARRAY(arena, type, n) ((type *)weir_arena_alloc((arena), sizeof(type) * (n)))

struct weir_buf {
  char *data; // NUL-terminated once anything was added
  size_t len, cap;
};

void weir_buf_addn(struct weir_buf *b, const char *s, size_t n);
void weir_buf_add(struct weir_buf *b, const char *s);
void weir_buf_fill(struct weir_buf *b, char c, size_t n);
void weir_buf_printf(struct weir_buf *b, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void weir_buf_free(struct weir_buf *b);

// Adds s so that it can neither drive a terminal nor forge a line: control
// characters (C0, DEL, C1), line separators and text-direction marks are escaped.
void weir_buf_add_safe(struct weir_buf *b, const char *s, size_t n);
bool weir_text_is_safe(const char *s, size_t n);

// Writes all of it; the first write(2) carries everything it can. 0 or -errno.
int weir_write_all(int fd, const char *data, size_t n);

void *weir_xmalloc(size_t n);           // never NULL
void *weir_xrealloc(void *p, size_t n); // never NULL
char *weir_xstrdup(const char *s);      // never NULL; NULL in, NULL out

#endif
