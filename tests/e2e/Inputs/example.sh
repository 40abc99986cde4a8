# SPDX-License-Identifier: Apache-2.0
#
# To be sourced, with WEIR and EXAMPLES set, in a folder of the test's own:
#
#   buggy NAME [WEIR-RUN-OPTION...] -- ARGUMENT...   at -O0 and -O2: status 66, and exactly
#                                                   the findings of expected.txt
#   fixed NAME STATUS RUNS [OPTION...] -- ARGUMENT...   at -O0 and -O2, each RUNS times:
#                                                   that status, no finding, no report
#
# LIBRARY may name what to link with. The last run leaves NAME.out, NAME.err and NAME.log.
set -u

build() { # NAME FORM LEVEL
  "$WEIR" cc "$3" -Wall -Wextra -Werror "$EXAMPLES/$1/$2.c" ${LIBRARY:-} -o "$1-$2"
}

options=()
split_options() { # leaves options; returns how many arguments to drop
  options=()
  while [ "$1" != -- ]; do options+=("$1") && shift; done
}

run() { # PROGRAM ARGUMENT...
  local program=$1
  shift
  "$WEIR" run ${options[@]+"${options[@]}"} --log="$program.log" -- "./$program" "$@" \
    >"$program.out" 2>"$program.err"
}

fail() { # PROGRAM WHAT
  echo "$2"
  cat "$1.out" "$1.err"
  return 1
}

buggy() {
  local name=$1 level status
  shift
  split_options "$@"
  shift $((${#options[@]} + 1))
  for level in -O0 -O2; do
    build "$name" buggy "$level" || return 1
    run "$name-buggy" "$@"
    status=$?
    [ "$status" = 66 ] || fail "$name-buggy" "$level: status $status" || return 1
    python3 "$EXAMPLES/check.py" "$WEIR" "$name" "$name-buggy.log" ||
      fail "$name-buggy" "$level: not the expected findings" || return 1
  done
}

fixed() {
  local name=$1 wanted=$2 runs=$3 level status i
  shift 3
  split_options "$@"
  shift $((${#options[@]} + 1))
  for level in -O0 -O2; do
    build "$name" fixed "$level" || return 1
    for ((i = 0; i < runs; i++)); do
      run "$name-fixed" "$@"
      status=$?
      [ "$status" = "$wanted" ] || fail "$name-fixed" "$level: status $status" || return 1
      [ ! -s "$name-fixed.log" ] || fail "$name-fixed" "$level: findings" || return 1
      ! grep -q Weir: "$name-fixed.err" || fail "$name-fixed" "$level: not silent" || return 1
    done
  done
}
