// SPDX-License-Identifier: Apache-2.0
// RUN: %weircc_plain -std=gnu17 -Wall -Wextra -pedantic -Werror %s -o %t && %t
//
// Any complete object type but an array is an element, also one whose name wraps around the
// declared name, as a pointer to a function does.
#include <stdlib.h>

#include "check.h"

struct command {
  weir_chan(int (*)(const char *)) parsers;
  weir_chan(char (*)[8]) rows;
};

int main(void) {
  struct command c = {weir_chan_make(int (*)(const char *), 1), weir_chan_make(char(*)[8], 1)};
  int (*parse)(const char *) = NULL;
  char table[2][8] = {"", "row"}, (*row)[8] = NULL;
  weir_send(c.parsers, atoi);
  weir_send(c.rows, &table[1]);
  CHECK(weir_recv(c.parsers, &parse) && parse("12") == 12);
  CHECK(weir_select(weir_on_recv(c.rows, &row, NULL), weir_on_default()) == 0);
  CHECK_EQ((*row)[0], 'r');

  weir_chan(const volatile int *) pointers = weir_chan_make(const volatile int *, 1);
  CHECK(weir_try_send(pointers, NULL));
  weir_chan_free(c.parsers), weir_chan_free(c.rows), weir_chan_free(pointers);
  return 0;
}
