// SPDX-License-Identifier: Apache-2.0
//
// The planted bugs of `weir selftest`: one for each kind of findings.def, and one more
// for each other way to find that kind (KIND+WAY), chosen by the first argument, each as small as
// it can be. Order is forced by channels, never
// by a sleep; where main sleeps, the passing of time is the point (stuck), or main has
// other things to do meanwhile, while the others block.
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <weir/weir.h>

static int counter;

static atomic_int added;

static void add_one(weir_wg *wg) {
  counter++;
  atomic_fetch_add_explicit(&added, 1, memory_order_relaxed);
  weir_wg_done(wg);
}

// After it in time, which relaxed atomics do not order.
static void when_done(void) {
  while (!atomic_load_explicit(&added, memory_order_relaxed))
    weir_yield();
}

static void plant_data_race(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 2);
  weir_go(add_one, &wg);
  when_done();
  weir_go(add_one, &wg);
  weir_wg_wait(&wg);
}

static void plant_deadlock(void) {
  weir_chan(int) nobody_sends = weir_chan_make(int, 0);
  weir_recv(nobody_sends, NULL);
}

static weir_mutex left, right;

static void take_both(weir_mutex *first, weir_mutex *second, weir_chan(int) has_first,
                      weir_chan(int) go_on) {
  weir_mutex_lock(first);
  weir_send(has_first, 1);
  weir_recv(go_on, NULL);
  weir_mutex_lock(second);
  weir_mutex_unlock(second);
  weir_mutex_unlock(first);
}

static void plant_partial_deadlock(void) {
  weir_chan(int) has_first = weir_chan_make(int, 0), go_on = weir_chan_make(int, 0);
  weir_go(take_both, &left, &right, has_first, go_on);
  weir_go(take_both, &right, &left, has_first, go_on);
  weir_recv(has_first, NULL);
  weir_recv(has_first, NULL);
  weir_send(go_on, 1);
  weir_send(go_on, 1);
  weir_sleep(WEIR_MS(300));
}

static weir_rwmutex table;

static void read_then_lock(weir_chan(int) reading, weir_chan(int) go_on) {
  weir_rguard(&table);
  weir_send(reading, 1);
  weir_recv(go_on, NULL);
  weir_guard(&left);
}

static void lock_then_write(weir_chan(int) go_on) {
  weir_guard(&left);
  weir_send(go_on, 1);
  weir_guard(&table);
}

static void plant_circle_of_readers(void) {
  weir_chan(int) reading = weir_chan_make(int, 0), go_on = weir_chan_make(int, 0);
  weir_go(read_then_lock, reading, go_on);
  weir_recv(reading, NULL);
  weir_go(lock_then_write, go_on);
  weir_sleep(WEIR_MS(500));
}

static void answer(weir_chan(int) questions, weir_chan(int) answers) {
  weir_recv(questions, NULL);
  weir_send(answers, 1);
}

// Not by main, on whose stack the channels would stay in sight.
static void ask_each_other(void) {
  weir_chan(int) a = weir_chan_make(int, 0), b = weir_chan_make(int, 0);
  weir_go(answer, a, b);
  weir_go(answer, b, a);
}

static void plant_knot(void) { // selftest sets knot_check_ms=100:halt_on_error=1
  weir_go(ask_each_other);
  weir_sleep(WEIR_S(5));
}

static void take_in_turn(weir_mutex *first, weir_mutex *second, atomic_int *turn, int when) {
  while (atomic_load_explicit(turn, memory_order_relaxed) < when)
    weir_yield();
  weir_mutex_lock(first);
  weir_mutex_lock(second);
  weir_mutex_unlock(second);
  weir_mutex_unlock(first);
  atomic_store_explicit(turn, when + 1, memory_order_relaxed);
}

static void plant_lock_order(void) {
  atomic_int turn = 0;
  weir_wg wg = {0};
  weir_wg_go(&wg, take_in_turn, &left, &right, &turn, 0);
  weir_wg_go(&wg, take_in_turn, &right, &left, &turn, 1);
  weir_wg_wait(&wg);
}

static void send_one(weir_chan(int) results) {
  weir_send(results, 1);
}

static void lock_then_send(weir_chan(int) results) {
  weir_mutex_lock(&left);
  weir_mutex_unlock(&left);
  weir_send(results, 1);
  atomic_fetch_add_explicit(&added, 1, memory_order_relaxed);
}

static void plant_order_of_lock_and_channel(void) {
  weir_chan(int) results = weir_chan_make(int, 1);
  weir_go(lock_then_send, results);
  when_done();
  weir_guard(&left);
  weir_recv(results, NULL);
}

static void wait_for_nobody(void) {
  weir_chan(int) never_made = NULL;
  weir_recv(never_made, NULL);
}

static void plant_goroutine_leak(void) {
  weir_go(wait_for_nobody);
}

static void drop_a_channel(void) {
  weir_chan(int) results = weir_chan_make(int, 0);
  weir_go(send_one, results);
}

static void plant_leak_of_what_is_out_of_reach(void) {
  weir_go(drop_a_channel);
  for (int i = 0; i < 1000 && weir_leak_check() == 0; i++)
    weir_yield();
}

static void plant_goroutine_leak_at_exit(void) {
  static weir_chan(int) results; // a global: so nothing is proven
  results = weir_chan_make(int, 0);
  weir_go(send_one, results);
}

static void wait_for_one(weir_chan(int) jobs, weir_wg *wg) {
  weir_recv(jobs, NULL);
  weir_wg_done(wg);
}

static void plant_stuck_goroutine(void) {
  weir_chan(int) jobs = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(wait_for_one, jobs, &wg);
  weir_sleep(WEIR_S(1)); // selftest sets stuck_ms=200
  weir_send(jobs, 1);
  weir_wg_wait(&wg);
}

// In processor time, so that a busy machine changes nothing.
static void compute(clock_t ms) {
  for (clock_t end = clock() + ms * (CLOCKS_PER_SEC / 1000); clock() < end;)
    continue;
}

static void plant_cpu_hog(void) { // selftest sets procs=1:cpu_hog_ms=200
  weir_wg wg = {0};
  weir_wg_go(&wg, compute, 700);
  weir_wg_go(&wg, compute, 700);
  weir_wg_wait(&wg);
}

static void take_turns(int turns) {
  for (int i = 0; i < turns; i++) {
    compute(20);
    weir_yield();
  }
}

static void plant_starvation(void) { // selftest sets procs=1:starvation_ms=100
  weir_wg wg = {0};
  for (int i = 0; i < 30; i++)
    weir_wg_go(&wg, take_turns, 2);
  weir_wg_wait(&wg);
}

static atomic_int held, over;

static void keep_until_tried(int who) {
  for (int turn = 0; !atomic_load(&over);) {
    weir_yield();
    if ((turn++ & 1) != who) continue;
    weir_mutex_lock(&left);
    for (atomic_store(&held, 1); atomic_load(&held) == 1 && !atomic_load(&over);)
      weir_yield();
    weir_mutex_unlock(&left);
  }
}

// Tries only while another has it.
static void plant_passed_over(void) { // selftest sets procs=1:starvation_rounds=1000
  weir_wg wg = {0};
  weir_wg_go(&wg, keep_until_tried, 0);
  weir_wg_go(&wg, keep_until_tried, 1);
  for (int tries = 0; tries < 10000; tries++) {
    while (atomic_load(&held) != 1)
      weir_yield();
    if (weir_mutex_trylock(&left)) weir_mutex_unlock(&left);
    atomic_store(&held, 2);
  }
  atomic_store(&over, 1);
  weir_wg_wait(&wg);
}

enum { TRIES = 20000 };

static void try_to_send(weir_chan(int) meeting) {
  for (int i = 0; i < TRIES && !weir_try_send(meeting, i); i++)
    weir_yield();
}

static void try_to_receive(weir_chan(int) meeting) {
  for (int i = 0; i < TRIES && !weir_try_recv(meeting, NULL, NULL); i++)
    weir_yield();
}

static void plant_livelock(void) { // selftest sets procs=1:livelock_rounds=1000
  weir_chan(int) meeting = weir_chan_make(int, 0);
  weir_wg wg = {0};
  weir_wg_go(&wg, try_to_send, meeting);
  weir_wg_go(&wg, try_to_receive, meeting);
  weir_wg_wait(&wg);
}

static void plant_watchdog_expired(void) {
  weir_watchdog(WEIR_MS(200), "a short scope");
  weir_sleep(WEIR_S(1));
}

static void plant_heartbeat_missed(void) {
  weir_heartbeat(WEIR_MS(200), "a loop");
  weir_sleep(WEIR_S(1));
}

static void plant_send_on_closed(void) {
  weir_chan(int) results = weir_chan_make(int, 1);
  weir_close(results);
  weir_send(results, 1);
}

static void plant_close_of_closed(void) {
  weir_chan(int) results = weir_chan_make(int, 0);
  weir_close(results);
  weir_close(results);
}

static void plant_close_of_nil(void) {
  weir_chan(int) results = NULL;
  weir_close(results);
}

static void plant_free_of_channel_in_use(void) {
  weir_chan(int) results = weir_chan_make(int, 0);
  weir_go(send_one, results);
  weir_sleep(WEIR_MS(300)); // nothing in the API tells that another is blocked
  weir_chan_free(results);
}

static void plant_unlock_of_unlocked(void) {
  weir_mutex_unlock(&left);
}

static void plant_cond_wait_unlocked(void) {
  static weir_cond changed;
  weir_cond_wait(&changed, &left);
}

static void plant_negative_wait_group(void) {
  weir_wg wg = {0};
  weir_wg_done(&wg);
}

static int deeper(volatile char *above, weir_wg *wg) {
  volatile char frame[2048];
  frame[0] = above ? above[0] : 1;
  int below = frame[0] ? deeper(frame, wg) : 0; // never ends
  weir_wg_done(wg);
  return below + frame[0];
}

static void plant_goroutine_stack_overflow(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(deeper, NULL, &wg);
  weir_wg_wait(&wg);
}

static void through_null(volatile int *nothing, weir_wg *wg) {
  *nothing = 1;
  weir_wg_done(wg);
}

static void plant_crash(void) {
  weir_wg wg = {0};
  weir_wg_add(&wg, 1);
  weir_go(through_null, NULL, &wg);
  weir_wg_wait(&wg);
}

static void square(weir_chan(int) jobs, weir_chan(int) results, weir_wg *wg) {
  weir_defer(weir_wg_done(wg));
  int job;
  while (weir_recv(jobs, &job))
    weir_send(results, job * job);
}

static void close_when_done(weir_wg *wg, weir_chan(int) results) {
  weir_wg_wait(wg);
  weir_close(results);
}

static void feed(weir_chan(int) jobs) {
  for (int i = 0; i < 1000; i++)
    weir_send(jobs, i);
  weir_close(jobs);
}

static void plant_semaphore_over_release(void) {
  static weir_sem slots = WEIR_SEM(2);
  weir_sem_acquire(&slots, NULL, 1);
  weir_sem_release(&slots, 2);
}

static void send_and_say(weir_chan(int) results) {
  weir_send(results, 1);
  atomic_fetch_add_explicit(&added, 1, memory_order_relaxed);
}

static void plant_send_close_race(void) {
  weir_chan(int) results = weir_chan_make(int, 1);
  weir_go(send_and_say, results);
  when_done();
  weir_close(results);
}

static void plant_channel_free_race(void) {
  weir_chan(int) results = weir_chan_make(int, 1);
  weir_go(send_and_say, results);
  when_done();
  weir_chan_free(results);
}

static weir_wg late;

static void count_itself(void) {
  weir_wg_add(&late, 1);
  weir_wg_done(&late);
}

static void plant_wait_group_race(void) {
  weir_go(count_itself);
  weir_wg_wait(&late);
}

static void lock_and_say(void) {
  weir_mutex_lock(&left);
  atomic_fetch_add_explicit(&added, 1, memory_order_relaxed);
}

static void plant_unlock_by_other(void) {
  weir_go(lock_and_say);
  when_done();
  weir_mutex_unlock(&left);
}

static void plant_none(void) {
  weir_chan(int) jobs = weir_chan_make(int, 4), results = weir_chan_make(int, 0);
  weir_wg wg = {0};
  for (int i = 0; i < 4; i++) {
    weir_wg_add(&wg, 1);
    weir_go(square, jobs, results, &wg);
  }
  weir_go(feed, jobs);
  weir_go(close_when_done, &wg, results);
  long sum = 0;
  int result;
  while (weir_recv(results, &result))
    sum += result;
  weir_chan_free(jobs);
  weir_chan_free(results);
  printf("%ld\n", sum);
}

static const struct {
  const char *id;
  void (*plant)(void);
} bugs[] = {
    {"data-race", plant_data_race},
    {"deadlock", plant_deadlock},
    {"partial-deadlock", plant_partial_deadlock},
    {"partial-deadlock+readers", plant_circle_of_readers},
    {"partial-deadlock+knot", plant_knot},
    {"lock-order", plant_lock_order},
    {"lock-order+channel", plant_order_of_lock_and_channel},
    {"goroutine-leak", plant_goroutine_leak},
    {"goroutine-leak+reach", plant_leak_of_what_is_out_of_reach},
    {"goroutine-leak-at-exit", plant_goroutine_leak_at_exit},
    {"stuck-goroutine", plant_stuck_goroutine},
    {"cpu-hog", plant_cpu_hog},
    {"starvation", plant_starvation},
    {"starvation+passed", plant_passed_over},
    {"livelock", plant_livelock},
    {"watchdog-expired", plant_watchdog_expired},
    {"heartbeat-missed", plant_heartbeat_missed},
    {"send-on-closed", plant_send_on_closed},
    {"close-of-closed", plant_close_of_closed},
    {"close-of-nil", plant_close_of_nil},
    {"free-of-channel-in-use", plant_free_of_channel_in_use},
    {"unlock-of-unlocked", plant_unlock_of_unlocked},
    {"cond-wait-unlocked", plant_cond_wait_unlocked},
    {"negative-wait-group", plant_negative_wait_group},
    {"goroutine-stack-overflow", plant_goroutine_stack_overflow},
    {"crash", plant_crash},
    {"semaphore-over-release", plant_semaphore_over_release},
    {"send-close-race", plant_send_close_race},
    {"channel-free-race", plant_channel_free_race},
    {"wait-group-race", plant_wait_group_race},
    {"unlock-by-other", plant_unlock_by_other},
    {"none", plant_none},
};

int main(int argc, char **argv) {
  for (size_t i = 0; argc == 2 && i < sizeof bugs / sizeof bugs[0]; i++) {
    if (strcmp(bugs[i].id, argv[1]) != 0) continue;
    bugs[i].plant();
    return 0;
  }
  fprintf(stderr, "usage: weir-selftest-bugs ID\n");
  return 2;
}
