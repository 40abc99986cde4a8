# SPDX-License-Identifier: Apache-2.0
#
# weir.sh WEIR FOLDER NAME [OPTION...]: analyzes the project of the folder. All that is said goes
# to NAME.all with the status at the end, the line of --stats to NAME.stats.
weir=$1 folder=$2 name=$2/$3
shift 3
"$weir" analyze -p "$folder/b" --stats "$@" >"$name.out" 2>"$name.err"
echo "status $?" >>"$name.out"
grep ' files, .* functions' "$name.err" >"$name.stats"
grep -v ' files, .* functions\| cost: ' "$name.err" | cat "$name.out" - >"$name.all"
