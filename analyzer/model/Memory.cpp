// SPDX-License-Identifier: Apache-2.0
//
// Objects and cells: what has escaped, or lies outside of what is known, reads as unknown, and
// what is written there escapes.
#include "model/Machine.h"

#include <cerrno>

using namespace clang;
using llvm::dyn_cast;

namespace weir::model {

Value Machine::load(World &W, const Value &From) {
  if (!From.isRef()) return W.unknown();
  const Object &O = W.at(From);
  bool Inside = From.N >= 0 && From.N < static_cast<int64_t>(O.Cells.size());
  if (O.Is == Object::Plain && !O.Escaped && Inside) return O.Cells[From.N];
  W.escape(From);
  return W.unknown();
}

void Machine::store(World &W, const Value &To, const Value &What) {
  if (To.isRef()) {
    Object &O = W.at(To);
    bool Inside = To.N >= 0 && To.N < static_cast<int64_t>(O.Cells.size());
    if (O.Is == Object::Plain && !O.Escaped && Inside) {
      O.Cells[To.N] = What;
      return;
    }
    W.escape(To);
  }
  W.escape(What);
}

Value Machine::element(World &W, const Value &From, const Value &Index, int64_t Size) {
  bool Known = From.isRef() && Index.Is == Value::Int && Index.N >= -64 && Index.N <= 64;
  if (!Known) {
    W.escape(From);
    return W.unknown();
  }
  return {Value::Ref, From.At, From.N + Index.N * Size};
}

void Machine::memory(World &W, Goroutine &G, const Instr &I) {
  std::vector<Value> &S = G.top().Slots;
  switch (I.What) {
  case Op::Const:
    S[I.A] = Value::number(I.K);
    break;
  case Op::Unknown:
    S[I.A] = W.unknown();
    break;
  case Op::Code:
    S[I.A] = {Value::Code, static_cast<int>(I.K), 0};
    break;
  case Op::Move:
    S[I.A] = S[I.B];
    break;
  case Op::TurnZero:
    S[I.A] = Value::number(0);
    G.Chose = false;
    break;
  case Op::Clear:
    std::fill(S.begin() + I.A, S.begin() + I.B, Value());
    break;
  case Op::Global:
    S[I.A] = global(W, static_cast<int>(I.K));
    break;
  case Op::Offset:
    S[I.A] = S[I.B].isRef() ? Value{Value::Ref, S[I.B].At, S[I.B].N + I.K} : W.unknown();
    break;
  case Op::Element:
    S[I.A] = element(W, S[I.B], S[I.C], I.K);
    break;
  case Op::Load:
    S[I.A] = load(W, S[I.B]);
    if (I.K && S[I.A].Is == Value::Sym) W.Facts[S[I.A].At].OfOthers = true;
    break;
  case Op::Store:
    store(W, S[I.B], S[I.A]);
    break;
  case Op::Copy:
    for (int64_t J = 0; J < I.K; ++J) {
      auto At = [&](const Value &V) { return V.isRef() ? Value{Value::Ref, V.At, V.N + J} : V; };
      store(W, At(S[I.A]), load(W, At(S[I.B])));
    }
    break;
  default:
    break;
  }
}

void Machine::makeObject(World &W, Goroutine &G, const Instr &I) {
  std::vector<Value> &S = G.top().Slots;
  Object O;
  O.Made = &I;
  if (I.What == Op::CtxDone) {
    bool Same = (S[I.B].Is == Value::Int && S[I.B].N == 0) ||
                (S[I.B].isRef() && W.at(S[I.B]).Is == Object::Ctx);
    bool Ours = S[I.B].isRef();
    S[I.A] = Same ? S[I.B] : W.unknown();
    if (!Same && !Ours) W.Facts.back().OfCaller = true;
    return;
  }
  if (I.What == Op::CtxErr) {
    Value Of = S[I.B];
    bool Known = Of.isRef() && W.at(Of).Is == Object::Ctx;
    for (Value At = Of; Known && At.At >= 0; At.At = W.at(At).Parent)
      Known = !W.at(At).Escaped;
    S[I.A] = Known ? Value::number(W.isCancelled(Of.At) ? ECANCELED : 0) : W.unknown();
    return;
  }
  if (I.What == Op::Make) {
    O.Is = Object::Chan;
    O.Escaped = S[I.B].Is != Value::Int;
    O.Room = O.Escaped ? 0 : S[I.B].N;
  } else if (I.What == Op::MakeCtx) {
    O.Is = Object::Ctx;
    const Value &Above = S[I.B];
    bool Under = Above.isRef() && W.at(Above).Is == Object::Ctx && !W.at(Above).Escaped;
    if (Under) O.Parent = Above.At;
    O.Escaped = !I.K || (!Under && !(Above.Is == Value::Int && Above.N == 0));
  } else if (I.What == Op::Closure) {
    O.Is = Object::Closure;
    O.Cells.push_back({Value::Code, static_cast<int>(I.K), 0});
    for (int Each : I.Args)
      O.Cells.push_back(S[Each]);
  } else {
    for (int64_t J = 0; J < I.K; ++J)
      O.Cells.push_back(I.C == 1 ? W.unknown() : Value::number(0));
  }
  Value Made = W.make(std::move(O));
  S[I.A] = Made;
}

// --- globals -------------------------------------------------------------------------------------

// Known as long as this file is the whole program, or if they are constant.
Value Machine::global(World &W, int Number) {
  const VarDecl *Var = P.global(Number);
  const VarDecl *Defined = Var->getDefinition() ? Var->getDefinition() : Var->getActingDefinition();
  bool Constant = Var->getType().isConstQualified();
  bool Tracked = Constant || isLock(Var->getType());
  if (!Defined || (!Tracked && (!W.GlobalsKnown || W.GlobalsEscaped))) return W.unknown();
  W.Globals.resize(std::max(W.Globals.size(), P.globals()), -1);
  int At = W.Globals[Number];
  if (At >= 0) return {Value::Ref, At, 0};
  Object O;
  O.Cells.resize(cellsOf(Var->getType()));
  if (const Expr *Init = Defined->getInit()) initial(W, &O.Cells, 0, Var->getType(), Init);
  Value Made = W.make(std::move(O));
  W.Globals[Number] = Made.At;
  return Made;
}

void Machine::initial(World &W, std::vector<Value> *Cells, size_t At, QualType Type,
                      const Expr *From) {
  From = From->IgnoreParens();
  if (auto *Literal = dyn_cast<CompoundLiteralExpr>(From->IgnoreImpCasts()))
    From = Literal->getInitializer();
  if (llvm::isa<ImplicitValueInitExpr>(From) || At >= Cells->size()) return;
  auto *List = dyn_cast<InitListExpr>(From);
  auto *Record = Type->getAsRecordDecl();
  if (List && Record && cellsOf(Type) > 1 && !Record->isUnion()) {
    unsigned Number = 0;
    for (const FieldDecl *Each : Record->fields())
      if (Number < List->getNumInits())
        initial(W, Cells, At + cellOf(Each), Each->getType(), List->getInit(Number++));
    return;
  }
  if (auto *Array = P.U.Context.getAsArrayType(Type); List && Array && cellsOf(Type) > 1) {
    for (unsigned I = 0; I < List->getNumInits(); ++I)
      initial(W, Cells, At + I * cellsOf(Array->getElementType()), Array->getElementType(),
              List->getInit(I));
    return;
  }
  if (List && (Record || Type->isArrayType())) return; // what is synchronised by: zero
  Expr::EvalResult Known;
  const Expr *Plain = From->IgnoreParenImpCasts();
  auto *Ref = dyn_cast<DeclRefExpr>(Plain);
  auto *Function = Ref ? dyn_cast<FunctionDecl>(Ref->getDecl()) : nullptr;
  if (Function)
    (*Cells)[At] = {Value::Code, P.codeOf(Function, Function), 0};
  else if (Type->isIntegralOrEnumerationType() && From->EvaluateAsInt(Known, P.U.Context))
    (*Cells)[At] = Value::number(Known.Val.getInt().getExtValue());
  else if (!From->isNullPointerConstant(P.U.Context, Expr::NPC_ValueDependentIsNotNull))
    (*Cells)[At] = W.unknown();
}

} // namespace weir::model
