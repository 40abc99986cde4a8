// SPDX-License-Identifier: Apache-2.0
//
// Masked loads and stores that a program asks for by name: only the lanes of the mask are accessed.
//
// REQUIRES: races, avx2
// RUN: %python %S/Inputs/run_cases.py --levels=-O0,-O2 -- %s %t %weir %weircc -mavx2
#include <immintrin.h>

#include "forms.h"

int a[8], b[8], odd[8] = {0, 1, 0, 1, 0, 1, 0, 1};
double f[4];

static __m256i mask(void) {
  return _mm256_cmpgt_epi32(_mm256_loadu_si256((const __m256i *)odd), _mm256_setzero_si256());
}
static void start(void (*fn)(void)) {
  weir_go_block(^{
    fn();
    hidden_post();
  });
  hidden_wait(1);
}

static void load(void) {
  __m256i v = _mm256_maskload_epi32(b, mask()); // RACE: loaded
  use(_mm256_extract_epi32(v, 1));
}
static void loaded(bool racy) {
  start(load);
  b[racy ? 3 : 4] = 1; // RACE: loaded
}
static void store(void) {
  _mm256_maskstore_epi32(a, mask(), _mm256_set1_epi32(1)); // RACE: stored
}
static void stored(bool racy) {
  start(store);
  use(a[racy ? 5 : 6]); // RACE: stored
}
static void store_doubles(void) {
  __m128i first = _mm_set_epi64x(0, -1);
  _mm_maskstore_pd(f, first, _mm_set1_pd(1)); // RACE: stored_doubles
}
static void stored_doubles(bool racy) {
  start(store_doubles);
  f[racy ? 0 : 1] = 2; // RACE: stored_doubles
}

FORMS(loaded)
FORMS(stored)
FORMS(stored_doubles)

CASES(CASE(loaded), CASE(stored), CASE(stored_doubles))
