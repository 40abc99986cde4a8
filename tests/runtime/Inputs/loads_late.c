// SPDX-License-Identifier: Apache-2.0
// A program that knows nothing of Weir and loads a library that does: on the main thread, or on
// another ("thread"), where the runtime then finds itself; and unloads it, and loads it again.
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *path;

static void *load_and_use(void *arg) {
  void *library = dlopen(path, RTLD_NOW);
  if (!library) return fprintf(stderr, "%s\n", dlerror()), NULL;
  int (*sum)(int) = (int (*)(int))dlsym(library, "sum_of_squares");
  printf("%d\n", sum(100));
  if (!arg) dlclose(library);
  return library;
}

static void *on_thread(void *(*fn)(void *), void *arg) {
  pthread_t t;
  void *result = NULL;
  pthread_create(&t, NULL, fn, arg);
  pthread_join(t, &result);
  return result;
}

int main(int argc, char **argv) {
  path = argv[1];
  if (argc > 2 && !strcmp(argv[2], "thread")) on_thread(load_and_use, NULL);
  load_and_use(NULL);
  // The runtime's own threads run meanwhile: a tenth of a second and they have looked around.
  nanosleep(&(struct timespec){.tv_nsec = 300000000}, NULL);
  void *library = load_and_use(&path);
  on_thread(load_and_use, NULL);
  puts(library ? "used" : "not loaded");
  return 0;
}
