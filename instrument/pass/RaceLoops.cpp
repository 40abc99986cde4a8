// SPDX-License-Identifier: Apache-2.0
//
// Moves checks out of loops. In a loop that is one region (nothing in it ends one or may
// not return), a check of what every iteration accesses may be made once, before
// the loop:
//
//   the same bytes each time     one check of them
//   bytes that follow each other one check of the whole range, __tsan_read_range
//
// Items of work are (start, size, kind), at first one for each checked access.
// Loops are visited from the inside out; an item that is sure to be executed moves to
// the preheader, where the next loop out finds it again. Accesses of one iteration
// that touch or overlap, as those of unrolled loops and stencils do, become one item.
//
// Nothing is checked that is not accessed: a range needs an exact trip count, one exit,
// which is the latch, and an access in every iteration.
#include "pass/RaceRegion.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/IR/Dominators.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

using namespace llvm;

namespace {

constexpr size_t MostItems = 2000;       // of a function; others are left where they are
constexpr unsigned FewestIterations = 4; // known to be fewer: a range costs more than it saves
constexpr unsigned ExpansionBudget = 16;

struct Item {
  const SCEV *Start, *Size; // bytes, an i64
  bool Write;
  BasicBlock *At;
  SmallVector<Instruction *, 4> For; // the accesses it checks
  bool Moved = false;
  bool Merged = false; // no longer the bytes of one access
};

class LoopChecks {
public:
  LoopChecks(Function &F, FunctionAnalysisManager &AM)
      : F(F), Layout(F.getParent()->getDataLayout()), LI(AM.getResult<LoopAnalysis>(F)),
        SE(AM.getResult<ScalarEvolutionAnalysis>(F)), DT(AM.getResult<DominatorTreeAnalysis>(F)),
        TTI(AM.getResult<TargetIRAnalysis>(F)), Library(AM.getResult<TargetLibraryAnalysis>(F)),
        Expander(SE, Layout, "weir.range", /*PreserveLCSSA=*/false) {}
  bool run();

private:
  void collect();
  bool isQuiet(const Loop &L) const;
  void visit(Loop &L);
  bool runsEveryTime(const Item &I, const Loop &L) const;
  bool canMove(const SCEV *Start, const SCEV *Size, Loop &L);
  void hoist(Item &I, Loop &L);
  const SCEV *backedgesTaken(Loop &L);
  void mergeRows(Loop &L);
  void mergeGroup(MutableArrayRef<Item *> Group, Loop &L, const SCEV *Taken);
  void unite(MutableArrayRef<Item *> Cluster, uint64_t Length, int64_t Step, Loop &L,
             const SCEV *Taken);
  void dropCovered(BasicBlock *At);
  void emit(Item &I);

  Function &F;
  const DataLayout &Layout;
  LoopInfo &LI;
  ScalarEvolution &SE;
  DominatorTree &DT;
  TargetTransformInfo &TTI;
  TargetLibraryInfo &Library;
  SCEVExpander Expander;
  std::vector<std::unique_ptr<Item>> Items;
};

void LoopChecks::collect() {
  Type *I64 = Type::getInt64Ty(F.getContext());
  for (BasicBlock &BB : F) {
    if (!LI.getLoopFor(&BB)) continue;
    for (Instruction &I : BB)
      if (auto A = weir::checkedAccess(I, Layout)) {
        if (Items.size() == MostItems) return;
        if (weir::isPrivate(*A)) continue;
        Items.push_back(std::make_unique<Item>(
            Item{SE.getSCEV(A->Pointer), SE.getConstant(I64, A->Size), A->Write, &BB, {&I}}));
      }
  }
}

// One region, and left by its exits only.
bool LoopChecks::isQuiet(const Loop &L) const {
  if (!L.getLoopLatch()) return false;
  for (const BasicBlock *BB : L.blocks())
    for (const Instruction &I : *BB)
      if (weir::endsRegion(I, Library) || weir::mayNotReturn(I)) return false;
  return true;
}

// Whether each iteration that starts executes the item, the first one included.
bool LoopChecks::runsEveryTime(const Item &I, const Loop &L) const {
  if (!L.contains(I.At) || !DT.dominates(I.At, L.getLoopLatch())) return false;
  SmallVector<BasicBlock *, 4> Exiting;
  L.getExitingBlocks(Exiting);
  return all_of(Exiting, [&](BasicBlock *BB) { return DT.dominates(I.At, BB); });
}

bool LoopChecks::canMove(const SCEV *Start, const SCEV *Size, Loop &L) {
  Instruction *At = L.getLoopPreheader()->getTerminator();
  return SE.isLoopInvariant(Start, &L) && SE.isLoopInvariant(Size, &L) &&
         Expander.isSafeToExpandAt(Start, At) && Expander.isSafeToExpandAt(Size, At) &&
         !Expander.isHighCostExpansion({Start, Size}, &L, ExpansionBudget, &TTI, At);
}

void LoopChecks::hoist(Item &I, Loop &L) {
  if (!canMove(I.Start, I.Size, L)) return;
  I.At = L.getLoopPreheader();
  I.Moved = true;
}

// How often the latch is taken if it is the only way on and out, else null.
const SCEV *LoopChecks::backedgesTaken(Loop &L) {
  if (L.getExitingBlock() != L.getLoopLatch()) return nullptr;
  unsigned Most = SE.getSmallConstantMaxTripCount(&L);
  if (Most && Most < FewestIterations) return nullptr;
  const SCEV *Taken = SE.getBackedgeTakenCount(&L);
  if (isa<SCEVCouldNotCompute>(Taken) || SE.getTypeSizeInBits(Taken->getType()) > 64)
    return nullptr;
  return SE.getNoopOrZeroExtend(Taken, Type::getInt64Ty(F.getContext()));
}

const SCEVAddRecExpr *rowOf(const Item &I, const Loop &L) {
  auto *Row = dyn_cast<SCEVAddRecExpr>(I.Start);
  return Row && Row->getLoop() == &L && Row->isAffine() ? Row : nullptr;
}

// The items of L that go through memory in steps, by kind, step and what they start from.
void LoopChecks::mergeRows(Loop &L) {
  const SCEV *Taken = backedgesTaken(L);
  if (!Taken) return;
  std::vector<SmallVector<Item *, 8>> Groups;
  for (auto &Owned : Items) {
    Item *I = Owned.get();
    const SCEVAddRecExpr *Row = rowOf(*I, L);
    if (!Row || !runsEveryTime(*I, L)) continue;
    auto Same = find_if(Groups, [&](const SmallVector<Item *, 8> &Group) {
      const Item *First = Group[0];
      return First->Write == I->Write &&
             rowOf(*First, L)->getStepRecurrence(SE) == Row->getStepRecurrence(SE) &&
             isa<SCEVConstant>(SE.getMinusSCEV(I->Start, First->Start));
    });
    if (Same == Groups.end())
      Groups.push_back({I});
    else
      Same->push_back(I);
  }
  for (SmallVector<Item *, 8> &Group : Groups)
    mergeGroup(Group, L, Taken);
}

// Cuts a group into clusters without gaps within an iteration.
void LoopChecks::mergeGroup(MutableArrayRef<Item *> Group, Loop &L, const SCEV *Taken) {
  const SCEVAddRecExpr *Row = rowOf(*Group[0], L);
  auto *Step = dyn_cast<SCEVConstant>(Row->getStepRecurrence(SE));
  if (!Step) { // as long as the piece itself: rows of a matrix of unknown width
    if (Group.size() == 1 && Group[0]->Size == Row->getStepRecurrence(SE))
      unite(Group, 0, 0, L, Taken);
    return;
  }
  if (!all_of(Group, [](Item *I) { return isa<SCEVConstant>(I->Size); })) return;
  auto offset = [&](const Item *I) {
    return cast<SCEVConstant>(SE.getMinusSCEV(I->Start, Group[0]->Start))
        ->getAPInt()
        .getSExtValue();
  };
  auto size = [](const Item *I) { return cast<SCEVConstant>(I->Size)->getAPInt().getSExtValue(); };
  sort(Group, [&](Item *A, Item *B) { return offset(A) < offset(B); });
  for (size_t First = 0, Next; First < Group.size(); First = Next) {
    const int64_t From = offset(Group[First]);
    int64_t End = From + size(Group[First]);
    for (Next = First + 1; Next < Group.size() && offset(Group[Next]) <= End; Next++)
      End = std::max(End, offset(Group[Next]) + size(Group[Next]));
    unite(Group.slice(First, Next - First), uint64_t(End - From), Step->getAPInt().getSExtValue(),
          L, Taken);
  }
}

// Moves a cluster, Length bytes in each iteration, in front of L as a single range, if
// iterations leave no gap. A Step of 0 stands for one that is the item's own size.
void LoopChecks::unite(MutableArrayRef<Item *> Cluster, uint64_t Length, int64_t Step, Loop &L,
                       const SCEV *Taken) {
  Item &First = *Cluster[0];
  const SCEVAddRecExpr *Row = rowOf(First, L);
  Type *I64 = Taken->getType();
  if (Step && uint64_t(std::abs(Step)) > Length) return;
  const SCEV *Stride = Step ? SE.getConstant(I64, uint64_t(std::abs(Step))) : First.Size;
  const SCEV *Piece = Step ? SE.getConstant(I64, Length) : First.Size;
  const SCEV *Travel = SE.getMulExpr(Stride, Taken);
  const SCEV *Start = Step < 0 ? SE.getMinusSCEV(Row->getStart(), Travel) : Row->getStart();
  const SCEV *Size = SE.getAddExpr(Travel, Piece);
  if (isa<SCEVCouldNotCompute>(Start) || !canMove(Start, Size, L)) return;
  First.Start = Start;
  First.Size = Size;
  First.At = L.getLoopPreheader();
  First.Moved = First.Merged = true;
  for (Item *Other : Cluster.drop_front()) {
    append_range(First.For, Other->For);
    Other->For.clear();
    Other->At = nullptr;
  }
}

// Of two moved items for the same bytes in the same place, the weaker one goes.
void LoopChecks::dropCovered(BasicBlock *At) {
  for (auto &Strong : Items)
    for (auto &Weak : Items)
      if (Strong != Weak && Strong->At == At && Weak->At == At && Strong->Moved && Weak->Moved &&
          Strong->Start == Weak->Start && Strong->Size == Weak->Size &&
          (Strong->Write || !Weak->Write)) {
        append_range(Strong->For, Weak->For);
        Weak->For.clear();
        Weak->At = nullptr;
      }
}

void LoopChecks::visit(Loop &L) {
  for (Loop *Inner : L)
    visit(*Inner);
  if (!isQuiet(L)) return;
  if (!L.getLoopPreheader() && !InsertPreheaderForLoop(&L, &DT, &LI, nullptr, false)) return;
  for (auto &I : Items)
    if (I->At && runsEveryTime(*I, L)) hoist(*I, L);
  mergeRows(L);
  dropCovered(L.getLoopPreheader());
}

// ThreadSanitizer's check of a single aligned access, or none.
std::string singleCheck(const Item &I) {
  if (I.Merged) return "";
  const uint64_t Size = cast<SCEVConstant>(I.Size)->getAPInt().getZExtValue();
  if (Size > 16 || !isPowerOf2_64(Size)) return "";
  if (getLoadStoreAlignment(I.For[0]).value() < std::min<uint64_t>(Size, 8)) return "";
  return (I.Write ? "__tsan_write" : "__tsan_read") + std::to_string(Size);
}

void LoopChecks::emit(Item &I) {
  Instruction *Before = I.At->getTerminator();
  LLVMContext &Context = F.getContext();
  Module &M = *F.getParent();
  Type *None = Type::getVoidTy(Context), *I64 = Type::getInt64Ty(Context);
  Type *Pointer = PointerType::getUnqual(Context);
  const std::string Single = singleCheck(I);
  SmallVector<Value *, 2> Arguments{
      Expander.expandCodeFor(I.Start, Pointer, Before->getIterator())};
  if (Single.empty())
    Arguments.push_back(Expander.expandCodeFor(I.Size, I64, Before->getIterator()));
  FunctionCallee Check =
      Single.empty() ? weir::rangeCheck(M, I.Write) : M.getOrInsertFunction(Single, None, Pointer);
  CallInst *Call = CallInst::Create(Check, Arguments, "", Before->getIterator());
  Call->setDebugLoc(I.For[0]->getDebugLoc());
  Call->setDoesNotThrow();
  for (Instruction *Access : I.For)
    weir::exempt(*Access);
}

bool LoopChecks::run() {
  collect();
  for (Loop *L : LI)
    visit(*L);
  for (auto &I : Items)
    if (I->At && I->Moved) emit(*I);
  return true; // if only by a block in front of a loop
}

} // namespace

bool weir::checkRanges(Function &F, FunctionAnalysisManager &AM) {
  if (AM.getResult<LoopAnalysis>(F).empty()) return false;
  return LoopChecks(F, AM).run();
}
