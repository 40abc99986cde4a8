// SPDX-License-Identifier: Apache-2.0
//
// Masked loads and stores, and gathers, that a program asks for by name: only the lanes of the mask
// are accessed.
//
// REQUIRES: races, avx2
// RUN: %python %S/Inputs/run_cases.py --levels=-O0,-O2 -- %s %t %weir %weircc -mavx2
#include <immintrin.h>

#include "forms.h"

int a[8], b[8], odd[8] = {0, 1, 0, 1, 0, 1, 0, 1}, table[32];
double f[4], doubles[16];
long wide[4] = {9, 3, 12, 6};

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

// Lanes 0, 1, 6, 7 are of elements 0, 3, 18, 21; the odd ones of them are gathered.
static void gather(void) {
  __m256i at = _mm256_setr_epi32(0, 3, 6, 9, 12, 15, 18, 21);
  __m256i none = _mm256_setzero_si256();
  __m256i v = _mm256_mask_i32gather_epi32(none, table, at, mask(), 4); // RACE: gathered
  use(_mm256_extract_epi32(v, 1));
}
static void gathered(bool racy) {
  start(gather);
  table[racy ? 21 : 18] = 1; // RACE: gathered
}
static void gather_all(void) {
  __m256i at = _mm256_loadu_si256((const __m256i *)wide);
  __m256d v = _mm256_i64gather_pd(doubles, at, 8); // RACE: gathered_all
  use((int)_mm256_cvtsd_f64(v));
}
static void gathered_all(bool racy) {
  start(gather_all);
  doubles[racy ? 6 : 7] = 1; // RACE: gathered_all
}
// Four lanes, but two indices.
static void gather_two(void) {
  __m128i v = _mm_i64gather_epi32(table + 2, _mm_set_epi64x(-1, 5), 4); // RACE: gathered_two
  use(_mm_cvtsi128_si32(v));
}
static void gathered_two(bool racy) {
  start(gather_two);
  table[racy ? 1 : 2] = 1; // RACE: gathered_two
}

FORMS(gathered)
FORMS(gathered_all)
FORMS(gathered_two)
FORMS(loaded)
FORMS(stored)
FORMS(stored_doubles)

CASES(CASE(loaded), CASE(stored), CASE(stored_doubles), CASE(gathered), CASE(gathered_all),
      CASE(gathered_two))
