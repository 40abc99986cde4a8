// SPDX-License-Identifier: Apache-2.0
//
// The files of render/html/, taken into the program when it is built (see
// html_assets.c). NUL-terminated.
#ifndef WEIR_RENDER_HTML_ASSETS_H
#define WEIR_RENDER_HTML_ASSETS_H

extern const char weir_html_page[], weir_html_style[], weir_html_script[];

#endif
