// SPDX-License-Identifier: Apache-2.0
//
// What a compiler command line is going to do, as far as `weir cc` must know.
#ifndef WEIR_CLI_CC_SCAN_H
#define WEIR_CLI_CC_SCAN_H

#include <stdbool.h>

struct weir_cc_scan {
  bool compile;               // a source (or standard input) is among the inputs
  bool link;                  // an executable comes out
  bool race;                  // no --weir-no-race
  const char *analyze;        // --weir-analyze: "" or its checks "=ID,ID"; NULL: not given
  bool debug_flag;            // some -g is given, -g0 too
  bool static_link;           // -static, -static-pie
  bool sanitize_thread;       // the user asks clang itself for it
  const char *sanitize_other; // one that cannot live with the race runtime, or NULL
};

// Not clang's.
bool weir_cc_is_own(const char *word);

void weir_cc_scan(struct weir_cc_scan *scan, int argc, char **argv);

#endif
