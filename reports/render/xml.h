// SPDX-License-Identifier: Apache-2.0
//
// Text into XML 1.0 or HTML. What XML has no way to say (most control characters) becomes U+FFFD.
#ifndef WEIR_RENDER_XML_H
#define WEIR_RENDER_XML_H

#include "model/memory.h"

void weir_xml_text(struct weir_buf *out, const char *s);
void weir_xml_attribute(struct weir_buf *out, const char *name, const char *value);

#endif
