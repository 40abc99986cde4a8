// SPDX-License-Identifier: Apache-2.0
//
// Whatever stands in a file of suppressions: the input is the file, matched against a race and
// a deadlock.
#include "model/suppress.h"

static struct weir_frame frames[] = {
    {.module = -1, .function = "transfer", .file = "/src/bank.c", .line = 3},
    {.module = -1, .function = "__main_block_invoke_2", .file = "/src/bank.c", .line = 9},
};
static struct weir_access accesses[] = {{.stack = {frames, 2}}, {.write = true, .stack = {frames, 1}}};
static struct weir_object objects[] = {{.kind = "mutex", .name = "account.mu"}};
static struct weir_goroutine goroutines[] = {
    {.id = 7, .name = "clerk", .op = "sync.Mutex.Lock", .stack = {frames, 2}, .creation = {frames, 1}},
};

static struct weir_finding finding(const char *id) {
  return (struct weir_finding){
      .id = id,
      .fingerprint = "0123456789abcdef",
      .location = {.kind = "global", .name = "total", .declared = {"", "", 0}},
      .other = {.what = ""},
      .suppressed = "",
      .seen = 1,
      .objects = objects,
      .object_count = 1,
      .goroutines = goroutines,
      .goroutine_count = 1,
  };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  struct weir_suppressions s = {0};
  struct weir_buf messages = {0};
  struct weir_finding race = finding("data-race"), deadlock = finding("deadlock");
  race.accesses = accesses;
  race.access_count = 2;
  weir_suppressions_parse(&s, "fuzz", (const char *)data, n, &messages);
  weir_suppressions_match(&s, &race);
  weir_suppressions_match(&s, &deadlock);
  weir_suppressions_free(&s);
  weir_buf_free(&messages);
  return 0;
}
