# SPDX-License-Identifier: Apache-2.0
#
# awk -v lines=N [-v bad=LINE] -f make_log.awk: a web server's access log in
# Combined Log Format, the same one every time; with `bad`, line number LINE is
# cut in the middle, as after a crash. The numbers come from Lehmer's generator,
# exact in the doubles of every awk, because each has its own rand().
function pick(n) {
  seed = (seed * 16807) % 2147483647
  return int(seed / 64) % n
}

BEGIN {
  seed = 42
  split("200 200 200 200 200 200 301 304 404 500", status)
  split("GET GET GET GET POST HEAD", method)
  split("/ /about /docs /docs/start /img/logo.png /search /feed.xml /login", path)
  for (i = 1; i <= lines; i++) {
    line = sprintf("10.%d.%d.%d - - [31/Jan/2026:%02d:%02d:%02d +0000] \"%s %s HTTP/1.1\" %s %d",
      pick(4), pick(256), 1 + pick(254), int(i / 3600) % 24, int(i / 60) % 60, i % 60,
      method[1 + pick(6)], path[1 + pick(8)], status[1 + pick(10)], 100 + pick(20000))
    print i == bad ? substr(line, 1, 40) : line " \"-\" \"Mozilla/5.0\""
  }
}
