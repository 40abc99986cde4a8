// SPDX-License-Identifier: Apache-2.0
//
// JUnit's XML, which every CI system shows: a suite for each program, a failed test case for each
// finding with its whole report as text, a skipped one for what was suppressed. Without findings
// it is one suite with one test that passed, so that "nothing was found" and "nothing ran" differ.
#include <string.h>

#include "render/render.h"
#include "render/view.h"
#include "render/xml.h"

struct suite {
  const char *program;
  size_t tests, failures, skipped;
};

static const char *program_of(const struct weir_finding *f) {
  const char *slash = strrchr(f->exe, '/');
  return slash ? slash + 1 : *f->exe ? f->exe : "program";
}

static bool counts(const struct weir_finding *f, const char *program) {
  return !weir_finding_is_dump(f) && !strcmp(program_of(f), program);
}

static struct suite suite_of(const struct weir_collection *all, const char *program) {
  struct suite s = {.program = program};
  for (size_t i = 0; i < all->count; i++) {
    if (!counts(all->at[i], program)) continue;
    s.tests++;
    s.failures += !*all->at[i]->suppressed;
    s.skipped += *all->at[i]->suppressed != 0;
  }
  return s;
}

static void add_case(const struct weir_finding *f, struct weir_buf *out) {
  struct weir_view *v = weir_view_new(f);
  weir_buf_printf(out, "    <testcase classname=\"weir.%s\" time=\"0\"", f->id);
  weir_xml_attribute(out, "name",
                     weir_arena_printf(&v->arena, "%s [%s]", weir_view_summary(v), f->fingerprint));
  weir_buf_add(out, ">\n");
  if (*f->suppressed) {
    weir_buf_add(out, "      <skipped");
    weir_xml_attribute(out, "message",
                       weir_arena_printf(&v->arena, "suppressed by %s", f->suppressed));
    weir_buf_add(out, "/>\n");
  } else {
    struct weir_buf report = {0};
    weir_render_text(f, false, &report);
    weir_buf_add(out, "      <failure");
    weir_xml_attribute(out, "type", f->certainty);
    weir_xml_attribute(out, "message", weir_view_answer(v));
    weir_buf_add(out, ">");
    weir_xml_text(out, report.data);
    weir_buf_add(out, "</failure>\n");
    weir_buf_free(&report);
  }
  weir_buf_add(out, "    </testcase>\n");
  weir_view_free(v);
}

static void open_suite(const struct suite *s, struct weir_buf *out) {
  weir_buf_add(out, "  <testsuite");
  weir_xml_attribute(out, "name", s->program);
  weir_buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"0\">\n",
                  s->tests, s->failures, s->skipped);
}

static bool is_first_of_its_program(const struct weir_collection *all, size_t i) {
  for (size_t j = 0; j < i; j++)
    if (counts(all->at[j], program_of(all->at[i]))) return false;
  return !weir_finding_is_dump(all->at[i]);
}

static size_t add_suites(const struct weir_collection *all, struct weir_buf *out) {
  size_t suites = 0;
  for (size_t i = 0; i < all->count; i++) {
    if (!is_first_of_its_program(all, i)) continue;
    struct suite s = suite_of(all, program_of(all->at[i]));
    open_suite(&s, out);
    for (size_t j = i; j < all->count; j++)
      if (counts(all->at[j], s.program)) add_case(all->at[j], out);
    weir_buf_add(out, "  </testsuite>\n");
    suites++;
  }
  return suites;
}

void weir_render_junit(const struct weir_collection *all, struct weir_buf *out) {
  weir_buf_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"weir\">\n");
  if (!add_suites(all, out)) {
    open_suite(&(struct suite){.program = "weir", .tests = 1}, out);
    weir_buf_add(out, "    <testcase classname=\"weir\" name=\"no findings\" time=\"0\"/>\n"
                      "  </testsuite>\n");
  }
  weir_buf_add(out, "</testsuites>\n");
}
