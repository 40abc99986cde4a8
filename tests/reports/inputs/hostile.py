# SPDX-License-Identifier: Apache-2.0
#
# Records that are weir.finding/1 by name but wrong in every way a member can be.
import json

HEAD = {"schema": "weir.finding/1", "id": "partial-deadlock"}
RECORDS = [
    {},
    {"certainty": 3, "message": [], "pid": "x", "goroutines": {}, "objects": 1, "modules": "m"},
    {"goroutines": [None, 1, "x", [], {}], "objects": [None, {}], "cycle": [None, {}, 5]},
    {"goroutines": [{"id": -1, "stack": [None, {"module": 9, "offset": -5}, {"address": "zz"}],
                     "waits": [{"object": 99}], "holds": [{"object": -1, "at": []}],
                     "created_by": []}],
     "cycle": [{"goroutine": 77, "object": 77}]},
    {"id": "data-race", "accesses": [{"holds": [5, "x", -1], "stack": "no"}, 3],
     "location": {"kind": "global", "module": 0, "offset": 10 ** 15}},
    {"id": "data-race", "accesses": [{}], "modules": [{"path": "/no/such/file"}],
     "location": {"kind": "heap", "stack": [{"module": 0, "offset": 2 ** 62}]}},
    {"id": "send-on-closed", "other": {"at": {"module": 0}}, "goroutines": [{"count": 2 ** 60}],
     "reproduce": {"argv": [1, None, "a"], "options": 5}, "program": {"cwd": 9}},
]
for extra in RECORDS:
    print(json.dumps(HEAD | extra))
