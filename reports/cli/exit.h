// SPDX-License-Identifier: Apache-2.0
//
// The exit status of every `weir` verb. 66 is ThreadSanitizer's and Go's number for
// "findings". A verb that renders findings ends 0 when it rendered them: only a
// check (run, selftest) ends 66.
#ifndef WEIR_CLI_EXIT_H
#define WEIR_CLI_EXIT_H

enum weir_exit {
  WEIR_EXIT_CLEAN = 0,
  WEIR_EXIT_USAGE = 2,     // the command line makes no sense
  WEIR_EXIT_FAILED = 3,    // could not run, read or write
  WEIR_EXIT_FINDINGS = 66, // a check found something
};

#endif
