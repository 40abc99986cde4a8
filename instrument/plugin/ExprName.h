// SPDX-License-Identifier: Apache-2.0
//
// The name of the thing that a C expression denotes, as a report should call it:
// where it is declared, not how this line happens to reach it.
//
//   jobs, &jobs, *jobs, (T)jobs     jobs
//   s->results, (*s).results        server.results     (struct or typedef name)
//   v.mu, v of an unnamed struct    v.mu
//   workers[i], *(workers + i)      workers[]
//   accounts[i].mu                  accounts[].mu
//   make_queue(n)                   make_queue()
//   weir_ctx_done(ctx)              ctx.done
//
// "" when there is no such name (a null pointer, a ?: of different things). The
// variables that Weir's own macros declare stand for what they were made from.
#ifndef WEIR_INSTRUMENT_PLUGIN_EXPRNAME_H
#define WEIR_INSTRUMENT_PLUGIN_EXPRNAME_H

#include <string>

namespace clang {
class Expr;
class FieldDecl;
class VarDecl;
} // namespace clang

namespace weir {

std::string nameOf(const clang::Expr *E);

// "server.results", or "" when the struct that holds the field has no name.
std::string nameOfField(const clang::FieldDecl *Field);

// The initializer of a variable that one of Weir's macros declares, else null.
const clang::Expr *macroTemporaryValue(const clang::VarDecl *Var);

} // namespace weir

#endif
