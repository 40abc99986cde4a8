// SPDX-License-Identifier: Apache-2.0
//
// The line that hides one finding: its kind and the texts that are its own, each tied at both
// ends. Of a race both sides are named even if they are the same function; of anything
// else each name once, since how many goroutines are alike differs from run to run.
//
// What a pattern cannot say is left open: a name that holds one of the pattern's own characters
// gets a star there, and the compiler's number of a block does not count.
#include <string.h>

#include "model/suppress.h"

static void add_name(struct weir_buf *out, const char *name) {
  const char *block = strstr(name, "_block_invoke");
  size_t n = block ? (size_t)(block - name) + strlen("_block_invoke") : strlen(name);
  weir_buf_add(out, "^");
  for (size_t i = 0; i < n; i++) {
    bool special = strchr("*$^&\\ ", name[i]) != NULL;
    weir_buf_addn(out, special ? "*" : &name[i], 1);
  }
  weir_buf_add(out, block ? "*$" : "$");
}

static bool named_already(const struct weir_texts *t, size_t i) {
  for (size_t j = 0; j < i; j++)
    if ((t->at[j].roles & WEIR_TEXT_OWN) && !strcmp(t->at[j].text, t->at[i].text)) return true;
  return false;
}

void weir_suppression_line(const struct weir_finding *f, bool exact, struct weir_buf *out) {
  struct weir_texts t;
  struct weir_buf line = {0};
  size_t parts = 0;
  weir_texts_collect(f, &t);
  weir_buf_printf(&line, "%s:", f->id);
  for (size_t i = 0; i < t.count && parts < WEIR_RULE_PARTS; i++) {
    if (!(t.at[i].roles & WEIR_TEXT_OWN)) continue;
    if (!f->access_count && named_already(&t, i)) continue;
    if (parts++) weir_buf_add(&line, " && ");
    add_name(&line, t.at[i].text);
  }
  if (exact || !parts)
    weir_buf_printf(out, "fingerprint:%s", f->fingerprint);
  else
    weir_buf_add(out, line.data);
  weir_texts_free(&t);
  weir_buf_free(&line);
}
