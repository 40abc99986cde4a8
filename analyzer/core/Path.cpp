// SPDX-License-Identifier: Apache-2.0
//
// A walk down the expression. Variables of Weir's macros, and locals that keep a value which itself
// does not change, are read through to that value.
#include "core/Path.h"
#include "core/Walk.h"

using namespace clang;
using llvm::dyn_cast;
using llvm::isa;

namespace weir {

namespace {

constexpr int DepthMax = 12;

// The expression that the statement changes, or gives away the address of.
const Expr *changedBy(const Stmt *S) {
  if (auto *E = dyn_cast<BinaryOperator>(S); E && E->isAssignmentOp()) return E->getLHS();
  if (auto *E = dyn_cast<UnaryOperator>(S);
      E && (E->isIncrementDecrementOp() || E->getOpcode() == UO_AddrOf))
    return E->getSubExpr();
  return nullptr;
}

bool isOfMacro(const VarDecl *Var) {
  return Var->getIdentifier() && Var->getName().starts_with("weir_") && Var->hasLocalStorage() &&
         Var->getLocation().isMacroID();
}

Path ofVariable(const VarDecl *Var) {
  Var = Var->getCanonicalDecl();
  return {nameInKey(Var), Var->getNameAsString(), Var};
}

Path ofMember(const MemberExpr *Member, const Variables &Vars, int Depth) {
  auto *Field = dyn_cast<FieldDecl>(Member->getMemberDecl());
  const Expr *Base = Member->getBase();
  Path P = Member->isArrow() ? pointeeOf(Base, Vars, Depth) : placeOf(Base, Vars, Depth);
  if (!P || !Field) return {};
  if (Field->isAnonymousStructOrUnion()) return P;
  bool Arrow = llvm::StringRef(P.Text).starts_with("*");
  P.Text = Arrow ? P.Text.substr(1) + "->" : P.Text + ".";
  P.Text += Field->getNameAsString();
  P.Key += "." + Field->getNameAsString();
  P.Field = Field;
  return P;
}

// An element has a path if its index is a constant or a variable.
Path ofElement(const ArraySubscriptExpr *Element, const Variables &Vars, int Depth) {
  Path P = pointeeOf(Element->getBase(), Vars, Depth);
  const Expr *Index = stripped(Element->getIdx());
  std::string Key, Text;
  if (auto *Number = dyn_cast<IntegerLiteral>(Index)) {
    Key = Text = std::to_string(Number->getValue().getLimitedValue());
  } else if (Path At = placeOf(Index, Vars, Depth); At && isa<DeclRefExpr, MemberExpr>(Index)) {
    Key = At.Key;
    Text = At.Text;
  }
  if (!P || Key.empty()) return {};
  if (llvm::StringRef(P.Text).starts_with("*")) P.Text.erase(0, 1);
  if (Key != "0" || !llvm::StringRef(P.Key).ends_with("*")) P.Key += "[" + Key + "]";
  P.Text += "[" + Text + "]";
  return P;
}

// A call with the same arguments is taken to give the same object.
Path ofCall(const CallExpr *Call, const Variables &Vars, int Depth) {
  const FunctionDecl *Callee = Call->getDirectCallee();
  if (!Callee || !Callee->getIdentifier()) return {};
  Path P{"f" + std::to_string(reinterpret_cast<uintptr_t>(Callee->getCanonicalDecl())) + "(",
         "*" + Callee->getNameAsString() + "("};
  for (const Expr *Argument : Call->arguments()) {
    Path A = placeOf(stripped(Argument), Vars, Depth);
    if (!A) A = pointeeOf(Argument, Vars, Depth);
    if (!A) return {};
    P.Key += A.Key + ",";
    if (P.Text.back() != '(') P.Text += ", ";
    P.Text += A.Text;
    P.Root = A.Root;
  }
  P.Key += ")";
  P.Text += ")";
  return P;
}

} // namespace

const Expr *stripped(const Expr *E) {
  for (;;) {
    const Expr *Inner = E->IgnoreParenCasts();
    if (auto *Opaque = dyn_cast<OpaqueValueExpr>(Inner); Opaque && Opaque->getSourceExpr())
      Inner = Opaque->getSourceExpr();
    if (auto *Unary = dyn_cast<UnaryOperator>(Inner); Unary && Unary->getOpcode() == UO_Extension)
      Inner = Unary->getSubExpr();
    if (auto *Statement = dyn_cast<StmtExpr>(Inner)) {
      const CompoundStmt *Body = Statement->getSubStmt();
      auto *Last = Body->body_empty() ? nullptr : dyn_cast<Expr>(Body->body_back());
      if (Last) Inner = Last;
    }
    if (Inner == E) return E;
    E = Inner;
  }
}

Variables::Variables(const Stmt *Body) {
  walk(Body, [this](const Stmt *S) {
    const Expr *To = changedBy(S);
    auto *Ref = To ? dyn_cast<DeclRefExpr>(To->IgnoreParens()) : nullptr;
    auto *Var = Ref ? dyn_cast<VarDecl>(Ref->getDecl()) : nullptr;
    if (Var) Changed.insert(Var->getCanonicalDecl());
  });
}

const Expr *Variables::valueOf(const VarDecl *Var) const {
  if (!Var->hasLocalStorage() || isa<ParmVarDecl>(Var) || !Var->getInit()) return nullptr;
  if (isOfMacro(Var)) return Var->getInit();
  if (!isFixed(Var->getCanonicalDecl())) return nullptr;
  const Expr *Value = stripped(Var->getInit());
  if (auto *Address = dyn_cast<UnaryOperator>(Value); Address && Address->getOpcode() == UO_AddrOf)
    Value = stripped(Address->getSubExpr());
  // Only down to variables that do not change either; what a pointer leads to may.
  while (auto *Member = dyn_cast<MemberExpr>(Value)) {
    bool Leads = Member->isArrow();
    Value = stripped(Member->getBase());
    if (Leads && !isa<DeclRefExpr>(Value)) return nullptr;
  }
  auto *Ref = dyn_cast<DeclRefExpr>(Value);
  auto *From = Ref ? dyn_cast<VarDecl>(Ref->getDecl()) : nullptr;
  bool Address = isa<UnaryOperator>(stripped(Var->getInit()));
  bool Whole = stripped(Var->getInit()) == Value;
  if (!From || !(Address || Whole)) return nullptr;
  return From->hasLocalStorage() && isFixed(From->getCanonicalDecl())             ? Var->getInit()
         : From->hasGlobalStorage() && Address && From->getType()->isRecordType() ? Var->getInit()
                                                                                  : nullptr;
}

std::string nameInKey(const VarDecl *Var) {
  return "v" + std::to_string(reinterpret_cast<uintptr_t>(Var->getCanonicalDecl())) + "v";
}

Path placeOf(const Expr *E, const Variables &Vars, int Depth) {
  if (++Depth > DepthMax) return {};
  E = stripped(E);
  if (auto *Ref = dyn_cast<DeclRefExpr>(E)) {
    auto *Var = dyn_cast<VarDecl>(Ref->getDecl());
    if (!Var) return {};
    const Expr *Value = isOfMacro(Var) ? Var->getInit() : nullptr;
    return Value ? placeOf(Value, Vars, Depth) : ofVariable(Var);
  }
  if (auto *Member = dyn_cast<MemberExpr>(E)) return ofMember(Member, Vars, Depth);
  if (auto *Element = dyn_cast<ArraySubscriptExpr>(E)) return ofElement(Element, Vars, Depth);
  if (auto *Unary = dyn_cast<UnaryOperator>(E); Unary && Unary->getOpcode() == UO_Deref)
    return pointeeOf(Unary->getSubExpr(), Vars, Depth);
  return {};
}

Path pointeeOf(const Expr *E, const Variables &Vars, int Depth) {
  if (++Depth > DepthMax) return {};
  const Expr *Plain = stripped(E);
  if (auto *Unary = dyn_cast<UnaryOperator>(Plain); Unary && Unary->getOpcode() == UO_AddrOf)
    return placeOf(Unary->getSubExpr(), Vars, Depth);
  if (Plain->getType()->isArrayType()) return placeOf(Plain, Vars, Depth);
  if (auto *Ref = dyn_cast<DeclRefExpr>(Plain))
    if (auto *Var = dyn_cast<VarDecl>(Ref->getDecl()))
      if (const Expr *Value = Vars.valueOf(Var)) return pointeeOf(Value, Vars, Depth);
  if (auto *Call = dyn_cast<CallExpr>(Plain)) return ofCall(Call, Vars, Depth);
  Path P = placeOf(Plain, Vars, Depth);
  if (!P || !Plain->getType()->isPointerType()) return {};
  P.Key += "*";
  P.Text = "*" + P.Text;
  return P;
}

bool isOuter(const Path &P, const FunctionDecl *In, const Variables &Vars, OuterPath *Out) {
  if (!P.Root || P.Key[0] != 'v') return false;
  std::string Name = nameInKey(P.Root);
  if (P.Root->hasGlobalStorage() && !P.Root->isStaticLocal())
    return *Out = {-1, P.Key, P.Root, P.Field}, P.Key.find('v', Name.size()) == std::string::npos;
  auto *Parameter = dyn_cast<ParmVarDecl>(P.Root);
  if (!Parameter || !Vars.isFixed(Parameter->getCanonicalDecl())) return false;
  if (P.Key.size() <= Name.size() || P.Key[Name.size()] != '*') return false;
  for (unsigned I = 0; I < In->getNumParams(); ++I)
    if (In->getParamDecl(I)->getCanonicalDecl() == Parameter->getCanonicalDecl()) {
      *Out = {static_cast<int>(I), P.Key.substr(Name.size() + 1), nullptr, P.Field};
      return Out->Rest.find("[v") == std::string::npos;
    }
  return false;
}

Path fromCallee(const OuterPath &P, llvm::StringRef Text, const Expr *Argument,
                const Variables &Vars) {
  if (P.Number < 0) return {P.Rest, Text.str(), P.Root, P.Field};
  Path Made = pointeeOf(Argument, Vars);
  if (!Made || P.Rest.empty()) return Made;
  bool Member = P.Rest[0] == '.' && P.Rest.find_first_of("*[") == std::string::npos;
  if (!Member)
    Made.Text = Text.str();
  else if (Made.Text[0] == '*')
    Made.Text = Made.Text.substr(1) + "->" + P.Rest.substr(1);
  else
    Made.Text += P.Rest;
  Made.Key += P.Rest;
  Made.Field = P.Field;
  return Made;
}

} // namespace weir
