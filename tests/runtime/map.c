// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -std=gnu17 -Wall -Wextra -Wpedantic -Werror %s -o %t
// RUN: for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t || exit 1; done
// RUN: %weircc %s -o %t.i && for n in 1 2 4; do WEIR_OPTIONS=procs=$n %t.i || exit 1; done
//
// The concurrent map, one goroutine: what each call does and says, keys of every kind, values of
// every size, and what a range shows while the map changes.
#include <stdlib.h>
#include <string.h>

#include "check.h"

static void calls(void) {
  weir_map(int, int) m = weir_map_make(int, int);
  int v = 9;
  bool was = true;
  CHECK(!weir_map_load(m, 1, &v) && v == 0);
  CHECK_EQ(weir_map_store(m, 1, 10), 0);
  CHECK(weir_map_load(m, 1, &v) && v == 10);
  CHECK(weir_map_load(m, 1, NULL));
  CHECK_EQ(weir_map_store(m, 1, 11), 0);
  CHECK(weir_map_load(m, 1, &v) && v == 11);
  CHECK_EQ(weir_map_load_or_store(m, 1, 12, &v, &was), 0);
  CHECK(was && v == 11);
  CHECK_EQ(weir_map_load_or_store(m, 2, 20, &v, &was), 0);
  CHECK(!was && v == 20);
  CHECK_EQ(weir_map_swap(m, 2, 21, &v, &was), 0);
  CHECK(was && v == 20);
  CHECK_EQ(weir_map_swap(m, 3, 30, &v, &was), 0);
  CHECK(!was && v == 0);
  CHECK_EQ(weir_map_len(m), 3);
  CHECK(!weir_map_compare_and_swap(m, 3, 31, 32));
  CHECK(weir_map_compare_and_swap(m, 3, 30, 31));
  CHECK(!weir_map_compare_and_swap(m, 4, 0, 1)); // no entry is not zero
  CHECK(!weir_map_compare_and_delete(m, 3, 30));
  CHECK(weir_map_compare_and_delete(m, 3, 31));
  CHECK(!weir_map_compare_and_delete(m, 3, 31));
  CHECK(weir_map_load_and_delete(m, 2, &v) && v == 21);
  CHECK(!weir_map_load_and_delete(m, 2, &v) && v == 0);
  weir_map_delete(m, 2);
  CHECK_EQ(weir_map_len(m), 1);
  weir_map_delete(m, 1);
  CHECK_EQ(weir_map_load_or_store(m, 1, 5, NULL, NULL), 0);
  CHECK_EQ(weir_map_swap(m, 1, 6, NULL, NULL), 0);
  CHECK(weir_map_load(m, 1, &v) && v == 6);
  weir_map_clear(m);
  CHECK(weir_map_len(m) == 0 && !weir_map_load(m, 1, NULL));
  weir_map_clear(m);
  weir_map_free(m);
  m = NULL;
  weir_map_free(m);
}

enum color { RED, GREEN };
static void keys(void) { // compared as values of K, whatever type the expression has
  weir_map(int8_t, int) narrow = weir_map_make(int8_t, int);
  weir_map(uint32_t, int) wide = weir_map_make(uint32_t, int);
  weir_map(bool, int) truth = weir_map_make(bool, int);
  weir_map(enum color, int) colors = weir_map_make(enum color, int);
  weir_map(const void *, int) places = weir_map_make(const void *, int);
  int here[2], v;
  int8_t seen;
  CHECK_EQ(weir_map_store(narrow, -1, 1), 0);
  CHECK(weir_map_load(narrow, (signed char)0xff, &v) && v == 1);
  weir_map_range(narrow, &seen, &v) CHECK(seen == -1 && v == 1);
  CHECK_EQ(weir_map_store(wide, -1, 2), 0);
  CHECK(weir_map_load(wide, 0xffffffffu, &v) && v == 2);
  CHECK_EQ(weir_map_store(truth, true, 3), 0);
  CHECK(weir_map_load(truth, 1, &v) && v == 3 && !weir_map_load(truth, false, NULL));
  CHECK_EQ(weir_map_store(colors, GREEN, 4), 0);
  CHECK(weir_map_load(colors, GREEN, &v) && v == 4 && !weir_map_load(colors, RED, NULL));
  CHECK_EQ(weir_map_store(places, &here[1], 5), 0);
  CHECK(weir_map_load(places, here + 1, &v) && v == 5 && !weir_map_load(places, here, NULL));
  weir_map_free(narrow), weir_map_free(wide), weir_map_free(truth);
  weir_map_free(colors), weir_map_free(places);
}

static void strings(void) {
  weir_map(const char *, int) m = weir_map_make(const char *, int);
  char text[64];
  for (int i = 0; i < 1000; i++) {
    sprintf(text, "%.*s%d", i % 20, "abcdefghijklmnopqrst", i);
    CHECK_EQ(weir_map_store(m, text, i), 0); // copied: text is used again
  }
  CHECK_EQ(weir_map_store(m, "", -1), 0);
  CHECK_EQ(weir_map_len(m), 1001);
  for (int i = 0, v; i < 1000; i++) {
    sprintf(text, "%.*s%d", i % 20, "abcdefghijklmnopqrst", i);
    CHECK(weir_map_load(m, text, &v) && v == i);
    strcat(text, "x");
    CHECK(!weir_map_load(m, text, &v));
  }
  const char *key;
  int v, n = 0;
  weir_map_range(m, &key, &v) {
    CHECK(v == -1 ? !*key : atoi(key + v % 20) == v);
    n++;
  }
  CHECK_EQ(n, 1001);
  weir_map_free(m);
}

struct big {
  char text[999];
};
__extension__ typedef struct {
} none;
static void values(void) {
  weir_map(int, struct big) big = weir_map_make(int, struct big);
  weir_map(int, none) set = weir_map_make(int, none);
  weir_map(const char *, double) numbers = weir_map_make(const char *, double);
  struct big b = {"begin"}, out;
  none nothing;
  double d;
  strcpy(b.text + 990, "end");
  CHECK_EQ(weir_map_store(big, 1, b), 0);
  CHECK(weir_map_load(big, 1, &out) && !memcmp(&b, &out, sizeof b));
  CHECK(!weir_map_load(big, 2, &out) && !out.text[0] && !out.text[990]);
  CHECK_EQ(weir_map_store(set, 1, nothing), 0);
  CHECK(weir_map_load(set, 1, NULL) && !weir_map_load(set, 2, NULL));
  CHECK_EQ(weir_map_store(numbers, "half", 0.5), 0);
  CHECK(weir_map_compare_and_swap(numbers, "half", 0.5, 0.25));
  CHECK(weir_map_load(numbers, "half", &d) && d == 0.25);
  weir_map_free(big), weir_map_free(set), weir_map_free(numbers);
}

// --- range
// -------------------------------------------------------------------------------------
enum { N = 500 };
static weir_map(int, int) filled(void) {
  weir_map(int, int) m = weir_map_make(int, int);
  for (int i = 0; i < N; i++)
    CHECK_EQ(weir_map_store(m, i, 2 * i), 0);
  return m;
}
static void each_once(void) {
  weir_map(int, int) m = filled();
  char seen[N] = {0};
  int key, value, n = 0;
  weir_map_range(m, &key, &value) {
    CHECK(key >= 0 && key < N && value == 2 * key && !seen[key]++);
    n++;
  }
  CHECK_EQ(n, N);
  weir_map_range(m, &key, NULL) {
    if (--n == N - 3) break;
  }
  CHECK_EQ(n, N - 3);
  weir_map_free(m);
}
static void nested(void) {
  weir_map(int, int) m = weir_map_make(int, int);
  int a, b, n = 0;
  for (int i = 0; i < 20; i++)
    weir_map_store(m, i, i);
  weir_map_range(m, &a, NULL) weir_map_range(m, &b, NULL) n++;
  CHECK_EQ(n, 400);
  weir_map_free(m);
}
static void changed_meanwhile(void) { // the range never runs after what the loop itself adds
  weir_map(int, int) m = filled();
  char seen[N] = {0};
  int key, n = 0;
  weir_map_range(m, &key, NULL) {
    CHECK(key < N && !seen[key]++); // deleted and stored again, it does not come twice
    n++;
    weir_map_delete(m, key);
    if (key % 2) weir_map_store(m, key, 1); // on the entry the range stands on
    int other = (key + N / 2) % N;
    if (seen[other]) weir_map_delete(m, other), weir_map_store(m, other, 2);
  }
  CHECK_EQ(n, N);
  weir_map_range(m, &key, NULL) weir_map_delete(m, key);
  CHECK_EQ(weir_map_len(m), 0);
  weir_map_free(m);
}
static void cleared_meanwhile(void) {
  weir_map(const char *, int) m = weir_map_make(const char *, int);
  char text[16];
  for (int i = 0; i < N; i++)
    sprintf(text, "key %d", i), weir_map_store(m, text, i);
  const char *key;
  int value, n = 0;
  weir_map_range(m, &key, &value) {
    weir_map_clear(m);
    CHECK_EQ(atoi(key + 4), value); // still there for this round
    n++;
  }
  CHECK_EQ(n, 1);
  CHECK(weir_map_len(m) == 0 && !weir_map_load(m, "key 1", NULL));
  weir_map_free(m);
}

int main(void) {
  calls();
  keys();
  strings();
  values();
  each_once();
  nested();
  changed_meanwhile();
  cleared_meanwhile();
}
