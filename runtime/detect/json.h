// SPDX-License-Identifier: Apache-2.0
//
// Writes one JSON value into a buffer of fixed capacity. No allocation, no locks, no locale, no
// stdio: it runs where a report is made. It is not a general library: no floating point, no
// pretty printing, and keys are literals of ours that need no escape.
//
// Commas are its business. What does not fit is dropped and `full` is set; the value is then
// not valid JSON and must not be sent. Closing more than was opened is a bug of ours (WEIR_CHECK).
#ifndef WEIR_DETECT_JSON_H
#define WEIR_DETECT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct weir_json {
  char *buf;
  size_t len, cap;
  unsigned depth;
  bool comma; // the next member or element needs one
  bool full;
};

void weir_json_init(struct weir_json *j, char *buf, size_t cap);

// In objects give the key, in arrays NULL.
void weir_json_open(struct weir_json *j, const char *key, char bracket); // '{' or '['
void weir_json_close(struct weir_json *j, char bracket);                 // '}' or ']'
void weir_json_text(struct weir_json *j, const char *key, const char *text);
void weir_json_bytes(struct weir_json *j, const char *key, const char *text, size_t n);
void weir_json_int(struct weir_json *j, const char *key, int64_t value);
void weir_json_bool(struct weir_json *j, const char *key, bool value);
void weir_json_null(struct weir_json *j, const char *key);
void weir_json_address(struct weir_json *j, const char *key, uintptr_t value); // "0x..."

#endif
