# SPDX-License-Identifier: Apache-2.0
#
# twins.sh SOURCE TEMP WEIR CC... : the buggy program and its fixed twin (-DFIXED) from one
# source, by each compiler command and at -O0 and -O2. The buggy one must end with status 66
# and a report that FileCheck accepts, and no second finding; the fixed one with status 0 and
# nothing on standard error. RUN_OPTIONS: run-time options of both.
set -u
source=$1 temp=$2 weir=$3
shift 3
export WEIR_REPORTER=$weir WEIR_OPTIONS=${RUN_OPTIONS:-}
folder=$(dirname "$0")

fail() {
  echo "twins.sh: $1" >&2
  sed 's/^/| /' "$temp.err" >&2
  exit 1
}

for cc in "$@"; do
  for level in -O0 -O2; do
    $cc -g $level -I "$folder" "$source" -o "$temp.buggy" || exit 1
    "$temp.buggy" > "$temp.out" 2> "$temp.err"
    status=$?
    [ $status = 66 ] || fail "$cc $level: the buggy program ended with status $status, not 66"
    FileCheck "$source" < "$temp.err" || fail "$cc $level: not the expected report"
    [ "$(grep -c '^SUMMARY: Weir' "$temp.err")" = 1 ] || fail "$cc $level: not exactly one finding"

    $cc -g $level -DFIXED -I "$folder" "$source" -o "$temp.fixed" || exit 1
    "$temp.fixed" > "$temp.out" 2> "$temp.err"
    status=$?
    [ $status = 0 ] || fail "$cc $level: the fixed program ended with status $status"
    [ ! -s "$temp.err" ] || fail "$cc $level: the fixed program is not silent"
  done
done
