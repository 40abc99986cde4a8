// SPDX-License-Identifier: Apache-2.0
//
// moby_4951 with threads: the lock of the set is given back for a moment and taken again with the
// device's in hand.
#include <string.h>

#include "threads.h"

struct device {
  const char *name;
  pthread_mutex_t lock;
};

struct device_set {
  pthread_mutex_t global, map; // map: of the fixed form
  struct device devices[2];
};

static struct device_set set = {
    PTHREAD_MUTEX_INITIALIZER,
    PTHREAD_MUTEX_INITIALIZER,
    {{"info1", PTHREAD_MUTEX_INITIALIZER}, {"info2", PTHREAD_MUTEX_INITIALIZER}}};

static struct device *find(const char *name) {
  for (int i = 0; i < 2; i++)
    if (strcmp(set.devices[i].name, name) == 0) return &set.devices[i];
  return NULL;
}

static void remove_and_wait(void) {
  pthread_mutex_unlock(&set.global);
  nanosleep(&(struct timespec){0, 300}, NULL);
  pthread_mutex_lock(&set.global);
}

static void *delete_device(void *name) {
#ifdef FIXED
  pthread_mutex_lock(&set.map);
  struct device *d = find(name);
  pthread_mutex_unlock(&set.map);
  pthread_mutex_lock(&d->lock);
  pthread_mutex_lock(&set.global);
  remove_and_wait();
  pthread_mutex_unlock(&set.global);
  pthread_mutex_unlock(&d->lock);
#else
  pthread_mutex_lock(&set.global);
  struct device *d = find(name);
  pthread_mutex_lock(&d->lock);
  remove_and_wait();
  pthread_mutex_unlock(&d->lock);
  pthread_mutex_unlock(&set.global);
#endif
  return NULL;
}

int main(void) {
  static char name[] = "info1";
  pthread_t one = start_thread(delete_device, name), other = start_thread(delete_device, name);
#ifdef FIXED
  join(one);
  join(other);
#else
  leave(one);
  leave(other);
  settle();
#endif
  return 0;
}
