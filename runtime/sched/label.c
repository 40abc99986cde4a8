// SPDX-License-Identifier: Apache-2.0
//
// Labels of goroutines: key=value texts, sorted by key, in one small piece of memory beside the
// goroutine's name. A child copies its parent's, so nothing is shared, counted or freed, and
// a detector may read those of any goroutine at any time: what is being written meanwhile
// comes out cut short or mixed, never without an end.
//
// Layout: "key=value" 0 "key=value" 0 ... 0. Only the goroutine itself writes.
#include <errno.h>
#include <string.h>
#include <weir/go.h>

#include "os/copy.h"
#include "os/thread.h"
#include "sched/g.h"

enum { KEY_MAX = 31 };

static bool in_key(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c && strchr("_-.:/", c));
}

// Length of the key that the text begins with; 0: it is none.
static size_t key_length(const char *text) {
  size_t n = 0;
  while (in_key(text[n]))
    n++;
  return n <= KEY_MAX ? n : 0;
}

static bool add(char *to, size_t *at, const char *text, size_t n) {
  if (n + 2 > WEIR_LABELS_MAX - *at) return false; // its end, and the end of all
  weir_copy(to + *at, text, n);
  to[*at + n] = 0;
  *at += n + 1;
  to[*at] = 0;
  return true;
}

static bool add_pair(char *to, size_t *at, const char *key, const char *value) {
  char pair[WEIR_LABELS_MAX];
  size_t k = strlen(key), v = strlen(value);
  if (k + 1 + v > sizeof pair) return false;
  weir_copy(pair, key, k);
  pair[k] = '=';
  weir_copy(pair + k + 1, value, v);
  return add(to, at, pair, k + 1 + v);
}

// Above 0 when the entry comes after key, 0 when it is key's.
static int compare(const char *entry, const char *key) {
  size_t n = key_length(entry);
  int order = strncmp(entry, key, n);
  return order ? order : key[n] ? -1 : 0;
}

static bool changed(char *to, const char *from, const char *key, const char *value) {
  size_t at = 0;
  bool fits = true, put = !value;
  to[0] = 0;
  for (const char *entry = from; *entry; entry += strlen(entry) + 1) {
    int order = compare(entry, key);
    if (order >= 0 && !put) fits &= put = add_pair(to, &at, key, value);
    if (order != 0) fits &= add(to, &at, entry, strlen(entry));
  }
  if (!put) fits &= add_pair(to, &at, key, value);
  return fits;
}

bool weir_set_label(const char *key, const char *value) {
  char *labels = weir_self()->cold->labels, now[WEIR_LABELS_MAX];
  size_t n = key_length(key);
  if (n == 0 || key[n]) {
    weir_errno_set(EINVAL);
    return false;
  }
  if (!changed(now, labels, key, value)) {
    weir_errno_set(ENOSPC);
    return false;
  }
  weir_copy(labels, now, sizeof now);
  return true;
}

const char *weir_get_label(const char *key) {
  const char *entry = weir_self()->cold->labels;
  for (; *entry; entry += strlen(entry) + 1)
    if (compare(entry, key) == 0) return entry + key_length(entry) + 1;
  return NULL;
}

struct weir_labels_ weir_label_enter_(const char *key, const char *value) {
  struct weir_labels_ before;
  weir_copy(before.text, weir_self()->cold->labels, sizeof before.text);
  weir_set_label(key, value);
  return before;
}

void weir_label_leave_(struct weir_labels_ *before) {
  weir_copy(weir_self()->cold->labels, before->text, sizeof before->text);
}

void weir_inspect_labels(struct weir_g *g, struct weir_g_labels *out) {
  char copy[WEIR_LABELS_MAX + 2];
  weir_copy(copy, g->cold->labels, WEIR_LABELS_MAX);
  copy[WEIR_LABELS_MAX] = copy[WEIR_LABELS_MAX + 1] = 0;
  *out = (struct weir_g_labels){0};
  size_t at = 0;
  for (const char *entry = copy; *entry && out->n < WEIR_LABELS; entry += strlen(entry) + 1) {
    size_t n = key_length(entry);
    if (n == 0 || entry[n] != '=') return;
    out->label[out->n].key = out->text + at;
    weir_copy_text(out->text + at, entry, n + 1);
    at += n + 1;
    out->label[out->n].value = out->text + at;
    weir_copy_text(out->text + at, entry + n + 1, strlen(entry + n + 1) + 1);
    at += strlen(entry + n + 1) + 1;
    out->n++;
  }
}
