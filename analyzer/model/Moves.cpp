// SPDX-License-Identifier: Apache-2.0
//
// Operations that others see: who can go on, alone or with a partner, and what that changes. A
// channel that has escaped is always ready, perhaps: whoever waits there is never held to wait for
// ever.
#include "model/Machine.h"

namespace weir::model {

namespace {

constexpr int CaseCells = 5, CasesMax = 12; // of struct weir_case: kind, ch, elem, ok, site

const Value &cell(const World &W, const Value &At, int64_t N) {
  return W.Objects[At.At].Cells[At.N + N];
}

bool isKnown(const World &W, const Value &V) {
  return V.isRef() && !W.at(V).Escaped;
}

} // namespace

const Object *Machine::objectOf(const World &W, const Goroutine &G) {
  if (G.ended() || G.next().What == Op::Select) return nullptr;
  int Slot = G.next().B;
  if (Slot < 0) return nullptr;
  const Value &V = G.top().Slots[Slot];
  return V.isRef() ? &W.at(V) : nullptr;
}

// False: which cases there are is not known.
bool Machine::offers(const World &W, const Goroutine &G, std::vector<Offer> *To,
                     bool *Default) const {
  const Instr &I = G.next();
  const std::vector<Value> &S = G.top().Slots;
  *Default = I.What == Op::TrySend || I.What == Op::TryRecv;
  if (I.What != Op::Select) {
    bool Sends = I.What == Op::Send || I.What == Op::TrySend;
    To->push_back({Sends, S[I.B], S[I.C], I.Args.empty() ? Value() : S[I.Args[0]], 0});
    return true;
  }
  const Value &Cases = S[I.B], &Count = S[I.C];
  if (!isKnown(W, Cases) || Count.Is != Value::Int || Count.N < 0 || Count.N > CasesMax)
    return false;
  if (Cases.N < 0 || Cases.N + Count.N * CaseCells > static_cast<int64_t>(W.at(Cases).Cells.size()))
    return false;
  for (int Case = 0; Case < Count.N; ++Case) {
    auto Part = [&](int N) { return cell(W, Cases, Case * CaseCells + N); };
    if (Part(0).Is != Value::Int) return false;
    if (Part(0).N == 2)
      *Default = true;
    else
      To->push_back({Part(0).N == 1, Part(1), Part(2), Part(3), Case});
  }
  return true;
}

std::vector<Move> Machine::moves(const World &W) const {
  std::vector<Move> All;
  for (size_t G = 0; G < W.Goroutines.size(); ++G)
    if (!W.Goroutines[G].ended()) movesOf(W, static_cast<int>(G), &All);
  return All;
}

void Machine::movesOf(const World &W, int Number, std::vector<Move> *To) const {
  const Goroutine &G = W.Goroutines[Number];
  const Instr &I = G.next();
  Move M;
  M.G = Number;
  if (I.What == Op::Pause || I.What == Op::Cancel) return To->push_back(M);
  const Value &V = G.top().Slots[I.B];
  if (I.What == Op::Close) {
    if (V.Is == Value::Int) return; // nil: found elsewhere, and nothing goes on
    if (isKnown(W, V) && W.at(V).Closed) M.What = Move::OnClosed, M.Closer = W.at(V).Closer;
    return To->push_back(M);
  }
  if (I.What == Op::Lock || I.What == Op::TryLock || I.What == Op::Wait) {
    bool Inside = isKnown(W, V) && V.N >= 0 && V.N < static_cast<int64_t>(W.at(V).Cells.size());
    Value Now = Inside ? cell(W, V, 0) : Value();
    bool Free = Now.Is != Value::Int || Now.N == 0 || (I.What == Op::Lock && I.K && Now.N > 0);
    if (Free) To->push_back(M);
    if (!Free && I.What == Op::TryLock) M.What = Move::Default, To->push_back(M);
    return;
  }
  std::vector<Offer> All;
  bool Default = false, Ready = false;
  if (!offers(W, G, &All, &Default)) return To->push_back(M);
  for (const Offer &Each : All)
    Ready |= movesOfOffer(W, Number, Each, To);
  M.What = Move::Default;
  if (Default && !Ready) To->push_back(M);
}

// True: it is surely ready. Of two that meet, the sender says so; but either knows.
bool Machine::movesOfOffer(const World &W, int G, const Offer &O, std::vector<Move> *To) const {
  Move M;
  M.G = G;
  M.Case = O.Index;
  if (!O.Chan.isRef()) {
    // Others see a caller's context end only after the first goroutine did: that it can end
    // meanwhile is known only where the function itself looks for it.
    bool Late = O.Chan.Is == Value::Sym && W.Facts[O.Chan.At].OfCaller && G != 0 && !W.Cancelled;
    if (Late) M.What = Move::Elsewhere;
    if (O.Chan.Is == Value::Sym) To->push_back(M);
    return false;
  }
  const Object &C = W.at(O.Chan);
  if (C.Is == Object::Ctx) {
    bool Ready = W.isCancelled(O.Chan.At);
    M.What = Move::Drained;
    if (Ready) To->push_back(M);
    return Ready && !C.Escaped;
  }
  if (C.Escaped || C.Is != Object::Chan) return To->push_back(M), false;
  int64_t Length = static_cast<int64_t>(C.Cells.size());
  if (O.Sends && C.Closed) {
    M.What = Move::OnClosed;
    M.Closer = C.Closer;
  } else if (O.Sends && Length < C.Room) {
    M.What = Move::Put;
  } else if (!O.Sends && Length > 0) {
    M.What = Move::Take;
  } else if (!O.Sends && C.Closed) {
    M.What = Move::Drained;
  } else {
    size_t Before = To->size();
    meetings(W, G, O, To);
    return To->size() > Before;
  }
  To->push_back(M);
  return true;
}

// Two that both wait are told of by the sender; one that would not wait (a try, a default) has to
// ask itself.
void Machine::meetings(const World &W, int G, const Offer &O, std::vector<Move> *To) const {
  std::vector<Offer> Own;
  bool Asks = false;
  if (W.at(O.Chan).Room > 0 || !offers(W, W.Goroutines[G], &Own, &Asks)) return;
  if (!O.Sends && !Asks) return;
  for (size_t H = 0; H < W.Goroutines.size(); ++H) {
    const Goroutine &Other = W.Goroutines[H];
    if (static_cast<int>(H) == G || Other.ended()) continue;
    Op What = Other.next().What;
    bool Talks = What == Op::Send || What == Op::Recv || What == Op::Select;
    std::vector<Offer> Theirs;
    bool Default;
    if (!Talks || !offers(W, Other, &Theirs, &Default) || Default) continue;
    for (const Offer &Each : Theirs)
      if (Each.Sends != O.Sends && Each.Chan.is(O.Chan)) {
        Move M;
        M.What = Move::Meet;
        M.G = O.Sends ? G : static_cast<int>(H);
        M.Partner = O.Sends ? static_cast<int>(H) : G;
        M.Case = O.Sends ? O.Index : Each.Index;
        M.PartnerCase = O.Sends ? Each.Index : O.Index;
        To->push_back(M);
      }
  }
}

// --- what happens --------------------------------------------------------------------------------

// A struct is sent as an object of its own.
Value Machine::messageAt(World &W, const Value &Element) {
  if (!Element.isRef() || W.at(Element).Is != Object::Plain || W.at(Element).Escaped)
    return load(W, Element);
  if (W.at(Element).Cells.size() == 1 || Element.N != 0) return load(W, Element);
  Object Parcel;
  Parcel.Is = Object::Parcel;
  Parcel.Cells = W.at(Element).Cells;
  return W.make(std::move(Parcel));
}

void Machine::deliver(World &W, const Value &To, const Value &Message) {
  if (To.Is == Value::Int) return W.escape(Message); // to nowhere
  if (!Message.isRef() || W.at(Message).Is != Object::Parcel) return store(W, To, Message);
  std::vector<Value> Cells = W.at(Message).Cells;
  for (size_t I = 0; I < Cells.size(); ++I) {
    Value Cell = To;
    Cell.N += To.isRef() ? static_cast<int64_t>(I) : 0;
    store(W, Cell, Cells[I]);
  }
}

// The operation of G is over, with this case of a select; Ok: what a receive or a try says.
void Machine::finish(World &W, int Number, int Case, bool Ok) {
  Goroutine &G = W.Goroutines[Number];
  const Instr &I = G.next();
  std::vector<Value> &S = G.top().Slots;
  if (I.What == Op::Select) {
    S[I.A] = Value::number(Case);
  } else if (I.A >= 0) {
    bool Try = I.What == Op::TrySend || I.What == Op::TryRecv || I.What == Op::TryLock;
    S[I.A] = Value::number(Try ? Case >= 0 : Ok);
  }
  ++G.top().At;
  G.Runs = true;
}

void Machine::make(World &W, const Move &M) {
  Goroutine &G = W.Goroutines[M.G];
  const Instr &I = G.next();
  std::vector<Value> &S = G.top().Slots;
  std::vector<Offer> All;
  bool Default = false;
  bool Talks = I.What == Op::Send || I.What == Op::Recv || I.What == Op::TrySend ||
               I.What == Op::TryRecv || I.What == Op::Select;
  Offer *O = nullptr;
  if (Talks && offers(W, G, &All, &Default))
    for (Offer &Each : All)
      if (Each.Index == M.Case) O = &Each;
  auto Say = [&](const Value &Where, const Value &Ok) {
    if (Where.isRef()) store(W, Where, Ok);
  };
  if (M.What == Move::Default || M.What == Move::OnClosed) return finish(W, M.G, -1, false);
  if (Talks && !O) { // a select whose cases are not known
    finish(W, M.G, 0, false);
    int A = W.Goroutines[M.G].Frames.back().Runs->Code[W.Goroutines[M.G].top().At - 1].A;
    W.Goroutines[M.G].top().Slots[A] = W.unknown();
    return;
  }
  if (!Talks) {
    Value V = I.B >= 0 ? S[I.B] : Value();
    if ((I.What == Op::Close || I.What == Op::Cancel) && V.isRef()) {
      W.at(V).Closed = true;
      W.at(V).Closer = static_cast<int8_t>(M.G);
    }
    if (I.What == Op::Lock || I.What == Op::TryLock)
      store(W, V, I.K ? Value::number(load(W, V).N + 1) : Value::number(-1));
    return finish(W, M.G, 0, true);
  }
  if (M.What == Move::Alone) {
    if (O->Chan.Is == Value::Sym && W.Facts[O->Chan.At].OfCaller) W.Cancelled = true;
    Value Ok = W.unknown();
    if (O->Sends)
      W.escape(messageAt(W, O->Element));
    else
      deliver(W, O->Element, W.unknown()), Say(O->Ok, Ok);
    int A = I.A, Frame = static_cast<int>(G.Frames.size()) - 1;
    bool Select = I.What == Op::Select;
    finish(W, M.G, M.Case, true);
    if (A >= 0 && !Select) W.Goroutines[M.G].Frames[Frame].Slots[A] = Ok;
    return;
  }
  if (M.What == Move::Put) {
    Value Message = messageAt(W, O->Element);
    W.at(O->Chan).Cells.push_back(Message);
  } else if (M.What == Move::Take) {
    Value Message = W.at(O->Chan).Cells.front();
    W.at(O->Chan).Cells.erase(W.at(O->Chan).Cells.begin());
    deliver(W, O->Element, Message);
    Say(O->Ok, Value::number(1));
  } else if (M.What == Move::Drained) {
    if (O->Element.isRef()) {
      size_t Count = O->Element.N == 0 ? W.at(O->Element).Cells.size() : 1;
      for (size_t J = 0; J < Count; ++J)
        store(W, {Value::Ref, O->Element.At, O->Element.N + static_cast<int64_t>(J)}, Value());
    }
    Say(O->Ok, Value::number(0));
    return finish(W, M.G, M.Case, false);
  } else { // Meet
    std::vector<Offer> Theirs;
    offers(W, W.Goroutines[M.Partner], &Theirs, &Default);
    Value Message = messageAt(W, O->Element);
    for (const Offer &Each : Theirs)
      if (Each.Index == M.PartnerCase) {
        deliver(W, Each.Element, Message);
        Say(Each.Ok, Value::number(1));
        break;
      }
    finish(W, M.Partner, M.PartnerCase, true);
  }
  finish(W, M.G, M.Case, true);
}

} // namespace weir::model
