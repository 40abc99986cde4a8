// SPDX-License-Identifier: Apache-2.0
//
// A site is the constant `static const struct weir_site weir_site_ = {name, ...}`
// that a macro of Weir leaves in an expression. Here its name, the text of an
// expression or nothing, becomes the name of what is declared, by rewriting the
// initializer before code is generated from it.
//
// The visitor keeps the path from the top-level declaration to where it is; from a
// site it looks *up* that path to the call (or struct weir_case) that the site is an
// argument of. Which calls there are is not listed, so new macros work unseen:
//
//  - a call that returns a pointer creates the object: it is named by where the
//    result is stored: the variable, field or element, the parameter it is
//    passed for, or the function that returns it;
//  - the start of a goroutine is named by its function;
//  - any other call uses the object that its first argument points to.
//
// A site that cannot be named keeps the macro's text and is not flagged. Sites in
// blocks also get the enclosing function's name for clang's block_invoke name.
#include "plugin/SiteNamer.h"
#include "plugin/ExprName.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/RecursiveASTVisitor.h"

using namespace clang;
using llvm::dyn_cast;
using llvm::isa;

namespace {

enum SiteField { SiteName, SiteFunc, SiteFile, SiteLine, SiteFlags, SiteFields };
constexpr unsigned NamedByPlugin = 1; // WEIR_SITE_NAMED_BY_PLUGIN

struct Node {
  const Decl *D;
  const Stmt *S;
};

template <class T> const T *as(const Node &N) {
  if constexpr (std::is_base_of_v<Decl, T>)
    return llvm::dyn_cast_or_null<T>(N.D);
  else
    return llvm::dyn_cast_or_null<T>(N.S);
}

const RecordDecl *pointedRecord(QualType Type) {
  return Type->isPointerType() ? Type->getPointeeType()->getAsRecordDecl() : nullptr;
}

bool isRecord(const RecordDecl *Record, llvm::StringRef Name) {
  return Record && Record->getIdentifier() && Record->getName() == Name;
}

template <class List> List *semantic(List *L) {
  return L->isSemanticForm() || !L->getSemanticForm() ? L : L->getSemanticForm();
}

class SiteVisitor : public RecursiveASTVisitor<SiteVisitor> {
  using Base = RecursiveASTVisitor<SiteVisitor>;

public:
  explicit SiteVisitor(ASTContext &Context) : Context(Context) {}

  bool shouldVisitTemplateInstantiations() const { return true; }

  bool TraverseDecl(Decl *D) {
    Path.push_back({D, nullptr});
    bool Continue = Base::TraverseDecl(D);
    Path.pop_back();
    return Continue;
  }
  bool TraverseStmt(Stmt *S) {
    Path.push_back({nullptr, S});
    bool Continue = Base::TraverseStmt(S);
    Path.pop_back();
    return Continue;
  }
  // A list as the compiler understands it: one member for each field or element.
  bool TraverseInitListExpr(InitListExpr *List, DataRecursionQueue * = nullptr) {
    for (Stmt *Member : semantic(List)->children())
      if (!TraverseStmt(Member)) return false;
    return true;
  }
  bool VisitVarDecl(VarDecl *Var);

private:
  std::string nameOfSite() const;
  std::string nameOfCallSite(size_t At, const CallExpr *Call) const;
  std::string nameOfKeptSite(size_t At) const;
  std::string nameOfEntry(const Expr *Block) const;
  std::string destination(size_t At) const;
  std::string destinationIn(const InitListExpr *List, const Node &Child, std::string *Suffix) const;
  std::string nameOfParameter(const CallExpr *Call, const Stmt *Argument) const;
  std::string nameOfBoundParameter(size_t At, const VarDecl *Argument) const;
  const FunctionDecl *enclosingFunction(bool *InBlock) const;
  Expr *makeText(llvm::StringRef Text, QualType Type, SourceLocation At) const;
  Expr *makeNumber(unsigned Value, QualType Type, SourceLocation At) const;

  ASTContext &Context;
  llvm::SmallVector<Node, 64> Path;
};

// --- looking up from a site ---------------------------------------------------

// The path ends with the site's variable. The nearest call or initializer above the
// statement expression of WEIR_SITE is what the site is for.
std::string SiteVisitor::nameOfSite() const {
  for (size_t At = Path.size() - 1; At-- > 0;) {
    if (auto *Call = as<CallExpr>(Path[At])) return nameOfCallSite(At, Call);
    if (auto *List = as<InitListExpr>(Path[At])) {
      List = semantic(List);
      const RecordDecl *Record = List->getType()->getAsRecordDecl();
      if (!isRecord(Record, "weir_case")) return "";
      unsigned Index = 0;
      for (const FieldDecl *Field : Record->fields()) {
        if (Field->getName() == "ch" && Index < List->getNumInits())
          return weir::nameOf(List->getInit(Index));
        ++Index;
      }
    }
    if (as<VarDecl>(Path[At])) return nameOfKeptSite(At);
    if (as<FunctionDecl>(Path[At]) || as<BlockDecl>(Path[At])) return "";
  }
  return "";
}

std::string SiteVisitor::nameOfCallSite(size_t At, const CallExpr *Call) const {
  if (Call->getType()->isPointerType()) return destination(At);
  if (Call->getNumArgs() < 2) return "";
  const Expr *Object = Call->getArg(0);
  if (isa<BlockExpr>(Object->IgnoreParenCasts())) return nameOfEntry(Object);
  const FunctionDecl *Callee = Call->getDirectCallee();
  if (Callee && Callee->getIdentifier() && Callee->getName() == "weir_go_start_")
    return nameOfEntry(Object);
  const RecordDecl *Record = pointedRecord(Object->IgnoreImplicit()->getType());
  if (isRecord(Record, "weir_case")) return ""; // weir_select_
  return weir::nameOf(Object);
}

// `const struct weir_site *weir_wg_site_ = WEIR_SITE(..)`: the site of the object that
// the macro's declaration right before it holds.
std::string SiteVisitor::nameOfKeptSite(size_t At) const {
  if (At < 2) return "";
  auto *Declaration = as<DeclStmt>(Path[At - 1]);
  auto *Body = as<CompoundStmt>(Path[At - 2]);
  if (!Declaration || !Body) return "";
  const Stmt *Previous = nullptr;
  for (const Stmt *S : Body->body()) {
    if (S == Declaration) break;
    Previous = S;
  }
  auto *Before = llvm::dyn_cast_or_null<DeclStmt>(Previous);
  auto *Var =
      Before && Before->isSingleDecl() ? dyn_cast<VarDecl>(Before->getSingleDecl()) : nullptr;
  const Expr *Value = Var ? weir::macroTemporaryValue(Var) : nullptr;
  return Value ? weir::nameOf(Value) : "";
}

// A goroutine starts with a block. That of weir_go(fn, ..) calls the macro's variable
// weir_f_t, made from fn; a block that the user wrote is named by where it stands.
std::string SiteVisitor::nameOfEntry(const Expr *E) const {
  E = E->IgnoreParenCasts();
  if (auto *Ref = dyn_cast<DeclRefExpr>(E)) {
    auto *Var = dyn_cast<VarDecl>(Ref->getDecl());
    const Expr *Value = Var ? weir::macroTemporaryValue(Var) : nullptr;
    return Value ? nameOfEntry(Value) : weir::nameOf(E);
  }
  auto *Block = dyn_cast<BlockExpr>(E);
  if (!Block) return weir::nameOf(E);
  for (const Stmt *S : Block->getBody()->children()) {
    auto *Value = llvm::dyn_cast_or_null<Expr>(S);
    if (auto *Kept = llvm::dyn_cast_or_null<DeclStmt>(S); Kept && Kept->isSingleDecl())
      if (auto *Var = dyn_cast<VarDecl>(Kept->getSingleDecl())) Value = Var->getInit();
    auto *Call = Value ? dyn_cast<CallExpr>(Value->IgnoreParenCasts()) : nullptr;
    auto *Ref = Call ? dyn_cast<DeclRefExpr>(Call->getCallee()->IgnoreParenCasts()) : nullptr;
    if (Ref && Ref->getDecl()->getName().starts_with("weir_f_")) return nameOfEntry(Ref);
  }
  bool InBlock;
  const FunctionDecl *Function = enclosingFunction(&InBlock);
  return Function ? Function->getNameAsString() + ".block" : "";
}

// --- where a created object goes ------------------------------------------------

bool passesValueOn(const Node &Parent, const Node &Child, const Node *Above) {
  const Stmt *S = Parent.S;
  if (isa<ParenExpr, CastExpr, StmtExpr, DeclStmt, CompoundLiteralExpr, DesignatedInitExpr,
          FullExpr, OpaqueValueExpr, GenericSelectionExpr, ChooseExpr>(S))
    return true;
  if (auto *Unary = dyn_cast<UnaryOperator>(S)) return Unary->getOpcode() == UO_Extension;
  if (auto *Choice = dyn_cast<AbstractConditionalOperator>(S)) return Choice->getCond() != Child.S;
  if (auto *Binary = dyn_cast<BinaryOperator>(S))
    return Binary->getOpcode() == BO_Comma && Binary->getRHS() == Child.S;
  if (auto *Body = dyn_cast<CompoundStmt>(S))
    return Child.S && Above && as<StmtExpr>(*Above) && Body->body_back() == Child.S;
  return false;
}

const FieldDecl *fieldOf(const InitListExpr *List, const Stmt *Member) {
  const RecordDecl *Record = List->getType()->getAsRecordDecl();
  if (!Record || Record->isUnion()) return List->getInitializedFieldInUnion();
  unsigned Index = 0;
  for (const FieldDecl *Field : Record->fields()) {
    if (Field->isUnnamedBitField()) continue;
    if (Index < List->getNumInits() && List->getInit(Index) == Member) return Field;
    ++Index;
  }
  return nullptr;
}

std::string SiteVisitor::destination(size_t At) const {
  std::string Suffix;
  for (; At > 0; --At) {
    const Node &Child = Path[At], &Parent = Path[At - 1];
    if (auto *Var = as<VarDecl>(Parent))
      return !weir::macroTemporaryValue(Var) ? Var->getNameAsString() + Suffix
             : Suffix.empty()                ? nameOfBoundParameter(At - 1, Var)
                                             : "";
    if (!Parent.S) return "";
    if (auto *List = as<InitListExpr>(Parent)) {
      std::string Name = destinationIn(List, Child, &Suffix);
      if (!Name.empty()) return Name;
      if (Suffix.empty()) return "";
      continue;
    }
    if (auto *Assign = as<BinaryOperator>(Parent); Assign && Assign->getOpcode() == BO_Assign) {
      std::string Name = Assign->getRHS() == Child.S ? weir::nameOf(Assign->getLHS()) : "";
      return Name.empty() ? "" : Name + Suffix;
    }
    if (as<ReturnStmt>(Parent)) {
      bool InBlock;
      const FunctionDecl *Function = enclosingFunction(&InBlock);
      return Function && !InBlock && Suffix.empty() ? Function->getNameAsString() + "()" : "";
    }
    if (auto *Call = as<CallExpr>(Parent))
      return Suffix.empty() ? nameOfParameter(Call, Child.S) : "";
    if (!passesValueOn(Parent, Child, At > 1 ? &Path[At - 2] : nullptr)) return "";
  }
  return "";
}

// The field that a member of an initializer list is for; or extends *Suffix by what
// is known, and the list's own destination gives the rest.
std::string SiteVisitor::destinationIn(const InitListExpr *List, const Node &Child,
                                       std::string *Suffix) const {
  List = semantic(List);
  if (List->getType()->isArrayType()) {
    *Suffix = "[]" + *Suffix;
    return "";
  }
  const FieldDecl *Field = fieldOf(List, Child.S);
  if (!Field) {
    Suffix->clear();
    return "";
  }
  std::string Name = weir::nameOfField(Field);
  if (!Name.empty()) return Name + *Suffix;
  if (!Field->isAnonymousStructOrUnion()) *Suffix = "." + Field->getNameAsString() + *Suffix;
  return "";
}

std::string SiteVisitor::nameOfParameter(const CallExpr *Call, const Stmt *Argument) const {
  const FunctionDecl *Callee = Call->getDirectCallee();
  if (!Callee || !Callee->getIdentifier() || Callee->getName().starts_with("weir_")) return "";
  for (unsigned I = 0; I < Call->getNumArgs() && I < Callee->getNumParams(); ++I)
    if (Call->getArg(I) == Argument) return Callee->getParamDecl(I)->getNameAsString();
  return "";
}

// An argument of weir_go, weir_defer and their like: the macro's variable weir_a2_t beside
// weir_f_t, which is the function. Named after its parameter, as in a plain call.
std::string SiteVisitor::nameOfBoundParameter(size_t At, const VarDecl *Argument) const {
  llvm::StringRef Rest = Argument->getName();
  unsigned Number = 0;
  if (At < 2 || !Rest.consume_front("weir_a") || Rest.consumeInteger(10, Number) || !Number)
    return "";
  auto *Body = as<CompoundStmt>(Path[At - 2]);
  if (!Body) return "";
  std::string Function = ("weir_f" + Rest).str();
  for (const Stmt *S : Body->body()) {
    auto *Declaration = dyn_cast<DeclStmt>(S);
    if (!Declaration || !Declaration->isSingleDecl()) continue;
    auto *Var = dyn_cast<VarDecl>(Declaration->getSingleDecl());
    if (!Var || Var->getName() != Function || !Var->getInit()) continue;
    const Expr *Value = Var->getInit()->IgnoreParenImpCasts();
    if (auto *Address = dyn_cast<UnaryOperator>(Value);
        Address && Address->getOpcode() == UO_AddrOf)
      Value = Address->getSubExpr()->IgnoreParenImpCasts();
    auto *Ref = dyn_cast<DeclRefExpr>(Value);
    auto *Callee = Ref ? dyn_cast<FunctionDecl>(Ref->getDecl()) : nullptr;
    if (!Callee || Number > Callee->getNumParams()) return "";
    return Callee->getParamDecl(Number - 1)->getNameAsString();
  }
  return "";
}

const FunctionDecl *SiteVisitor::enclosingFunction(bool *InBlock) const {
  *InBlock = false;
  for (size_t At = Path.size(); At-- > 0;) {
    if (as<BlockDecl>(Path[At])) *InBlock = true;
    if (auto *Function = as<FunctionDecl>(Path[At])) return Function;
  }
  return nullptr;
}

// --- rewriting -------------------------------------------------------------------

Expr *SiteVisitor::makeText(llvm::StringRef Text, QualType Type, SourceLocation At) const {
  QualType Array = Context.getStringLiteralArrayType(Context.CharTy, Text.size());
  Expr *Literal =
      StringLiteral::Create(Context, Text, StringLiteralKind::Ordinary, false, Array, At);
  return ImplicitCastExpr::Create(Context, Type, CK_ArrayToPointerDecay, Literal, nullptr,
                                  VK_PRValue, FPOptionsOverride());
}

Expr *SiteVisitor::makeNumber(unsigned Value, QualType Type, SourceLocation At) const {
  llvm::APInt Bits(Context.getIntWidth(Type), Value);
  return IntegerLiteral::Create(Context, Bits, Type, At);
}

bool SiteVisitor::VisitVarDecl(VarDecl *Var) {
  if (!Var->isStaticLocal() || !Var->getIdentifier() || Var->getName() != "weir_site_" ||
      !isRecord(Var->getType()->getAsRecordDecl(), "weir_site"))
    return true;
  auto *Init = llvm::dyn_cast_or_null<InitListExpr>(Var->getInit());
  if (!Init || Init->getNumInits() != SiteFields) return true;
  SourceLocation At = Init->getBeginLoc();
  bool InBlock;
  const FunctionDecl *Function = enclosingFunction(&InBlock);
  if (Function && InBlock)
    Init->setInit(SiteFunc,
                  makeText(Function->getNameAsString(), Init->getInit(SiteFunc)->getType(), At));
  std::string Name = nameOfSite();
  if (!Name.empty()) {
    Init->setInit(SiteName, makeText(Name, Init->getInit(SiteName)->getType(), At));
    Init->setInit(SiteFlags, makeNumber(NamedByPlugin, Init->getInit(SiteFlags)->getType(), At));
  }
  Var->setInit(Init); // drops a value computed from the old text
  return true;
}

class SiteConsumer : public ASTConsumer {
public:
  void Initialize(ASTContext &TheContext) override { Context = &TheContext; }
  bool HandleTopLevelDecl(DeclGroupRef Group) override {
    if (!mayHaveSites()) return true;
    for (Decl *D : Group)
      SiteVisitor(*Context).TraverseDecl(D);
    return true;
  }

private:
  // Code that does not know Weir is not searched: nobody has written the word.
  bool mayHaveSites() {
    if (!WordSeen) WordSeen = Context->Idents.find("weir_site_") != Context->Idents.end();
    return WordSeen;
  }

  bool WordSeen = false;
  ASTContext *Context = nullptr;
};

} // namespace

std::unique_ptr<ASTConsumer> weir::makeSiteNamer() {
  return std::make_unique<SiteConsumer>();
}
