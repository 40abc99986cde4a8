// SPDX-License-Identifier: Apache-2.0
//
// The bridge to ThreadSanitizer: one fiber per goroutine, switched without an edge, and the edges
// of the Go memory model announced one by one (base/hooks.h says which).
//
// - When the race runtime is linked, the bridge is on whatever the flag `races` says: the
//   program's code keeps a shadow call stack per fiber, which would go wrong without switching.
//   With races=0 the reports are dropped instead (detect/race.c).
// - Mutexes. A Go mutex may be unlocked by another goroutine than locked it; TSan's write lock
//   then keeps its old owner for ever and makes no edge. So every lock is announced as a read
//   lock, which has no owner: it puts the mutex into the lock set shown in reports and acquires the
//   mutex's clock; unlocking releases into that clock explicitly. A read unlock must be seen by
//   the next writer but not by the next reader, so it goes through a second clock, one byte on.
// - Memory of the program that the runtime copies is announced with the caller's pc; the
//   runtime itself is not instrumented.
// - A recycled stack: the frames of its former goroutine are not ordered before those of the
//   next, so the shadow is cleared. A freed object: its clocks are cleared too, as an
//   edge that an object's predecessor made would hide a race.
#include "hb/tsan.h"

#include <string.h>

#include "base/check.h"
#include "base/hooks.h"
#include "hb/fiber.h"
#include "hb/known.h"
#include "os/lock.h"
#include "os/memory.h"
#include "os/signal.h"

// A build whose runtime is itself instrumented, so that its own locks and atomics are checked: it
// announces no edge of the program's, and a switch orders what runs on one thread, because what
// a parking goroutine leaves to do is done by the one that comes in.
#if WEIR_CHECKED_TSAN
enum { SELF = 1 };
#else
enum { SELF = 0 };
#endif

bool weir_hb_on, weir_hb_fibers, weir_hb_edges;

WEIR_TSAN_WEAK void *__tsan_get_current_fiber(void);
WEIR_TSAN_WEAK void *__tsan_create_fiber(unsigned flags);
WEIR_TSAN_WEAK void __tsan_destroy_fiber(void *fiber);
WEIR_TSAN_WEAK void __tsan_switch_to_fiber(void *fiber, unsigned flags);
WEIR_TSAN_WEAK void __tsan_set_fiber_name(void *fiber, const char *name);
WEIR_TSAN_WEAK void __tsan_acquire(void *addr);
WEIR_TSAN_WEAK void __tsan_release(void *addr);
WEIR_TSAN_WEAK void __tsan_mutex_pre_lock(void *addr, unsigned flags);
WEIR_TSAN_WEAK void __tsan_mutex_post_lock(void *addr, unsigned flags, int recursion);
WEIR_TSAN_WEAK int __tsan_mutex_pre_unlock(void *addr, unsigned flags);
WEIR_TSAN_WEAK void __tsan_mutex_post_unlock(void *addr, unsigned flags);
WEIR_TSAN_WEAK void __tsan_mutex_destroy(void *addr, unsigned flags);
WEIR_TSAN_WEAK void __tsan_func_entry(void *pc);
WEIR_TSAN_WEAK void __tsan_func_exit(void);
WEIR_TSAN_WEAK void __tsan_read_range_pc(void *addr, unsigned long size, void *pc);
WEIR_TSAN_WEAK void __tsan_write_range_pc(void *addr, unsigned long size, void *pc);
WEIR_TSAN_WEAK void __tsan_ignore_thread_begin(void);
WEIR_TSAN_WEAK void __tsan_ignore_thread_end(void);
WEIR_TSAN_WEAK void AnnotateIgnoreSyncBegin(const char *file, int line);
WEIR_TSAN_WEAK void AnnotateIgnoreSyncEnd(const char *file, int line);
// __tsan::ReleaseStore(ThreadState *, uptr pc, uptr addr): the address carries the clock of this
// fiber and nothing else. A fiber handle is its ThreadState.
WEIR_TSAN_WEAK void _ZN6__tsan12ReleaseStoreEPNS_11ThreadStateEmm(void *thread, uintptr_t pc,
                                                                  uintptr_t addr);
// __tsan::ReleaseStoreAcquire(ThreadState *, uptr pc, uptr addr): the same, and this fiber acquires
// what the address carried before.
WEIR_TSAN_WEAK void _ZN6__tsan19ReleaseStoreAcquireEPNS_11ThreadStateEmm(void *thread, uintptr_t pc,
                                                                         uintptr_t addr);
// __tsan::MemoryResetRange(ThreadState *, uptr pc, uptr addr, uptr size) of LLVM 19: sets the
// shadow of a range to "never accessed" and uses neither of its first two arguments.
WEIR_TSAN_WEAK void _ZN6__tsan16MemoryResetRangeEPNS_11ThreadStateEmmm(void *thread, uintptr_t pc,
                                                                       uintptr_t addr,
                                                                       uintptr_t size);

// Two functions of the race runtime that its interceptors lie between: an archive's members keep
// their order. The first is __interception::InterceptFunction(const char *, uptr *, uptr, uptr).
WEIR_TSAN_WEAK extern const char _ZN14__interception17InterceptFunctionEPKcPmmm[];
WEIR_TSAN_WEAK extern const char __tsan_read1[];

enum { NO_SYNC = 1, READ_LOCK = 1 << 3 };
enum { FORGET_BYTEWISE_MAX = 1 << 16 };

// Functions that annotate stand in a section of their own, so that their frames can be told.
#define ANNOTATION __attribute__((section("weir_hb_text"), noinline))
extern const char __start_weir_hb_text[] __attribute__((visibility("hidden")));
extern const char __stop_weir_hb_text[] __attribute__((visibility("hidden")));

bool weir_tsan_is_annotation(uintptr_t pc) {
  return pc > (uintptr_t)__start_weir_hb_text && pc <= (uintptr_t)__stop_weir_hb_text;
}

bool weir_tsan_is_interceptor(uintptr_t pc) {
  const uintptr_t low = (uintptr_t)_ZN14__interception17InterceptFunctionEPKcPmmm;
  return low && pc > low && pc <= (uintptr_t)__tsan_read1;
}

// A fiber that knows of nothing, and that nobody runs on: what it releases is an empty clock.
static struct {
  struct weir_lock lock;
  void *fiber;
} blank;

bool weir_tsan_start(void) {
  weir_hb_fibers = __tsan_create_fiber && __tsan_switch_to_fiber && __tsan_read_range_pc;
  weir_hb_on = weir_hb_fibers && !SELF;
  weir_hb_edges |= weir_hb_on;
  if (weir_hb_fibers) weir_shadow_start();
  if (weir_hb_on) {
    blank.fiber = weir_tsan_fiber("blank");
    weir_use_start();
  }
  if (weir_hb_on && !_ZN6__tsan16MemoryResetRangeEPNS_11ThreadStateEmmm)
    weir_warn("this race runtime is not LLVM 19's: recycled stacks may give false data races");
  return weir_hb_on;
}

void *weir_tsan_current(void) {
  return __tsan_get_current_fiber();
}

void *weir_tsan_fiber(const char *name) {
  void *fiber = __tsan_create_fiber(0);
  __tsan_set_fiber_name(fiber, name);
  return fiber;
}

void weir_tsan_fiber_name(void *fiber, const char *name) {
  __tsan_set_fiber_name(fiber, name);
}

void weir_tsan_fiber_free(void *fiber) {
  __tsan_destroy_fiber(fiber);
}

// In a checked build its own entry and exit would be told of two different fibers.
__attribute__((disable_sanitizer_instrumentation)) void weir_tsan_switch(void *fiber) {
  __tsan_switch_to_fiber(fiber, SELF ? 0 : NO_SYNC);
}

bool weir_tsan_reset_shadow(const void *low, size_t size) {
  if (!_ZN6__tsan16MemoryResetRangeEPNS_11ThreadStateEmmm) return false;
  _ZN6__tsan16MemoryResetRangeEPNS_11ThreadStateEmmm(NULL, 0, (uintptr_t)low, size);
  return true;
}

void weir_hb_api_enter_(const void *pc) {
  struct weir_order_log *log = weir_fiber_log();
  if (log) log->call = (struct weir_order_call){.pc = (uintptr_t)pc};
  __tsan_func_entry((void *)pc);
}
void weir_hb_api_leave_(void) {
  struct weir_order_log *log = weir_fiber_log();
  if (log) log->call = (struct weir_order_call){0};
  __tsan_func_exit();
}
void weir_hb_call_(const void *pc, enum weir_sync_op op, const struct weir_site *site) {
  if (!weir_hb_on) return;
  struct weir_order_log *log = weir_fiber_log();
  if (log) log->call = (struct weir_order_call){(uintptr_t)pc, site, (uint8_t)op};
}

static void note_acquire(const void *sync) {
  struct weir_order_log *log = weir_fiber_log();
  if (log) weir_order_acquire(log, sync);
}
static void note_release(const void *sync, bool join) {
  struct weir_order_log *log = weir_fiber_log();
  if (log) weir_order_release(log, sync, join);
}

void weir_hb_acquire_(const void *sync) {
  weir_known_acquire_at(sync);
  if (!weir_hb_on) return;
  note_acquire(sync);
  __tsan_acquire((void *)sync);
}
void weir_hb_release_(const void *sync) {
  weir_known_release_at(sync, true);
  if (!weir_hb_on) return;
  note_release(sync, true);
  __tsan_release((void *)sync);
}

void weir_tsan_release_store(const void *sync) {
  if (_ZN6__tsan12ReleaseStoreEPNS_11ThreadStateEmm) {
    _ZN6__tsan12ReleaseStoreEPNS_11ThreadStateEmm(__tsan_get_current_fiber(), 0, (uintptr_t)sync);
    return;
  }
  weir_hb_forget_(sync, 1);
  __tsan_release((void *)sync);
}

void weir_hb_release_store_(const void *sync) {
  weir_known_release_at(sync, false);
  if (!weir_hb_on) return;
  note_release(sync, false);
  weir_tsan_release_store(sync);
}

void weir_hb_clock_set_(const void *mark, struct weir_hb_clock *k) {
  weir_known_drop(k->known);
  k->known = weir_known_release();
  if (!weir_hb_on) return;
  struct weir_order_log *log = weir_fiber_log();
  k->order = log ? weir_order_note(log, WEIR_ORDER_RELEASE, 0) : 0;
  weir_tsan_release_store(mark);
}

void weir_hb_clock_acquire_(const void *mark, const struct weir_hb_clock *k) {
  weir_known_acquire(k->known);
  if (!weir_hb_on) return;
  struct weir_order_log *log = weir_fiber_log();
  if (log) weir_order_saw(log, k->order);
  __tsan_acquire((void *)mark);
}

bool weir_hb_clock_exchange_(const void *mark, struct weir_hb_clock *k) {
  if (weir_hb_on && !_ZN6__tsan19ReleaseStoreAcquireEPNS_11ThreadStateEmm) return false;
  struct weir_known *known = k->known;
  k->known = weir_known_release();
  weir_known_acquire(known);
  weir_known_drop(known);
  if (!weir_hb_on) return true;
  struct weir_order_log *log = weir_fiber_log();
  weir_order_ref order = k->order;
  k->order = log ? weir_order_note(log, WEIR_ORDER_RELEASE, 0) : 0;
  if (log) weir_order_saw(log, order);
  _ZN6__tsan19ReleaseStoreAcquireEPNS_11ThreadStateEmm(__tsan_get_current_fiber(), 0,
                                                       (uintptr_t)mark);
  return true;
}

bool weir_hb_clock_says_(void) {
  return weir_hb_on || weir_known_any();
}

void weir_hb_clock_drop_(struct weir_hb_clock *k) {
  weir_known_drop(k->known);
  k->known = NULL;
}

void weir_hb_clear_(const void *sync) {
  weir_known_clear_at(sync);
  if (!weir_hb_on) return;
  void *self = __tsan_get_current_fiber();
  weir_lock_acquire(&blank.lock);
  weir_order_forget(sync);
  __tsan_switch_to_fiber(blank.fiber, NO_SYNC);
  weir_tsan_release_store(sync);
  __tsan_switch_to_fiber(self, NO_SYNC);
  weir_lock_release(&blank.lock);
}

void weir_tsan_ignore_begin(void) {
  if (!weir_hb_on) return;
  __tsan_ignore_thread_begin();
  AnnotateIgnoreSyncBegin(__FILE__, __LINE__);
}
void weir_tsan_ignore_end(void) {
  if (!weir_hb_on) return;
  AnnotateIgnoreSyncEnd(__FILE__, __LINE__);
  __tsan_ignore_thread_end();
}

bool weir_hb_signals;

void weir_hb_watch_signals(void) {
  if (weir_hb_fibers)
    __atomic_store_n(&weir_hb_signals, weir_signal_program_handles(), __ATOMIC_RELAXED);
}

// On which fiber a handler runs is chance: the `volatile sig_atomic_t` that it sets for main would
// be a race. So what a handler accesses is not checked; what it synchronises (a write to a pipe, a
// sem_post) counts.
void weir_hb_take_signals_(void) {
  static size_t (*volatile const intercepted)(const char *) = strlen;
  if (weir_hb_on) __tsan_ignore_thread_begin();
  intercepted("");
  if (weir_hb_on) __tsan_ignore_thread_end();
}

ANNOTATION void weir_hb_read_(const void *addr, size_t size, const void *pc) {
  if (size) __tsan_read_range_pc((void *)addr, size, (void *)pc);
}
ANNOTATION void weir_hb_write_(const void *addr, size_t size, const void *pc) {
  if (size) __tsan_write_range_pc((void *)addr, size, (void *)pc);
}

// The clock that carries read unlocks to the next write lock.
static void *readers_clock(const void *mutex) {
  return (char *)mutex + 1;
}

void weir_hb_clear_lock_(const void *mutex) {
  weir_hb_clear_(mutex);
  weir_hb_clear_(readers_clock(mutex));
}

void weir_hb_lock_pre_(const void *mutex, bool read, bool try_) {
  (void)mutex, (void)read, (void)try_; // matters only to TSan's own deadlock detector, which is off
}

ANNOTATION void weir_hb_lock_post_(const void *mutex, bool read, bool try_, bool got) {
  (void)try_;
  if (!got) return;
  note_acquire(mutex);
  if (!read) note_acquire(readers_clock(mutex));
  __tsan_mutex_pre_lock((void *)mutex, READ_LOCK);
  __tsan_mutex_post_lock((void *)mutex, READ_LOCK, 0);
  if (!read) __tsan_acquire(readers_clock(mutex));
}

// The release comes last: unlocking counts as an access to the mutex, which must be before all that
// the next holder does, who may free its memory.
ANNOTATION void weir_hb_unlock_pre_(const void *mutex, bool read) {
  note_release(read ? readers_clock(mutex) : mutex, true);
  __tsan_mutex_pre_unlock((void *)mutex, READ_LOCK);
  __tsan_mutex_post_unlock((void *)mutex, READ_LOCK);
  __tsan_release(read ? readers_clock(mutex) : (void *)mutex);
}

void weir_hb_unlock_post_(const void *mutex, bool read) {
  (void)mutex, (void)read; // the edge must be there before the lock is free
}

// Destroying a clock marks its first byte as freed by this goroutine, which an object that comes
// to lie there next would be reported for; so the shadow is cleared afterwards.
ANNOTATION void weir_hb_forget_(const void *addr, size_t size) {
  size_t n = size < FORGET_BYTEWISE_MAX ? size : FORGET_BYTEWISE_MAX;
  weir_tsan_reset_shadow(addr, size);
  for (size_t i = 0; i < n; i++) {
    weir_order_forget((char *)addr + i);
    __tsan_mutex_destroy((char *)addr + i, 0);
  }
  weir_tsan_reset_shadow(addr, size);
}

// Defaults for TSan, read by it before any constructor; TSAN_OPTIONS has precedence. Weir
// words the reports and decides the exit status, so TSan shall neither symbolize, nor wait at
// exit, nor ask (by a call that sets errno) whether colors are wanted, nor catch a crash, which
// shall end the program as it would without; its deadlock, leak and mutex reports are left to
// Weir's detectors. A forked child may have a runtime of its own: TSan, which counts our fibers as
// threads, checks nothing there but lets it. Strong on purpose: TSan's own definition is weak, and
// of two weak ones the first wins. A program that defines it as well does not link with libweir,
// unless it is compiled by weir cc, which gives its definition another name: what it says
// follows here, so it wins.
WEIR_TSAN_WEAK const char *__weir_tsan_default_options(void);
WEIR_API const char *__tsan_default_options(void);

// ThreadSanitizer asks before it is ready for what instrumented code calls (a checked build).
#define UNINSTRUMENTED __attribute__((disable_sanitizer_instrumentation))

UNINSTRUMENTED static const char *joined(const char *ours, const char *programs) {
  static char both[4096];
  size_t n = 0;
  for (const char *from = ours; *from && n < sizeof both - 2; from++)
    both[n++] = *from;
  both[n++] = ':';
  for (const char *from = programs; *from && n < sizeof both - 1; from++)
    both[n++] = *from;
  return both;
}

UNINSTRUMENTED const char *__tsan_default_options(void) {
  static const char ours[] =
      "symbolize=0:detect_deadlocks=0:report_thread_leaks=0:report_mutex_bugs=0:"
      "report_signal_unsafe=0:report_destroy_locked=0:atexit_sleep_ms=0:exitcode=3:color=never:"
      "die_after_fork=0:"
      "handle_segv=0:handle_sigbus=0:handle_sigill=0:handle_sigfpe=0:handle_abort=0";
  const char *programs = __weir_tsan_default_options ? __weir_tsan_default_options() : NULL;
  return programs ? joined(ours, programs) : ours;
}

// TSan's __tsan::OnFinalize(bool), which is weak: whether races shall change the status at exit.
// That is ours to decide; so `exitcode` is only that of a run which TSan could not begin or go on
// with, and which must not look as if all were well.
WEIR_API bool _ZN6__tsan10OnFinalizeEb(bool failed);
bool _ZN6__tsan10OnFinalizeEb(bool failed) {
  (void)failed;
  return false;
}
