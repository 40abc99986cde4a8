# SPDX-License-Identifier: Apache-2.0
#
# leaks.sh SOURCE TEMP WEIR CC... : as twins.sh; but the bug may be reported in several findings, as
# the program looks while some are not blocked yet. A stale word may hide one for as long as it lies
# there, so it has three tries.
SEVERAL=1 TRIES=3 exec bash "$(dirname "$0")/twins.sh" "$@"
