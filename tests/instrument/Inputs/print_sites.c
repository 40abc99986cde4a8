// SPDX-License-Identifier: Apache-2.0
//
// Instead of the runtime: every call prints the site it was given, as
// `line: function: name`, with a `~` where the name is only the macro's text. Blocks
// of weir_go and defers are not run (those of weir_go_block are); each test calls its
// functions itself.
#include <stdio.h>
#include <stdlib.h>
#include <weir/weir.h>

void *_NSConcreteStackBlock[32], *_NSConcreteGlobalBlock[32];

static void show(const struct weir_site *s) {
  printf("%u: %s: %s%s\n", s->line, s->func, s->flags & WEIR_SITE_NAMED_BY_PLUGIN ? "" : "~",
         s->name);
}
#define CH struct weir_chan_
CH *weir_chan_make_(size_t size, size_t cap, const struct weir_site *s) {
  show(s);
  return calloc(size + cap + 1, 1);
}
CH *weir_after_(int64_t ns, const struct weir_site *s) {
  return weir_chan_make_(8, ns > 0, s);
}
void weir_chan_send_(CH *ch, const void *value, const struct weir_site *s) {
  (void)ch, (void)value, show(s);
}
bool weir_chan_recv_(CH *ch, void *dst, const struct weir_site *s) {
  (void)ch, (void)dst, show(s);
  return false;
}
bool weir_chan_try_send_(CH *ch, const void *value, const struct weir_site *s) {
  weir_chan_send_(ch, value, s);
  return true;
}
bool weir_chan_try_recv_(CH *ch, void *dst, bool *ok, const struct weir_site *s) {
  (void)ok;
  return weir_chan_recv_(ch, dst, s);
}
void weir_chan_close_(CH *ch, const struct weir_site *s) {
  (void)ch, show(s);
}
void weir_chan_free_(CH *ch, const struct weir_site *s) {
  (void)ch, show(s);
}
int weir_select_(struct weir_case *cases, size_t n, const struct weir_site *s) {
  for (size_t i = 0; i < n; i++)
    if (cases[i].site) show(cases[i].site);
  show(s);
  return 0;
}
weir_ctx *weir_ctx_background(void) {
  return NULL;
}
int64_t weir_ctx_after_(int64_t ns) {
  return ns;
}
weir_ctx *weir_ctx_make_(weir_ctx *parent, int64_t when, const struct weir_site *s) {
  (void)parent, (void)when, show(s);
  return NULL;
}
CH *weir_ctx_done_(weir_ctx *ctx) {
  (void)ctx;
  return NULL;
}
void weir_mutex_lock_(weir_mutex *m, const struct weir_site *s) {
  (void)m, show(s);
}
void weir_mutex_unlock_(weir_mutex *m, const struct weir_site *s) {
  (void)m, show(s);
}
bool weir_mutex_trylock_(weir_mutex *m, const struct weir_site *s) {
  (void)m, show(s);
  return true;
}
void weir_rwmutex_lock_(weir_rwmutex *m, const struct weir_site *s) {
  (void)m, show(s);
}
void weir_rwmutex_unlock_(weir_rwmutex *m, const struct weir_site *s) {
  (void)m, show(s);
}
void weir_rwmutex_rlock_(weir_rwmutex *m, const struct weir_site *s) {
  (void)m, show(s);
}
void weir_once_do_(weir_once *once, void (*fn)(void), const struct weir_site *s) {
  (void)once, (void)fn, show(s);
}
void weir_cond_wait_(weir_cond *c, weir_mutex *m, const struct weir_site *s) {
  (void)c, (void)m, show(s);
}
void weir_cond_wait_rw_(weir_cond *c, weir_rwmutex *m, const struct weir_site *s) {
  (void)c, (void)m, show(s);
}
int weir_sem_acquire_(weir_sem *sem, weir_ctx *ctx, int64_t n, const struct weir_site *s) {
  (void)sem, (void)ctx, (void)n, show(s);
  return 0;
}
void weir_wg_add_(weir_wg *wg, int n, const struct weir_site *s) {
  (void)wg, (void)n, show(s);
}
void weir_wg_wait_(weir_wg *wg, const struct weir_site *s) {
  (void)wg, show(s);
}
void weir_go_block(void (^block)(void)) {
  block();
}

void weir_go_start_(const void *block, const struct weir_site *s) {
  (void)block, show(s);
}
void weir_go_member_start_(const void *block, const struct weir_site *s, const void *wg) {
  (void)block, (void)wg, show(s);
}
void weir_defer_push_(struct weir_defer_ *d) {
  (void)d;
}
void weir_defer_run_(struct weir_defer_ *d) {
  ((void (^)(void))d->block)();
}
