// SPDX-License-Identifier: Apache-2.0
//
// An argument that is not known ends the compilation; help lists those that are.
// RUN: not %clang -fplugin=%weir_plugin -fplugin-arg-weir-colour=on -c %s -o %t.o 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// UNKNOWN: error: weir: unknown argument 'colour=on'; -fplugin-arg-weir-help lists the arguments
// RUN: not %clang -fplugin=%weir_plugin -fplugin-arg-weir-race=perhaps -c %s -o %t.o 2>&1 | FileCheck %s --check-prefix=VALUE
// VALUE: error: weir: neither on nor off: 'race=perhaps'
// RUN: %clang -fplugin=%weir_plugin -fplugin-arg-weir-help -c %s -o %t.o 2>&1 | FileCheck %s --check-prefix=HELP
// HELP: -fplugin-arg-weir-race=on|off
// HELP: -fplugin-arg-weir-redundant=on|off
// HELP: -fplugin-arg-weir-ranges=on|off
// HELP: -fplugin-arg-weir-inline=on|off {{.*}}(default off)
// HELP: -fplugin-arg-weir-wide=on|off {{.*}}(default on)
// HELP: -fplugin-arg-weir-library=on|off {{.*}}(default on)
// HELP: -fplugin-arg-weir-speculated=on|off {{.*}}(default on)
// HELP: -fplugin-arg-weir-loaded=on|off {{.*}}(default on)
// HELP: -fplugin-arg-weir-unseen=on|off
// HELP: -fplugin-arg-weir-names=on|off
// HELP: -fplugin-arg-weir-tls=on|off
// HELP: -fplugin-arg-weir-analyze=on|off {{.*}}(default off)
// HELP: -fplugin-arg-weir-race=stock
// HELP: -fplugin-arg-weir-checks=ID,ID
// HELP: -fplugin-arg-weir-roles=FILE
// HELP: -fplugin-arg-weir-help
int x;
