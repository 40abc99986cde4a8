// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -Wall -Wextra -Werror %s -o %t && %t
// RUN: WEIR_OPTIONS=procs=1 %t dump 2>&1 | FileCheck %s
// RUN: rm -rf %t.d && mkdir %t.d
// RUN: WEIR_OPTIONS=log_path=%t.d/log not %t stuck 2>%t.text
// RUN: FileCheck %s --check-prefix=STUCK <%t.text && cp %src/docs/finding.schema.json %t.s
// RUN: %python %src/tests/reports/inputs/validate.py %t.s <%t.d/log.*
// RUN: grep -o '"labels":{[^}]*}' %t.d/log.* | FileCheck %s --check-prefix=JSON
// RUN: %weir report html -o %t.html %t.d/log.* && grep -c 'job=1, tenant=' %t.html
// RUN: WEIR_OPTIONS=reporter=/nowhere not %t stuck 2>&1 | FileCheck %s --check-prefix=BARE
//
// Labels of goroutines: set, replaced, taken away, inherited, of a scope; bounded. In a dump those
// with different labels stand apart; a finding shows them as text, JSON and HTML.
#include <errno.h>
#include <string.h>

#include "check.h"

// CHECK: 5 goroutines, of 4 kinds.
// CHECK: 2 goroutines alike (block)
// CHECK-NEXT: labels: pool=b
// CHECK: goroutine {{.*}}(block)
// CHECK-NEXT: labels: job=7, pool=a
// CHECK: goroutine {{.*}}(block) is
// CHECK-NOT: labels:{{ }}
// CHECK: ==================

// STUCK: Weir: deadlock
// STUCK: labels: job=1, tenant=a"b
// JSON: "labels":{"job":"1","tenant":"a\"b"}
// BARE: labels: job=1 tenant=a"b

#define SAME(key, text) (weir_get_label(key) && strcmp(weir_get_label(key), (text)) == 0)

static void child(weir_chan(char) done) {
  CHECK(SAME("a", "1") && SAME("b", ""));
  CHECK(weir_set_label("a", "2"));
  weir_send(done, 0);
}

static void sets(void) {
  weir_chan(char) done = weir_chan_make(char, 0);
  CHECK(!weir_get_label("a"));
  CHECK(weir_set_label("a", NULL));
  CHECK(weir_set_label("ab", "x") && weir_set_label("b", "") && weir_set_label("a", "1"));
  CHECK(SAME("a", "1") && SAME("ab", "x") && SAME("b", "") && !weir_get_label("abc"));
  CHECK(weir_set_label("ab", "longer") && SAME("ab", "longer") && SAME("b", ""));
  CHECK(weir_set_label("ab", NULL) && !weir_get_label("ab") && SAME("a", "1"));
  weir_go(child, done);
  weir_recv(done, NULL);
  CHECK(SAME("a", "1")); // a child's are its own
  weir_chan_free(done);
}

static void scopes(void) {
  {
    weir_label("a", "inner");
    weir_label("c", "3");
    CHECK(SAME("a", "inner") && SAME("b", "") && SAME("c", "3"));
    CHECK(weir_set_label("d", "4"));
  }
  CHECK(SAME("a", "1") && !weir_get_label("c") && !weir_get_label("d"));
  CHECK(weir_set_label("a", NULL) && weir_set_label("b", NULL));
}

static void bounds(void) {
  char text[200], key[40];
  memset(text, 'x', sizeof text);
  memset(key, 'k', sizeof key);
  text[199] = key[32] = 0;
  CHECK(!weir_set_label(key, "v") && errno == EINVAL);
  CHECK(!weir_set_label("", "v") && !weir_set_label("a=b", "v") && !weir_set_label("a b", "v"));
  CHECK(weir_set_label(key + 1, "v") && weir_set_label(key + 1, NULL));
  CHECK(weir_set_label("a", "1"));
  CHECK(!weir_set_label("a", text) && errno == ENOSPC && SAME("a", "1"));
  text[121] = 0; // 1 + 1 + 2 and 1 + 121 + 2
  CHECK(!weir_set_label("b", text) && SAME("a", "1") && !weir_get_label("b"));
  text[120] = 0;
  CHECK(weir_set_label("b", text) && SAME("b", text) && SAME("a", "1"));
  CHECK(weir_set_label("b", NULL) && weir_set_label("a", NULL));
}

static void block(weir_chan(char) never) {
  weir_recv(never, NULL);
}

static void dump(void) {
  weir_chan(char) never = weir_chan_make(char, 0);
  const char *pools[] = {"b", "a", "b", NULL};
  for (int i = 0; i < 4; i++) {
    weir_label("pool", pools[i]);
    weir_label("job", i == 1 ? "7" : NULL);
    weir_go(block, never);
  }
  weir_yield(); // one worker: all four wait then
  weir_dump(2);
  _exit(0);
}

int main(int argc, char **argv) {
  sets(), scopes(), bounds();
  if (argc > 1 && !strcmp(argv[1], "dump")) {
    dump();
  } else if (argc > 1) {
    weir_chan(char) never = weir_chan_make(char, 0);
    weir_set_label("tenant", "a\"b");
    weir_set_label("job", "1");
    block(never);
  }
  return 0;
}
