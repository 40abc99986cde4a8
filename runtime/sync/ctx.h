// SPDX-License-Identifier: Apache-2.0
//
// What the rest of sync needs of contexts: cancelling one on behalf of a call at pc.
#ifndef WEIR_SYNC_CTX_H
#define WEIR_SYNC_CTX_H

#include <weir/ctx.h>

void weir_ctx_cancel_at(weir_ctx *c, int cause, const void *pc); // NULL and background: nothing

#endif
