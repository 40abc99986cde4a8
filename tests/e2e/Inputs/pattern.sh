# SPDX-License-Identifier: Apache-2.0
#
# pattern.sh WEIR SOURCE TEMP: a program of examples/patterns, with the check for data races and
# without, at -O0 and -O2, on 1, 2 and 4 processors, RUNS times each (1): it must end with
# status 0, say nothing on standard error (so no finding), and print exactly what the
# comment "// Output:" at the end of its source says.
set -u
weir=$1 source=$2 temp=$3
export WEIR_REPORTER=$weir

sed -n '/^\/\/ Output:$/,$ { /Output:$/d; s,^// \?,,p }' "$source" >"$temp.wanted"
[ -s "$temp.wanted" ] || { echo "pattern.sh: $source does not say what it prints"; exit 1; }

fail() {
  echo "pattern.sh: $1"
  diff "$temp.wanted" "$temp.out"
  cat "$temp.err"
  exit 1
}

for race in "" --weir-no-race; do
  for level in -O0 -O2; do
    "$weir" cc $race $level -g -Wall -Wextra -Werror -Wpedantic "$source" -o "$temp.prog" || exit 1
    for procs in 1 2 4; do
      for ((run = 0; run < ${RUNS:-1}; run++)); do
        WEIR_OPTIONS=procs=$procs "$temp.prog" >"$temp.out" 2>"$temp.err"
        status=$?
        how="$race $level, procs=$procs"
        [ $status = 0 ] || fail "$how: status $status"
        [ ! -s "$temp.err" ] || fail "$how: not silent"
        sed 's/ *$//' "$temp.out" | cmp -s - "$temp.wanted" || fail "$how: not the output"
      done
    done
  done
done
