// SPDX-License-Identifier: Apache-2.0
//
// Removes checks that another check of the same region stands for:
//
//   forward   an access after one to the same bytes: a read after a read or write, a
//             write after a write; or the first accesses to a small block just
//             allocated, which the race runtime has marked as written by the caller
//   backward  a read before a write to the same bytes that is sure to come
//
// Both are bit-vector dataflow problems over the same facts. A fact is (base value,
// bytes, kind); where it holds, an access to these bytes by this kind is covered. An access
// makes all facts true that it is strong enough for; the end of a region makes all
// false; blocks are met by intersection. A base that is computed anew in a loop needs
// no kill in forward direction: its fact could only hold on an entry to the loop where
// it was made before the base was, which no path does. Backward it is killed there.
//
// Not done: addresses that are equal but not by the same base value and constant.
#include "pass/RaceRegion.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/CFG.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace {

// Functions with more facts times blocks than this are left as they are.
constexpr uint64_t LargestProblem = 1 << 26;
// Further facts of one base are not kept: the search among them is linear.
constexpr size_t MostOfBase = 256;

struct Fact {
  Value *Base;
  int64_t First, End; // bytes from Base
  bool Write;

  bool standsFor(const Fact &Other) const {
    return Base == Other.Base && First <= Other.First && Other.End <= End &&
           (Write || !Other.Write);
  }
};

// What one instruction means to the facts; -1 where there is none.
struct Event {
  Instruction *I;
  int Makes = -1;                  // the fact that it, and all it stands for, becomes true by it
  int CoveredBy[2] = {-1, -1};     // an access: facts by which it needs no check
  Value *Defines = nullptr;        // a base of facts
  bool Ends = false, Last = false; // ends a region; what comes next may not be reached
};

class Redundancy {
public:
  Redundancy(Function &F, const TargetLibraryInfo &Library)
      : F(F), Library(Library), Layout(F.getParent()->getDataLayout()) {}
  bool run();

private:
  int factOf(const Fact &New);
  void addAccess(const weir::Access &A, Event &E);
  void addInstruction(Instruction &I);
  void make(const Event &E, BitVector &Known, bool WritesOnly) const;
  void stepForward(const Event &E, BitVector &Known) const;
  void stepBackward(const Event &E, BitVector &Known) const;
  bool covered(const Event &E, const BitVector &Known) const;
  void findForward();
  void findBackward();

  Function &F;
  const TargetLibraryInfo &Library;
  const DataLayout &Layout;
  SmallVector<Fact, 64> Facts;
  DenseMap<Value *, SmallVector<int, 4>> OfBase;
  DenseMap<BasicBlock *, std::vector<Event>> Events;
  SmallVector<Instruction *, 32> Found;
};

int Redundancy::factOf(const Fact &New) {
  SmallVector<int, 4> &Same = OfBase[New.Base];
  for (int Known : Same)
    if (Facts[Known].standsFor(New) && New.standsFor(Facts[Known])) return Known;
  if (Same.size() == MostOfBase) return -1;
  Same.push_back(int(Facts.size()));
  Facts.push_back(New);
  return Same.back();
}

void Redundancy::addAccess(const weir::Access &A, Event &E) {
  APInt Offset(Layout.getIndexTypeSizeInBits(A.Pointer->getType()), 0);
  Value *Base =
      A.Pointer->stripAndAccumulateConstantOffsets(Layout, Offset, /*AllowNonInbounds=*/true);
  const int64_t First = Offset.getSExtValue();
  E.Makes = E.CoveredBy[0] = factOf({Base, First, First + int64_t(A.Size), A.Write});
  // Wherever in a marked block an access lies, it lies within it.
  uint64_t Size;
  auto *Object = dyn_cast<Instruction>(getUnderlyingObject(Base));
  if (Object && weir::isSmallAllocation(*Object, Library, &Size))
    E.CoveredBy[1] = factOf({Object, 0, int64_t(Size), true});
}

void Redundancy::addInstruction(Instruction &I) {
  Event E{&I};
  uint64_t Size;
  if (auto A = weir::checkedAccess(I, Layout))
    addAccess(*A, E);
  else if (weir::isSmallAllocation(I, Library, &Size))
    E.Makes = factOf({&I, 0, int64_t(Size), true});
  E.Ends = weir::endsRegion(I, Library);
  E.Last = weir::mayNotReturn(I);
  if (!I.getType()->isVoidTy()) E.Defines = &I;
  if (E.Makes >= 0 || E.Ends || E.Last || I.getType()->isPointerTy())
    Events[I.getParent()].push_back(E);
}

void Redundancy::make(const Event &E, BitVector &Known, bool WritesOnly) const {
  if (E.Makes < 0 || (WritesOnly && !Facts[E.Makes].Write)) return;
  const Fact &Made = Facts[E.Makes];
  for (int Other : OfBase.find(Made.Base)->second)
    if (Made.standsFor(Facts[Other])) Known.set(Other);
}

bool Redundancy::covered(const Event &E, const BitVector &Known) const {
  return any_of(E.CoveredBy, [&](int By) { return By >= 0 && Known.test(By); });
}

void Redundancy::stepForward(const Event &E, BitVector &Known) const {
  if (E.Ends) Known.reset();
  make(E, Known, false);
}

// Only writes count here, and only for reads: a read that stood for an earlier one, which
// stands for it in forward direction, would leave neither.
void Redundancy::stepBackward(const Event &E, BitVector &Known) const {
  if (E.Ends || E.Last) Known.reset();
  if (isa<StoreInst>(E.I)) make(E, Known, true);
  if (auto Here = OfBase.find(E.Defines); E.Defines && Here != OfBase.end())
    for (int Known_ : Here->second)
      Known.reset(Known_);
}

void Redundancy::findForward() {
  ReversePostOrderTraversal<Function *> Order(&F);
  DenseMap<BasicBlock *, BitVector> Out;
  auto entering = [&](BasicBlock *BB) {
    BitVector In(Facts.size(), BB != &F.getEntryBlock());
    for (BasicBlock *Pred : predecessors(BB))
      if (auto Known = Out.find(Pred); Known != Out.end()) In &= Known->second;
    return In;
  };
  for (bool Again = true; Again;) {
    Again = false;
    for (BasicBlock *BB : Order) {
      BitVector Known = entering(BB);
      for (const Event &E : Events[BB])
        stepForward(E, Known);
      auto [At, New] = Out.try_emplace(BB, Known);
      Again |= New || At->second != Known;
      At->second = std::move(Known);
    }
  }
  for (BasicBlock *BB : Order) {
    BitVector Known = entering(BB);
    for (const Event &E : Events[BB]) {
      if (covered(E, Known)) Found.push_back(E.I);
      stepForward(E, Known);
    }
  }
}

// A block from which no end of the function is reached is an endless loop and promises
// nothing; other loops are taken to end, as C allows.
void Redundancy::findBackward() {
  SmallPtrSet<BasicBlock *, 32> Ending;
  SmallVector<BasicBlock *, 32> Work;
  for (BasicBlock &BB : F)
    if (succ_empty(&BB)) Work.push_back(&BB);
  while (!Work.empty())
    if (BasicBlock *BB = Work.pop_back_val(); Ending.insert(BB).second)
      append_range(Work, predecessors(BB));

  DenseMap<BasicBlock *, BitVector> In;
  auto leaving = [&](BasicBlock *BB) {
    BitVector Out(Facts.size(), !succ_empty(BB) && Ending.contains(BB));
    for (BasicBlock *Succ : successors(BB)) {
      if (!Ending.contains(Succ)) Out.reset();
      if (auto Known = In.find(Succ); Known != In.end()) Out &= Known->second;
    }
    return Out;
  };
  for (bool Again = true; Again;) {
    Again = false;
    for (BasicBlock *BB : post_order(&F)) {
      BitVector Known = leaving(BB);
      for (const Event &E : reverse(Events[BB]))
        stepBackward(E, Known);
      auto [At, New] = In.try_emplace(BB, Known);
      Again |= New || At->second != Known;
      At->second = std::move(Known);
    }
  }
  for (BasicBlock *BB : post_order(&F)) {
    BitVector Known = leaving(BB);
    for (const Event &E : reverse(Events[BB])) {
      if (isa<LoadInst>(E.I) && E.CoveredBy[0] >= 0 && Known.test(E.CoveredBy[0]))
        Found.push_back(E.I);
      stepBackward(E, Known);
    }
  }
}

bool Redundancy::run() {
  for (BasicBlock &BB : F)
    for (Instruction &I : BB)
      addInstruction(I);
  if (Facts.empty() || uint64_t(Facts.size()) * F.size() > LargestProblem) return false;
  findForward();
  findBackward();
  for (Instruction *I : Found)
    weir::exempt(*I);
  return !Found.empty();
}

} // namespace

bool weir::elideRedundant(Function &F, FunctionAnalysisManager &AM) {
  return Redundancy(F, AM.getResult<TargetLibraryAnalysis>(F)).run();
}
