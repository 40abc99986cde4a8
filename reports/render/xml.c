// SPDX-License-Identifier: Apache-2.0
#include "render/xml.h"

static const char *entity_of(char c) {
  switch (c) {
  case '<':
    return "&lt;";
  case '>':
    return "&gt;";
  case '&':
    return "&amp;";
  case '"':
    return "&quot;";
  case '\n':
  case '\t':
    return NULL;
  default:
    return (unsigned char)c < ' ' ? "\xef\xbf\xbd" : NULL;
  }
}

void weir_xml_text(struct weir_buf *out, const char *s) {
  for (; *s; s++) {
    const char *entity = entity_of(*s);
    if (entity)
      weir_buf_add(out, entity);
    else
      weir_buf_addn(out, s, 1);
  }
}

void weir_xml_attribute(struct weir_buf *out, const char *name, const char *value) {
  weir_buf_printf(out, " %s=\"", name);
  weir_xml_text(out, value);
  weir_buf_add(out, "\"");
}
