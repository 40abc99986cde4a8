// SPDX-License-Identifier: Apache-2.0
//
// Accesses that ThreadSanitizer's pass passes over without a word, because the runtime has
// no check of their size: it knows 1, 2, 4, 8 and 16 bytes. Vectorized code has wider
// loads and stores (at -O2, more so with -mavx2), so a race can be there at -O1 and
// gone at -O2; and long double has 10 bytes at every level. They are checked as ranges here.
//
// So are masked and scattered vectors, which are calls and no loads: lane by lane, and a
// lane that is not accessed as an unused local variable. Where nothing can fault, InstCombine makes
// of a masked load one of all lanes and a choice, which reads what the program does not.
#include "pass/RaceRegion.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/IntrinsicsX86.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace {

struct Masked {
  Instruction *At;    // the checks go in front of it
  Value *From, *Mask; // From: the address of the first lane, or the addresses of all
                      // Mask: of bits, or of numbers that are negative where there is access
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

// Those that a program asks for by name (immintrin.h), as long as the optimizer has not made the
// general ones of them.
static Masked ofIntel(IntrinsicInst &I, bool Write) {
  auto *Shape = cast<FixedVectorType>(I.getArgOperand(1)->getType());
  return {&I, I.getArgOperand(0), I.getArgOperand(1), Shape, Align(1), Write};
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
  case Intrinsic::x86_avx_maskload_ps:
  case Intrinsic::x86_avx_maskload_pd:
  case Intrinsic::x86_avx_maskload_ps_256:
  case Intrinsic::x86_avx_maskload_pd_256:
  case Intrinsic::x86_avx2_maskload_d:
  case Intrinsic::x86_avx2_maskload_q:
  case Intrinsic::x86_avx2_maskload_d_256:
  case Intrinsic::x86_avx2_maskload_q_256:
    return ofIntel(*Call, false);
  case Intrinsic::x86_avx_maskstore_ps:
  case Intrinsic::x86_avx_maskstore_pd:
  case Intrinsic::x86_avx_maskstore_ps_256:
  case Intrinsic::x86_avx_maskstore_pd_256:
  case Intrinsic::x86_avx2_maskstore_d:
  case Intrinsic::x86_avx2_maskstore_q:
  case Intrinsic::x86_avx2_maskstore_d_256:
  case Intrinsic::x86_avx2_maskstore_q_256:
    return ofIntel(*Call, true);
  default:
    return std::nullopt;
  }
}

// A load whose lanes are chosen by a mask right behind it.
static std::optional<Masked> chosenLoad(Instruction &I) {
  auto *Load = dyn_cast<LoadInst>(&I);
  auto *Shape = dyn_cast<FixedVectorType>(I.getType());
  if (!Load || !Shape || !Load->hasOneUse()) return std::nullopt;
  if (Shape->getScalarSizeInBits() % 8 != 0) return std::nullopt;
  auto Access = weir::checkedAccess(*Load, Load->getDataLayout());
  if (!Access || weir::isPrivate(*Access)) return std::nullopt;
  auto *Choice = dyn_cast<SelectInst>(*Load->user_begin());
  if (!Choice || Choice->getTrueValue() != Load || Choice->getParent() != Load->getParent() ||
      !Choice->getCondition()->getType()->isVectorTy())
    return std::nullopt;
  for (Instruction *Next = Load->getNextNode(); Next != Choice; Next = Next->getNextNode())
    if (Next->mayHaveSideEffects()) return std::nullopt;
  const uint64_t Lane = Load->getDataLayout().getTypeStoreSize(Shape->getElementType());
  return Masked{Choice,
                Load->getPointerOperand(),
                Choice->getCondition(),
                Shape,
                commonAlignment(Load->getAlign(), Lane),
                false};
}

static void checkLanes(const Masked &A) {
  Module &M = *A.At->getModule();
  Type *Element = A.Shape->getElementType();
  const uint64_t Size = M.getDataLayout().getTypeStoreSize(Element);
  const Align Each = commonAlignment(A.Alignment, Size);
  Value *Unused = weir::unusedVariable(*A.At->getFunction(), Element, Each);
  IRBuilder<> B(A.At);
  Value *Mask = A.Mask;
  if (!Mask->getType()->isIntOrIntVectorTy(1))
    Mask = B.CreateICmpSLT(Mask, Constant::getNullValue(Mask->getType()));
  for (unsigned Lane = 0; Lane < A.Shape->getNumElements(); Lane++) {
    Value *At = A.From->getType()->isVectorTy() ? B.CreateExtractElement(A.From, Lane)
                                                : B.CreateConstGEP1_64(Element, A.From, Lane);
    At = B.CreateSelect(B.CreateExtractElement(Mask, Lane), At, Unused);
    const bool Aligned = Each.value() >= std::min<uint64_t>(Size, 8);
    B.CreateCall(weir::checkOf(M, Size, A.Write, Aligned), At);
  }
}

static bool checkMasked(Function &F) {
  SmallVector<Masked, 8> Found;
  for (Instruction &I : instructions(F)) {
    auto A = maskedAccess(I), Whole = chosenLoad(I);
    if (Whole) A = Whole;
    if (!A || !A->Shape) continue;
    if (!weir::hasCheck(F.getDataLayout().getTypeStoreSize(A->Shape->getElementType()))) continue;
    Found.push_back(*A);
    if (Whole) weir::exempt(I);
  }
  for (const Masked &A : Found)
    checkLanes(A);
  return !Found.empty();
}

bool weir::checkWide(Function &F) {
  const bool Changed = checkMasked(F);
  SmallVector<Access, 16> Found;
  for (Instruction &I : instructions(F))
    if (auto A = checkedAccess(I, F.getDataLayout()))
      if (!hasCheck(A->Size) && !isPrivate(*A)) Found.push_back(*A);
  for (const Access &A : Found) {
    IRBuilder<> B(A.I);
    B.CreateCall(rangeCheck(*F.getParent(), A.Write), {A.Pointer, B.getInt64(A.Size)});
    exempt(*A.I);
  }
  return Changed || !Found.empty();
}
