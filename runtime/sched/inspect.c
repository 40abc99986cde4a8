// SPDX-License-Identifier: Apache-2.0
//
// inspect.h: snapshots of goroutines, and their stacks by libunwind (which also
// works for code without frame pointers). Frames of the runtime are cut off by the return
// address that the API call recorded, not by names.
#define _GNU_SOURCE
#include "base/hooks.h"
#include "os/copy.h"
#include "sched/g.h"
#include "sched/unwind.h"

const char *const weir_wait_op_texts[WEIR_WAIT_OPS] = {
    [WEIR_WAIT_NONE] = "",
    [WEIR_WAIT_CHAN_SEND] = "chan send",
    [WEIR_WAIT_CHAN_RECV] = "chan receive",
    [WEIR_WAIT_CHAN_SEND_NIL] = "chan send (nil chan)",
    [WEIR_WAIT_CHAN_RECV_NIL] = "chan receive (nil chan)",
    [WEIR_WAIT_SELECT] = "select",
    [WEIR_WAIT_SELECT_EMPTY] = "select (no cases)",
    [WEIR_WAIT_MUTEX] = "sync.Mutex.Lock",
    [WEIR_WAIT_WAIT_GROUP] = "sync.WaitGroup.Wait",
    [WEIR_WAIT_SLEEP] = "sleep",
    [WEIR_WAIT_IO] = "IO wait",
    [WEIR_WAIT_SINGLEFLIGHT] = "singleflight.Do",
    [WEIR_WAIT_BLOCKING] = "blocking call",
    [WEIR_WAIT_RWMUTEX] = "sync.RWMutex.Lock",
    [WEIR_WAIT_RWMUTEX_READ] = "sync.RWMutex.RLock",
    [WEIR_WAIT_ONCE] = "sync.Once.Do",
    [WEIR_WAIT_COND] = "sync.Cond.Wait",
    [WEIR_WAIT_SEM] = "semacquire",
    [WEIR_WAIT_FENCE] = "fence wait",
    [WEIR_WAIT_EXIT] = "exit",
};

// Does a timer send on, or close, a channel that it waits for? Channels are never unmapped.
static bool timer_behind(struct weir_g *g) {
  struct weir_wait_on on[32];
  size_t n = weir_inspect_waits(g, on, 32);
  for (size_t i = 0; i < n && i < 32; i++) {
    if (on[i].kind != WEIR_OBJ_CHAN || !on[i].object) continue;
    struct weir_object_desc d;
    weir_object_describe(on[i].kind, on[i].object, &d);
    if (d.timer_pending) return true;
  }
  return false;
}

// The name it was given, or its function: "worker" of "&worker".
static void name_of(const struct weir_g *g, char *out, size_t size) {
  weir_copy_text(out, g->cold->name, size);
  if (*out || !g->go_site) return;
  const char *text = g->go_site->name;
  while (*text == '&' || *text == '(' || *text == '*')
    text++;
  size_t n = 0;
  for (; text[n] && text[n] != ')' && n + 1 < size; n++)
    out[n] = text[n];
  out[n] = 0;
}

enum weir_wait_op weir_inspect_op(const struct weir_g *g) {
  return (enum weir_wait_op)atomic_load_explicit(&g->op, memory_order_acquire);
}

void weir_inspect_one(struct weir_g *g, struct weir_g_view *v) {
  weir_zero(v, sizeof *v); // no memset: a leak check may be about to look, with the others stopped
  v->g = g;
  v->park_seq = atomic_load_explicit(&g->park_seq, memory_order_acquire);
  v->state = weir_g_state_of(g);
  v->op = weir_inspect_op(g);
  v->id = g->id;
  name_of(g, v->name, sizeof v->name);
  v->thread = g->thread;
  v->expected = g->expected;
  v->timed = v->op == WEIR_WAIT_SLEEP || v->op == WEIR_WAIT_IO || v->op == WEIR_WAIT_BLOCKING ||
             v->op == WEIR_WAIT_EXIT || timer_behind(g);
  struct weir_wait_on on;
  if (weir_inspect_waits(g, &on, 1) == 1) v->object = on.object;
  v->since = g->since;
  v->api_pc = g->api_pc;
  v->parent = g->parent;
  v->go_site = g->go_site;
  if (!g->thread) weir_copy(v->creation, g->cold->creation, sizeof v->creation);
  unsigned n = g->held_count, kept = n < WEIR_HELD_MAX ? n : WEIR_HELD_MAX;
  for (unsigned i = 0; i < kept; i++)
    v->held[i] = g->held[(n - kept + i) % WEIR_HELD_MAX];
  v->held_count = kept;
}

void weir_inspect_each(bool (*fn)(const struct weir_g_view *view, void *arg), void *arg) {
  size_t n = weir_g_count();
  for (size_t i = 0; i < n; i++) {
    struct weir_g *g = weir_g_at(i);
    if (atomic_load_explicit(&g->state, memory_order_acquire) == WEIR_G_DEAD) continue;
    struct weir_g_view view;
    weir_inspect_one(g, &view);
    if (!fn(&view, arg)) return;
  }
}

struct weir_g *weir_inspect_self(void) {
  void *word = weir_tls_get();
  if (!word || ((uintptr_t)word & 1)) return word ? weir_self() : NULL;
  struct weir_worker *w = word;
  return w->cur == &w->g0 ? NULL : w->cur;
}

uint64_t weir_inspect_new_id(void) {
  return weir_g_next_id(NULL);
}

bool weir_inspect_is_goroutine(const void *p) {
  return p && weir_g_around((uintptr_t)p) == p;
}

struct weir_g *weir_inspect_find(uint64_t goid) {
  size_t n = weir_g_count();
  for (size_t i = 0; i < n; i++) {
    struct weir_g *g = weir_g_at(i);
    if (g->id == goid && atomic_load_explicit(&g->state, memory_order_acquire) != WEIR_G_DEAD)
      return g;
  }
  return NULL;
}

size_t weir_inspect_waits(struct weir_g *g, struct weir_wait_on *out, size_t max) {
  uint32_t seq = atomic_load_explicit(&g->park_seq, memory_order_acquire);
  if (atomic_load_explicit(&g->op, memory_order_acquire) == WEIR_WAIT_NONE) return 0;
  const struct weir_waiter *waits = g->waits;
  size_t n = g->n_waits;
  for (size_t i = 0; i < n && i < max; i++)
    out[i] = (struct weir_wait_on){waits[i].kind, waits[i].op, waits[i].object};
  // The waiters are on its stack: if it moved on meanwhile, we may have read anything.
  atomic_thread_fence(memory_order_acquire);
  bool same = atomic_load_explicit(&g->park_seq, memory_order_relaxed) == seq &&
              atomic_load_explicit(&g->op, memory_order_relaxed) != WEIR_WAIT_NONE;
  return same ? n : 0;
}

size_t weir_unwind(unw_cursor_t *cursor, const void *from, uintptr_t *pcs, size_t max) {
  size_t n = 0;
  bool in_user_code = from == NULL;
  do {
    unw_word_t ip = 0;
    if (unw_get_reg(cursor, UNW_REG_IP, &ip) != 0 || ip < 4096) break;
    in_user_code |= ip == (uintptr_t)from;
    if (in_user_code && n < max) pcs[n++] = ip;
  } while (n < max && unw_step(cursor) > 0);
  return n;
}

static size_t stack_of_caller(const void *from, uintptr_t *pcs, size_t max) {
  unw_context_t here;
  unw_cursor_t cursor;
  if (unw_getcontext(&here) != 0 || unw_init_local(&cursor, &here) != 0) return 0;
  return weir_unwind(&cursor, from, pcs, max);
}

bool weir_unwind_regs(unw_cursor_t *cursor, unw_context_t *at, const struct weir_ctx_regs *regs,
                      bool interrupted) {
  *at = (unw_context_t){0};
  greg_t *r = at->uc_mcontext.gregs;
  r[REG_RIP] = (greg_t)regs->rip;
  r[REG_RSP] = (greg_t)regs->rsp;
  r[REG_RBP] = (greg_t)regs->rbp;
  r[REG_RBX] = (greg_t)regs->rbx;
  r[REG_R12] = (greg_t)regs->r12;
  r[REG_R13] = (greg_t)regs->r13;
  r[REG_R14] = (greg_t)regs->r14;
  r[REG_R15] = (greg_t)regs->r15;
  return unw_init_local2(cursor, at, interrupted ? UNW_INIT_SIGNAL_FRAME : 0) == 0;
}

bool weir_unwind_begin(unw_cursor_t *cursor, unw_context_t *at, const void *sp) {
  struct weir_ctx_regs regs;
  weir_ctx_regs(sp, &regs);
  return !weir_ctx_is_new(&regs) && weir_unwind_regs(cursor, at, &regs, false);
}

static size_t stack_of_parked(struct weir_g *g, const void *from, uintptr_t *pcs, size_t max) {
  unw_cursor_t cursor;
  unw_context_t saved;
  if (!weir_unwind_begin(&cursor, &saved, g->sp)) return 0;
  return weir_unwind(&cursor, from, pcs, max);
}

size_t weir_inspect_stack_of_signal(const void *context, uintptr_t *pcs, size_t max) {
  unw_cursor_t cursor;
  unw_context_t there = *(const unw_context_t *)context;
  if (unw_init_local2(&cursor, &there, UNW_INIT_SIGNAL_FRAME) != 0) return 0;
  size_t n = weir_unwind(&cursor, NULL, pcs, max);
  if (n) pcs[0]++;
  return n;
}

// What it kept as it parked, from the API call on; that call alone if the frames do not lead there.
static size_t stack_of_thread(const struct weir_g *g, uintptr_t *pcs, size_t max) {
  const uintptr_t *kept = g->cold->parked;
  size_t n = 0, i = 0;
  while (i < WEIR_CREATION_FRAMES && kept[i] && kept[i] != (uintptr_t)g->api_pc)
    i++;
  for (; i < WEIR_CREATION_FRAMES && kept[i] && n < max; i++)
    pcs[n++] = kept[i];
  if (n == 0 && g->api_pc && max > 0) pcs[n++] = (uintptr_t)g->api_pc;
  return n;
}

size_t weir_inspect_stack(struct weir_g *g, const void *from, uintptr_t *pcs, size_t max) {
  if (g == weir_inspect_self()) return stack_of_caller(from, pcs, max);
  enum weir_g_state state = weir_g_state_of(g);
  if (g->thread) return state == WEIR_G_WAITING ? stack_of_thread(g, pcs, max) : 0;
  if (state == WEIR_G_WAITING) return stack_of_parked(g, from ? from : g->api_pc, pcs, max);
  if (state == WEIR_G_RUNNABLE && g->sp) return stack_of_parked(g, NULL, pcs, max);
  return 0;
}

bool weir_inspect_frame(struct weir_g *g, const void *address, const uintptr_t *pcs, size_t n,
                        struct weir_ctx_frame *out) {
  if (g->thread || !g->stack_high) return false;
  if (g == weir_inspect_self()) return weir_ctx_frame_above(address, g->stack_high, pcs, n, out);
  uint32_t seq = atomic_load_explicit(&g->park_seq, memory_order_acquire);
  enum weir_g_state state = weir_g_state_of(g);
  const void *sp = g->sp;
  if ((state != WEIR_G_WAITING && state != WEIR_G_RUNNABLE) || !sp) return false;
  struct weir_ctx_regs regs;
  weir_ctx_regs(sp, &regs);
  bool found = weir_ctx_frame_of((const void *)regs.rbp, g->stack_high, address, out);
  // If it moved on meanwhile, we may have read anything.
  atomic_thread_fence(memory_order_acquire);
  return found && g->sp == sp && atomic_load_explicit(&g->park_seq, memory_order_relaxed) == seq &&
         weir_g_state_of(g) == state;
}

uint64_t weir_inspect_stack_owner(const void *address) {
  const char *a = address;
  size_t n = weir_g_count();
  for (size_t i = 0; i < n; i++) {
    const struct weir_g *g = weir_g_at(i);
    if (g->stack_low && a >= g->stack_low && a < g->stack_high) return g->id;
  }
  return 0;
}

unsigned weir_inspect_held(const struct weir_g *g, struct weir_held out[WEIR_HELD_MAX]) {
  unsigned n = atomic_load_explicit(&g->held_count, memory_order_relaxed);
  for (unsigned i = 0; i < n && i < WEIR_HELD_MAX; i++)
    out[i] = g->held[i];
  return n;
}

uintptr_t weir_inspect_function(uintptr_t pc) {
  unw_proc_info_t info;
  if (unw_get_proc_info_by_ip(unw_local_addr_space, pc - 1, &info, NULL) != 0) return 0;
  return info.start_ip;
}

void weir_held_lately(struct weir_g *g, const void *lock, uint32_t number, const void *taken_at) {
  struct weir_own *own = &g->cold->own;
  bool tried = own->tried == lock;
  if (tried) own->tried = NULL;
  if (tried || !weir_held_alone(g)) return;
  own->lately = number;
  own->lately_at = taken_at;
}

void weir_held_tried(const void *lock) {
  struct weir_own *own = weir_own_of_self();
  if (own) own->tried = lock;
}

struct weir_own *weir_own_of_self(void) {
  struct weir_g *g = weir_inspect_self();
  return g && g->cold ? &g->cold->own : NULL; // a worker's loop has none
}

uint32_t weir_inspect_mark(struct weir_g *g, uint32_t set) {
  return atomic_fetch_or_explicit(&g->marks, set, memory_order_relaxed);
}

struct weir_tries *weir_inspect_tries(struct weir_g *g) {
  return &g->cold->tries;
}

uint64_t weir_inspect_id(const struct weir_g *g) {
  return g->id;
}

bool weir_inspect_took_part(struct weir_g *g) {
  const uint32_t no_part = 1u << WEIR_WAIT_SLEEP | 1u << WEIR_WAIT_MUTEX | 1u << WEIR_WAIT_RWMUTEX |
                           1u << WEIR_WAIT_RWMUTEX_READ | 1u << WEIR_WAIT_ONCE;
  bool took = g->waited & ~no_part;
  g->waited = 0;
  return took;
}
