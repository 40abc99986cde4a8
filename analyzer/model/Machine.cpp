// SPDX-License-Identifier: Apache-2.0
//
// Instructions of one goroutine alone.
#include "model/Machine.h"

using namespace clang;
using llvm::dyn_cast;

namespace weir::model {

namespace {

constexpr size_t GoroutinesMax = 6, FramesMax = 16;
constexpr int StepsMax = 3000, TurnsMax = 2;

bool isComparison(int64_t Code) {
  return BinaryOperator::isComparisonOp(static_cast<BinaryOperatorKind>(Code));
}

bool compared(int64_t Code, int64_t L, int64_t R) {
  switch (Code) {
  case BO_LT:
    return L < R;
  case BO_GT:
    return L > R;
  case BO_LE:
    return L <= R;
  case BO_GE:
    return L >= R;
  case BO_EQ:
    return L == R;
  default:
    return L != R;
  }
}

std::optional<int64_t> computed(int64_t Code, int64_t L, int64_t R) {
  uint64_t A = L, B = R;
  switch (Code) {
  case BO_Add:
    return A + B;
  case BO_Sub:
    return A - B;
  case BO_Mul:
    return A * B;
  case BO_And:
    return A & B;
  case BO_Or:
    return A | B;
  case BO_Xor:
    return A ^ B;
  case BO_Div:
  case BO_Rem:
    if (R == 0 || R == -1) return std::nullopt;
    return Code == BO_Div ? L / R : L % R;
  case BO_Shl:
  case BO_Shr:
    if (L < 0 || R < 0 || R > 31) return std::nullopt;
    return Code == BO_Shl ? A << B : A >> B;
  default:
    return std::nullopt;
  }
}

int64_t opposite(int64_t Code) {
  return BinaryOperator::negateComparisonOp(static_cast<BinaryOperatorKind>(Code));
}

// The fact that this comparison with a number holds; false: it cannot.
bool narrow(Fact &F, int64_t Code, int64_t N) {
  auto IsNot = [&](int64_t Each) { return llvm::is_contained(F.Not, Each); };
  if (Code == BO_NE) {
    if (!IsNot(N) && N >= F.Low && N <= F.High) F.Not.push_back(N), llvm::sort(F.Not);
  } else if (Code == BO_EQ) {
    if (IsNot(N)) return false;
    F.Low = std::max(F.Low, N), F.High = std::min(F.High, N);
  } else if (Code == BO_LT || Code == BO_LE) {
    if (Code == BO_LT && N == INT64_MIN) return false;
    F.High = std::min(F.High, Code == BO_LT ? N - 1 : N);
  } else {
    if (Code == BO_GT && N == INT64_MAX) return false;
    F.Low = std::max(F.Low, Code == BO_GT ? N + 1 : N);
  }
  while (F.Low <= F.High && IsNot(F.Low))
    ++F.Low;
  while (F.Low <= F.High && IsNot(F.High))
    --F.High;
  return F.Low <= F.High;
}

std::optional<bool> known(const Fact &F, int64_t Code, int64_t N) {
  Fact Yes = F, No = F;
  if (!narrow(Yes, Code, N)) return false;
  if (!narrow(No, opposite(Code), N)) return true;
  return std::nullopt;
}

int64_t mirrored(int64_t Code) {
  return BinaryOperator::reverseComparisonOp(static_cast<BinaryOperatorKind>(Code));
}

} // namespace

World Machine::begin(const FunctionDecl *Root, bool IsMain) {
  World W;
  W.GlobalsKnown = IsMain;
  Goroutine First;
  Frame F;
  F.Runs = P.procOf(P.codeOf(Root, Root));
  F.Slots.resize(F.Runs ? F.Runs->Slots : 0);
  for (unsigned I = 0; F.Runs && I < Root->getNumParams(); ++I)
    F.Slots[I] = W.unknown();
  if (F.Runs) First.Frames.push_back(std::move(F));
  W.Goroutines.push_back(std::move(First));
  return W;
}

Ran Machine::advance(World &W, int G) {
  for (int Steps = 0; !W.Goroutines[G].ended(); ++Steps) {
    if (Steps > StepsMax) return Ran::Lost;
    Goroutine &Each = W.Goroutines[G];
    const Instr &I = Each.next();
    ++Work;
    Ran Result = step(W, G, I);
    if (Result != Ran::Waits) return Result;
    if (!W.Goroutines[G].Runs) return Ran::Waits;
  }
  W.Goroutines[G].Runs = false;
  return Ran::Waits;
}

// Waits: go on, unless it does not run any more. Each moves At by itself.
Ran Machine::step(World &W, int Number, const Instr &I) {
  Goroutine &G = W.Goroutines[Number];
  switch (I.What) {
  case Op::Jump:
    G.top().At = static_cast<int>(I.K);
    return Ran::Waits;
  case Op::Branch:
  case Op::Not:
  case Op::Binary:
    return compute(W, G, I);
  case Op::Turn:
    return turn(G, I);
  case Op::Call:
    return call(W, G, I);
  case Op::Spawn:
    return spawn(W, Number, I);
  case Op::Return:
  case Op::Finish:
    return end(W, Number, I);
  case Op::Add:
    return add(W, G, I);
  case Op::GiveUp: {
    bool Known = I.B < 0 || (G.top().Slots[I.B].isRef() && !W.at(G.top().Slots[I.B]).Escaped);
    if (Known) return Ran::Lost;
    G.top().Slots[I.A] = W.unknown();
    break;
  }
  case Op::Stop:
    return Ran::Dropped;
  case Op::Daemon:
    G.Daemon = true;
    break;
  case Op::Opaque:
    opaque(W, I.Args, G, I.A, I.K);
    break;
  case Op::Make:
  case Op::MakeCtx:
  case Op::CtxDone:
  case Op::CtxErr:
  case Op::New:
  case Op::Closure:
    makeObject(W, G, I);
    break;
  case Op::Unlock:
    if (Value V = G.top().Slots[I.B]; V.isRef() && !W.at(V).Escaped) {
      Value Held = load(W, V);
      if (Held.Is != Value::Int || (Held.N == 0 && W.GlobalsKnown)) return Ran::Lost;
      if (Held.N == 0) break; // the caller's
      store(W, V, Value::number(Held.N < 0 ? 0 : Held.N - 1));
    }
    break;
  case Op::Wait:
  case Op::Lock:
  case Op::TryLock: {
    Value V = G.top().Slots[I.B];
    if (V.isRef() && !W.at(V).Escaped) return G.Runs = false, Ran::Waits;
    if (I.What == Op::TryLock) G.top().Slots[I.A] = ofOthers(W);
    break;
  }
  case Op::Pause:
    if (I.B >= 0 && !(G.top().Slots[I.B].isRef() && !W.at(G.top().Slots[I.B]).Escaped))
      return Ran::Lost;
    G.Runs = false;
    return Ran::Waits;
  case Op::Send:
  case Op::Recv:
  case Op::TrySend:
  case Op::TryRecv:
  case Op::Close:
  case Op::Cancel:
  case Op::Select:
    G.Runs = false;
    return Ran::Waits;
  default:
    memory(W, G, I);
  }
  ++W.Goroutines[Number].top().At;
  return Ran::Waits;
}

// --- choices -------------------------------------------------------------------------------------

Ran Machine::choose(World &, Goroutine &G, const Instr &I, bool *Outcome) {
  if (G.Decided < 0) return Ran::Chooses;
  *Outcome = G.Decided;
  G.Decided = -1;
  G.Chose |= I.InLoop;
  return Ran::Waits;
}

Ran Machine::truth(World &W, Goroutine &G, const Instr &I, const Value &V, bool *True) {
  if (V.Is == Value::Int) return *True = V.N != 0, Ran::Waits;
  if (V.Is != Value::Sym) return *True = true, Ran::Waits;
  if (auto Known = known(W.Facts[V.At], BO_NE, 0)) return *True = *Known, Ran::Waits;
  if (W.Facts[V.At].OfOthers) return Ran::Lost;
  Ran Result = choose(W, G, I, True);
  if (Result == Ran::Waits && !narrow(W.Facts[V.At], *True ? BO_NE : BO_EQ, 0)) return Ran::Dropped;
  return Result;
}

Ran Machine::compare(World &W, Goroutine &G, const Instr &I) {
  Value L = G.top().Slots[I.B], R = G.top().Slots[I.C];
  int64_t Code = I.K;
  if (L.Is == Value::Int) std::swap(L, R), Code = mirrored(Code);
  bool True = false;
  Ran Result = Ran::Waits;
  if (L.Is == Value::Int) {
    True = compared(Code, L.N, R.N);
  } else if (L.Is == Value::Sym && R.Is == Value::Int) {
    if (auto Known = known(W.Facts[L.At], Code, R.N))
      True = *Known;
    else if (W.Facts[L.At].OfOthers)
      return Ran::Lost;
    else if ((Result = choose(W, G, I, &True)) == Ran::Waits)
      (void)narrow(W.Facts[L.At], True ? Code : opposite(Code), R.N);
  } else if (L.is(R) && (Code == BO_EQ || Code == BO_NE)) {
    True = Code == BO_EQ;
  } else if (L.Is != Value::Sym && R.Is != Value::Sym && (Code == BO_EQ || Code == BO_NE)) {
    True = Code == BO_NE;
  } else if (L.Is != Value::Sym && R.Is != Value::Sym) {
    return Ran::Lost; // which of two objects comes first in memory
  } else {
    Result = choose(W, G, I, &True);
  }
  if (Result == Ran::Waits) G.top().Slots[I.A] = Value::number(True);
  return Result;
}

Ran Machine::compute(World &W, Goroutine &G, const Instr &I) {
  Ran Result = Ran::Waits;
  std::vector<Value> &Slots = G.top().Slots;
  bool True = false;
  if (I.What == Op::Branch) {
    Result = truth(W, G, I, Slots[I.B], &True);
    if (Result == Ran::Waits) G.top().At = True ? static_cast<int>(I.K) : G.top().At + 1;
    return Result;
  }
  if (I.What == Op::Not) {
    Result = truth(W, G, I, Slots[I.B], &True);
    if (Result == Ran::Waits) Slots[I.A] = Value::number(I.K ? True : !True);
  } else if (isComparison(I.K)) {
    Result = compare(W, G, I);
  } else {
    Value L = Slots[I.B], R = Slots[I.C];
    bool Known = L.Is == Value::Int && R.Is == Value::Int;
    auto Number = Known ? computed(I.K, L.N, R.N) : std::nullopt;
    if (!Number) W.escape(L), W.escape(R);
    G.top().Slots[I.A] = Number ? Value::number(*Number) : W.unknown();
  }
  if (Result == Ran::Waits) ++G.top().At;
  return Result;
}

// A loop whose condition nobody knows is taken to make at most TurnsMax turns.
Ran Machine::turn(Goroutine &G, const Instr &I) {
  Value &Turns = G.top().Slots[I.A];
  if (G.Chose && Turns.N++ >= TurnsMax) return Ran::Dropped;
  G.Chose = false;
  ++G.top().At;
  return Ran::Waits;
}

// --- calls ---------------------------------------------------------------------------------------

// The frame of a call; Given: the arguments. False: its body is not here.
bool Machine::enter(World &W, const Value &Callee, Frame *F, std::vector<Value> *Given,
                    bool *System) {
  *System = false;
  std::vector<Value> All;
  int Code = Callee.Is == Value::Code ? Callee.At : -1;
  if (Callee.isRef() && W.at(Callee).Is == Object::Closure) {
    Code = W.at(Callee).Cells[0].At;
    All.assign(W.at(Callee).Cells.begin() + 1, W.at(Callee).Cells.end());
  }
  if (Code < 0) return false;
  *System = P.isSystem(Code);
  F->Runs = P.procOf(Code);
  if (!F->Runs) return false;
  All.insert(All.end(), Given->begin(), Given->end());
  All.resize(std::max<size_t>(F->Runs->Slots, All.size()));
  F->Slots = std::move(All);
  return true;
}

Ran Machine::call(World &W, Goroutine &G, const Instr &I) {
  std::vector<Value> Given;
  for (int Each : I.Args)
    Given.push_back(G.top().Slots[Each]);
  Frame F;
  bool System;
  if (!enter(W, G.top().Slots[I.B], &F, &Given, &System)) {
    opaque(W, I.Args, G, I.A, System);
    ++G.top().At;
    return Ran::Waits;
  }
  if (G.Frames.size() >= FramesMax) return Ran::Lost;
  F.Result = I.A;
  ++G.top().At;
  G.Frames.push_back(std::move(F));
  return Ran::Waits;
}

Ran Machine::spawn(World &W, int Number, const Instr &I) {
  Goroutine &G = W.Goroutines[Number];
  Goroutine New;
  New.Started = &I;
  New.By = Number;
  Frame F;
  std::vector<Value> Given;
  bool System;
  Value Callee = G.top().Slots[I.B];
  ++G.top().At;
  if (!enter(W, Callee, &F, &Given, &System)) {
    opaque(W, {I.B}, G, I.A, false);
    return Ran::Waits;
  }
  if (W.Goroutines.size() >= GoroutinesMax) return ++TooMany, Ran::Lost;
  New.Frames.push_back(std::move(F));
  W.Goroutines.push_back(std::move(New));
  return Ran::Waits;
}

// What the first one returns goes to a caller that is not known.
Ran Machine::end(World &W, int Number, const Instr &I) {
  Goroutine &G = W.Goroutines[Number];
  if (I.What == Op::Finish) {
    for (size_t J = 0; J + 1 < G.Frames.size(); ++J)
      if (G.Frames[J].Runs->Cleans) return Ran::Lost;
    if (Number == 0) return Ran::Lost;
    G.Frames.clear();
    return Ran::Waits;
  }
  Value Given = I.A >= 0 ? G.top().Slots[I.A] : Value();
  int Result = G.top().Result;
  G.Frames.pop_back();
  if (G.ended()) {
    if (Number == 0) W.escape(Given);
  } else if (Result >= 0) {
    G.top().Slots[Result] = Given;
  }
  return Ran::Waits;
}

Ran Machine::add(World &W, Goroutine &G, const Instr &I) {
  Value Group = G.top().Slots[I.B], By = G.top().Slots[I.C];
  ++G.top().At;
  if (!Group.isRef() || W.at(Group).Escaped) return Ran::Waits;
  Value Count = load(W, Group);
  if (By.Is != Value::Int || Count.Is != Value::Int) {
    W.escape(Group);
    return Ran::Waits;
  }
  store(W, Group, Value::number(Count.N + By.N));
  return Count.N + By.N < 0 ? Ran::Lost : Ran::Waits;
}

Value Machine::ofOthers(World &W) {
  Value Made = W.unknown();
  W.Facts.back().OfOthers = true;
  return Made;
}

// What it gets it may do anything with, and what is global as well, if it can come back here.
void Machine::opaque(World &W, const std::vector<int> &Given, Goroutine &G, int Result,
                     bool System) {
  bool Back = !System;
  for (int Each : Given) {
    const Value &V = G.top().Slots[Each];
    Back |= V.Is == Value::Code || (V.isRef() && W.at(V).Is == Object::Closure);
    W.escape(V);
  }
  if (Back && !W.GlobalsEscaped) {
    W.GlobalsEscaped = true;
    for (size_t I = 0; I < W.Globals.size(); ++I)
      if (W.Globals[I] >= 0 && !isLock(P.global(static_cast<int>(I))->getType()))
        W.escape({Value::Ref, W.Globals[I], 0});
  }
  if (Result >= 0) G.top().Slots[Result] = W.unknown();
}

} // namespace weir::model
