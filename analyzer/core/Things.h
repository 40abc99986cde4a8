// SPDX-License-Identifier: Apache-2.0
//
// Names that mean the same in all files of a project, for the digest: of functions, of fields, and
// of the objects that paths lead to. What is private to a file has the file in its name: static
// functions and variables, and structs that are defined in the source itself.
#ifndef WEIR_ANALYZER_CORE_THINGS_H
#define WEIR_ANALYZER_CORE_THINGS_H

#include "core/Digest.h"
#include "core/Path.h"

#include "clang/AST/ASTContext.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"

namespace weir {

class Things {
public:
  Things(clang::ASTContext &Context, Digest &To) : Context(Context), To(To) {}

  std::string function(const clang::FunctionDecl *Function) const;
  std::string field(const clang::FieldDecl *Field) const;
  std::string variable(const clang::VarDecl *Var) const;
  Thing object(const Path &P, const clang::FunctionDecl *In, const Variables &Vars);
  Spot spot(clang::SourceLocation At);

private:
  std::string privately(const clang::Decl *D, llvm::StringRef Name) const;
  std::string classOf(const Path &P) const;
  std::string localName(const clang::FunctionDecl *In, const Path &P);
  std::string fileOf(clang::SourceLocation At) const;

  clang::ASTContext &Context;
  Digest &To;
  llvm::StringMap<unsigned> Files;
  llvm::DenseMap<const clang::FunctionDecl *, llvm::StringMap<unsigned>> Locals;
};

} // namespace weir

#endif
