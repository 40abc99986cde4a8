// SPDX-License-Identifier: Apache-2.0
//
// Expressions into instructions. A value of a struct is a reference to an object that holds it;
// whoever keeps it copies. What is not understood has an unknown value, and what went into it
// has escaped.
#include "core/Walk.h"
#include "model/Translator.h"

#include "clang/AST/RecordLayout.h"
#include "clang/Basic/Builtins.h"

using namespace clang;
using llvm::dyn_cast;
using llvm::isa;

namespace weir::model {

namespace {

constexpr int CellsMax = 64;

// A type without members here: scalars, unions, what is synchronised by, what is too large.
bool isOpaque(QualType Type);

int cellsWithin(QualType Type) {
  if (auto *Record = Type->getAsRecordDecl()) {
    int Sum = 0;
    for (const FieldDecl *Each : Record->fields())
      Sum += cellsOf(Each->getType());
    return std::max(Sum, 1);
  }
  if (auto *Array = dyn_cast<ConstantArrayType>(Type->getAsArrayTypeUnsafe()))
    return static_cast<int>(Array->getSize().getLimitedValue(CellsMax + 1)) *
           cellsOf(Array->getElementType());
  return 1;
}

bool isSyncType(const RecordDecl *Record) {
  static const llvm::StringRef Names[] = {
#define WEIR_SYNC_TYPE(name) #name,
#include "core/roles.def"
  };
  const TypedefNameDecl *Alias = Record->getTypedefNameForAnonDecl();
  llvm::StringRef Name = Alias                     ? Alias->getName()
                         : Record->getIdentifier() ? Record->getName()
                                                   : "";
  return llvm::is_contained(Names, Name);
}

bool isOpaque(QualType Type) {
  Type = Type.getCanonicalType();
  if (auto *Record = Type->getAsRecordDecl())
    return !Record->isCompleteDefinition() || Record->isUnion() || isSyncType(Record) ||
           cellsWithin(Type) > CellsMax;
  if (Type->isArrayType()) return !isa<ConstantArrayType>(Type) || cellsWithin(Type) > CellsMax;
  return true;
}

bool isWhole(QualType Type) {
  return Type->isRecordType() || Type->isArrayType();
}

// malloc or calloc, and nothing round it.
const CallExpr *allocation(const Expr *E) {
  auto *Call = dyn_cast<CallExpr>(E->IgnoreParens());
  const FunctionDecl *Callee = Call ? Call->getDirectCallee() : nullptr;
  unsigned Id = Callee ? Callee->getBuiltinID() : 0;
  return Id == Builtin::BImalloc || Id == Builtin::BIcalloc ? Call : nullptr;
}

const RecordDecl *definedRecord(QualType Pointer) {
  auto *Record = Pointer->getPointeeType()->getAsRecordDecl();
  return Record && Record->getDefinition() ? Record->getDefinition() : nullptr;
}

} // namespace

int cellsOf(QualType Type) {
  return isOpaque(Type) ? 1 : cellsWithin(Type.getCanonicalType());
}

int cellOf(const FieldDecl *Field) {
  int Sum = 0;
  for (const FieldDecl *Each : Field->getParent()->fields()) {
    if (Each == Field) break;
    Sum += cellsOf(Each->getType());
  }
  return Sum;
}

bool isLock(QualType Type) {
  auto *Alias = Type->getAs<TypedefType>();
  llvm::StringRef Name = Alias ? Alias->getDecl()->getName() : "";
  return Name == "weir_mutex" || Name == "weir_rwmutex";
}

// --- values --------------------------------------------------------------------------------------

int Translator::value(const Expr *E) {
  E = E->IgnoreParens();
  Expr::EvalResult Known;
  if (E->getType()->isIntegralOrEnumerationType() && !E->isLValue() &&
      E->EvaluateAsInt(Known, Context) && !Known.HasSideEffects)
    return constant(Known.Val.getInt().getExtValue());
  if (auto *Cast = dyn_cast<CastExpr>(E)) return valueOfCast(Cast);
  if (auto *Unary = dyn_cast<UnaryOperator>(E)) return valueOfUnary(Unary);
  if (auto *Binary = dyn_cast<BinaryOperator>(E)) return valueOfBinary(Binary);
  if (auto *Call = dyn_cast<CallExpr>(E)) return valueOfCall(Call);
  if (auto *Block = dyn_cast<BlockExpr>(E)) return valueOfBlock(Block);
  if (auto *Each = dyn_cast<ConstantExpr>(E)) return value(Each->getSubExpr());
  if (auto *Each = dyn_cast<GenericSelectionExpr>(E)) return value(Each->getResultExpr());
  if (auto *Each = dyn_cast<ChooseExpr>(E)) return value(Each->getChosenSubExpr());
  if (auto *Each = dyn_cast<ConditionalOperator>(E))
    return valueOfChoice(Each->getCond(), Each->getTrueExpr(), Each->getFalseExpr());
  if (isa<ImplicitValueInitExpr>(E) && !isWhole(E->getType())) return constant(0);
  if (auto *List = dyn_cast<InitListExpr>(E); List && !isWhole(E->getType()))
    return List->getNumInits() == 1 ? value(List->getInit(0)) : constant(0);
  if (auto *Each = dyn_cast<StmtExpr>(E)) {
    int Result = fresh();
    compound(Each->getSubStmt(), Result);
    return Result;
  }
  if (auto *Ref = dyn_cast<DeclRefExpr>(E))
    if (auto *Function = dyn_cast<FunctionDecl>(Ref->getDecl())) {
      int Slot = fresh();
      emit(Op::Code, nullptr, Slot, -1, -1, All.codeOf(Function, Function));
      return Slot;
    }
  if (auto *Atomic = dyn_cast<AtomicExpr>(E)) return valueOfAtomic(Atomic);
  if (E->isLValue() || isWhole(E->getType())) return addressOf(E);
  return others(E);
}

int Translator::others(const Expr *E) {
  std::vector<int> Given;
  forChildren(E, [&](const Stmt *Child) {
    if (auto *Part = dyn_cast<Expr>(Child)) Given.push_back(value(Part));
  });
  int Slot = fresh();
  Instr &I = emit(Op::Opaque, E, Slot, -1, -1, 1);
  I.Args = std::move(Given);
  return Slot;
}

// Others may come in before it, and what is read of them is not a choice.
int Translator::valueOfAtomic(const AtomicExpr *E) {
  emit(Op::Pause, E);
  int At = value(E->getPtr()), Old = fresh();
  QualType Type = E->getValueType();
  Location In = {Location::InMemory, At};
  switch (E->getOp()) {
  case AtomicExpr::AO__atomic_load_n:
  case AtomicExpr::AO__c11_atomic_load:
    emit(Op::Load, E, Old, At, -1, 1);
    return Old;
  case AtomicExpr::AO__atomic_store_n:
  case AtomicExpr::AO__c11_atomic_store:
    store(In, value(E->getVal1()), Type);
    return Old;
  case AtomicExpr::AO__atomic_fetch_add:
  case AtomicExpr::AO__c11_atomic_fetch_add:
  case AtomicExpr::AO__atomic_fetch_sub:
  case AtomicExpr::AO__c11_atomic_fetch_sub: {
    bool Add = E->getOp() == AtomicExpr::AO__atomic_fetch_add ||
               E->getOp() == AtomicExpr::AO__c11_atomic_fetch_add;
    int By = value(E->getVal1()), New = fresh();
    emit(Op::Load, E, Old, At, -1, 1);
    emit(Op::Binary, E, New, Old, By, Add ? BO_Add : BO_Sub);
    store(In, New, Type);
    return Old;
  }
  default: {
    int Slot = others(E);
    To->Code.back().C = 1;
    return Slot;
  }
  }
}

int Translator::valueOfCast(const CastExpr *E) {
  const Expr *Sub = E->getSubExpr();
  switch (E->getCastKind()) {
  case CK_LValueToRValue:
    return load(place(Sub), E->getType());
  case CK_NullToPointer:
    return constant(0);
  case CK_ArrayToPointerDecay:
    return addressOf(Sub);
  case CK_ToVoid: {
    int Slot = value(Sub);
    return Slot;
  }
  case CK_IntegralToBoolean:
  case CK_PointerToBoolean: {
    int From = value(Sub), Slot = fresh();
    emit(Op::Not, E, Slot, From, -1, 1);
    return Slot;
  }
  case CK_BitCast:
    if (auto *Call = allocation(Sub); Call && definedRecord(E->getType())) {
      int Slot = fresh();
      bool Zero = Call->getNumArgs() == 2;
      emit(Op::New, E, Slot, -1, Zero ? 0 : 1, cellsOf(E->getType()->getPointeeType()));
      return Slot;
    }
    if (auto *From = definedRecord(Sub->getType()))
      if (auto *To = definedRecord(E->getType()); To && From != To) return others(E);
    return value(Sub);
  case CK_NoOp:
  case CK_IntegralCast:
  case CK_FunctionToPointerDecay:
  case CK_BuiltinFnToFnPtr:
  case CK_CPointerToObjCPointerCast:
  case CK_AnyPointerToBlockPointerCast:
  case CK_AtomicToNonAtomic:
  case CK_NonAtomicToAtomic:
    return value(Sub);
  default:
    return others(E);
  }
}

int Translator::valueOfUnary(const UnaryOperator *E) {
  const Expr *Sub = E->getSubExpr();
  switch (E->getOpcode()) {
  case UO_Extension:
  case UO_Plus:
    return value(Sub);
  case UO_AddrOf:
    return addressOf(Sub);
  case UO_Deref:
    return value(Sub); // of a struct, or of a function
  case UO_LNot: {
    int From = value(Sub), Slot = fresh();
    emit(Op::Not, E, Slot, From);
    return Slot;
  }
  case UO_Minus: {
    int Zero = constant(0), From = value(Sub), Slot = fresh();
    emit(Op::Binary, E, Slot, Zero, From, BO_Sub);
    return Slot;
  }
  case UO_PreInc:
  case UO_PreDec:
  case UO_PostInc:
  case UO_PostDec: {
    Location At = place(Sub);
    int Old = load(At, Sub->getType()), One = constant(1), New = fresh();
    bool Pointer = Sub->getType()->isPointerType();
    emit(Pointer ? Op::Opaque : Op::Binary, E, New, Old, One, E->isIncrementOp() ? BO_Add : BO_Sub);
    if (Pointer) To->Code.back().Args = {Old};
    store(At, New, Sub->getType());
    if (!E->isPostfix()) return New;
    return Old;
  }
  default:
    return others(E);
  }
}

int Translator::valueOfBinary(const BinaryOperator *E) {
  if (E->isAssignmentOp()) return assigned(E);
  if (E->isLogicalOp()) return valueOfLogical(E);
  int Left = value(E->getLHS());
  if (E->getOpcode() == BO_Comma) return value(E->getRHS());
  int Right = value(E->getRHS()), Slot = fresh();
  auto *Pointer = E->getLHS()->getType()->getAs<PointerType>();
  if (Pointer && E->getOpcode() == BO_Add)
    emit(Op::Element, E, Slot, Left, Right, cellsOf(Pointer->getPointeeType()));
  else
    emit(Op::Binary, E, Slot, Left, Right, E->getOpcode());
  return Slot;
}

// Left and right have been made truth values, so that a choice is made once.
int Translator::valueOfLogical(const BinaryOperator *E) {
  int Slot = fresh();
  int Left = value(E->getLHS());
  emit(Op::Not, E->getLHS(), Slot, Left, -1, 1);
  int Negated = fresh();
  bool And = E->getOpcode() == BO_LAnd;
  emit(And ? Op::Not : Op::Move, nullptr, Negated, Slot);
  int End = branchOn(Negated, E);
  int Right = value(E->getRHS());
  emit(Op::Not, E->getRHS(), Slot, Right, -1, 1);
  land(End);
  return Slot;
}

int Translator::valueOfChoice(const Expr *If, const Expr *Then, const Expr *Else) {
  int Slot = fresh(), True = condition(If, InLoop);
  int Other = value(Else);
  emit(Op::Move, nullptr, Slot, Other);
  int End = jump();
  land(True);
  int One = value(Then);
  emit(Op::Move, nullptr, Slot, One);
  land(End);
  return Slot;
}

int Translator::valueOfBlock(const BlockExpr *E) {
  std::vector<int> Captured;
  for (const BlockDecl::Capture &Each : E->getBlockDecl()->captures()) {
    const VarDecl *Var = Each.getVariable();
    Location At = placeOfVariable(Var);
    if (Each.isByRef() || At.Is != Location::InMemory) {
      Captured.push_back(At.Is == Location::Nowhere ? unknown() : At.Slot);
      continue;
    }
    int Slot = fresh();
    if (isWhole(Var->getType())) {
      emit(Op::New, E, Slot, -1, 0, cellsOf(Var->getType()));
      emit(Op::Copy, E, Slot, At.Slot, -1, cellsOf(Var->getType()));
    } else {
      emit(Op::Load, E, Slot, At.Slot);
    }
    Captured.push_back(Slot);
  }
  int Slot = fresh();
  Instr &I = emit(Op::Closure, E, Slot, -1, -1, All.codeOf(E->getBlockDecl(), In));
  I.Args = std::move(Captured);
  return Slot;
}

int Translator::assigned(const BinaryOperator *E) {
  QualType Type = E->getLHS()->getType();
  if (E->getOpcode() == BO_Assign && Type->isRecordType()) {
    int From = value(E->getRHS()), At = addressOf(E->getLHS());
    emit(Op::Copy, E, At, From, -1, cellsOf(Type));
    return At;
  }
  if (E->getOpcode() == BO_Assign) {
    if (Path P = placeOf(E->getLHS(), Vars)) Hint = P.Text;
    int From = value(E->getRHS());
    Hint.clear();
    store(place(E->getLHS()), From, Type);
    return From;
  }
  Location At = place(E->getLHS());
  int Old = load(At, Type), By = value(E->getRHS()), New = fresh();
  auto Plain = BinaryOperator::getOpForCompoundAssignment(E->getOpcode());
  if (Type->isPointerType())
    emit(Op::Opaque, E, New, -1, -1, 1).Args = {Old};
  else
    emit(Op::Binary, E, New, Old, By, Plain);
  store(At, New, Type);
  return New;
}

// --- places --------------------------------------------------------------------------------------

int Translator::addressOf(const Expr *E) {
  E = E->IgnoreParens();
  if (auto *Ref = dyn_cast<DeclRefExpr>(E); Ref && isa<FunctionDecl>(Ref->getDecl()))
    return value(E);
  Location At = place(E);
  return At.Is == Location::InMemory ? At.Slot : unknown();
}

Translator::Location Translator::place(const Expr *E) {
  E = E->IgnoreParens();
  if (auto *Ref = dyn_cast<DeclRefExpr>(E)) {
    auto *Var = dyn_cast<VarDecl>(Ref->getDecl());
    return Var ? placeOfVariable(Var) : Location();
  }
  if (auto *Member = dyn_cast<MemberExpr>(E)) return placeOfMember(Member);
  if (auto *Element = dyn_cast<ArraySubscriptExpr>(E)) return placeOfElement(Element);
  if (auto *Unary = dyn_cast<UnaryOperator>(E)) {
    if (Unary->getOpcode() == UO_Deref) return {Location::InMemory, value(Unary->getSubExpr())};
    if (Unary->getOpcode() == UO_Extension) return place(Unary->getSubExpr());
  }
  if (auto *Cast = dyn_cast<CastExpr>(E); Cast && Cast->getCastKind() == CK_LValueToRValue)
    return place(Cast->getSubExpr());
  if (auto *Cast = dyn_cast<CastExpr>(E); Cast && Cast->getCastKind() == CK_NoOp)
    return place(Cast->getSubExpr());
  auto *Literal = dyn_cast<CompoundLiteralExpr>(E);
  const Expr *Init = Literal ? Literal->getInitializer() : E;
  if (Literal || (isa<InitListExpr>(E) && isWhole(E->getType()))) {
    int Slot = fresh();
    emit(Op::New, E, Slot, -1, 0, cellsOf(E->getType()));
    fill(Slot, E->getType(), Init);
    return {Location::InMemory, Slot};
  }
  bool Gives = isa<CallExpr, StmtExpr, ConditionalOperator, BinaryOperator>(E);
  if (Gives && E->getType()->isRecordType()) return {Location::InMemory, value(E)};
  return {};
}

Translator::Location Translator::placeOfVariable(const VarDecl *Var) {
  if (!Var->hasLocalStorage()) {
    if (Var->getTLSKind() != VarDecl::TLS_None) return {};
    int Slot = fresh();
    emit(Op::Global, nullptr, Slot, -1, -1, All.globalOf(Var));
    return {Location::InMemory, Slot};
  }
  auto Found = Slots.find(Var);
  if (Found == Slots.end()) return {};
  bool Memory = Boxed.count(Var);
  return {Memory ? Location::InMemory : Location::InSlot, Found->second};
}

Translator::Location Translator::placeOfMember(const MemberExpr *E) {
  const Expr *Base = E->getBase();
  auto *Field = dyn_cast<FieldDecl>(E->getMemberDecl());
  QualType Whole = E->isArrow() ? Base->getType()->getPointeeType() : Base->getType();
  if (!E->isArrow() && place(Base).Is != Location::InMemory) return {};
  int From = E->isArrow() ? value(Base) : place(Base).Slot;
  if (!Field || isOpaque(Whole)) return {};
  int Slot = fresh();
  emit(Op::Offset, nullptr, Slot, From, -1, cellOf(Field));
  return {Location::InMemory, Slot};
}

Translator::Location Translator::placeOfElement(const ArraySubscriptExpr *E) {
  int From = value(E->getBase()), Index = value(E->getIdx());
  auto *Decay = dyn_cast<ImplicitCastExpr>(E->getBase()->IgnoreParens());
  if (Decay && Decay->getCastKind() == CK_ArrayToPointerDecay &&
      isOpaque(Decay->getSubExpr()->getType()))
    return {};
  int Slot = fresh();
  emit(Op::Element, E, Slot, From, Index, cellsOf(E->getType()));
  return {Location::InMemory, Slot};
}

int Translator::load(Location From, QualType Type) {
  if (From.Is == Location::Nowhere) return unknown();
  if (From.Is == Location::InMemory && isWhole(Type)) return From.Slot;
  int Slot = fresh();
  emit(From.Is == Location::InSlot ? Op::Move : Op::Load, nullptr, Slot, From.Slot);
  return Slot;
}

// What is stored where nobody looks has escaped.
void Translator::store(Location At, int Slot, QualType) {
  if (At.Is == Location::InSlot)
    emit(Op::Move, nullptr, At.Slot, Slot);
  else if (At.Is == Location::InMemory)
    emit(Op::Store, nullptr, Slot, At.Slot);
  else
    emit(Op::Opaque, nullptr, fresh(), -1, -1, 1).Args = {Slot};
}

// The object has just been made, all zero.
void Translator::fill(int Reference, QualType Type, const Expr *From) {
  From = From->IgnoreParens();
  auto *Literal = dyn_cast<CompoundLiteralExpr>(From->IgnoreImpCasts());
  if (Literal && isWhole(Type)) From = Literal->getInitializer();
  if (isa<ImplicitValueInitExpr, StringLiteral>(From)) return;
  auto *List = dyn_cast<InitListExpr>(From);
  if (List && isWhole(Type)) return fillList(Reference, Type, List);
  int Slot = value(From);
  if (isWhole(Type))
    emit(Op::Copy, From, Reference, Slot, -1, cellsOf(Type));
  else
    emit(Op::Store, From, Slot, Reference);
}

void Translator::fillList(int Reference, QualType Type, const InitListExpr *From) {
  auto *Record = Type->getAsRecordDecl();
  if (isOpaque(Type)) {
    for (const Expr *Each : From->inits())
      if (!isWhole(Each->getType())) {
        int Given = value(Each);
        emit(Op::Opaque, Each, fresh(), -1, -1, 1).Args = {Given};
      }
    return;
  }
  auto Part = [&](int64_t Cell, QualType Of, const Expr *Init) {
    if (isa<ImplicitValueInitExpr>(Init)) return;
    int Slot = fresh();
    emit(Op::Offset, nullptr, Slot, Reference, -1, Cell);
    fill(Slot, Of, Init);
  };
  if (!Record) {
    QualType Of = Context.getAsArrayType(Type)->getElementType();
    for (unsigned I = 0; I < From->getNumInits(); ++I)
      Part(I * cellsOf(Of), Of, From->getInit(I));
    return;
  }
  unsigned Number = 0;
  for (const FieldDecl *Each : Record->fields()) {
    if (Each->isUnnamedBitField()) continue;
    if (Number == From->getNumInits()) return;
    const Expr *Init = From->getInit(Number++);
    Hint = Each->getNameAsString();
    Part(cellOf(Each), Each->getType(), Init);
  }
}

} // namespace weir::model
