// SPDX-License-Identifier: Apache-2.0
//
// The checks of `weir analyze` while a file is compiled, as warnings of the compiler.
#ifndef WEIR_INSTRUMENT_PLUGIN_STATICCHECKS_H
#define WEIR_INSTRUMENT_PLUGIN_STATICCHECKS_H

#include "llvm/ADT/ArrayRef.h"

#include <memory>
#include <string>

namespace clang {
class ASTConsumer;
class CompilerInstance;
} // namespace clang

namespace weir {

// Ids: "ID,ID", only these checks; "": all that are on by default. What is wrong with it, or with a
// file of roles, is an error of the compiler.
std::unique_ptr<clang::ASTConsumer> makeStaticChecks(clang::CompilerInstance &CI,
                                                     llvm::StringRef Ids,
                                                     llvm::ArrayRef<std::string> RoleFiles);

} // namespace weir

#endif
