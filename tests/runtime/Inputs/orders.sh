# SPDX-License-Identifier: Apache-2.0
#
# orders.sh DIR TEMP CC: the edges*.c of DIR with orders of locks; see lock_order_edges.test.
dir=$1 temp=$2 cc=$3
export WEIR_OPTIONS=lock_order=1:reporter=/none

build() {
  $cc -DORDERS -O1 "$dir/$1.c" -o "$temp" || exit 1
}
silent() {
  for s in "$@"; do
    "$temp" "$s" > "$temp.out" 2>&1 && [ ! -s "$temp.out" ] ||
      { echo "$s is not silent"; cat "$temp.out"; exit 1; }
  done
}
reported() {
  for s in "$@"; do
    "$temp" "$s" > "$temp.out" 2>&1
    [ $? = 66 ] && grep -q "WEIR: lock-order" "$temp.out" ||
      { echo "$s is not reported"; cat "$temp.out"; exit 1; }
  done
}

build edges
silent buffered handoff slot_reuse unbuffered unbuffered_back close close_select semaphore \
  parked_start_to_next_send parked_sender_to_receiver select timer cancel mutex wait_group tries
reported two_sends send_to_send parked_receiver_to_sender two_receives other_sender room_left \
  close_not_reached two_timers select_loser failed_trylock wait_group_add
build edges_sync
silent write_then_write write_then_read read_then_write new_lock once once_waited once_left signal \
  broadcast release release_waited freed_by_holder
reported handed_over read_then_read first_readers failed_try failed_tryrlock late_caller \
  two_signals signal_to_nobody two_acquires failed_sem wait_group_first_add
build edges_time
silent timer_new timer_reset ticker ticker_later cause past_deadline blocking group group_limit \
  flight flight_key flight_next
reported older_arming stopped two_tickers two_calls same_helper made_helper group_members \
  flight_asked
build edges_shared
silent fence fence_late fence_ctx fence_asked fence_new once_value once_place map_store map_delete \
  map_delete_text map_find_or_add map_swap map_take map_compare map_clear map_range map_text \
  map_many_dead map_new pool_object pool_drop pool_own_lock
reported map_other_key map_two_stores map_load_store map_replaced map_len map_never \
  map_failed_compare map_delete_nothing map_other_deleted pool_other_object pool_get_put \
  fence_second_open fence_not_open fence_gave_up fence_waiters once_value_late
