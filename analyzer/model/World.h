// SPDX-License-Identifier: Apache-2.0
//
// One state of the model: goroutines with their frames, objects, and what is known of unknown
// values. States that differ only in how objects and unknown values are numbered, or in what
// nobody can reach, are one: compact() drops and renumbers, key() is equal for equal states.
//
// What gets out of sight (given to an unknown function, stored where nobody looks, returned to an
// unknown caller) has escaped: anything may happen to it at any time.
#ifndef WEIR_ANALYZER_MODEL_WORLD_H
#define WEIR_ANALYZER_MODEL_WORLD_H

#include "model/Program.h"

namespace weir::model {

struct Value {
  enum Kind : uint8_t { Int, Sym, Ref, Code } Is = Int;
  int At = 0;    // the object, unknown value or code
  int64_t N = 0; // the number, or the cell of the object

  static Value number(int64_t N) { return {Int, 0, N}; }
  bool is(const Value &V) const { return Is == V.Is && At == V.At && N == V.N; }
  bool isRef() const { return Is == Ref; }
};

// Of an unknown value, as a number.
struct Fact {
  int64_t Low = INT64_MIN, High = INT64_MAX;
  std::vector<int64_t> Not;
  bool OfOthers = false; // it says what others did meanwhile: no choice of its own
  bool OfCaller = false; // the end of a context of the caller's
};

struct Object {
  enum Kind : uint8_t { Plain, Chan, Ctx, Closure, Parcel } Is = Plain; // Parcel: sent by value
  bool Escaped = false, Closed = false;
  int8_t Closer = -1;          // the goroutine
  int64_t Room = 0;            // of a channel
  int Parent = -1;             // of a context
  const Instr *Made = nullptr; // where and under which name
  std::vector<Value> Cells;    // of a channel: the elements in its buffer
};

struct Frame {
  const Proc *Runs = nullptr;
  int At = 0;      // the next instruction
  int Result = -1; // the caller's slot
  std::vector<Value> Slots;
};

struct Goroutine {
  const Instr *Started = nullptr; // nullptr: the first
  int By = -1;
  std::vector<Frame> Frames; // none: it has ended
  bool Runs = true;          // its next instruction is not one that waits
  bool Daemon = false, Chose = false;
  int Decided = -1; // the outcome of the choice it stands at

  bool ended() const { return Frames.empty(); }
  Frame &top() { return Frames.back(); }
  const Frame &top() const { return Frames.back(); }
  const Instr &next() const { return top().Runs->Code[top().At]; }
};

struct World {
  std::vector<Goroutine> Goroutines;
  std::vector<Object> Objects;
  std::vector<Fact> Facts;
  std::vector<int> Globals; // by number; -1: not yet touched
  bool GlobalsKnown = false, GlobalsEscaped = false;
  bool Cancelled = false; // the first goroutine has seen a context of its caller end

  Value unknown() {
    Facts.emplace_back();
    return {Value::Sym, static_cast<int>(Facts.size()) - 1, 0};
  }
  Object &at(const Value &V) { return Objects[V.At]; }
  const Object &at(const Value &V) const { return Objects[V.At]; }
  Value make(Object O) {
    Objects.push_back(std::move(O));
    return {Value::Ref, static_cast<int>(Objects.size()) - 1, 0};
  }
  bool isCancelled(int Ctx) const { // or an unknown one above it may be
    for (; Ctx >= 0; Ctx = Objects[Ctx].Parent)
      if (Objects[Ctx].Closed || Objects[Ctx].Escaped) return true;
    return false;
  }
  void escape(const Value &V); // and what is reached through it
  void compact();
  std::string key() const;
};

} // namespace weir::model

#endif
