// SPDX-License-Identifier: Apache-2.0
//
// The page's template, style and script stay files that one can edit and look at;
// the assembler copies them in. The build gives their folder as an include path and
// makes this object depend on them.
#include "render/html_assets.h"

#define EMBED(symbol, file)                    \
  __asm__(".pushsection .rodata\n"             \
          ".globl " #symbol "\n" #symbol ":\n" \
          ".incbin \"" file "\"\n"             \
          ".byte 0\n"                          \
          ".popsection\n")

EMBED(weir_html_page, "render/html/page.html");
EMBED(weir_html_style, "render/html/style.css");
EMBED(weir_html_script, "render/html/app.js");
