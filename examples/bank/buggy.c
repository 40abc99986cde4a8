// SPDX-License-Identifier: Apache-2.0
//
// bank [-n TRANSFERS] [-s SEED] [-t SECONDS] [FILE]: books transfers between
// accounts. FILE has one "from to amount" per line; without it a list is made
// from the seed. Exit status 0: every transfer was booked and no money was
// made or lost.
//
// Two clerks take transfers from one channel. A clerk locks the payer's
// account, tells the journal goroutine (an unbuffered channel: the entry is on
// record before the money moves), locks the other account and books. The
// teller goroutine says how far they are. The bank closes after SECONDS
// (default 5), whoever is still at work.
//
// Two bugs: the clerks lock the two accounts in the order of the transfer, so
// that 0 -> 1 and 1 -> 0 at the same time wait for each other; and the counters
// are shared without a lock.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <weir/weir.h>

enum { ACCOUNTS = 4, CLERKS = 2, OPENING_BALANCE = 1000 };

struct account {
  weir_mutex mu; // guards balance
  int64_t balance;
};

struct transfer {
  int from, to;
  int64_t amount;
};

static struct {
  uint64_t taken, refused;
} counter;

static struct account accounts[ACCOUNTS];

static void count_one(uint64_t *what) {
  ++*what;
}

static uint64_t read_count(const uint64_t *what) {
  return *what;
}

static bool book(const struct transfer *t, weir_chan(struct transfer) journal) {
  struct account *from = &accounts[t->from], *to = &accounts[t->to];
  weir_mutex_lock(&from->mu);
  weir_send(journal, *t);
  weir_mutex_lock(&to->mu);
  bool covered = from->balance >= t->amount;
  if (covered) {
    from->balance -= t->amount;
    to->balance += t->amount;
  }
  weir_mutex_unlock(&to->mu);
  weir_mutex_unlock(&from->mu);
  return covered;
}

static void clerk(weir_chan(struct transfer) window, weir_chan(struct transfer) journal,
                  weir_chan(bool) gone_home) {
  struct transfer t;
  while (weir_recv(window, &t)) {
    count_one(&counter.taken);
    if (!book(&t, journal)) count_one(&counter.refused);
  }
  weir_send(gone_home, true);
}

static void keep_journal(weir_chan(struct transfer) journal, weir_chan(uint64_t) result) {
  uint64_t entries = 0;
  weir_expect_blocked(); // it is no leak if the bank closes without it
  while (weir_recv(journal, NULL))
    entries++;
  weir_send(result, entries);
}

static void teller(weir_ctx *open) {
  while (weir_select(weir_on_recv(weir_ctx_done(open), NULL, NULL),
                     weir_on_recv(weir_after(WEIR_MS(100)), NULL, NULL)) == 1)
    fprintf(stderr, "teller: %" PRIu64 " transfers taken\n", read_count(&counter.taken));
}

// --- the transfers ---------------------------------------------------------

struct source {
  FILE *file; // NULL: made from the seed
  uint64_t seed, left;
};

static uint64_t next_random(uint64_t *x) {
  *x ^= *x << 13, *x ^= *x >> 7, *x ^= *x << 17;
  return *x;
}

// False at the end; a line that is no transfer ends the program.
static bool next_transfer(struct source *s, struct transfer *t) {
  if (!s->file) {
    if (s->left == 0) return false;
    s->left--;
    uint64_t r = next_random(&s->seed) >> 20;
    t->from = (int)(r % ACCOUNTS);
    t->to = (int)((t->from + 1 + r / ACCOUNTS % (ACCOUNTS - 1)) % ACCOUNTS);
    t->amount = (int64_t)(r / 64 % 100);
    return true;
  }
  int got = fscanf(s->file, "%d %d %" SCNd64, &t->from, &t->to, &t->amount);
  if (got == EOF && !ferror(s->file)) return false;
  if (got == 3 && t->from >= 0 && t->from < ACCOUNTS && t->to >= 0 && t->to < ACCOUNTS &&
      t->from != t->to && t->amount >= 0)
    return true;
  fprintf(stderr, "bank: not a transfer between two of the accounts 0 to %d\n", ACCOUNTS - 1);
  exit(2);
}

// Hands out all transfers, or as many as can be until closing time.
static bool serve(struct source *s, weir_chan(struct transfer) window, weir_ctx *open) {
  struct transfer t;
  while (next_transfer(s, &t))
    if (weir_select(weir_on_send(window, t), weir_on_recv(weir_ctx_done(open), NULL, NULL)) == 1)
      return false;
  return true;
}

static bool wait_for_clerks(weir_chan(bool) gone_home, weir_ctx *open) {
  for (int i = 0; i < CLERKS; i++)
    if (weir_select(weir_on_recv(gone_home, NULL, NULL),
                    weir_on_recv(weir_ctx_done(open), NULL, NULL)) == 1)
      return false;
  return true;
}

static bool balances_add_up(void) {
  int64_t sum = 0;
  for (int i = 0; i < ACCOUNTS; i++) {
    printf("account %d: %" PRId64 "\n", i, accounts[i].balance);
    sum += accounts[i].balance;
  }
  printf("sum: %" PRId64 "\n", sum);
  return sum == ACCOUNTS * OPENING_BALANCE;
}

int main(int argc, char **argv) {
  struct source source = {.seed = 1, .left = 20000};
  int opt, seconds = 5;
  while ((opt = getopt(argc, argv, "n:s:t:")) != -1)
    switch (opt) {
    case 'n':
      source.left = strtoull(optarg, NULL, 10);
      break;
    case 's':
      source.seed = strtoull(optarg, NULL, 10) | 1;
      break;
    case 't':
      seconds = atoi(optarg);
      break;
    default:
      fprintf(stderr, "usage: bank [-n N] [-s SEED] [-t SECONDS] [FILE]\n");
      return 2;
    }
  if (optind < argc && !(source.file = fopen(argv[optind], "r"))) {
    perror(argv[optind]);
    return 2;
  }
  for (int i = 0; i < ACCOUNTS; i++)
    accounts[i].balance = OPENING_BALANCE;

  weir_ctx *open = weir_ctx_with_timeout(weir_ctx_background(), WEIR_S(seconds));
  weir_chan(struct transfer) window = weir_chan_make(struct transfer, 16);
  weir_chan(struct transfer) journal = weir_chan_make(struct transfer, 0);
  weir_chan(bool) gone_home = weir_chan_make(bool, CLERKS);
  weir_chan(uint64_t) result = weir_chan_make(uint64_t, 1);
  uint64_t entries;
  weir_wg tellers = {0};
  weir_wg_go(&tellers, teller, open);
  weir_go(keep_journal, journal, result);
  for (int i = 0; i < CLERKS; i++)
    weir_go(clerk, window, journal, gone_home);

  bool served = serve(&source, window, open);
  weir_close(window);
  if (!served || !wait_for_clerks(gone_home, open)) {
    fprintf(stderr, "bank: closing time, %" PRIu64 " transfers taken and some not booked\n",
            read_count(&counter.taken));
    weir_ctx_cancel(open);
    weir_wg_wait(&tellers);
    return 1;
  }
  weir_ctx_cancel(open);
  weir_close(journal);
  weir_recv(result, &entries);
  weir_wg_wait(&tellers);
  printf("%" PRIu64 " transfers in the journal, %" PRIu64 " refused\n", entries, counter.refused);
  bool right = balances_add_up() && entries == counter.taken;
  weir_chan_free(window), weir_chan_free(journal);
  weir_chan_free(gone_home), weir_chan_free(result);
  weir_ctx_free(open);
  if (source.file) fclose(source.file);
  return right ? 0 : 1;
}
