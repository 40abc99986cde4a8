# SPDX-License-Identifier: Apache-2.0
#
# validate.py SCHEMA [--not] < records: every line must be (with --not: must not be) a valid
# record. Re-reads JSON with a parser that is not ours. Says how many it saw.
import json
import sys

import jsonschema

with open(sys.argv[1]) as f:
    schema = json.load(f)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator(schema)
want_bad = "--not" in sys.argv
count = 0
for line in sys.stdin:
    errors = [f"{e.json_path}: {e.message}" for e in validator.iter_errors(json.loads(line))]
    if bool(errors) != want_bad:
        sys.exit("valid but should not be: " + line if want_bad else "\n".join(errors))
    count += 1
print(f"{count} records", "invalid as expected" if want_bad else "valid")
sys.exit(count == 0)
