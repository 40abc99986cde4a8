// SPDX-License-Identifier: Apache-2.0
//
// roles.def as a table by name, with what the program adds.
#include "core/Roles.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/Attr.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/Support/LineIterator.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace clang;
using llvm::dyn_cast;

namespace weir {

namespace {

struct Mode {
  bool Shared;
  Success Says;
};
constexpr Mode Always{false, Success::Always}, NonZero{false, Success::NonZero},
    Zero{false, Success::Zero}, Read{true, Success::Always}, TryRead{true, Success::NonZero},
    ReadZero{true, Success::Zero};

constexpr struct {
  Role What;
  const char *Name;
  int Object, Second;
  Mode How;
  Family Of;
} Table[] = {
#define WEIR_ROLE(role, name, object, second, mode, family) \
  {Role::role, #name, object, second, mode, Family::family},
#include "core/roles.def"
};

constexpr struct {
  Role What;
  const char *Word;
} Words[] = {
#define WEIR_ROLE_KIND(kind, word) {Role::kind, word},
#include "core/roles.def"
};

bool roleOf(llvm::StringRef Word, Role *What) {
  for (auto &Each : Words)
    if (Word == Each.Word) return *What = Each.What, true;
  return false;
}

// "acquire(1)": false if it is not of that form.
bool parseAnnotation(llvm::StringRef Text, CallRole *Made) {
  auto [Word, Rest] = Text.split('(');
  if (!roleOf(Word.trim(), &Made->What)) return false;
  llvm::SmallVector<llvm::StringRef, 4> Arguments;
  Rest.take_until([](char C) { return C == ')'; }).split(Arguments, ',', -1, false);
  int Count = 0;
  for (llvm::StringRef Each : Arguments) {
    int Number;
    if (Each.trim() == "shared")
      Made->Shared = true;
    else if (Each.trim() == "zero")
      Made->Says = Success::Zero;
    else if (Each.trim() == "nonzero")
      Made->Says = Success::NonZero;
    else if (!Each.trim().getAsInteger(10, Number) && Number > 0 && Count < 2)
      (Count++ ? Made->Second : Made->Object) = Number - 1;
    else
      return false;
  }
  if (Made->What == Role::Try && Made->Says == Success::Always) Made->Says = Success::NonZero;
  return true;
}

} // namespace

Roles::Roles() {
  for (auto &Each : Table)
    Named[Each.Name] = {Each.What,       Each.Object,   Each.Second,
                        Each.How.Shared, Each.How.Says, Each.Of};
}

bool Roles::addFile(llvm::StringRef Path, std::string *Problem) {
  auto Text = llvm::MemoryBuffer::getFile(Path);
  if (!Text) return *Problem = Text.getError().message(), false;
  for (llvm::line_iterator Line(**Text, true, '#'); !Line.is_at_eof(); ++Line)
    if (!addLine(*Line, Problem)) {
      *Problem = "line " + std::to_string(Line.line_number()) + ": " + *Problem;
      return false;
    }
  return true;
}

// A line has the same parts as an annotation, and the name second.
bool Roles::addLine(llvm::StringRef Line, std::string *Problem) {
  llvm::SmallVector<llvm::StringRef, 8> Parts;
  Line.split('#').first.trim().split(Parts, ' ', -1, false);
  if (Parts.empty()) return true;
  CallRole Made;
  std::string Text = Parts[0].str() + "(";
  for (size_t I = 2; I < Parts.size(); ++I)
    Text += Parts[I].str() + ",";
  if (Parts.size() < 2 || !parseAnnotation(Text + ")", &Made)) {
    *Problem = "a line is ROLE FUNCTION [ARGUMENT [ARGUMENT]] [shared] [zero|nonzero]";
    return false;
  }
  Named[Parts[1]] = Made;
  return true;
}

const CallRole *Roles::fromAttributes(const FunctionDecl *Function) {
  for (auto *Each : Function->specific_attrs<AnnotateAttr>()) {
    llvm::StringRef Text = Each->getAnnotation();
    CallRole Made;
    if (Text.consume_front("weir::") && parseAnnotation(Text, &Made))
      return &(Annotated[Function] = Made);
  }
  return nullptr;
}

const CallRole *Roles::find(const FunctionDecl *Function) {
  if (auto *Role = fromAttributes(Function)) return Role;
  if (!Function->getIdentifier()) return nullptr;
  auto Found = Named.find(Function->getName());
  return Found == Named.end() ? nullptr : &Found->second;
}

// pthread_cleanup_pop calls a variable of pthread_cleanup_push, which keeps its value.
static const FunctionDecl *behindMacro(const CallExpr *Call) {
  auto *Ref = dyn_cast<DeclRefExpr>(Call->getCallee()->IgnoreParenImpCasts());
  auto *Var = Ref ? dyn_cast<VarDecl>(Ref->getDecl()) : nullptr;
  if (!Var || !Var->hasLocalStorage() || !Var->getInit()) return nullptr;
  if (!Var->getASTContext().getSourceManager().isInSystemMacro(Var->getLocation())) return nullptr;
  auto *To = dyn_cast<DeclRefExpr>(Var->getInit()->IgnoreParenCasts());
  return To ? dyn_cast<FunctionDecl>(To->getDecl()) : nullptr;
}

const CallRole *Roles::of(const CallExpr *Call) {
  const FunctionDecl *Callee = Call->getDirectCallee();
  return of(Callee ? Callee : behindMacro(Call));
}

const CallRole *Roles::of(const FunctionDecl *Function) {
  if (!Function) return nullptr;
  Function = Function->getMostRecentDecl();
  auto Found = Known.find(Function);
  if (Found != Known.end()) return Found->second;
  const CallRole *Role = find(Function);
  return Known[Function] = Role;
}

} // namespace weir
