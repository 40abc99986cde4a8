// SPDX-License-Identifier: Apache-2.0
//
// Accesses that ThreadSanitizer's pass passes over without a word, because the runtime has
// no check of their size: it knows 1, 2, 4, 8 and 16 bytes. Vectorized code has wider
// loads and stores (at -O2, more so with -mavx2), so a race can be there at -O1 and
// gone at -O2; and long double has 10 bytes at every level. They are checked as ranges here.
//
// So are masked and scattered vectors, which are calls and no loads: lane by lane, and a
// lane that is not accessed as an unused local variable.
#include "pass/RaceRegion.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace {

struct Masked {
  IntrinsicInst *Call;
  Value *From, *Mask; // From: the address of the first lane, or the addresses of all
  FixedVectorType *Shape;
  Align Alignment; // of a lane
  bool Write;
};

} // namespace

static Masked masked(IntrinsicInst &I, Type *Shape, unsigned At, bool Write) {
  auto *Vector = dyn_cast<FixedVectorType>(Shape);
  const uint64_t Alignment = cast<ConstantInt>(I.getArgOperand(At + 1))->getZExtValue();
  return {&I, I.getArgOperand(At), I.getArgOperand(At + 2), Vector, Align(Alignment), Write};
}

static std::optional<Masked> maskedAccess(Instruction &I) {
  auto *Call = dyn_cast<IntrinsicInst>(&I);
  if (!Call || Call->hasMetadata(LLVMContext::MD_nosanitize)) return std::nullopt;
  switch (Call->getIntrinsicID()) {
  case Intrinsic::masked_load:
  case Intrinsic::masked_gather:
    return masked(*Call, Call->getType(), 0, false);
  case Intrinsic::masked_store:
  case Intrinsic::masked_scatter:
    return masked(*Call, Call->getArgOperand(0)->getType(), 1, true);
  default:
    return std::nullopt;
  }
}

static void checkLanes(const Masked &A) {
  Module &M = *A.Call->getModule();
  Type *Element = A.Shape->getElementType();
  const uint64_t Size = M.getDataLayout().getTypeStoreSize(Element);
  const Align Each = commonAlignment(A.Alignment, Size);
  Value *Unused = weir::unusedVariable(*A.Call->getFunction(), Element, Each);
  IRBuilder<> B(A.Call);
  for (unsigned Lane = 0; Lane < A.Shape->getNumElements(); Lane++) {
    Value *At = A.From->getType()->isVectorTy() ? B.CreateExtractElement(A.From, Lane)
                                                : B.CreateConstGEP1_64(Element, A.From, Lane);
    At = B.CreateSelect(B.CreateExtractElement(A.Mask, Lane), At, Unused);
    const bool Aligned = Each.value() >= std::min<uint64_t>(Size, 8);
    B.CreateCall(weir::checkOf(M, Size, A.Write, Aligned), At);
  }
}

static bool checkMasked(Function &F) {
  SmallVector<Masked, 8> Found;
  for (Instruction &I : instructions(F))
    if (auto A = maskedAccess(I); A && A->Shape)
      if (weir::hasCheck(F.getDataLayout().getTypeStoreSize(A->Shape->getElementType())))
        Found.push_back(*A);
  for (const Masked &A : Found)
    checkLanes(A);
  return !Found.empty();
}

bool weir::checkWide(Function &F) {
  SmallVector<Access, 16> Found;
  for (Instruction &I : instructions(F))
    if (auto A = checkedAccess(I, F.getDataLayout()))
      if (!hasCheck(A->Size) && !isPrivate(*A)) Found.push_back(*A);
  for (const Access &A : Found) {
    IRBuilder<> B(A.I);
    B.CreateCall(rangeCheck(*F.getParent(), A.Write), {A.Pointer, B.getInt64(A.Size)});
    exempt(*A.I);
  }
  const bool Changed = checkMasked(F);
  return Changed || !Found.empty();
}
