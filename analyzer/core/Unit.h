// SPDX-License-Identifier: Apache-2.0
//
// One file that is analyzed: its functions with a body, which of them have to do with concurrency
// (they make a call with a role, or call one that does), and what each does to the locks of its
// caller (Summary). All others get no control-flow graph, which keeps the cost near that of
// parsing.
#ifndef WEIR_ANALYZER_CORE_UNIT_H
#define WEIR_ANALYZER_CORE_UNIT_H

#include "core/Findings.h"
#include "core/Roles.h"
#include "core/State.h"

#include "clang/AST/ASTContext.h"
#include "llvm/ADT/MapVector.h"
#include <set>

namespace weir {

class DigestMaker;

// What a function leaves behind in an object of its caller, by tracker ('L' for locks, ...).
struct Effect {
  OuterPath Object;
  std::string Text;
  char Of = 0;
  bool Mixed = false; // on some ways only: nothing can be said
  Status Becomes = Status::Held;
  bool Shared = false, Foreign = false;
};

// It takes this lock, or sends on this channel, whatever its arguments say, without having released
// or made it.
struct Taking {
  OuterPath Object;
  std::string Text;
  bool Shared = false;
  const clang::CallExpr *Site = nullptr;
  char Of = 'L'; // the tracker
};

struct Summary {
  bool Known = false;        // else nothing can be said
  bool Opaque = false;       // calls what is not known
  bool NeverReturns = false; // on every way
  std::vector<Effect> Effects;
  std::vector<Taking> Takes;
};

struct FunctionInfo {
  const clang::FunctionDecl *Function;
  llvm::SmallVector<const clang::CallExpr *, 8> Calls; // also those in its blocks
  llvm::SmallVector<const clang::Decl *, 4> Replaces;  // pointers assigned: members, globals
  bool HasRole = false, Gated = false, MayEnd = false;
  enum { New, Running, Done } Phase = New;
  Summary Sum;
};

struct Counters { // for --stats
  unsigned Functions = 0, Graphs = 0, GaveUp = 0, UnknownLocks = 0;
  unsigned Models = 0, ModelsGivenUp = 0, States = 0; // of channel protocols
};

class Unit {
public:
  Unit(clang::ASTContext &Context, Roles &TheRoles, Findings &Out);

  clang::ASTContext &Context;
  Roles &TheRoles;
  Findings &Out;
  Counters Count;
  // Who gives back a lock without having taken it: by member or variable. Of these, who is called
  // by somebody who has it is only a part of that one.
  std::map<const clang::Decl *, std::set<const clang::FunctionDecl *>> Releasers;
  llvm::DenseSet<const clang::FunctionDecl *> Parts;
  bool isReleasedForOthers(const clang::Decl *Class) const;
  bool UsesRecursiveLocks = false;
  DigestMaker *ForLink = nullptr; // wants to see all that functions do
  // Findings that hold unless some function gives the lock back for others.
  std::vector<std::pair<const clang::Decl *, Finding>> Pending;

  FunctionInfo *info(const clang::FunctionDecl *Function);
  llvm::MapVector<const clang::FunctionDecl *, FunctionInfo> Functions;

  bool isOwn(const clang::Decl *D) const; // not of a system header
  // The file starts it as a goroutine, or calls it from one; and no goroutine keeps its thread.
  bool runsAsGoroutine(const clang::FunctionDecl *Function);
  // The function, or one it calls, may assign a pointer that the path goes through.
  bool mayReplace(const clang::FunctionDecl *Function, const Path &P);

private:
  void collect(const clang::FunctionDecl *Function);
  void gate();
  void findGoroutines();
  std::optional<llvm::DenseSet<const clang::FunctionDecl *>> Goroutines;
};

// Analyzes the function first if that is still to be done; nullptr: it has no body here, or
// nothing to say.
const Summary *summaryOf(Unit &U, const clang::FunctionDecl *Function);

} // namespace weir

#endif
