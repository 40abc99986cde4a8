// SPDX-License-Identifier: Apache-2.0
//
// World.h: objects and unknown values are numbered in the order in which a walk from the frames
// meets them.
#include "model/World.h"

namespace weir::model {

void World::escape(const Value &V) {
  if (!V.isRef() || at(V).Escaped) return;
  at(V).Escaped = true;
  for (size_t I = 0; I < at(V).Cells.size(); ++I)
    escape(at(V).Cells[I]);
}

namespace {

class Renumber {
public:
  explicit Renumber(World &W) : W(W), New(W.Objects.size(), -1), Symbols(W.Facts.size(), -1) {}

  void run() {
    for (Goroutine &G : W.Goroutines)
      for (Frame &F : G.Frames)
        for (Value &V : F.Slots)
          visit(V);
    for (int &Each : W.Globals)
      if (Each >= 0) Each = object(Each);
    for (size_t I = 0; I < Objects.size(); ++I) { // grows meanwhile
      for (size_t J = 0; J < Objects[I].Cells.size(); ++J) {
        Value V = Objects[I].Cells[J];
        visit(V);
        Objects[I].Cells[J] = V;
      }
      if (Objects[I].Parent >= 0) {
        int Parent = object(Objects[I].Parent);
        Objects[I].Parent = Parent;
      }
    }
    W.Objects = std::move(Objects);
    W.Facts = std::move(Facts);
  }

private:
  int object(int Old) {
    if (New[Old] < 0) {
      New[Old] = static_cast<int>(Objects.size());
      Objects.push_back(std::move(W.Objects[Old]));
    }
    return New[Old];
  }
  void visit(Value &V) {
    if (V.Is == Value::Ref) V.At = object(V.At);
    if (V.Is != Value::Sym) return;
    if (Symbols[V.At] < 0) {
      Symbols[V.At] = static_cast<int>(Facts.size());
      Facts.push_back(std::move(W.Facts[V.At]));
    }
    V.At = Symbols[V.At];
  }

  World &W;
  std::vector<int> New, Symbols;
  std::vector<Object> Objects;
  std::vector<Fact> Facts;
};

template <class T> void put(std::string &To, const T &Number) {
  To.append(reinterpret_cast<const char *>(&Number), sizeof Number);
}

void put(std::string &To, const std::vector<Value> &All) {
  put(To, static_cast<uint16_t>(All.size()));
  for (const Value &V : All) {
    put(To, V.Is);
    if (V.Is != Value::Int) put(To, static_cast<int16_t>(V.At));
    if (V.Is == Value::Int || V.Is == Value::Ref) put(To, V.N);
  }
}

void put(std::string &To, const Object &O) {
  put(To, O.Is);
  put(To, static_cast<uint8_t>(O.Escaped | O.Closed << 1));
  put(To, O.Closer);
  put(To, O.Room);
  put(To, O.Parent);
  put(To, O.Made);
  put(To, O.Cells);
}

void put(std::string &To, const Goroutine &G) {
  put(To, static_cast<uint8_t>(G.Runs | G.Daemon << 1 | G.Chose << 2));
  put(To, static_cast<int8_t>(G.Decided));
  put(To, G.Started);
  put(To, static_cast<uint8_t>(G.Frames.size()));
  for (const Frame &F : G.Frames) {
    put(To, F.Runs);
    put(To, F.At);
    put(To, F.Slots);
  }
}

} // namespace

void World::compact() {
  Renumber(*this).run();
}

std::string World::key() const {
  std::string Made;
  Made.reserve(512);
  for (const Goroutine &G : Goroutines)
    put(Made, G);
  for (int Each : Globals)
    put(Made, Each);
  for (const Object &O : Objects)
    put(Made, O);
  for (const Fact &F : Facts) {
    put(Made, F.Low);
    put(Made, F.High);
    put(Made, static_cast<uint8_t>(F.OfOthers | F.OfCaller << 1));
    for (int64_t Each : F.Not)
      put(Made, Each);
    put(Made, ';');
  }
  put(Made, static_cast<uint8_t>(GlobalsEscaped | Cancelled << 1));
  return Made;
}

} // namespace weir::model
