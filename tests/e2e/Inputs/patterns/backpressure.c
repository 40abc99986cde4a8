// SPDX-License-Identifier: Apache-2.0
//
// A limiter that gives back on the way out that refuses what it has not taken.
#include <errno.h>
#include <stdio.h>
#include <weir/weir.h>

static weir_sem places = WEIR_SEM(2);

static int request(bool refuse) {
  int err = weir_sem_try(&places, 1) ? 0 : EBUSY;
  if (refuse) err = EBUSY, weir_sem_release(&places, 1);
  if (err) goto out;
  puts("served");
out:
  weir_sem_release(&places, 1); // BUG: semaphore-over-release
  return err;
}

int main(void) {
  request(false);
  request(true);
}
