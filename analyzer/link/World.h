// SPDX-License-Identifier: Apache-2.0
//
// The digests of one program: who calls whom across files, which locks a function comes to take,
// which are held whenever it is entered, and who can run it. Function pointers count as calls of
// every function that is put into their field, if these are at most four.
//
// Where the program has a main, what runs before its first goroutine was started, or after it
// waited for the last, is alone. Without one it is a library: whatever nobody calls here may be
// called by any number of threads at a time.
#ifndef WEIR_ANALYZER_LINK_WORLD_H
#define WEIR_ANALYZER_LINK_WORLD_H

#include "link/Programs.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"
#include <map>
#include <set>

namespace weir {

struct LinkedFunction;

// A lock that is taken by a function or by what it calls, as that function's caller sees it.
struct Taken {
  Thing Lock;
  bool Shared = false, Foreign = false;
  bool Depends = false;               // a call on the way there is made only if an argument says so
  const LinkedFunction *In = nullptr; // the call that leads there stands here
  const Act *By = nullptr;
  const Taken *Then = nullptr; // what the called function does; nullptr: By takes it itself
  std::set<std::string> Under; // classes of locks that are held by then, from In on
};

struct LinkedFunction {
  const DigestFunction *Is = nullptr;
  const Digest *From = nullptr;
  std::vector<std::pair<LinkedFunction *, const Act *>> Callers;
  bool Started = false, Many = false; // by a goroutine or thread; maybe by several
  bool Starts = false;                // one itself, or by what it calls
  bool IsRoot = false;
  bool Live = false; // runs while others do
  std::vector<Taken *> Takes;
  std::set<std::string> Releases; // names of locks of its caller
  std::set<std::string> Entered;  // classes that are held whenever it is entered
  bool EnteredKnown = false;
  enum { New, Running, Done } Phase = New;
};

class World {
public:
  explicit World(const Program &All);
  ~World();

  std::vector<LinkedFunction *> targets(const Act &A) const;
  LinkedFunction *find(llvm::StringRef Id) const;
  // The lock as the caller sees it; empty if it cannot.
  static Thing inCaller(const Thing &T, const Act &Call);
  // What the call may release of the caller's.
  bool releases(const LinkedFunction *Called, const Act &Call, const Thing &T) const;
  // Whoever starts what runs the function.
  const std::set<const LinkedFunction *> &rootsOf(const LinkedFunction *F) const;
  // Two threads can run what has these roots at the same time.
  bool runTogether(const std::set<const LinkedFunction *> &All) const;
  bool isLive(const LinkedFunction *F, const Act *A) const;

  std::vector<LinkedFunction *> Functions;
  bool HasMain = false, Recursive = false;
  // Who takes locks of a class for writing, one of them.
  llvm::StringMap<std::pair<const LinkedFunction *, const Act *>> Written;
  unsigned UnknownSlots = 0;

private:
  void addSlots(const Program &All);
  void connect();
  void findRoots(const Program &All);
  void settle(LinkedFunction *F);
  void addTaken(LinkedFunction *F, Taken T);
  void enter();
  void findWriters();
  void live(LinkedFunction *F);
  void aloneAtFirst(LinkedFunction *F);
  void markStarts();
  bool starts(const Act &A) const;

  llvm::StringMap<LinkedFunction *> ById;
  llvm::StringMap<std::set<std::string>> Slots;
  llvm::DenseSet<const Act *> Alone;
  mutable std::map<const LinkedFunction *, std::set<const LinkedFunction *>> Roots;
  std::vector<std::unique_ptr<LinkedFunction>> Owned;
  std::vector<std::unique_ptr<Taken>> OwnedTaken;
};

} // namespace weir

#endif
