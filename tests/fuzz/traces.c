// SPDX-License-Identifier: Apache-2.0
//
// Whatever stands in a trace file, every form of it is written, or it is refused.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trace/export.h"

static void show(struct weir_trace *t) {
  static struct weir_trace_out out;
  struct weir_trace_export e = {.trace = t, .names = weir_trace_names_new(t), .out = &out};
  int (*const forms[])(struct weir_trace_export *) = {weir_trace_list, weir_trace_summary,
                                                      weir_trace_perfetto};
  weir_out_open(&out, open("/dev/null", O_WRONLY | O_CLOEXEC));
  for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
    forms[i](&e);
    weir_trace_rewind(t);
  }
  for (int kind = 0; kind < WEIR_PROFILES; kind++) {
    weir_trace_pprof(&e, (enum weir_profile)kind);
    weir_trace_rewind(t);
  }
  close(out.fd);
  weir_trace_names_free(e.names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  char path[64];
  const char *why;
  int fd = memfd_create("trace", MFD_CLOEXEC);
  if (fd < 0 || write(fd, data, n) != (ssize_t)n) abort();
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  struct weir_trace *t = weir_trace_open(path, &why);
  close(fd);
  if (t) {
    show(t);
    weir_trace_close(t);
  }
  return 0;
}
