// SPDX-License-Identifier: Apache-2.0
//
// Thread-local addresses are also right in code that is checked for races; the
// context is then a fiber of ThreadSanitizer, and no race is reported.
// REQUIRES: races
// RUN: for o in 0 1 2 3; do \
// RUN:   %clang -O$o -fplugin=%weir_plugin -DFIBER -c %S/thread-local-migrate.c -o %t.o || exit 1; \
// RUN:   %clang -fsanitize=thread -pthread %t.o -o %t && %t 2>&1 | count 0 || exit 1; \
// RUN: done
