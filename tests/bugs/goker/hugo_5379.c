// SPDX-License-Identifier: Apache-2.0
//
// GoKer's hugo_5379: The content of a page is rendered with the page locked, by a goroutine that
// counts the words of that same page: it wants the content, which is being made, and when that has
// timed out, the plain text, which is made once and with the page locked.
//
// A tool must name the page's lock, the renderer that holds it, the once of the plain text, and
// who waits. In the fixed form the page is locked around all of the making.
//
// REQUIRES: races
// RUN: %python %src/tests/tools/kernel.py %s %t %weir
//
// finds: deadlock partial-deadlock goroutine-leak lock-order
// names: render_content word_count content_mu plain_once
#include <weir/weir.h>

enum { KEYS = 1 };

struct page;
typedef void renderer(struct page *p);
struct page {
  weir_mutex content_mu;
  weir_once content_once, plain_once, wrapper_once;
  struct page *wrapper; // what shortcodes see of the page: the page itself
  struct {
    weir_once once;
    renderer *all[KEYS], *delta[KEYS];
  } shortcodes;
  int words;
};
static struct page page; // of the site's only one
static weir_wg renderers;
#ifdef FIXED
static weir_wg helpers;
#endif

static void word_count(struct page *p);

static void render_shortcode(struct page *p) {
  word_count(p->wrapper);
}

static void render_delta(struct page *p) {
  for (int i = 0; i < KEYS; i++)
    p->shortcodes.delta[i](p);
}

static void render_content(struct page *p, weir_chan(int) result) {
#ifndef FIXED
  // CHECK-DAG: hugo_5379.c:[[@LINE+1]]
  weir_guard(&p->content_mu);
#endif
  render_delta(p);
  weir_send(result, 0);
#ifdef FIXED
  weir_wg_done(&helpers);
#endif
}

static void make_content(void) {
#ifdef FIXED
  weir_guard(&page.content_mu);
  weir_wg_add(&helpers, 1);
#endif
  weir_ctx *limit = weir_ctx_with_timeout(weir_ctx_background(), WEIR_MS(1));
  weir_chan(int) result = weir_chan_make(int, 1);
  weir_go(render_content, &page, result);
  weir_select(weir_on_recv(weir_ctx_done(limit), NULL, NULL), weir_on_recv(result, NULL, NULL));
  weir_ctx_free(limit);
}

static void make_plain(void) {
  // CHECK-DAG: hugo_5379.c:[[@LINE+1]]
  weir_guard(&page.content_mu);
  page.words = 1;
}

static void init_content(struct page *p) {
  weir_once_do(&p->content_once, make_content);
}

static void init_plain(struct page *p) {
  weir_once_do(&p->plain_once, make_plain);
}

static void word_count(struct page *p) {
  init_content(p);
  init_plain(p);
}

static void make_wrapper(void) {
  page.wrapper = &page;
}

static void fill_shortcodes(void) {
  page.shortcodes.all[0] = render_shortcode;
}

static void prepare(struct page *p) {
  weir_once_do(&p->wrapper_once, make_wrapper);
  weir_once_do(&p->shortcodes.once, fill_shortcodes);
  for (int i = 0; i < KEYS; i++)
    p->shortcodes.delta[i] = p->shortcodes.all[i];
}

static void render_page(struct page *p) {
  weir_defer(weir_wg_done(&renderers));
  word_count(p);
}

int main(void) {
  prepare(&page);
  for (int i = 0; i < 2; i++) {
    weir_wg_add(&renderers, 1);
    weir_go(render_page, &page);
  }
  weir_wg_wait(&renderers);
#ifdef FIXED
  weir_wg_wait(&helpers);
#endif
  return 0;
}
