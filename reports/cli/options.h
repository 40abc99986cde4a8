// SPDX-License-Identifier: Apache-2.0
//
// The command line of a verb as a table: each option names the variable that it
// sets. Long options only, `--name` or `--name=value` or `--name value`; `--` ends
// them; the first operand ends them too where the verb runs another program.
// --help is understood for every verb and printed from the same table.
#ifndef WEIR_CLI_OPTIONS_H
#define WEIR_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct weir_option {
  const char *name;  // without the dashes; NULL ends the table
  const char *value; // what to call its value in the help; NULL: it takes none
  const char *help;
  bool *flag;                      // set to true, for an option without a value
  const char **text;               // set to the value
  bool (*each)(const char *value); // or called with it; false: it is no good
};

struct weir_usage {
  const char *verb;
  const char *synopsis;    // what follows "weir VERB"
  const char *description; // whole lines
  const char *example;     // whole lines
  const struct weir_option *options;
};

enum { WEIR_OPTIONS_HELP = -1, WEIR_OPTIONS_BAD = -2 };

// Returns the index of the first operand (argc if there is none), or
// WEIR_OPTIONS_HELP after printing the help to standard output, or
// WEIR_OPTIONS_BAD after one message on standard error.
int weir_options_parse(const struct weir_usage *usage, int argc, char **argv);

void weir_usage_print(const struct weir_usage *usage);

// One line "weir VERB: ..." with the way to the help on standard error; returns
// WEIR_EXIT_USAGE.
int weir_usage_error(const struct weir_usage *usage, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

// The entry of names that is nearest to word, or NULL when none is near.
const char *weir_nearest(const char *word, const char *const *names, size_t count);

#endif
