// SPDX-License-Identifier: Apache-2.0
//
// What a spawning call starts: the function, where it can be told, and the values that the program
// gives it. Of weir_go and its like both stand behind a block and the variables of a macro.
#ifndef WEIR_ANALYZER_CORE_SPAWNED_H
#define WEIR_ANALYZER_CORE_SPAWNED_H

#include "core/Roles.h"

#include "llvm/ADT/SmallVector.h"

namespace weir {

struct Spawned {
  const clang::FunctionDecl *Function = nullptr; // nullptr: not known, or a block of the program's
  llvm::SmallVector<const clang::Expr *, 4> Arguments;
};

Spawned spawnedBy(const clang::CallExpr *Call, const CallRole &Role);

// The function that the expression names; nullptr: none.
const clang::FunctionDecl *functionIn(const clang::Expr *E);

} // namespace weir

#endif
