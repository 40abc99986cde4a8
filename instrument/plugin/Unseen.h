// SPDX-License-Identifier: Apache-2.0
//
// Warns of synchronisation that the race runtime cannot see.
#ifndef WEIR_INSTRUMENT_PLUGIN_UNSEEN_H
#define WEIR_INSTRUMENT_PLUGIN_UNSEEN_H

#include <memory>

namespace clang {
class ASTConsumer;
}

namespace weir {

std::unique_ptr<clang::ASTConsumer> makeUnseenWarner(bool Fences);

} // namespace weir

#endif
