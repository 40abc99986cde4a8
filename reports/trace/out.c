// SPDX-License-Identifier: Apache-2.0
//
// out.h.
#include "trace/out.h"

#include <errno.h>
#include <string.h>

#include "model/memory.h"

void weir_out_open(struct weir_trace_out *o, int fd) {
  o->fd = fd;
  o->error = 0;
  o->n = 0;
}

int weir_out_flush(struct weir_trace_out *o) {
  if (!o->error && o->n) o->error = -weir_write_all(o->fd, o->buf, o->n);
  o->n = 0;
  return o->error;
}

void weir_out_add(struct weir_trace_out *o, const char *text, size_t n) {
  while (n > 0) {
    size_t part = sizeof o->buf - o->n < n ? sizeof o->buf - o->n : n;
    memcpy(o->buf + o->n, text, part);
    o->n += part;
    text += part;
    n -= part;
    if (o->n == sizeof o->buf) weir_out_flush(o);
  }
}

void weir_out_text(struct weir_trace_out *o, const char *text) {
  weir_out_add(o, text, strlen(text));
}

void weir_out_number(struct weir_trace_out *o, uint64_t value) {
  char digits[24], *at = digits + sizeof digits;
  do
    *--at = (char)('0' + value % 10);
  while (value /= 10);
  weir_out_add(o, at, (size_t)(digits + sizeof digits - at));
}

void weir_out_us(struct weir_trace_out *o, int64_t ns) {
  unsigned rest = (unsigned)(ns % 1000);
  weir_out_number(o, (uint64_t)ns / 1000);
  char text[4] = {'.', (char)('0' + rest / 100), (char)('0' + rest / 10 % 10),
                  (char)('0' + rest % 10)};
  size_t n = rest == 0 ? 0 : rest % 100 == 0 ? 2 : rest % 10 == 0 ? 3 : 4;
  weir_out_add(o, text, n);
}

// Bytes that are no ASCII are kept if all of them are UTF-8, else each becomes a replacement.
static bool is_utf8(const unsigned char *s) {
  while (*s) {
    int more = *s < 0x80                 ? 0
               : *s >= 0xc2 && *s < 0xe0 ? 1
               : (*s & 0xf0) == 0xe0     ? 2
               : *s >= 0xf0 && *s < 0xf5 ? 3
                                         : -1;
    if (more < 0) return false;
    if ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f) || (*s == 0xf0 && s[1] < 0x90) ||
        (*s == 0xf4 && s[1] > 0x8f))
      return false;
    for (s++; more > 0; more--, s++)
      if ((*s & 0xc0) != 0x80) return false;
  }
  return true;
}

void weir_out_json(struct weir_trace_out *o, const char *text) {
  static const char hex[] = "0123456789abcdef";
  bool utf8 = is_utf8((const unsigned char *)text);
  weir_out_add(o, "\"", 1);
  for (const unsigned char *s = (const unsigned char *)text; *s; s++) {
    if (*s == '"' || *s == '\\') {
      char two[2] = {'\\', (char)*s};
      weir_out_add(o, two, 2);
    } else if (*s < 0x20 || *s == 0x7f) {
      char six[6] = {'\\', 'u', '0', '0', hex[*s >> 4], hex[*s & 15]};
      weir_out_add(o, six, 6);
    } else if (*s >= 0x80 && !utf8) {
      weir_out_add(o, "\\ufffd", 6);
    } else {
      weir_out_add(o, (const char *)s, 1);
    }
  }
  weir_out_add(o, "\"", 1);
}
