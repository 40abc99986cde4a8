// SPDX-License-Identifier: Apache-2.0
//
// library.h by the dynamic linker: to open again what is open already, with RTLD_NODELETE, marks it
// as one that stays. It does not load or run anything.
#define _GNU_SOURCE
#include "os/library.h"

#include <dlfcn.h>

void weir_library_keep(void) {
  Dl_info here;
  if (dladdr((const void *)weir_library_keep, &here) == 0 || !here.dli_fname) return;
  dlopen(here.dli_fname, RTLD_NOW | RTLD_NOLOAD | RTLD_NODELETE);
}
