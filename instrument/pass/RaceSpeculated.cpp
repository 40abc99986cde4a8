// SPDX-License-Identifier: Apache-2.0
//
// Reads that the program does not make. The optimizer may read what it does not need as long as the
// read cannot fault; checked like the program's own, such a read is a race that is not there.
// The mark `sanitize_thread` keeps most passes from it, but not these of LLVM 19:
//
// - InstCombine and SROA turn a load through one of two pointers into two loads and a choice.
// Undone
//   right after each InstCombine, before others build on it, and once more at the end:
//   `select c, load p, load q` -> `load (select c, p, q)`; where only one side is a load, the
//   other address is that of an unused local variable.
// - LICM keeps a variable in a register over a loop that writes it on some path only, and so
//   reads it in front of the loop. That load is not checked, as nothing tells any more where
//   the program read. It is known by this: it has no place in the source, and not the mark that
//   each load with a place is given here, for LICM takes the place from those that it moves.
// - The vectorizer reads `p[i].a` of several i at once, together with what lies between. Only the
//   lanes that something uses are checked.
//
// Volatile and atomic accesses are left alone, and so is code of -O0.
#include "pass/Passes.h"
#include "pass/RaceRegion.h"

#include "llvm/ADT/SmallBitVector.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;

// Whether nobody looks at the value but to choose it or another one.
static bool isForChoice(const LoadInst &Load) {
  return all_of(Load.users(), [&Load](const User *U) {
    auto *Choice = dyn_cast<SelectInst>(U);
    return Choice && Choice->getCondition() != &Load;
  });
}

// Whether the load may as well stand where At does.
static bool mayMoveDown(const LoadInst &Load, const Instruction &At) {
  if (Load.getParent() != At.getParent()) return false;
  for (const Instruction *I = &Load; I != &At; I = I->getNextNode())
    if (I->mayWriteToMemory() || !isGuaranteedToTransferExecutionToSuccessor(I)) return false;
  return true;
}

// The load that Side of the choice is, if it was made for choices only.
static LoadInst *speculated(Value *Side, const SelectInst &Choice) {
  auto *Load = dyn_cast<LoadInst>(Side);
  const bool Plain = Load && Load->isSimple() && Load->getPointerAddressSpace() == 0;
  return Plain && isForChoice(*Load) && mayMoveDown(*Load, Choice) ? Load : nullptr;
}

static LoadInst *loadOfChosen(SelectInst &Choice, LoadInst &Like, Value *True, Value *False) {
  IRBuilder<> B(&Choice);
  B.SetCurrentDebugLocation(Like.getDebugLoc());
  Value *From = B.CreateSelect(Choice.getCondition(), True, False);
  return B.CreateAlignedLoad(Like.getType(), From, Like.getAlign());
}

static bool undoBoth(SelectInst &Choice, LoadInst &True, LoadInst &False) {
  LoadInst &Like = True.getAlign() < False.getAlign() ? True : False;
  LoadInst *One = loadOfChosen(Choice, Like, True.getPointerOperand(), False.getPointerOperand());
  One->setAAMetadata(True.getAAMetadata().merge(False.getAAMetadata()));
  Choice.replaceAllUsesWith(One);
  Choice.eraseFromParent();
  return true;
}

static bool undoOne(SelectInst &Choice, LoadInst *True, LoadInst *False) {
  LoadInst &Like = True ? *True : *False;
  Value *Unused = weir::unusedVariable(*Like.getFunction(), Like.getType(), Like.getAlign());
  Choice.setOperand(True ? 1 : 2,
                    loadOfChosen(Choice, Like, True ? True->getPointerOperand() : Unused,
                                 False ? False->getPointerOperand() : Unused));
  return true;
}

static bool undo(SelectInst &Choice, bool Last) {
  if (!Choice.getCondition()->getType()->isIntegerTy(1)) return false;
  LoadInst *True = speculated(Choice.getTrueValue(), Choice);
  LoadInst *False = speculated(Choice.getFalseValue(), Choice);
  if (True && False) return undoBoth(Choice, *True, *False);
  return Last && (True || False) && undoOne(Choice, True, False);
}

// Has somebody else look at the choice between two addresses that Choice is.
static void keepTogether(Instruction &Choice) {
  Instruction *After =
      isa<PHINode>(Choice) ? Choice.getParent()->getFirstNonPHIOrDbg() : Choice.getNextNode();
  IRBuilder<>(After).CreateAssumption(ConstantInt::getTrue(Choice.getContext()),
                                      OperandBundleDef("noundef", cast<Value>(&Choice)));
}

static bool isAddressOfChoice(const Instruction &I) {
  return isa<SelectInst, PHINode>(I) && I.getType()->isPointerTy();
}

// SROA does it to local variables whatever the code around: the choices of the source.
static bool keepAllTogether(Function &F) {
  SmallVector<Instruction *, 16> Choices;
  for (Instruction &I : instructions(F))
    if (isAddressOfChoice(I) && !I.getParent()->isEHPad()) Choices.push_back(&I);
  for (Instruction *Choice : Choices)
    keepTogether(*Choice);
  return !Choices.empty();
}

// Those that have come up since and that a load is all that looks at.
static bool keepLoadedTogether(Function &F) {
  SmallVector<Instruction *, 16> Choices;
  for (Instruction &I : instructions(F))
    if (auto *Load = dyn_cast<LoadInst>(&I); Load && Load->isSimple())
      if (auto *From = dyn_cast<Instruction>(Load->getPointerOperand()))
        if (isAddressOfChoice(*From) && From->hasOneUse() && !From->getParent()->isEHPad())
          Choices.push_back(From);
  for (Instruction *Choice : Choices)
    keepTogether(*Choice);
  return !Choices.empty();
}

static void eraseUnused(ArrayRef<WeakTrackingVH> Loads) {
  for (const WeakTrackingVH &V : Loads)
    if (auto *Load = dyn_cast_or_null<LoadInst>(V); Load && Load->use_empty())
      Load->eraseFromParent();
}

// In the order of the code, so that a choice among choices finds loads.
static bool undoChoices(Function &F, bool Last) {
  SmallVector<WeakTrackingVH, 16> Loads;
  SmallVector<SelectInst *, 16> Choices;
  for (Instruction &I : instructions(F)) {
    if (isa<LoadInst>(I)) Loads.push_back(&I);
    if (auto *Choice = dyn_cast<SelectInst>(&I)) Choices.push_back(Choice);
  }
  bool Changed = false;
  for (SelectInst *Choice : Choices)
    Changed |= undo(*Choice, Last);
  if (Changed) eraseUnused(Loads);
  return Changed;
}

static constexpr char OfSource[] = "weir.source";

static void markThoseOfSource(Function &F) {
  for (Instruction &I : instructions(F))
    if (DILocation *Place = I.getDebugLoc(); Place && isa<LoadInst>(I))
      I.setMetadata(OfSource, MDNode::get(F.getContext(), Place));
}

static DISubprogram *functionOf(const DILocation &Place) {
  return Place.getScope()->getSubprogram();
}

// The place that the mark remembers. If the function has been inlined since, the mark does not know
// where, but code of the same function around the load does.
static DILocation *rememberedPlace(const LoadInst &Load) {
  auto *Place = cast<DILocation>(Load.getMetadata(OfSource)->getOperand(0));
  const DISubprogram *Here = Load.getFunction()->getSubprogram();
  if (Place->getInlinedAtScope()->getSubprogram() == Here) return Place;
  for (const Instruction &I : instructions(*Load.getFunction()))
    if (const DILocation *Near = I.getDebugLoc();
        Near && Near->getInlinedAt() && functionOf(*Near) == functionOf(*Place))
      return DILocation::get(Load.getContext(), Place->getLine(), Place->getColumn(),
                             Place->getScope(), Near->getInlinedAt());
  return nullptr;
}

static void givePlaceBack(LoadInst &Load) {
  if (!Load.getDebugLoc() && Load.hasMetadata(OfSource)) Load.setDebugLoc(rememberedPlace(Load));
}

static bool isKnown(const LoadInst &Load) {
  return Load.getDebugLoc() || Load.hasMetadata(OfSource) || !Load.isSimple() ||
         !Load.getFunction()->getSubprogram();
}

// Whether something is written where the load reads.
static bool isWritten(const LoadInst &Load) {
  return any_of(instructions(*Load.getFunction()), [&Load](const Instruction &I) {
    auto *Store = dyn_cast<StoreInst>(&I);
    return Store && Store->getPointerOperand() == Load.getPointerOperand();
  });
}

static bool exemptMadeUp(Function &F) {
  bool Changed = false;
  for (Instruction &I : instructions(F)) {
    auto *Load = dyn_cast<LoadInst>(&I);
    if (!Load) continue;
    if (!isKnown(*Load) && isWritten(*Load)) {
      weir::exempt(*Load);
      Changed = true;
    }
    givePlaceBack(*Load);
    Load->setMetadata(OfSource, nullptr);
  }
  return Changed;
}

// The lanes of a vector that something uses; all in doubt.
static SmallBitVector usedLanes(const LoadInst &Load, unsigned Lanes) {
  SmallBitVector Used(Lanes);
  for (const User *U : Load.users()) {
    if (auto *One = dyn_cast<ExtractElementInst>(U)) {
      auto *Index = dyn_cast<ConstantInt>(One->getIndexOperand());
      if (!Index || Index->getZExtValue() >= Lanes) return SmallBitVector(Lanes, true);
      Used.set(Index->getZExtValue());
    } else if (auto *Shuffle = dyn_cast<ShuffleVectorInst>(U)) {
      for (int From : Shuffle->getShuffleMask()) {
        if (From < 0) continue;
        if (Shuffle->getOperand(unsigned(From) / Lanes) == &Load) Used.set(unsigned(From) % Lanes);
      }
    } else {
      return SmallBitVector(Lanes, true);
    }
  }
  return Used;
}

static void checkPart(LoadInst &Load, uint64_t From, uint64_t Size) {
  Module &M = *Load.getModule();
  IRBuilder<> B(&Load);
  Value *At = B.CreateConstGEP1_64(B.getInt8Ty(), Load.getPointerOperand(), From);
  const bool Aligned = commonAlignment(Load.getAlign(), From) >= std::min<uint64_t>(Size, 8);
  if (weir::hasCheck(Size))
    B.CreateCall(weir::checkOf(M, Size, false, Aligned), At);
  else
    B.CreateCall(weir::rangeCheck(M, false), {At, B.getInt64(Size)});
}

static bool checkUsedLanes(LoadInst &Load) {
  auto *Shape = dyn_cast<FixedVectorType>(Load.getType());
  if (!Shape || !weir::checkedAccess(Load, Load.getDataLayout())) return false;
  const unsigned Lanes = Shape->getNumElements();
  const uint64_t Bits = Load.getDataLayout().getTypeSizeInBits(Shape->getElementType());
  SmallBitVector Used = usedLanes(Load, Lanes);
  if (Used.all() || Bits % 8) return false;
  for (unsigned Lane : Used.set_bits())
    checkPart(Load, Lane * Bits / 8, Bits / 8);
  weir::exempt(Load);
  return true;
}

// The assumptions of keepTogether, which have done their work.
static bool dropAssumptions(Function &F) {
  SmallVector<Instruction *, 16> Found;
  for (Instruction &I : instructions(F))
    if (auto *Assume = dyn_cast<AssumeInst>(&I))
      if (Assume->getNumOperandBundles() == 1 &&
          Assume->getOperandBundleAt(0).getTagName() == "noundef")
        Found.push_back(Assume);
  for (Instruction *Assume : Found)
    Assume->eraseFromParent();
  return !Found.empty();
}

bool weir::checkSpeculated(Function &F) {
  bool Changed = undoChoices(F, true);
  Changed |= dropAssumptions(F);
  Changed |= exemptMadeUp(F);
  for (Instruction &I : instructions(F))
    if (auto *Load = dyn_cast<LoadInst>(&I)) Changed |= checkUsedLanes(*Load);
  return Changed;
}

PreservedAnalyses weir::MovedLoadsPass::run(Loop &L, LoopAnalysisManager &,
                                            LoopStandardAnalysisResults &, LPMUpdater &) {
  if (BasicBlock *Before = L.getLoopPreheader(); Before && mayRepair(*Before->getParent()))
    for (Instruction &I : *Before)
      if (auto *Load = dyn_cast<LoadInst>(&I)) givePlaceBack(*Load);
  return PreservedAnalyses::all();
}

PreservedAnalyses weir::SpeculatedPass::run(Function &F, FunctionAnalysisManager &) {
  if (!mayRepair(F)) return PreservedAnalyses::all();
  markThoseOfSource(F);
  bool Changed = First ? keepAllTogether(F) : undoChoices(F, false);
  Changed |= keepLoadedTogether(F);
  if (!Changed) return PreservedAnalyses::all();
  PreservedAnalyses Kept;
  Kept.preserveSet<CFGAnalyses>();
  return Kept;
}
