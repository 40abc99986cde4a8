// SPDX-License-Identifier: Apache-2.0
//
// predict.h. One table: which two uses do not go together, and what comes of it.
//
// Claim. Nothing in the program orders the two calls: no edge of Weir's, no C11 atomic, no lock of
// pthread. So there is a schedule with the other order, or with both at once, and there the
// program does what it may not. As with data races, a program that orders two calls by other means
// (a value in shared memory that no synchronisation guards) is not excused.
#include "detect/predict.h"

static const struct {
  enum weir_use one, other;
  enum weir_finding_id id;
} pairs[] = {
    {WEIR_USE_SEND, WEIR_USE_CLOSE, WEIR_F_SEND_CLOSE_RACE},
    {WEIR_USE_ADD, WEIR_USE_WAIT, WEIR_F_WAIT_GROUP_RACE},
    {WEIR_USE_FIRST, WEIR_USE_DONE, WEIR_F_NEGATIVE_WAIT_GROUP},
    {WEIR_USE_LOCK, WEIR_USE_UNLOCK, WEIR_F_UNLOCK_BY_OTHER},
    {WEIR_USE_SEND, WEIR_USE_FREE, WEIR_F_CHANNEL_FREE_RACE},
    {WEIR_USE_RECV, WEIR_USE_FREE, WEIR_F_CHANNEL_FREE_RACE},
    {WEIR_USE_CLOSE, WEIR_USE_FREE, WEIR_F_CHANNEL_FREE_RACE},
};

static const struct {
  const char *what, *present, *past;
} words[] = {
    [WEIR_USE_SEND] = {"send", "sends on a channel", "sent on it"},
    [WEIR_USE_RECV] = {"receive", "receives from a channel", "received from it"},
    [WEIR_USE_CLOSE] = {"close", "closes a channel", "closed it"},
    [WEIR_USE_FREE] = {"free", "frees a channel", "freed it"},
    [WEIR_USE_ADD] = {"add", "adds to a wait group from zero", "added to it from zero"},
    [WEIR_USE_WAIT] = {"wait", "waits for a wait group", "waited for it"},
    [WEIR_USE_FIRST] = {"add", "adds to a wait group", "added to it"},
    [WEIR_USE_DONE] = {"done", "counts a wait group down", "counted it down"},
    [WEIR_USE_LOCK] = {"lock", "locks a mutex", "locked it"},
    [WEIR_USE_UNLOCK] = {"unlock", "unlocks a mutex", "unlocked it"},
};

enum weir_finding_id weir_predict_id(enum weir_use a, enum weir_use b) {
  for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
    if ((pairs[i].one == a && pairs[i].other == b) || (pairs[i].one == b && pairs[i].other == a))
      return pairs[i].id;
  return WEIR_F_COUNT;
}

const char *weir_predict_what(enum weir_use use) {
  return words[use].what;
}

void weir_predict_describe(enum weir_use use, const void *object, struct weir_object_desc *out) {
  enum weir_object_kind kind = WEIR_OBJ_CHAN;
  if (use == WEIR_USE_ADD || use == WEIR_USE_WAIT || use == WEIR_USE_FIRST || use == WEIR_USE_DONE)
    kind = WEIR_OBJ_WAIT_GROUP;
  if (use == WEIR_USE_LOCK || use == WEIR_USE_UNLOCK) kind = weir_object_lock_kind(object);
  weir_object_describe(kind, object, out);
}

struct weir_record *weir_predict_begin(enum weir_finding_id id, const char *later,
                                       enum weir_use now, const char *earlier,
                                       enum weir_use before) {
  return weir_record_try_begin_as(id, "predicted",
                                  "%s %s, %s %s earlier, and nothing orders the two.", later,
                                  words[now].present, earlier, words[before].past);
}
