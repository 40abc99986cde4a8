// SPDX-License-Identifier: Apache-2.0
//
// The forms in which `weir report` shows findings, as data.
#ifndef WEIR_CLI_REPORT_FORMS_H
#define WEIR_CLI_REPORT_FORMS_H

enum {
  WEIR_REPORT_SHOW,
  WEIR_REPORT_LIST,
  WEIR_REPORT_HTML,
  WEIR_REPORT_JSON,
  WEIR_REPORT_MERGE,
  WEIR_REPORT_DIFF,
  WEIR_REPORT_SARIF,
  WEIR_REPORT_JUNIT,
  WEIR_REPORT_GITHUB,
  WEIR_REPORT_GITLAB,
  WEIR_REPORT_MARKDOWN,
  WEIR_REPORT_SUPPRESS,
  WEIR_REPORT_FORMS
};

struct weir_report_form {
  const char *name, *brief, *help;
};
extern const struct weir_report_form weir_report_forms[WEIR_REPORT_FORMS];

int weir_report_form_find(const char *word); // -1: none
void weir_report_help(int form);             // -1: of the verb

#endif
