// SPDX-License-Identifier: Apache-2.0
//
// What a call means for concurrency. Checks ask for roles and know no function by name: Weir's,
// the pthread and the C11 functions stand in one table (roles.def); a program adds its own by
// attribute or by a file.
//
//   __attribute__((annotate("weir::acquire(1)"))) void take(struct pool *p);
//   release give_back 1                                  # a line of --roles=FILE
//
// Arguments are counted from 1 there, as in Clang's attributes, and from 0 in here.
#ifndef WEIR_ANALYZER_CORE_ROLES_H
#define WEIR_ANALYZER_CORE_ROLES_H

#include "clang/AST/Decl.h"
#include "clang/AST/Expr.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include <map>

namespace weir {

enum class Role : uint8_t {
#define WEIR_ROLE_KIND(kind, word) kind,
#include "core/roles.def"
};

enum class Family : uint8_t { Weir, Pthread, C11, User };

// How a call says that it has a lock: always, by a value that is not zero, or by zero.
enum class Success : uint8_t { Always, NonZero, Zero };

struct CallRole {
  Role What = Role::None;
  int Object = 0;      // the argument it is about
  int Second = -1;     // the condition of a wait, the amount of an add; -1: none
  bool Shared = false; // the read side
  Success Says = Success::Always;
  Family Of = Family::User;
};

class Roles {
public:
  Roles();

  // One line for each: ROLE NAME [ARGUMENT [SECOND]] [shared] [zero|nonzero]. False: *Problem says
  // what is wrong, with the line.
  bool addFile(llvm::StringRef Path, std::string *Problem);

  const CallRole *of(const clang::FunctionDecl *Function);
  const CallRole *of(const clang::CallExpr *Call);

private:
  bool addLine(llvm::StringRef Line, std::string *Problem);
  const CallRole *find(const clang::FunctionDecl *Function);
  const CallRole *fromAttributes(const clang::FunctionDecl *Function);

  llvm::StringMap<CallRole> Named;
  llvm::DenseMap<const clang::FunctionDecl *, const CallRole *> Known;
  std::map<const clang::FunctionDecl *, CallRole> Annotated;
};

} // namespace weir

#endif
