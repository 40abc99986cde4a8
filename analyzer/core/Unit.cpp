// SPDX-License-Identifier: Apache-2.0
//
// One walk over the file that collects calls by function, and the closure of the gate over them.
#include "core/Unit.h"

#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Basic/SourceManager.h"

using namespace clang;
using llvm::dyn_cast;

namespace weir {

namespace {

class Collector : public RecursiveASTVisitor<Collector> {
public:
  explicit Collector(Unit &U) : U(U) {}

  bool TraverseFunctionDecl(FunctionDecl *Function) {
    if (!Function->doesThisDeclarationHaveABody() || Function->isInvalidDecl()) return true;
    FunctionInfo *Outer = Current;
    Current = &U.Functions[Function->getCanonicalDecl()];
    Current->Function = Function;
    bool Continue = TraverseStmt(Function->getBody());
    Current = Outer;
    return Continue;
  }
  bool VisitCallExpr(CallExpr *Call) {
    if (!Current) return true;
    Current->Calls.push_back(Call);
    const FunctionDecl *Callee = Call->getDirectCallee();
    const CallRole *Role = U.TheRoles.of(Callee);
    Current->HasRole |= Role && Role->What != Role::Destroy && Role->What != Role::Borrow;
    Current->MayEnd |= (Callee && Callee->isNoReturn()) || (Role && Role->What == Role::NoReturn);
    return true;
  }
  bool VisitDeclRefExpr(DeclRefExpr *Ref) {
    llvm::StringRef Name = Ref->getDecl()->getIdentifier() ? Ref->getDecl()->getName() : "";
    U.UsesRecursiveLocks |= Name.starts_with("PTHREAD_MUTEX_RECURSIVE") || Name == "mtx_recursive";
    return true;
  }

private:
  Unit &U;
  FunctionInfo *Current = nullptr;
};

} // namespace

Unit::Unit(ASTContext &Context, Roles &TheRoles, Findings &Out)
    : Context(Context), TheRoles(TheRoles), Out(Out) {
  Collector Walk(*this);
  for (Decl *D : Context.getTranslationUnitDecl()->decls())
    if (auto *Function = dyn_cast<FunctionDecl>(D)) Walk.TraverseFunctionDecl(Function);
  Count.Functions = Functions.size();
  gate();
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
