// SPDX-License-Identifier: Apache-2.0
//
// Two fields of one block that race between the same two functions are two findings, also when
// lines above them move; one race that many elements of an array have is one.
//
// REQUIRES: races
// RUN: rm -rf %t && mkdir %t && cd %t && cp %s one.c && (echo && cat %s) > two.c
// RUN: %weircc -g -O1 -I %S/Inputs one.c -o one && %weircc -g -O1 -I %S/Inputs two.c -o two
// RUN: WEIR_OPTIONS=log_path=one.log not ./one 2>one.err
// RUN: WEIR_OPTIONS=log_path=two.log not ./two 2>two.err
// RUN: %weir report list one.log* two.log* > list && FileCheck %s < list && count 3 < list
// CHECK-COUNT-3: data race{{.*}}seen at least {{[0-9]+}} times
#include <stdlib.h>

#include "forms.h"

struct block {
  long first, second;
};
long elements[8];

static void update(struct block *b) {
  b->first++;
  b->second++;
  for (int i = 0; i < 8; i += 2)
    elements[opaque(i)] = i;
}

int main(void) {
  struct block *b = calloc(1, sizeof *b);
  weir_go_block(^{
    update(b);
    hidden_post();
  });
  hidden_wait(1);
  update(b);
  free(b);
  return 0;
}
