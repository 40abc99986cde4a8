// SPDX-License-Identifier: Apache-2.0
//
// GoKer's moby_4951: To delete a device, the lock of the whole set is taken, then the device's,
// then the set's given back for a moment and taken again, with the device's in hand. A second who
// deletes the same device comes in between.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: partial-deadlock goroutine-leak goroutine-leak-at-exit lock-order
// names: delete_device remove_and_wait global lock
#include <stdlib.h>
#include <string.h>
#include <weir/weir.h>

struct device {
  const char *name;
  weir_mutex lock;
};

struct device_set {
  weir_mutex global;
  weir_mutex map; // the fixed form's, guards devices
  struct device devices[2];
};

static weir_wg deleters;

static struct device *find(struct device_set *set, const char *name) {
  for (int i = 0; i < 2; i++)
    if (strcmp(set->devices[i].name, name) == 0) return &set->devices[i];
  return NULL;
}

static void remove_and_wait(struct device_set *set) {
  weir_mutex_unlock(&set->global);
  weir_sleep(WEIR_NS(300));
  // CHECK-DAG: at moby_4951.c:[[@LINE+1]]
  weir_mutex_lock(&set->global);
}

#ifdef FIXED
static void delete_device(struct device_set *set, const char *name) {
  weir_mutex_lock(&set->map);
  struct device *d = find(set, name);
  weir_mutex_unlock(&set->map);
  weir_mutex_lock(&d->lock);
  weir_mutex_lock(&set->global);
  remove_and_wait(set);
  weir_mutex_unlock(&set->global);
  weir_mutex_unlock(&d->lock);
  weir_wg_done(&deleters);
}
#else
static void delete_device(struct device_set *set, const char *name) {
  weir_mutex_lock(&set->global);
  struct device *d = find(set, name);
  // CHECK-DAG: at moby_4951.c:[[@LINE+1]]
  weir_mutex_lock(&d->lock);
  remove_and_wait(set);
  weir_mutex_unlock(&d->lock);
  weir_mutex_unlock(&set->global);
  weir_wg_done(&deleters);
}
#endif

int main(void) {
  struct device_set *set = calloc(1, sizeof *set);
  set->devices[0].name = "info1";
  set->devices[1].name = "info2";
  weir_wg_add(&deleters, 2);
  weir_go(delete_device, set, "info1");
  weir_go(delete_device, set, "info1");
#ifdef FIXED
  weir_wg_wait(&deleters);
#endif
  return 0;
}
