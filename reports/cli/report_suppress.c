// SPDX-License-Identifier: Apache-2.0
//
// `weir report suppress`: the line that hides one finding. It is tried on all findings that
// were given: where it would hide another one too, the line by fingerprint is printed.
#include <stdio.h>
#include <string.h>

#include "cli/exit.h"
#include "cli/report.h"
#include "model/suppress.h"
#include "render/view.h"

enum { LEAST_DIGITS = 4 };

// The finding whose fingerprint begins so; NULL after a message if there is none or several.
static const struct weir_finding *find(const struct weir_collection *all, const char *start) {
  const struct weir_finding *found = NULL;
  size_t n = strlen(start);
  const char *why = n < LEAST_DIGITS ? "is too short: give four digits or more" : NULL;
  for (size_t i = 0; i < all->count && !why; i++) {
    if (weir_finding_is_dump(all->at[i]) || strncmp(all->at[i]->fingerprint, start, n)) continue;
    if (found) why = "is not the beginning of one fingerprint alone";
    found = all->at[i];
  }
  if (!why && !found) why = "is no fingerprint of a finding there; `weir report list` shows them";
  if (!why) return found;
  struct weir_buf b = {0};
  weir_buf_add_safe(&b, start, n);
  fprintf(stderr, "weir report: '%s' %s\n", b.data ? b.data : "", why);
  weir_buf_free(&b);
  return NULL;
}

// Whether the line hides f and none of the others.
static bool fits(const struct weir_collection *all, const struct weir_finding *f,
                 const char *line) {
  struct weir_suppressions s = {0};
  struct weir_buf messages = {0};
  weir_suppressions_parse(&s, "line", line, strlen(line), &messages);
  bool good = !s.problems && weir_suppressions_match(&s, f);
  for (size_t i = 0; i < all->count && good; i++)
    good = all->at[i] == f || !weir_suppressions_match(&s, all->at[i]);
  weir_suppressions_free(&s);
  weir_buf_free(&messages);
  return good;
}

static void add_comments(const struct weir_suppress_wish *wish, struct weir_buf *out) {
  if (wish->reason) {
    weir_buf_add(out, "# ");
    weir_buf_add_safe(out, wish->reason, strlen(wish->reason));
    weir_buf_add(out, "\n");
  }
  if (wish->until) weir_buf_printf(out, "# until %.10s\n", wish->until);
}

int weir_report_suppress(const struct weir_collection *all, const struct weir_suppress_wish *wish,
                         struct weir_buf *out) {
  const struct weir_finding *f = find(all, wish->fingerprint);
  if (!f) return WEIR_EXIT_FAILED;
  struct weir_buf line = {0};
  weir_suppression_line(f, wish->exact, &line);
  if (!fits(all, f, line.data)) {
    weir_buf_free(&line);
    weir_suppression_line(f, true, &line);
  }
  struct weir_view *v = weir_view_new(f);
  weir_buf_printf(out, "# %s\n", weir_view_summary(v));
  add_comments(wish, out);
  weir_buf_printf(out, "%s\n", line.data);
  weir_view_free(v);
  weir_buf_free(&line);
  return WEIR_EXIT_CLEAN;
}
