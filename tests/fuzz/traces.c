// SPDX-License-Identifier: Apache-2.0
//
// Whatever stands in a trace file, it is refused or written in its forms.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trace/export.h"

// One form for each input, so that many are tried: which one its length says.
static void show(struct weir_trace *t, size_t form) {
  static struct weir_trace_out out;
  struct weir_trace_export e = {.trace = t, .names = weir_trace_names_new(t), .out = &out};
  if (form % 2) e.part = (struct weir_part){.from = 300, .to = 2000};
  weir_out_open(&out, open("/dev/null", O_WRONLY | O_CLOEXEC));
  if (form == 0)
    weir_trace_list(&e);
  else if (form == 1)
    weir_trace_summary(&e);
  else if (form == 2)
    weir_trace_perfetto(&e);
  else
    weir_trace_pprof(&e, (enum weir_profile)(form - 3));
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
    show(t, n % (3 + WEIR_PROFILES));
    weir_trace_close(t);
  }
  return 0;
}
