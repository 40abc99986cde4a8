# SPDX-License-Identifier: Apache-2.0
#
# echo.sh WEIR FOLDER EXAMPLE WHAT FLAG...: builds the echo server and client, with "weir cc
# FLAG...", and starts the server. Then WHAT is
#   a number    that many connections of the client: all at once, everything comes back
#   overload    a server with few descriptors, and more clients than it can serve at once
#   emfile      the same, but it has fewer than it believes, so that accept fails
# and the server is told to end. Both must end with status 0 and say nothing of Weir.
set -u
weir=$1 folder=$2 example=$3 what=$4
shift 4
here=$(cd "$(dirname "$0")" && pwd)
export WEIR_REPORTER=$weir
mkdir -p "$folder" && cd "$folder" || exit 1

fail() {
  echo "echo.sh: $1"
  cat server.out server.err client.out client.err
  kill -KILL "$server"
  exit 1
}

same() { # FILE LINE
  grep -qx "$2" "$1" || fail "$1 does not say: $2"
}

for program in server client; do
  "$weir" cc "$@" -Wall -Wextra -Werror -Wpedantic "$example/$program.c" -o $program || exit 1
done
: >client.out >client.err
rm -f said && mkfifo said
(
  case $what in
    emfile) for ((fd = 30; fd < 80; fd++)); do eval "exec $fd</dev/null"; done ;&
    overload) ulimit -n 100 ;;
  esac
  exec ./server 2>server.err
) >said &
server=$!
exec 3<said
read -r first <&3
port=${first#port }
port=${port%%,*}
tee server.out <&3 >/dev/null &
reader=$!

overload() { # PLACES
  [ "$first" = "port $port, room for 68 connections" ] || fail "$first"
  python3 "$here/echo_overload.py" "$port" "$1" 30 >client.out 2>client.err || fail "clients"
}

case $what in
  overload)
    overload 68
    served="98 connections, at most 68 at once"
    ;;
  emfile)
    overload 31
    served="61 connections, at most .*" # how many, depends on what else is open
    ;;
  *)
    ./client -c "$what" -r 3 "$port" >client.out 2>client.err || fail "client: status $?"
    same client.out "$what connections at once, $((3 * what)) messages echoed"
    served="$what connections, at most $what at once"
    ;;
esac
kill -TERM "$server"
wait "$server" || fail "server: status $?"
wait "$reader"
same server.out "$served"
[ ! -s server.err ] && [ ! -s client.err ] || fail "not silent"
