# SPDX-License-Identifier: Apache-2.0
#
# twins.sh SOURCE TEMP WEIR CC... : the buggy program and its fixed twin; see tests/tools/twins.py.
exec python3 "$(dirname "$0")/../../tools/twins.py" "$@"
