// SPDX-License-Identifier: Apache-2.0
//
// json.h. Text is taken as UTF-8; each byte that is not part of a well-formed sequence
// becomes U+FFFD, so that the line is valid whatever the program's names and arguments hold.
#include "detect/json.h"

#include <string.h>

#include "base/check.h"

void weir_json_init(struct weir_json *j, char *buf, size_t cap) {
  *j = (struct weir_json){.buf = buf, .cap = cap};
}

static void raw(struct weir_json *j, const char *text, size_t n) {
  if (n > j->cap - j->len) {
    j->full = true;
    return;
  }
  memcpy(j->buf + j->len, text, n);
  j->len += n;
}

static void raw_char(struct weir_json *j, char c) {
  raw(j, &c, 1);
}

static void begin(struct weir_json *j, const char *key) {
  if (j->comma) raw_char(j, ',');
  j->comma = true;
  if (!key) return;
  raw_char(j, '"');
  raw(j, key, strlen(key));
  raw(j, "\":", 2);
}

void weir_json_open(struct weir_json *j, const char *key, char bracket) {
  begin(j, key);
  raw_char(j, bracket);
  j->comma = false;
  j->depth++;
}

void weir_json_close(struct weir_json *j, char bracket) {
  WEIR_CHECK(j->depth > 0);
  j->depth--;
  raw_char(j, bracket);
  j->comma = true;
}

// Length of the well-formed UTF-8 sequence at p (of n bytes), 0 if there is none: no
// overlong forms, no surrogates, nothing above U+10FFFF.
static size_t utf8_length(const unsigned char *p, size_t n) {
  size_t want = p[0] < 0x80 ? 1 : p[0] >= 0xc2 && p[0] < 0xe0 ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : 4;
  if (want == 1) return 1;
  if (p[0] < 0xc2 || p[0] > 0xf4 || n < want) return 0;
  for (size_t i = 1; i < want; i++)
    if ((p[i] & 0xc0) != 0x80) return 0;
  if (p[0] == 0xe0 && p[1] < 0xa0) return 0;
  if (p[0] == 0xed && p[1] > 0x9f) return 0;
  if (p[0] == 0xf0 && p[1] < 0x90) return 0;
  if (p[0] == 0xf4 && p[1] > 0x8f) return 0;
  return want;
}

static void escaped(struct weir_json *j, unsigned char c) {
  static const char hex[] = "0123456789abcdef";
  char u[6] = {'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]};
  if (c == '"' || c == '\\') {
    char two[2] = {'\\', (char)c};
    raw(j, two, 2);
  } else if (c < 0x20 || c == 0x7f) {
    raw(j, u, 6);
  } else {
    raw_char(j, (char)c);
  }
}

void weir_json_bytes(struct weir_json *j, const char *key, const char *text, size_t n) {
  begin(j, key);
  raw_char(j, '"');
  const unsigned char *p = (const unsigned char *)text;
  for (size_t i = 0; i < n;) {
    size_t take = utf8_length(p + i, n - i);
    if (take == 0)
      raw(j, "\xef\xbf\xbd", 3);
    else if (take == 1)
      escaped(j, p[i]);
    else
      raw(j, text + i, take);
    i += take ? take : 1;
  }
  raw_char(j, '"');
}

void weir_json_text(struct weir_json *j, const char *key, const char *text) {
  weir_json_bytes(j, key, text, strlen(text));
}

void weir_json_int(struct weir_json *j, const char *key, int64_t value) {
  char digits[24];
  int n = sizeof digits;
  uint64_t v = value < 0 ? -(uint64_t)value : (uint64_t)value;
  do
    digits[--n] = (char)('0' + v % 10);
  while (v /= 10);
  if (value < 0) digits[--n] = '-';
  begin(j, key);
  raw(j, digits + n, sizeof digits - (size_t)n);
}

void weir_json_bool(struct weir_json *j, const char *key, bool value) {
  begin(j, key);
  raw(j, value ? "true" : "false", value ? 4 : 5);
}

void weir_json_null(struct weir_json *j, const char *key) {
  begin(j, key);
  raw(j, "null", 4);
}

void weir_json_address(struct weir_json *j, const char *key, uintptr_t value) {
  char text[20];
  int n = sizeof text;
  do
    text[--n] = "0123456789abcdef"[value & 15];
  while (value >>= 4);
  text[--n] = 'x';
  text[--n] = '0';
  weir_json_bytes(j, key, text + n, sizeof text - (size_t)n);
}
