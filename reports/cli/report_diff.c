// SPDX-License-Identifier: Apache-2.0
//
// `weir report diff`: what is new since the baseline, what is still there, what is gone. New ones
// come first, each in full after the list.
#include "cli/exit.h"
#include "cli/report.h"

static size_t list(const struct weir_collection *all, const struct weir_collection *other,
                   bool in_other, const char *sign, bool color, struct weir_buf *out) {
  size_t n = 0;
  for (size_t i = 0; i < all->count; i++) {
    const struct weir_finding *f = all->at[i];
    if (weir_finding_is_dump(f) || (weir_collection_find(other, f) != NULL) != in_other) continue;
    weir_buf_add(out, sign);
    weir_render_list_line(f, color, out);
    n++;
  }
  return n;
}

int weir_report_diff(const struct weir_report_input *in, bool color, struct weir_buf *out) {
  size_t added = list(&in->now, &in->before, false, "+ ", color, out);
  size_t still = list(&in->now, &in->before, true, "= ", color, out);
  size_t gone = list(&in->before, &in->now, false, "- ", color, out);
  weir_buf_printf(out, "%zu new, %zu still there, %zu gone\n", added, still, gone);
  for (size_t i = 0; i < in->now.count && added; i++) {
    const struct weir_finding *f = in->now.at[i];
    if (weir_finding_is_dump(f) || weir_collection_find(&in->before, f)) continue;
    weir_buf_add(out, "\n");
    weir_render_text(f, color, out);
  }
  return added ? WEIR_EXIT_FINDINGS : WEIR_EXIT_CLEAN;
}
