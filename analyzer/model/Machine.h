// SPDX-License-Identifier: Apache-2.0
//
// What a state of the model can become. advance() runs one goroutine over what concerns only
// itself, up to the next operation that others see, or to a choice. moves() lists what can happen
// next in a state where all stand at such operations; make() lets it happen.
#ifndef WEIR_ANALYZER_MODEL_MACHINE_H
#define WEIR_ANALYZER_MODEL_MACHINE_H

#include "model/World.h"

namespace weir::model {

// One thing that happens, to goroutine G and perhaps to its partner.
struct Move {
  enum Kind : uint8_t {
    Alone,     // nobody else is needed, or the object is not known
    Put,       // into the buffer
    Take,      // out of it
    Drained,   // receives from what is closed and empty
    Meet,      // G sends, Partner receives
    Default,   // no case is ready
    Elsewhere, // could go on, by what somebody else does
    OnClosed,  // sends on what is closed, or closes it again: the program ends
  } What = Alone;
  int G = 0, Case = -1, Partner = -1, PartnerCase = -1;
  int Closer = -1; // OnClosed: who closed it
};

enum class Ran : uint8_t {
  Waits,
  Chooses, // either outcome: decide, and go on
  Dropped, // this way is not taken, or the process ends on it
  Lost,    // what comes now is not modelled
};

class Machine {
public:
  explicit Machine(Program &P) : P(P) {}

  World begin(const clang::FunctionDecl *Root, bool IsMain);
  Ran advance(World &W, int G);
  std::vector<Move> moves(const World &W) const;
  void make(World &W, const Move &M);
  // The object that its operation is about; nullptr: not known, or several.
  static const Object *objectOf(const World &W, const Goroutine &G);

  uint64_t Work = 0;    // instructions, roughly
  unsigned TooMany = 0; // goroutines

private:
  struct Offer {
    bool Sends;
    Value Chan, Element, Ok;
    int Index;
  };
  bool offers(const World &W, const Goroutine &G, std::vector<Offer> *To, bool *Default) const;
  void movesOf(const World &W, int G, std::vector<Move> *To) const;
  bool movesOfOffer(const World &W, int G, const Offer &O, std::vector<Move> *To) const;
  void meetings(const World &W, int G, const Offer &O, std::vector<Move> *To) const;
  void finish(World &W, int G, int Case, bool Ok);
  void deliver(World &W, const Value &To, const Value &Message);
  Value messageAt(World &W, const Value &Element);

  Ran step(World &W, int G, const Instr &I);
  Ran compute(World &W, Goroutine &G, const Instr &I);
  Ran choose(World &W, Goroutine &G, const Instr &I, bool *Outcome);
  Ran compare(World &W, Goroutine &G, const Instr &I);
  Ran truth(World &W, Goroutine &G, const Instr &I, const Value &V, bool *True);
  Ran turn(Goroutine &G, const Instr &I);
  Ran call(World &W, Goroutine &G, const Instr &I);
  Ran spawn(World &W, int G, const Instr &I);
  Ran add(World &W, Goroutine &G, const Instr &I);
  Ran end(World &W, int G, const Instr &I);
  Value ofOthers(World &W);
  void opaque(World &W, const std::vector<int> &Given, Goroutine &G, int Result, bool System);
  void memory(World &W, Goroutine &G, const Instr &I);
  void makeObject(World &W, Goroutine &G, const Instr &I);
  Value load(World &W, const Value &From);
  void store(World &W, const Value &To, const Value &What);
  Value element(World &W, const Value &From, const Value &Index, int64_t Size);
  Value global(World &W, int Number);
  void initial(World &W, std::vector<Value> *Cells, size_t At, clang::QualType Type,
               const clang::Expr *From);
  bool enter(World &W, const Value &Callee, Frame *F, std::vector<Value> *Given, bool *System);

  Program &P;
};

} // namespace weir::model

#endif
