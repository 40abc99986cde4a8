#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# demo.sh BUILD_DIR: what `make demo` shows once Weir is built. Each example is
# compiled with `weir cc` and run with `weir run`: the buggy form must be
# reported as expected.txt says (kinds, functions, names and lines; check.py
# compares), the fixed form must give its result and no report. Then one page
# with all findings is written. Ends 0 only if everything was as expected.
#
# Of every kind of finding the first report is shown in full, the others by their
# summary line. Everything is left in BUILD_DIR/demo.
set -u

[ $# = 1 ] && [ -x "$1/bin/weir" ] || { echo "usage: demo.sh BUILD_DIR (made by make build)" >&2; exit 2; }
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
weir=$build/bin/weir
out=$build/demo
unset WEIR_OPTIONS
rm -rf "$out" && mkdir -p "$out" && cd "$out" || exit 3

bold= dim= red= green= off= color=never
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' off=$'\e[0m' color=always
fi
started=$EPOCHREALTIME failures=0 runs=0 shown=";"

# --- saying ------------------------------------------------------------------

seconds_since() { awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f s", b - a }'; }
indent() { sed 's/^\(.\)/    \1/'; }
good() { printf '  %s✓%s %s\n' "$green" "$off" "$1"; }
bad() { printf '  %s✗ %s%s\n' "$red" "$1" "$off"; failures=$((failures + 1)); }
heading() { printf '\n%s━━ %s: %s%s\n' "$bold" "$1" "$2" "$off"; }
command() { printf '  %s$ %s%s\n' "$bold" "$1" "$off"; }

# --- doing -------------------------------------------------------------------

# compile NAME FORM [LIBRARY]
compile() {
  local name=$1 form=$2 at=$EPOCHREALTIME
  (cd "$here" && "$weir" cc -O1 -g -Wall -Wextra "$name/$form.c" ${3:+"$3"} -o "$out/$name-$form") || {
    bad "$name/$form.c does not compile"
    return 1
  }
  printf '  %s$ weir cc -O1 -g %s%s -o %s-%s%s  %s%s%s\n' "$bold" "$name/$form.c" "${3:+ $3}" "$name" \
    "$form" "$off" "$dim" "$(seconds_since "$at")" "$off"
}

# run PROGRAM OPTIONS ARGUMENT...: leaves status, PROGRAM.out, .err and .findings
run() {
  local program=$1 options=$2 at=$EPOCHREALTIME
  shift 2
  command "weir run ${options:+$options }-- ./$program${*:+ $*}"
  "$weir" run --color="$color" --log="$program.findings" $options -- "./$program" "$@" \
    >"$program.out" 2>"$program.err"
  status=$?
  runs=$((runs + 1))
  printf '    %sstatus %s, %s%s\n' "$dim" "$status" "$(seconds_since "$at")" "$off"
}

# The reports in FILE: in full where the kind is new, else the summary line.
show() {
  local kind
  csplit -s -z -f report. -b %04d "$1" '/^\(.\[[0-9;]*m\)\?==================/' '{*}'
  rm -f summaries
  for part in report.*; do
    grep -q 'SUMMARY: Weir:' "$part" || continue
    kind=$(sed -n 's/.*WARNING: Weir: \(.*\) (pid=.*/\1/p' "$part")
    case $shown in
      *";$kind;"*) grep -h 'SUMMARY: Weir:' "$part" >>summaries ;;
      *) shown="$shown$kind;" && indent <"$part" ;;
    esac
  done
  rm -f report.*
  [ -f summaries ] || return 0
  awk 'NR <= 4 { print "also reported: " $0 } END { if (NR > 4) print "... and", NR - 4, "more" }' summaries |
    sed 's/SUMMARY: Weir: //' | indent
}

# expect_findings NAME
expect_findings() {
  local line
  show "$1-buggy.err"
  [ "$status" = 66 ] || bad "status $status instead of 66"
  while read -r verdict line; do
    case $verdict in
      found) good "$line" ;;
      absent) printf '  · not in this run: %s\n' "$line" ;; # depends on the schedule
      *) bad "$verdict $line" ;;
    esac
  done < <(python3 "$here/check.py" "$weir" "$1" "$1-buggy.findings" 2>&1 || echo "not as expected")
}

# expect_silence NAME STATUS: no finding, and the last line of what it printed
expect_silence() {
  local name=$1-fixed
  if [ "$status" = "$2" ] && [ ! -s "$name.findings" ] && ! grep -q 'Weir:' "$name.err"; then
    good "silent${3:+, and $3}"
  else
    bad "the fixed form is not silent, or ended with $status instead of $2"
    tail -40 "$name.err" | indent
  fi
}

# --- the examples ----------------------------------------------------------------

cat <<TEXT
${bold}Weir: seven small programs, each with a bug that Go programmers know, and without.${off}
The sources are in examples/; "diff examples/bank/buggy.c examples/bank/fixed.c" shows a bug.
TEXT

tree=/usr/include
heading dirsum "digest every file below $tree, eight workers"
if compile dirsum buggy -lxxhash && compile dirsum fixed -lxxhash; then
  run dirsum-buggy "" "$tree"
  expect_findings dirsum
  run dirsum-fixed "" "$tree"
  files=$(wc -l <dirsum-fixed.out)
  expect_silence dirsum 0 "$files files digested"
  [ "$files" -ge 1000 ] || bad "$tree holds only $files files, 1000 are wanted"
fi

heading bank "transfers between accounts, two clerks, a teller that goes on"
if compile bank buggy && compile bank fixed; then
  run bank-buggy "" -t 1
  expect_findings bank
  run bank-fixed "" -t 50
  expect_silence bank 0 "$(head -1 bank-fixed.out); no money made or lost"
fi

heading philosophers "five philosophers, five forks"
if compile philosophers buggy && compile philosophers fixed; then
  run philosophers-buggy ""
  expect_findings philosophers
  run philosophers-fixed ""
  expect_silence philosophers 0 "$(tail -1 philosophers-fixed.out)"
fi

heading primes "the prime sieve: a goroutine for each prime"
if compile primes buggy && compile primes fixed; then
  run primes-buggy "" 50
  expect_findings primes
  run primes-fixed "" 50
  expect_silence primes 0 "the 50th prime is $(tail -1 primes-fixed.out)"
fi

heading fetchall "hedged requests: three replicas are asked, the first answer counts"
if compile fetchall buggy && compile fetchall fixed; then
  run fetchall-buggy "" ash beech cedar
  expect_findings fetchall
  run fetchall-fixed "" ash beech cedar
  expect_silence fetchall 0 "$(wc -l <fetchall-fixed.out) keys answered"
fi

heading logstat "a web server's log of 50,000 lines, the 20,000th is broken"
awk -v lines=50000 -v bad=20000 -f "$here/logstat/make_log.awk" >access.log
if compile logstat buggy && compile logstat fixed; then
  run logstat-buggy "" access.log
  expect_findings logstat
  run logstat-fixed "" access.log
  expect_silence logstat 1 "it says: $(tail -1 logstat-fixed.err | grep -v '^weir run' || grep -h '^logstat:' logstat-fixed.err)"
fi

heading resolve "names for addresses: one request is never answered, the rest goes on"
if compile resolve buggy && compile resolve fixed; then
  run resolve-buggy --stuck=300ms -t 1 "$here/resolve/hosts" 192.0.2.10 192.0.2.99 192.0.2.20
  expect_findings resolve
  run resolve-fixed --stuck=300ms "$here/resolve/hosts" 192.0.2.10 192.0.2.99 192.0.2.20
  expect_silence resolve 0 "$(wc -l <resolve-fixed.out) addresses answered"
fi

# --- the page ----------------------------------------------------------------------

heading report "all findings on one page"
cat ./*-buggy.findings >all.findings
command "weir report html all.findings -o findings.html"
if "$weir" report html all.findings -o findings.html && [ -s findings.html ]; then
  good "$(wc -l <all.findings) findings of $("$weir" report json all.findings |
    sed -n 's/.*"id":"\([a-z-]*\)","certainty.*/\1/p' | sort -u | wc -l) kinds; open it in a browser:"
  printf '\n    %sxdg-open %s/findings.html%s\n' "$bold" "$out" "$off"
else
  bad "the page was not written"
fi

printf '\n%s programs ran in %s: ' "$runs" "$(seconds_since "$started")"
if [ "$failures" = 0 ]; then
  printf '%severything was as expected.%s\n' "$green$bold" "$off"
else
  printf '%s%s things were not as expected.%s\n' "$red$bold" "$failures" "$off"
  exit 1
fi
