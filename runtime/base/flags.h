// SPDX-License-Identifier: Apache-2.0
//
// WEIR_OPTIONS as a struct, made from flags.def. Read once by the constructor, then
// constant. Separators are ':' ' ' and ','; an unknown key or a bad value warns.
#ifndef WEIR_BASE_FLAGS_H
#define WEIR_BASE_FLAGS_H

#include <stdbool.h>

typedef bool weir_flag_bool;
typedef long weir_flag_int;
typedef const char *weir_flag_text;

struct weir_flags {
#define WEIR_FLAG(name, type, initial, help) weir_flag_##type name;
#include <weir/flags.def>
};
extern struct weir_flags weir_flags;

void weir_flags_read(void); // weir_default_options(), then WEIR_OPTIONS

#endif
