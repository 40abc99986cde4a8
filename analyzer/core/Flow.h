// SPDX-License-Identifier: Apache-2.0
//
// One function, all ways through it. The states at a point are kept apart while they differ, up
// to a limit; then facts are dropped, and past a second limit the function is given up, silently.
// Trackers say what a call does to a state; the flow does what is the same for all of them:
// conditions, assignments, unknown calls, cleanups, and what known functions do (Summary).
#ifndef WEIR_ANALYZER_CORE_FLOW_H
#define WEIR_ANALYZER_CORE_FLOW_H

#include "core/Conditions.h"
#include "core/Unit.h"

#include "clang/Analysis/CFG.h"
#include <memory>
#include <set>

namespace weir {

class Flow;

struct Event {
  const clang::CallExpr *Call;
  const CallRole &Role;
  State &Now;
  bool Deferred; // in a defer or cleanup
};

// The state of one kind of object. Its items stand under its letter and the object's key.
class Tracker {
public:
  Tracker(Flow &F, char Letter) : Letter(Letter), F(F) {}
  virtual ~Tracker() = default;

  virtual void call(Event &) {}
  // A known function leaves this behind.
  virtual void effect(State &, const clang::CallExpr *, const Effect &, const Path &) {}
  virtual void taken(State &, const clang::CallExpr *, const Taking &, const Path &) {}
  // A call of one of the program's own functions, or of one that is not known; nothing of what it
  // does has been applied yet. Sum: nullptr if there is none.
  virtual void ofProgram(State &, const clang::CallExpr *, const Summary *) {}
  // No call can change what is known of it.
  virtual bool isSafe(const Item &) const { return false; }
  virtual void finish() {}

  const char Letter;

protected:
  Path objectOf(const Event &E) const;
  std::string keyOf(const Path &P) const { return Letter + P.Key; }
  Item *find(State &S, const Path &P) const { return P ? S.find(keyOf(P)) : nullptr; }
  Flow &F;
};

struct Exit {
  const clang::Stmt *Return; // nullptr: the end of the function
  State At;
};

class Flow {
public:
  Flow(Unit &U, FunctionInfo &Info);
  ~Flow();

  // False: given up. Afterwards the trackers have reported and the summary is made.
  bool run();

  Unit &U;
  FunctionInfo &Info;
  const clang::FunctionDecl *Function;
  Variables Vars;
  Conditions When;
  std::vector<Exit> Exits;
  std::vector<Taking> Takes;
  bool LostFacts = false; // some ways may be among these that cannot be taken

  clang::SourceLocation endOf(const Exit &E) const; // where a person sees it leave
  bool isConsumed(const clang::CallExpr *Call) const { return Consumed.count(Call); }
  // An unknown call after which the object was found as before did nothing to it.
  void clear(const Item &I);
  bool isCertain(const Item &I) const; // no unknown call may have changed it

private:
  using States = std::set<State>;
  void prepare();
  void step(const clang::CFGBlock *Block, const State &From);
  void leave(const clang::CFGBlock *Block, const States &All);
  void flow(const clang::CFGBlock *From, unsigned Number, const clang::CFGBlock *To, State S);
  void statement(const clang::Stmt *S, States &All);
  void call(const clang::CallExpr *Call, State S, States &Out, bool Deferred);
  void apply(const clang::CallExpr *Call, const Summary &Sum, State &S);
  void applyOne(const clang::CallExpr *Call, const Effect &E, const Path &P, State &S);
  void unknown(const clang::CallExpr *Call, State &S);
  bool isSafe(const std::string &Key, const Item &I) const;
  void cleanup(const clang::VarDecl *Var, State &S);
  void calls(const clang::Stmt *Body, State &S); // of a block that runs here
  void summarize();

  std::unique_ptr<clang::CFG> Graph;
  std::vector<std::unique_ptr<Tracker>> Trackers;
  llvm::DenseMap<const clang::CFGBlock *, States> Seen;
  std::vector<std::pair<const clang::CFGBlock *, State>> Work;
  llvm::DenseSet<const clang::CallExpr *> Consumed;
  std::set<std::pair<const clang::CallExpr *, std::string>> Innocent;
  bool GaveUp = false, Opaque = false;
};

// All there are, checks/Trackers.cpp.
std::vector<std::unique_ptr<Tracker>> makeTrackers(Flow &F);

} // namespace weir

#endif
