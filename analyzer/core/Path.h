// SPDX-License-Identifier: Apache-2.0
//
// Which object an expression means, as a text that two expressions share if they surely mean the
// same one: a variable, then members, * for what a pointer points to, and [] for elements. `s->m`,
// `(*s).m` and, after `t = &s->m`, `*t` are one place. What cannot be told has no path, and checks
// keep quiet about it.
//
// Two different paths may still be one object; so a path that was not seen locked proves nothing.
#ifndef WEIR_ANALYZER_CORE_PATH_H
#define WEIR_ANALYZER_CORE_PATH_H

#include "clang/AST/Decl.h"
#include "clang/AST/Expr.h"
#include "llvm/ADT/DenseSet.h"
#include <string>

namespace weir {

struct Path {
  std::string Key;  // empty: unknown
  std::string Text; // as a person would write it
  const clang::VarDecl *Root = nullptr;
  const clang::FieldDecl *Field = nullptr; // the last one; nullptr: a variable

  explicit operator bool() const { return !Key.empty(); }
};

// The variables of one function: which of them keep the value that they are declared with.
class Variables {
public:
  Variables() = default;
  explicit Variables(const clang::Stmt *Body);

  bool isFixed(const clang::VarDecl *Var) const { return !Changed.count(Var); }
  // The initializer that may be read in place of the variable; nullptr: none.
  const clang::Expr *valueOf(const clang::VarDecl *Var) const;

private:
  llvm::DenseSet<const clang::VarDecl *> Changed;
};

Path placeOf(const clang::Expr *E, const Variables &Vars, int Depth = 0);   // of an lvalue
Path pointeeOf(const clang::Expr *E, const Variables &Vars, int Depth = 0); // of a pointer

// How a key names a variable; a key holds the names of all variables that it depends on.
std::string nameInKey(const clang::VarDecl *Var);

// The path of a parameter, or of what is reached through it, as its caller would write it; and of a
// global. Number: the parameter's, -1 for a global.
struct OuterPath {
  int Number = -1;
  std::string Rest;                        // after the parameter; the whole key of a global
  const clang::VarDecl *Root = nullptr;    // the global
  const clang::FieldDecl *Field = nullptr; // as in Path
};
bool isOuter(const Path &P, const clang::FunctionDecl *In, const Variables &Vars, OuterPath *Out);
// The callee's path in the caller; Argument is the pointer that is passed, of a global any.
Path fromCallee(const OuterPath &P, llvm::StringRef Text, const clang::Expr *Argument,
                const Variables &Vars);

const clang::Expr *stripped(const clang::Expr *E); // of parentheses, casts and the like

} // namespace weir

#endif
