// SPDX-License-Identifier: Apache-2.0
//
// The vocabulary of RaceRegion.h. In doubt an instruction ends a region: the
// only calls that do not are intrinsics without memory of others, functions that LLVM
// has proven to be without synchronisation and frees, and small allocations.
#include "pass/RaceRegion.h"

#include "pass/Passes.h"

#include "llvm/Analysis/CaptureTracking.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;

// ThreadSanitizer marks a large block by remapping its shadow: as never accessed, not as
// written. Its threshold is 64 KiB of shadow or more; half a page of memory is far below.
static constexpr uint64_t LargestMarked = 2048;

std::optional<weir::Access> weir::checkedAccess(Instruction &I, const DataLayout &Layout) {
  const bool Load = isa<LoadInst>(I);
  if ((!Load && !isa<StoreInst>(I)) || I.isAtomic() || I.isVolatile()) return std::nullopt;
  if (I.hasMetadata(LLVMContext::MD_nosanitize)) return std::nullopt;
  Value *Pointer = getLoadStorePointerOperand(&I);
  if (Pointer->isSwiftError() || Pointer->getType()->getPointerAddressSpace() != 0)
    return std::nullopt;
  TypeSize Bits = Layout.getTypeStoreSizeInBits(getLoadStoreType(&I));
  if (Bits.isScalable()) return std::nullopt;
  const uint64_t Size = Bits.getFixedValue() / 8;
  if (Size == 0) return std::nullopt;
  return Access{&I, Pointer, Size, !Load};
}

bool weir::isPrivate(const Access &A) {
  const Value *Object = getUnderlyingObject(A.Pointer);
  if (auto *Global = dyn_cast<GlobalVariable>(Object)) return Global->isConstant();
  return isa<AllocaInst>(Object) &&
         !PointerMayBeCaptured(Object, /*ReturnCaptures=*/true, /*StoreCaptures=*/true);
}

bool weir::hasCheck(uint64_t Size) {
  return Size <= 16 && isPowerOf2_64(Size);
}

FunctionCallee weir::checkOf(Module &M, uint64_t Size, bool Write, bool Aligned) {
  std::string Name = (Aligned ? "__tsan_" : "__tsan_unaligned_") +
                     std::string(Write ? "write" : "read") + std::to_string(Size);
  return M.getOrInsertFunction(Name, Type::getVoidTy(M.getContext()),
                               PointerType::getUnqual(M.getContext()));
}

FunctionCallee weir::rangeCheck(Module &M, bool Write) {
  LLVMContext &Context = M.getContext();
  return M.getOrInsertFunction(Write ? "__tsan_write_range" : "__tsan_read_range",
                               Type::getVoidTy(Context), PointerType::getUnqual(Context),
                               Type::getInt64Ty(Context));
}

Value *weir::unusedVariable(Function &F, Type *Like, Align Alignment) {
  IRBuilder<> B(&*F.getEntryBlock().getFirstInsertionPt());
  AllocaInst *Variable = B.CreateAlloca(Like);
  Variable->setAlignment(std::max(Variable->getAlign(), Alignment));
  return Variable;
}

void weir::exempt(Instruction &I) {
  I.setMetadata(LLVMContext::MD_nosanitize, MDNode::get(I.getContext(), {}));
}

// A constant argument of the call, saturated to a number that is never small.
static uint64_t constantArgument(const CallBase &Call, unsigned Index) {
  auto *Constant = dyn_cast<ConstantInt>(Call.getArgOperand(Index));
  return Constant ? Constant->getValue().getLimitedValue(LargestMarked + 1) : LargestMarked + 1;
}

bool weir::isSmallAllocation(const Instruction &I, const TargetLibraryInfo &Library,
                             uint64_t *Size) {
  auto *Call = dyn_cast<CallInst>(&I);
  const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
  LibFunc Known;
  if (!Callee || !Callee->isDeclaration() || !Library.getLibFunc(*Callee, Known)) return false;
  if (Known != LibFunc_malloc && Known != LibFunc_calloc) return false;
  *Size = constantArgument(*Call, 0);
  if (Known == LibFunc_calloc) *Size *= constantArgument(*Call, 1);
  return *Size <= LargestMarked;
}

static bool isQuietIntrinsic(const IntrinsicInst &I) {
  return isa<MemIntrinsic, DbgInfoIntrinsic>(I) || I.isAssumeLikeIntrinsic() ||
         !I.mayReadOrWriteMemory();
}

static bool isQuietCall(const CallBase &Call) {
  if (Call.isInlineAsm() || Call.hasOperandBundles()) return false;
  if (auto *Intrinsic = dyn_cast<IntrinsicInst>(&Call)) return isQuietIntrinsic(*Intrinsic);
  const Function *Callee = Call.getCalledFunction();
  if (Callee && Callee->hasFnAttribute(weir::ThreadLocalAccessor)) return true;
  return Call.hasFnAttr(Attribute::NoSync) && Call.hasFnAttr(Attribute::NoFree);
}

bool weir::endsRegion(const Instruction &I, const TargetLibraryInfo &Library) {
  uint64_t Size;
  if (auto *Call = dyn_cast<CallBase>(&I))
    return !isQuietCall(*Call) && !isSmallAllocation(I, Library, &Size);
  return I.isAtomic() || I.isVolatile() || isa<FenceInst>(I);
}

bool weir::mayNotReturn(const Instruction &I) {
  return !isGuaranteedToTransferExecutionToSuccessor(&I);
}

bool weir::isChecked(const Function &F) {
  return !F.isDeclaration() && F.hasFnAttribute(Attribute::SanitizeThread) &&
         !F.hasFnAttribute(Attribute::Naked) &&
         !F.hasFnAttribute(Attribute::DisableSanitizerInstrumentation);
}

bool weir::mayRepair(const Function &F) {
  return isChecked(F) && !F.hasFnAttribute(Attribute::OptimizeNone);
}

bool weir::mayElide(const Function &F) {
  return mayRepair(F) && !F.callsFunctionThatReturnsTwice() && !F.isPresplitCoroutine();
}
