// SPDX-License-Identifier: Apache-2.0
//
// One walk over the file that collects calls by function, and the closure of the gate over them.
#include "core/Unit.h"
#include "core/Spawned.h"
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
                  Role->What != Role::Input && Role->What != Role::SetHandler &&
                  Role->What != Role::PinThread;
  U.UsesRecursiveLocks |= Role && Role->What == Role::MakeRecursive;
  Info.MayEnd |= (Callee && Callee->isNoReturn()) || (Role && Role->What == Role::NoReturn);
}

// A pointer in a member or a global variable is assigned.
const Decl *replacedBy(const BinaryOperator *Assign) {
  if (Assign->getOpcode() != BO_Assign || !Assign->getType()->isPointerType()) return nullptr;
  const Expr *To = Assign->getLHS()->IgnoreParens();
  if (auto *Element = dyn_cast<ArraySubscriptExpr>(To)) To = stripped(Element->getBase());
  if (auto *Member = dyn_cast<MemberExpr>(To)) return Member->getMemberDecl();
  auto *Ref = dyn_cast<DeclRefExpr>(To);
  auto *Var = Ref ? dyn_cast<VarDecl>(Ref->getDecl()) : nullptr;
  return Var && Var->hasGlobalStorage() ? Var->getCanonicalDecl() : nullptr;
}

bool goesThrough(llvm::StringRef Key, const Decl *D) {
  if (auto *Var = dyn_cast<VarDecl>(D)) return Key.contains(nameInKey(Var));
  auto *Field = dyn_cast<FieldDecl>(D);
  if (!Field || !Field->getIdentifier()) return false;
  std::string Name = "." + Field->getNameAsString();
  for (size_t At = Key.find(Name); At != Key.npos; At = Key.find(Name, At + 1)) {
    llvm::StringRef Rest = Key.substr(At + Name.size());
    if (Rest.empty() || !(isalnum(static_cast<unsigned char>(Rest[0])) || Rest[0] == '_'))
      return true;
  }
  return false;
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
    if (auto *Assign = dyn_cast<BinaryOperator>(S))
      if (const Decl *D = replacedBy(Assign)) Info.Replaces.push_back(D);
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

bool Unit::mayReplace(const FunctionDecl *Function, const Path &P) {
  llvm::SmallVector<const FunctionDecl *, 8> Work{Function};
  llvm::DenseSet<const FunctionDecl *> Seen;
  while (!Work.empty()) {
    FunctionInfo *Info = info(Work.pop_back_val());
    if (!Info || !Seen.insert(Info->Function).second) continue;
    for (const Decl *Each : Info->Replaces)
      if (goesThrough(P.Key, Each)) return true;
    for (const CallExpr *Call : Info->Calls)
      if (const FunctionDecl *Callee = Call->getDirectCallee()) Work.push_back(Callee);
  }
  return false;
}

void Unit::findGoroutines() {
  llvm::SmallVector<const FunctionDecl *, 16> Work;
  Goroutines.emplace();
  for (auto &Each : Functions)
    for (const CallExpr *Call : Each.second.Calls) {
      const CallRole *Role = TheRoles.of(Call);
      if (Role && Role->What == Role::PinThread) return Work.clear(), Goroutines->clear();
      if (Role && Role->What == Role::Spawn && Role->Of == Family::Weir)
        if (const FunctionDecl *Starts = spawnedBy(Call, *Role).Function) Work.push_back(Starts);
    }
  while (!Work.empty()) {
    const FunctionDecl *Function = Work.pop_back_val()->getCanonicalDecl();
    FunctionInfo *Info = Goroutines->insert(Function).second ? info(Function) : nullptr;
    if (!Info) continue;
    for (const CallExpr *Call : Info->Calls)
      if (const FunctionDecl *Callee = Call->getDirectCallee()) Work.push_back(Callee);
  }
}

bool Unit::runsAsGoroutine(const FunctionDecl *Function) {
  if (!Goroutines) findGoroutines();
  return Goroutines->count(Function->getCanonicalDecl());
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
