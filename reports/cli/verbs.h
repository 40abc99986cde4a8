// SPDX-License-Identifier: Apache-2.0
//
// The verbs of `weir`, as data: dispatch, `weir --help` and the "did you mean" all
// read this one list. A verb is `int weir_verb_NAME(int argc, char **argv)` with
// argv[0] its own name; it answers --help on standard output with status 0, and
// returns one of the statuses of exit.h (or, for cc and run, the program's own).
#ifndef WEIR_CLI_VERBS_H
#define WEIR_CLI_VERBS_H

//              function  name        help
#define WEIR_VERBS(X)                                                                    \
  X(cc, "cc", "compile C with Weir's instrumentation: use it as CC")                     \
  X(cxx, "c++", "the same for C++: use it as CXX")                                       \
  X(run, "run", "run a program under the detectors and keep its findings")               \
  X(analyze, "analyze", "check C sources for concurrency mistakes without running them") \
  X(report, "report", "show findings: text, a page, SARIF, JUnit, what is new")          \
  X(core, "core", "show the goroutines of a program that crashed, from its core")        \
  X(attach, "attach", "show the goroutines of a program that runs")                      \
  X(trace, "trace", "show what goroutines did: summary, Perfetto, pprof, lines")         \
  X(selftest, "selftest", "plant one bug of each kind and check that each is found")

#define WEIR_VERB_DECLARE(function, name, help) int weir_verb_##function(int argc, char **argv);
WEIR_VERBS(WEIR_VERB_DECLARE)
#undef WEIR_VERB_DECLARE

#endif
