// SPDX-License-Identifier: Apache-2.0
//
// A function as the model checker sees it: instructions on slots. What the program computes is
// kept only as far as it can matter for who waits for whom: constants, which object a pointer
// leads to, functions and blocks; everything else is an unknown value, and a branch on one is a
// choice. Operations on channels, locks and wait groups are instructions of their own.
//
// Each scalar variable whose address nobody takes is a slot; others live in objects of cells, one
// for each scalar member, and their slot holds the reference. Bodies are translated when they are
// first called.
#ifndef WEIR_ANALYZER_MODEL_PROGRAM_H
#define WEIR_ANALYZER_MODEL_PROGRAM_H

#include "core/Unit.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weir::model {

enum class Op : uint8_t {
  // Of one goroutine alone. A: where the result goes.
  Const,    // A = K
  Unknown,  // A = something
  Code,     // A = function or block K
  Move,     // A = B
  Binary,   // A = B (BinaryOperatorKind) C
  Not,      // A = !B; with K: != 0
  Jump,     // to K
  Branch,   // on B: to K if true, else to the next
  TurnZero, // a loop begins: A counts its turns
  Turn,     // one more, of which the condition may have been a choice
  Clear,    // slots A to B-1 hold nothing any more
  New,      // A = an object of K cells; C: 1 if they are not zero
  Global,   // A = the global K
  Offset,   // A = B + K cells
  Element,  // A = B + C times K cells
  Load,     // A = what B leads to
  Store,    // what B leads to = A
  Copy,     // K cells to A from B
  Closure,  // A = code K with the values of Args
  Call,     // A = B(Args)
  Return,   // A, or nothing if it is -1
  Opaque,   // an unknown function gets Args; K: 1 if it is of the system
  Make,     // A = a channel for B elements
  MakeCtx,  // A = a context below B, K: 1 without a deadline
  CtxDone,  // A = the channel of context B
  CtxErr,   // A = whether B is cancelled
  Spawn,    // a goroutine runs B(Args)
  Daemon,   // it may wait for ever
  Finish,   // the goroutine ends
  Stop,     // the process ends
  GiveUp,   // what this does is not modelled; B: only if that object is known
  // What others see: here a goroutine can be interrupted.
  Pause, // B: a lock, without which it is not known what it waits for
  Send,  // to B what C leads to; A = whether, of a try
  Recv,  // from B to where C leads; A = ok
  TrySend,
  TryRecv, // A = whether; Args[0]: where ok goes
  Close,
  Cancel,
  Select, // A = which of the C cases at B
  Add,    // to B, C
  Wait,
  Lock,    // K: 1 for the read side
  TryLock, // A = whether
  Unlock,
};

struct Instr {
  Op What;
  int A = -1, B = -1, C = -1;
  int64_t K = 0;
  const clang::Stmt *Site = nullptr;
  std::vector<int> Args;
  std::string Name;    // of the object that it is about, as a person writes it
  bool InLoop = false; // part of the condition of a loop
};

struct Proc {
  const clang::FunctionDecl *In = nullptr; // of a block: the function that it is written in
  std::vector<Instr> Code;
  int Slots = 0;       // captures and parameters come first
  bool Cleans = false; // has cleanups
};

// All that one file has been translated to so far.
class Program {
public:
  explicit Program(Unit &U) : U(U) {}

  int codeOf(const clang::Decl *FunctionOrBlock, const clang::FunctionDecl *In);
  const Proc *procOf(int Code); // nullptr: it has no body here
  const clang::FunctionDecl *functionOf(int Code) const;
  bool isSystem(int Code) const;
  int globalOf(const clang::VarDecl *Var);
  const clang::VarDecl *global(int Number) const { return Globals[Number]; }
  size_t globals() const { return Globals.size(); }

  Unit &U;

private:
  struct Body {
    const clang::Decl *Of;
    const clang::FunctionDecl *In;
    std::unique_ptr<Proc> Made;
  };
  std::vector<Body> Bodies;
  std::map<const clang::Decl *, int> Numbers;
  std::vector<const clang::VarDecl *> Globals;
};

// How many cells a type has, and a member's first; 1 for what is not looked into.
int cellsOf(clang::QualType Type);
int cellOf(const clang::FieldDecl *Field);
bool isLock(clang::QualType Type); // of Weir's

// Translates a body; Of is a FunctionDecl or a BlockDecl.
std::unique_ptr<Proc> translate(Program &All, const clang::Decl *Of, const clang::FunctionDecl *In);

} // namespace weir::model

#endif
