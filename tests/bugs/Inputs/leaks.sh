# SPDX-License-Identifier: Apache-2.0
#
# leaks.sh SOURCE TEMP WEIR CC... : as twins.sh, but each program runs on one worker and on two,
# and the buggy one may report in several findings, all of them goroutine leaks: it looks while
# some are not blocked yet. A stale word may hide one for as long as it lies there, so it has three
# tries.
set -u
source=$1 temp=$2 weir=$3
shift 3
export WEIR_REPORTER=$weir
folder=$(dirname "$0")

fail() {
  echo "leaks.sh: $1" >&2
  sed 's/^/| /' "$temp.err" >&2
  exit 1
}

for cc in "$@"; do
  for level in -O0 -O2; do
    $cc -g $level -I "$folder" "$source" -o "$temp.buggy" || exit 1
    $cc -g $level -DFIXED -I "$folder" "$source" -o "$temp.fixed" || exit 1
    for procs in 1 2; do
      what="$cc $level, procs=$procs"
      for try in 1 2 3; do
        WEIR_OPTIONS=procs=$procs timeout 12 "$temp.buggy" > "$temp.out" 2> "$temp.err"
        status=$?
        [ $status = 124 ] || break
      done
      [ $status = 66 ] || fail "$what: the buggy program ended with status $status, not 66"
      FileCheck "$source" < "$temp.err" || fail "$what: not the expected report"
      grep '^SUMMARY: Weir' "$temp.err" | grep -qv 'goroutine leak [^a]' && fail "$what: another finding"
      WEIR_OPTIONS=procs=$procs timeout 30 "$temp.fixed" > "$temp.out" 2> "$temp.err"
      status=$?
      [ $status = 0 ] || fail "$what: the fixed program ended with status $status"
      [ ! -s "$temp.err" ] || fail "$what: the fixed program is not silent"
    done
  done
done
