// SPDX-License-Identifier: Apache-2.0
//
// Included before every file of the runtime (by the build, not by an #include): puts the
// runtime's own variables into sections of their own, so that who looks for what the program can
// still reach does not take the runtime's notes for the program's. A variable through which the
// runtime may hand something back to the program says WEIR_OF_THE_PROGRAM.
#ifndef WEIR_OS_SECTION_H
#define WEIR_OS_SECTION_H

#pragma clang section bss = "weir_bss" data = "weir_data"
#define WEIR_OF_THE_PROGRAM __attribute__((section(".bss.weir_program")))

#endif
