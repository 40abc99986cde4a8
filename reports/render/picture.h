// SPDX-License-Identifier: Apache-2.0
//
// The pictures of a finding, as inline SVG (svg.h). Each returns false, and adds nothing, where
// there is nothing to draw. `number` is the finding's in its page: links lead to
// "#f<number>-g<goroutine>" and
// "#f<number>-o<object>".
#ifndef WEIR_RENDER_PICTURE_H
#define WEIR_RENDER_PICTURE_H

#include "render/view.h"

// Who waits for what, and who has it or could end the wait.
bool weir_picture_waits(struct weir_view *v, size_t number, struct weir_buf *out);
// Of a race: what is ordered before what, and the two that nothing orders.
bool weir_picture_order(struct weir_view *v, size_t number, struct weir_buf *out);
// What the goroutines did last.
bool weir_picture_events(struct weir_view *v, size_t number, struct weir_buf *out);

#endif
