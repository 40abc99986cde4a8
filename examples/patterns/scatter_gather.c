// SPDX-License-Identifier: Apache-2.0
//
// Scatter and gather: ask several at once, wait for all answers.
//
// One goroutine for each supplier asks for a price. The answers come back on one channel with
// room for all of them, so that no supplier ever waits for the buyer, and a buyer that
// stops early leaves nobody behind. An answer carries whose it is, because answers
// arrive in any order. The buyer alone keeps the list: no lock, no shared counter.
#include <stdio.h>
#include <weir/weir.h>

enum { SUPPLIERS = 5, NOT_SOLD = 0 };

struct offer {
  int supplier, cents; // cents: NOT_SOLD if the supplier does not have it
};

// Stands for a request over the network.
static int ask(int supplier, const char *article) {
  static const int catalog[SUPPLIERS] = {1290, 1190, NOT_SOLD, 1390, 1240};
  weir_yield();
  return *article == 'k' ? catalog[supplier] : NOT_SOLD;
}

static void request(int supplier, const char *article, weir_chan(struct offer) offers) {
  weir_send(offers, (struct offer){supplier, ask(supplier, article)});
}

static void buy(const char *article) {
  weir_chan(struct offer) offers = weir_chan_make(struct offer, SUPPLIERS);
  struct offer best = {0}, offer;
  int sellers = 0;
  for (int i = 0; i < SUPPLIERS; i++) // scatter
    weir_go(request, i, article, offers);
  for (int i = 0; i < SUPPLIERS; i++) { // gather
    weir_recv(offers, &offer);
    if (offer.cents == NOT_SOLD) continue;
    if (sellers++ == 0 || offer.cents < best.cents) best = offer;
  }
  if (sellers)
    printf("%s: %d offers, best %d.%02d of supplier %d\n", article, sellers, best.cents / 100,
           best.cents % 100, best.supplier);
  else
    printf("%s: not sold\n", article);
  weir_chan_free(offers);
}

int main(void) {
  buy("kettle");
  buy("unicorn");
}

// Output:
// kettle: 4 offers, best 11.90 of supplier 1
// unicorn: not sold
