// SPDX-License-Identifier: Apache-2.0
//
// Masked and scattered vectors, which ThreadSanitizer's pass passes over, as they are calls and no
// loads: checked lane by lane, and a lane that is not accessed as an unused local variable.
//
// Where nothing can fault, InstCombine makes of a masked load one of all lanes and a choice, which
// may move far away from it: the lanes that the program does not read cannot be told then. So the
// address of each masked load is hidden from InstCombine behind an empty `asm`, whose value may
// point anywhere. It is put there right before each run of InstCombine, as LLVM 19 offers no place
// for a pass between it and the vectorizer, and goes when the checks are made.
#include "pass/Passes.h"
#include "pass/RaceRegion.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/IntrinsicsX86.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/PassInstrumentation.h"
#include "llvm/Passes/PassBuilder.h"

using namespace llvm;

namespace {

struct Masked {
  IntrinsicInst *At;      // the checks go in front of it
  Value *From;            // the address of the first lane, or that from which Indices count
  Value *Indices;         // NULL: lane by lane; else addresses, if From is NULL, or numbers
  uint64_t Scale;         // of these numbers
  Value *Mask;            // of bits, or of numbers whose highest bit says that there is access
  FixedVectorType *Shape; // of what is accessed
  Align Alignment;        // of a lane
  bool Write;
};

} // namespace

static FixedVectorType *shape(const Value *V) {
  return dyn_cast<FixedVectorType>(V->getType());
}

static Masked ofLLVM(IntrinsicInst &I, bool Write, bool Scattered) {
  const unsigned At = Write ? 1 : 0;
  const uint64_t Alignment = cast<ConstantInt>(I.getArgOperand(At + 1))->getZExtValue();
  Value *Where = I.getArgOperand(At), *Mask = I.getArgOperand(At + 2);
  return {&I,
          Scattered ? nullptr : Where,
          Scattered ? Where : nullptr,
          1,
          Mask,
          shape(Write ? I.getArgOperand(0) : &I),
          Align(Alignment),
          Write};
}

// Those that a program asks for by name (immintrin.h), as long as the optimizer has not made the
// general ones of them.
static Masked ofIntel(IntrinsicInst &I, bool Write) {
  return {
      &I,   I.getArgOperand(0), nullptr, 1, I.getArgOperand(1), shape(I.getArgOperand(1)), Align(1),
      Write};
}
static Masked gatherOfIntel(IntrinsicInst &I) {
  const uint64_t Scale = cast<ConstantInt>(I.getArgOperand(4))->getZExtValue();
  return {
      &I,   I.getArgOperand(1), I.getArgOperand(2), Scale, I.getArgOperand(3), shape(&I), Align(1),
      false};
}
static Masked scatterOfIntel(IntrinsicInst &I) {
  const uint64_t Scale = cast<ConstantInt>(I.getArgOperand(4))->getZExtValue();
  return {&I,
          I.getArgOperand(0),
          I.getArgOperand(2),
          Scale,
          I.getArgOperand(1),
          shape(I.getArgOperand(3)),
          Align(1),
          true};
}

static bool isLoadOfIntel(const IntrinsicInst &I) {
  switch (I.getIntrinsicID()) {
  case Intrinsic::x86_avx_maskload_ps:
  case Intrinsic::x86_avx_maskload_pd:
  case Intrinsic::x86_avx_maskload_ps_256:
  case Intrinsic::x86_avx_maskload_pd_256:
  case Intrinsic::x86_avx2_maskload_d:
  case Intrinsic::x86_avx2_maskload_q:
  case Intrinsic::x86_avx2_maskload_d_256:
  case Intrinsic::x86_avx2_maskload_q_256:
    return true;
  default:
    return false;
  }
}

static bool isStoreOfIntel(const IntrinsicInst &I) {
  switch (I.getIntrinsicID()) {
  case Intrinsic::x86_avx_maskstore_ps:
  case Intrinsic::x86_avx_maskstore_pd:
  case Intrinsic::x86_avx_maskstore_ps_256:
  case Intrinsic::x86_avx_maskstore_pd_256:
  case Intrinsic::x86_avx2_maskstore_d:
  case Intrinsic::x86_avx2_maskstore_q:
  case Intrinsic::x86_avx2_maskstore_d_256:
  case Intrinsic::x86_avx2_maskstore_q_256:
    return true;
  default:
    return false;
  }
}

// Of those there are forty for each vector and index, all with the same arguments.
static std::optional<Masked> byName(IntrinsicInst &I) {
  StringRef Name = I.getCalledFunction()->getName();
  if (!Name.consume_front("llvm.x86.avx")) return std::nullopt;
  if (Name.starts_with("2.gather.") || Name.starts_with("512.mask.gather")) return gatherOfIntel(I);
  if (Name.starts_with("512.mask.scatter")) return scatterOfIntel(I);
  return std::nullopt;
}

static std::optional<Masked> maskedAccess(Instruction &I) {
  auto *Call = dyn_cast<IntrinsicInst>(&I);
  if (!Call || Call->hasMetadata(LLVMContext::MD_nosanitize)) return std::nullopt;
  switch (Call->getIntrinsicID()) {
  case Intrinsic::masked_load:
    return ofLLVM(*Call, false, false);
  case Intrinsic::masked_gather:
    return ofLLVM(*Call, false, true);
  case Intrinsic::masked_store:
    return ofLLVM(*Call, true, false);
  case Intrinsic::masked_scatter:
    return ofLLVM(*Call, true, true);
  default:
    if (isLoadOfIntel(*Call)) return ofIntel(*Call, false);
    if (isStoreOfIntel(*Call)) return ofIntel(*Call, true);
    return byName(*Call);
  }
}

static Value *maskOfBits(IRBuilder<> &B, Value *Mask) {
  auto *Shape = cast<VectorType>(Mask->getType());
  if (Shape->getElementType()->isIntegerTy(1)) return Mask;
  auto *Numbers = VectorType::getInteger(Shape);
  return B.CreateICmpSLT(B.CreateBitCast(Mask, Numbers), Constant::getNullValue(Numbers));
}

static Value *addressOf(IRBuilder<> &B, const Masked &A, unsigned Lane) {
  if (!A.Indices) return B.CreateConstGEP1_64(A.Shape->getElementType(), A.From, Lane);
  Value *Index = B.CreateExtractElement(A.Indices, Lane);
  if (!A.From) return Index;
  Value *Bytes = B.CreateMul(B.CreateSExt(Index, B.getInt64Ty()), B.getInt64(A.Scale));
  return B.CreateGEP(B.getInt8Ty(), A.From, Bytes);
}

// A vector of four 32-bit lanes may have two indices of 64 bits, and only so many are accessed.
static unsigned lanes(const Masked &A) {
  const unsigned Lanes = A.Shape->getNumElements();
  return A.Indices ? std::min(Lanes, shape(A.Indices)->getNumElements()) : Lanes;
}

static void checkLanes(const Masked &A) {
  Module &M = *A.At->getModule();
  Type *Element = A.Shape->getElementType();
  const uint64_t Size = M.getDataLayout().getTypeStoreSize(Element);
  const Align Each = commonAlignment(A.Alignment, Size);
  Value *Unused = weir::unusedVariable(*A.At->getFunction(), Element, Each);
  IRBuilder<> B(A.At);
  Value *Mask = maskOfBits(B, A.Mask);
  const bool Aligned = Each.value() >= std::min<uint64_t>(Size, 8);
  FunctionCallee Check = weir::checkOf(M, Size, A.Write, Aligned);
  for (unsigned Lane = 0; Lane < lanes(A); Lane++)
    B.CreateCall(Check,
                 B.CreateSelect(B.CreateExtractElement(Mask, Lane), addressOf(B, A, Lane), Unused));
}

bool weir::checkMasked(Function &F) {
  SmallVector<Masked, 8> Found;
  for (Instruction &I : instructions(F)) {
    auto A = maskedAccess(I);
    if (A && A->Shape && hasCheck(F.getDataLayout().getTypeStoreSize(A->Shape->getElementType())))
      Found.push_back(*A);
  }
  for (const Masked &A : Found)
    checkLanes(A);
  return !Found.empty();
}

// --- addresses hidden from InstCombine ---------------------------------------------------------

static constexpr char Hides[] = "weir-hides-address";

static bool isHidden(const Value *Address) {
  auto *Call = dyn_cast<CallInst>(Address);
  return Call && Call->hasFnAttr(Hides);
}

static Value *hidden(Instruction &User, Value *Address) {
  auto *Type = FunctionType::get(Address->getType(), {Address->getType()}, false);
  InlineAsm *Nothing = InlineAsm::get(Type, "", "=r,0", /*hasSideEffects=*/false);
  CallInst *Call = IRBuilder<>(&User).CreateCall(Type, Nothing, Address);
  Call->setDoesNotAccessMemory();
  Call->setDoesNotThrow();
  Call->addFnAttr(Attribute::get(User.getContext(), Hides));
  return Call;
}

static void hideMaskedLoads(Function &F) {
  SmallVector<IntrinsicInst *, 8> Loads;
  for (Instruction &I : instructions(F))
    if (auto *Call = dyn_cast<IntrinsicInst>(&I))
      if (Call->getIntrinsicID() == Intrinsic::masked_load || isLoadOfIntel(*Call))
        if (!isHidden(Call->getArgOperand(0))) Loads.push_back(Call);
  for (IntrinsicInst *Load : Loads)
    Load->setArgOperand(0, hidden(*Load, Load->getArgOperand(0)));
}

PreservedAnalyses weir::MaskedLoadsPass::run(Function &F, FunctionAnalysisManager &) {
  SmallVector<Instruction *, 8> Found;
  for (Instruction &I : instructions(F))
    if (isHidden(&I)) Found.push_back(&I);
  for (Instruction *Call : Found) {
    Call->replaceAllUsesWith(Call->getOperand(0));
    Call->eraseFromParent();
  }
  return Found.empty() ? PreservedAnalyses::all() : PreservedAnalyses::none();
}

void weir::keepMaskedLoads(PassBuilder &PB) {
  PassInstrumentationCallbacks *Passes = PB.getPassInstrumentationCallbacks();
  if (!Passes) return;
  Passes->registerBeforeNonSkippedPassCallback([](StringRef Pass, Any IR) {
    auto *F = Pass == "InstCombinePass" ? any_cast<const Function *>(&IR) : nullptr;
    if (F && mayRepair(**F)) hideMaskedLoads(const_cast<Function &>(**F));
  });
}
