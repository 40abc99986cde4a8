// SPDX-License-Identifier: Apache-2.0
//
// sync-copy: a lock, wait group or the like that is copied, alone or in a struct: passed or taken
// by value, assigned, returned. The copy is another lock, in whatever state the first was in.
//
// Not a copy of one: a fresh value (compound literal, constant template), and a local variable on
// its way to where it will live, as long as nobody was given its address.
#include "checks/Patterns.h"
#include "core/Walk.h"

using namespace clang;
using llvm::dyn_cast;
using llvm::isa;

namespace weir {

namespace {

constexpr llvm::StringLiteral Types[] = {
#define WEIR_SYNC_TYPE(name) #name,
#include "core/roles.def"
};

llvm::StringRef nameOf(const RecordDecl *Record) {
  if (!Record->getName().empty()) return Record->getName();
  const TypedefNameDecl *Typedef = Record->getTypedefNameForAnonDecl();
  return Typedef ? Typedef->getName() : "";
}

// The kind of object that the type holds; "" if none.
llvm::StringRef syncIn(QualType Type) {
  const RecordDecl *Record = Type.getCanonicalType()->getAsRecordDecl();
  if (!Record || !(Record = Record->getDefinition())) return "";
  if (llvm::is_contained(Types, nameOf(Record))) return nameOf(Record);
  for (const FieldDecl *Field : Record->fields()) {
    QualType Of = Field->getType();
    while (const ArrayType *Array = Of->getAsArrayTypeUnsafe())
      Of = Array->getElementType();
    if (llvm::StringRef Found = syncIn(Of); !Found.empty()) return Found;
  }
  return "";
}

class Copies {
public:
  Copies(Unit &U, const FunctionDecl *Function)
      : U(U), Function(Function), Vars(Function->getBody()) {}

  void body() {
    walk(Function->getBody(), [this](const Stmt *S) {
      if (auto *Declared = dyn_cast<DeclStmt>(S)) declared(Declared);
      if (auto *Cast = dyn_cast<CStyleCastExpr>(S); Cast && Cast->getType()->isVoidType())
        Ignored.insert(stripped(Cast->getSubExpr()));
      if (auto *Cast = dyn_cast<ImplicitCastExpr>(S)) read(Cast);
    });
  }
  void parameters() {
    for (const ParmVarDecl *Each : Function->parameters())
      if (llvm::StringRef Kind = syncIn(Each->getType()); !Kind.empty())
        report(Each->getLocation(), "'" + Each->getNameAsString() + "'" +
                                        whatItIs(Each->getType(), Kind) +
                                        " is passed by value: the function gets a copy");
  }

private:
  // `kept = s->lock; memset(s, 0, sizeof *s); s->lock = kept;`: it goes back where it was.
  void declared(const DeclStmt *Statement) {
    for (const Decl *Each : Statement->decls()) {
      auto *Var = dyn_cast<VarDecl>(Each);
      if (!Var || !Var->getInit() || !Var->getType()->isRecordType()) continue;
      const Expr *From = stripped(Var->getInit());
      if (Path P = placeOf(From, Vars); P && goesBack(Var, P)) Ignored.insert(From);
    }
  }
  bool goesBack(const VarDecl *Var, const Path &Home) const {
    bool Any = false;
    walkOf<BinaryOperator>(Function->getBody(), [&](const BinaryOperator *E) {
      if (E->getOpcode() != BO_Assign) return;
      auto *Ref = dyn_cast<DeclRefExpr>(stripped(E->getRHS()));
      Any |= Ref && Ref->getDecl() == Var && placeOf(E->getLHS(), Vars).Key == Home.Key;
    });
    return Any;
  }
  void read(const ImplicitCastExpr *Cast) {
    if (Cast->getCastKind() != CK_LValueToRValue || !Cast->getType()->isRecordType()) return;
    const Expr *From = stripped(Cast->getSubExpr());
    if (Ignored.count(From) || isFresh(From)) return;
    llvm::StringRef Kind = syncIn(Cast->getType());
    if (Kind.empty()) return;
    Path P = placeOf(From, Vars);
    report(From->getExprLoc(), (P ? "'" + P.Text + "'" : "this") + whatItIs(Cast->getType(), Kind) +
                                   " is copied: the copy is another one, and whoever waits for "
                                   "the first knows nothing of it");
  }
  std::string whatItIs(QualType Type, llvm::StringRef Kind) const {
    bool Itself = nameOf(Type.getCanonicalType()->getAsRecordDecl()) == Kind;
    return Itself ? ", a " + Kind.str() + "," : ", with a " + Kind.str() + " in it,";
  }
  bool isFresh(const Expr *From) const {
    if (isa<CompoundLiteralExpr, InitListExpr>(From) || From->getType().isConstQualified())
      return true;
    auto *Ref = dyn_cast<DeclRefExpr>(From);
    auto *Var = Ref ? dyn_cast<VarDecl>(Ref->getDecl()) : nullptr;
    return Var && Var->hasLocalStorage() && !isa<ParmVarDecl>(Var) && !isUsed(Var);
  }
  // Its address, or that of a member, was taken.
  bool isUsed(const VarDecl *Var) const;
  void report(SourceLocation At, const std::string &Text) {
    U.Out.add({Check::SyncCopy, Certainty::Likely, Text, {{At, "", Function}}});
  }

  Unit &U;
  const FunctionDecl *Function;
  Variables Vars;
  llvm::DenseSet<const Expr *> Ignored;
};

bool Copies::isUsed(const VarDecl *Var) const {
  bool Any = false;
  walkOf<UnaryOperator>(Function->getBody(), [&](const UnaryOperator *E) {
    if (E->getOpcode() != UO_AddrOf) return;
    const Expr *Of = stripped(E->getSubExpr());
    while (auto *Member = dyn_cast<MemberExpr>(Of))
      Of = stripped(Member->getBase());
    auto *Ref = dyn_cast<DeclRefExpr>(Of);
    Any |= Ref && Ref->getDecl() == Var;
  });
  return Any;
}

} // namespace

void checkCopies(Unit &U, const FunctionInfo &Info) {
  Copies Of(U, Info.Function);
  Of.parameters();
  Of.body();
}

} // namespace weir
