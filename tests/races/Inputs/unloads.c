// SPDX-License-Identifier: Apache-2.0
// unloads LIBRARY HOW: goroutines that nothing orders, one after the other, load the library,
// use it and unload it; so each has variables of its own.
//   apart     each calls count_up; no two of them meet
//   together  the last two have it loaded at the same time, and take turns
//   race      and the last one forgets the lock
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "../../bugs/Inputs/hidden.h"

static void *load(const char *path) {
  void *library = dlopen(path, RTLD_NOW);
  if (!library) fprintf(stderr, "%s\n", dlerror());
  return library;
}

static void call(void *library, const char *name) {
  long (*count)(void) = (long (*)(void))dlsym(library, name);
  printf("%s: %ld\n", name, count());
}

static void use(const char *path) {
  void *library = load(path);
  call(library, "count_up");
  dlclose(library);
  hidden_post();
}

static void keep(void *library, const char *name) {
  call(library, name);
  hidden_post();
}

int main(int argc, char **argv) {
  int done = 0;
  if (argc < 3) return 2;
  for (; done < 3; done++) {
    weir_go(use, argv[1]);
    hidden_wait(done + 1);
  }
  if (!strcmp(argv[2], "apart")) return 0;
  void *library = load(argv[1]);
  weir_go(keep, library, "count_up");
  hidden_wait(++done);
  weir_go(keep, library, !strcmp(argv[2], "race") ? "count_on" : "count_up");
  hidden_wait(++done);
  dlclose(library);
  return 0;
}
