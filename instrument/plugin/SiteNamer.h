// SPDX-License-Identifier: Apache-2.0
//
// The AST consumer that gives sites (struct weir_site, abi.h) their names. It has
// to see each declaration before the code generator does.
#ifndef WEIR_INSTRUMENT_PLUGIN_SITENAMER_H
#define WEIR_INSTRUMENT_PLUGIN_SITENAMER_H

#include "clang/AST/ASTConsumer.h"

#include <memory>

namespace weir {

std::unique_ptr<clang::ASTConsumer> makeSiteNamer();

} // namespace weir

#endif
