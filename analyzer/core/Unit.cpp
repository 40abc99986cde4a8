// SPDX-License-Identifier: Apache-2.0
//
// One walk over the file that collects calls by function, and the closure of the gate over them.
#include "core/Unit.h"
#include "core/Walk.h"

#include "clang/Basic/SourceManager.h"

using namespace clang;
using llvm::dyn_cast;

namespace weir {

namespace {

void addCall(Unit &U, FunctionInfo &Info, const CallExpr *Call) {
  Info.Calls.push_back(Call);
  const FunctionDecl *Callee = Call->getDirectCallee();
  const CallRole *Role = U.TheRoles.of(Callee);
  Info.HasRole |= Role && Role->What != Role::Destroy && Role->What != Role::Borrow &&
                  Role->What != Role::Input;
  Info.MayEnd |= (Callee && Callee->isNoReturn()) || (Role && Role->What == Role::NoReturn);
}

bool namesRecursive(const DeclRefExpr *Ref) {
  llvm::StringRef Name = Ref->getDecl()->getIdentifier() ? Ref->getDecl()->getName() : "";
  return Name.starts_with("PTHREAD_MUTEX_RECURSIVE") || Name == "mtx_recursive";
}

} // namespace

Unit::Unit(ASTContext &Context, Roles &TheRoles, Findings &Out)
    : Context(Context), TheRoles(TheRoles), Out(Out) {
  for (Decl *D : Context.getTranslationUnitDecl()->decls())
    if (auto *Function = dyn_cast<FunctionDecl>(D)) collect(Function);
  Count.Functions = Functions.size();
  gate();
}

void Unit::collect(const FunctionDecl *Function) {
  if (!Function->doesThisDeclarationHaveABody() || Function->isInvalidDecl()) return;
  FunctionInfo &Info = Functions[Function->getCanonicalDecl()];
  Info.Function = Function;
  walk(Function->getBody(), [&](const Stmt *S) {
    if (auto *Call = dyn_cast<CallExpr>(S)) addCall(*this, Info, Call);
    if (auto *Ref = dyn_cast<DeclRefExpr>(S)) UsesRecursiveLocks |= namesRecursive(Ref);
  });
}

FunctionInfo *Unit::info(const FunctionDecl *Function) {
  auto Found = Function ? Functions.find(Function->getCanonicalDecl()) : Functions.end();
  return Found == Functions.end() ? nullptr : &Found->second;
}

bool Unit::isReleasedForOthers(const Decl *Class) const {
  auto Found = Releasers.find(Class);
  return Found != Releasers.end() && llvm::any_of(Found->second, [&](const FunctionDecl *Each) {
           return !Parts.count(Each->getCanonicalDecl());
         });
}

bool Unit::isOwn(const Decl *D) const {
  return !Context.getSourceManager().isInSystemHeader(D->getLocation());
}

// Bodies in system headers are how things are done there, not what the program does.
void Unit::gate() {
  for (auto &Each : Functions)
    Each.second.Gated = Each.second.HasRole && isOwn(Each.first) && !TheRoles.of(Each.first);
  for (bool Again = true; Again;) {
    Again = false;
    for (auto &Each : Functions) {
      if (Each.second.Gated || !isOwn(Each.first) || TheRoles.of(Each.first)) continue;
      for (const CallExpr *Call : Each.second.Calls)
        if (FunctionInfo *Callee = info(Call->getDirectCallee()); Callee && Callee->Gated) {
          Again = Each.second.Gated = true;
          break;
        }
    }
  }
}

} // namespace weir
