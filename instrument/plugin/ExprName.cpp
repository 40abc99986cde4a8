// SPDX-License-Identifier: Apache-2.0
//
// A walk down the expression, one function per kind. It looks through whatever
// does not change which object is meant: parentheses, casts, & and *, the
// statement expressions of macros. No state, no side effect.
#include "plugin/ExprName.h"

#include "clang/AST/Decl.h"
#include "clang/AST/Expr.h"
#include "clang/AST/ExprCXX.h"

using namespace clang;
using llvm::dyn_cast;
using llvm::isa;

namespace {

bool isUnnamedMember(const FieldDecl *Field) {
  return Field->isAnonymousStructOrUnion();
}

std::string recordName(const RecordDecl *Record) {
  if (!Record->getName().empty()) return Record->getName().str();
  if (const TypedefNameDecl *Typedef = Record->getTypedefNameForAnonDecl())
    return Typedef->getName().str();
  return "";
}

const Expr *strip(const Expr *E) {
  for (;;) {
    const Expr *Inner = E->IgnoreParenCasts();
    if (auto *Cleanups = dyn_cast<ExprWithCleanups>(Inner)) Inner = Cleanups->getSubExpr();
    if (auto *Unary = dyn_cast<UnaryOperator>(Inner); Unary && !Unary->isArithmeticOp())
      Inner = Unary->getSubExpr(); // & * ++ -- __extension__
    if (auto *Opaque = dyn_cast<OpaqueValueExpr>(Inner); Opaque && Opaque->getSourceExpr())
      Inner = Opaque->getSourceExpr();
    if (Inner == E) return E;
    E = Inner;
  }
}

std::string nameOfMember(const MemberExpr *Member) {
  auto *Field = dyn_cast<FieldDecl>(Member->getMemberDecl());
  if (!Field) return Member->getMemberDecl()->getNameAsString();
  const Expr *Base = strip(Member->getBase());
  while (auto *Outer = dyn_cast<MemberExpr>(Base)) {
    auto *OuterField = dyn_cast<FieldDecl>(Outer->getMemberDecl());
    if (!OuterField || !isUnnamedMember(OuterField)) break;
    Base = strip(Outer->getBase());
  }
  if (!isa<ArraySubscriptExpr>(Base))
    if (std::string Name = weir::nameOfField(Field); !Name.empty()) return Name;
  std::string Owner = weir::nameOf(Base);
  return Owner.empty() ? Field->getNameAsString() : Owner + "." + Field->getNameAsString();
}

std::string nameOfCall(const CallExpr *Call) {
  const FunctionDecl *Callee = Call->getDirectCallee();
  if (!Callee || !Callee->getIdentifier()) return "";
  llvm::StringRef Name = Callee->getName();
  if (Name == "weir_ctx_done_" && Call->getNumArgs() == 1) {
    std::string Context = weir::nameOf(Call->getArg(0));
    return Context.empty() ? "" : Context + ".done";
  }
  if ((Name == "weir_timer_chan_" || Name == "weir_ticker_chan_") && Call->getNumArgs() == 1)
    return weir::nameOf(Call->getArg(0));
  if (Name.starts_with("weir_") && Name.consume_back("_")) return Name.str();
  return (Name + "()").str();
}

std::string nameOfBinary(const BinaryOperator *Binary) {
  if (Binary->getOpcode() == BO_Comma) return weir::nameOf(Binary->getRHS());
  if (Binary->isAssignmentOp()) return weir::nameOf(Binary->getLHS());
  if (!Binary->isAdditiveOp() || !Binary->getType()->isPointerType()) return "";
  bool LeftPoints = Binary->getLHS()->getType()->isPointerType();
  std::string Name = weir::nameOf(LeftPoints ? Binary->getLHS() : Binary->getRHS());
  return Name.empty() ? "" : Name + "[]";
}

std::string nameOfChoice(const AbstractConditionalOperator *Choice) {
  std::string Name = weir::nameOf(Choice->getTrueExpr());
  return Name == weir::nameOf(Choice->getFalseExpr()) ? Name : "";
}

std::string nameOfDecl(const ValueDecl *Decl) {
  if (auto *Var = dyn_cast<VarDecl>(Decl))
    if (const Expr *Value = weir::macroTemporaryValue(Var)) return weir::nameOf(Value);
  return Decl->getNameAsString();
}

} // namespace

const Expr *weir::macroTemporaryValue(const VarDecl *Var) {
  bool Ours = Var->getIdentifier() && Var->getName().starts_with("weir_") &&
              Var->hasLocalStorage() && Var->getLocation().isMacroID();
  return Ours ? Var->getInit() : nullptr;
}

std::string weir::nameOfField(const FieldDecl *Field) {
  const RecordDecl *Record = Field->getParent();
  while (Record->isAnonymousStructOrUnion())
    if (auto *Outer = dyn_cast<RecordDecl>(Record->getDeclContext()))
      Record = Outer;
    else
      break;
  std::string Name = recordName(Record);
  return Name.empty() ? "" : Name + "." + Field->getNameAsString();
}

std::string weir::nameOf(const Expr *E) {
  if (!E) return "";
  E = strip(E);
  if (auto *Ref = dyn_cast<DeclRefExpr>(E)) return nameOfDecl(Ref->getDecl());
  if (auto *Member = dyn_cast<MemberExpr>(E)) return nameOfMember(Member);
  if (auto *Element = dyn_cast<ArraySubscriptExpr>(E)) {
    std::string Name = nameOf(Element->getBase());
    return Name.empty() ? "" : Name + "[]";
  }
  if (auto *Call = dyn_cast<CallExpr>(E)) return nameOfCall(Call);
  if (auto *Binary = dyn_cast<BinaryOperator>(E)) return nameOfBinary(Binary);
  if (auto *Choice = dyn_cast<AbstractConditionalOperator>(E)) return nameOfChoice(Choice);
  if (auto *Statement = dyn_cast<StmtExpr>(E)) {
    const CompoundStmt *Body = Statement->getSubStmt();
    return Body->body_empty() ? "" : nameOf(dyn_cast<Expr>(Body->body_back()));
  }
  return "";
}
