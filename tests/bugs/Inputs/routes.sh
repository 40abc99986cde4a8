# SPDX-License-Identifier: Apache-2.0
#
# routes.sh LEVEL SOURCE TEMP CC... : every way of routes.c, kept and dropped, on one worker and on
# two. A stale word may hide a leak, so a dropped one is tried up to three times; a kept one must
# never be reported. KEPT_ROUNDS: only kept, on two, and so often. WAYS: only these.
set -u
level=$1 source=$2 temp=$3
shift 3
export WEIR_OPTIONS
failed=0
for cc in "$@"; do
  $cc -g $level -Wno-unused-result "$source" -o "$temp" || exit 1
  for way in ${WAYS:-$("$temp")}; do
    for drop in "" ${KEPT_ROUNDS:-drop}; do
      for procs in 1 2; do
        if [ -n "${KEPT_ROUNDS:-}" ]; then
          [ -z "$drop" ] && [ $procs = 2 ] || continue
          export ROUNDS=$KEPT_ROUNDS
        fi
        WEIR_OPTIONS=procs=$procs
        for try in 1 ${drop:+2 3}; do
          timeout 10 "$temp" $way $drop > "$temp.out" 2> "$temp.err" && continue 2
        done
        echo "routes.sh: $cc $level procs=$procs $way $drop: $(cat "$temp.out")" >&2
        sed 's/^/| /' "$temp.err" >&2
        failed=1
      done
    done
  done
done
exit $failed
