// SPDX-License-Identifier: Apache-2.0
static int in_a_header(weir_mutex *mu, int by) {
  weir_mutex_lock(mu);
  if (by) return in_a_header(mu, 0);
  weir_mutex_unlock(mu);
  return 0;
}
