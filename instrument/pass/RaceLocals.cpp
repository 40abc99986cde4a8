// SPDX-License-Identifier: Apache-2.0
//
// Parts of local variables. ThreadSanitizer's pass of LLVM 19 leaves out an access to a local
// variable whose address nobody else can have, and asks that of the address accessed instead of the
// variable: `results[i]` or `s.count` is passed over although `&results[0]` or `&s` was given to
// another goroutine, because the sum of base and offset is used for nothing else. What it passes
// over so is checked here, by the check that it would have made.
//
// Runs after the steps that leave checks out, so that theirs count, and at -O0, too.
#include "pass/RaceRegion.h"

#include "llvm/Analysis/CaptureTracking.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"

using namespace llvm;

static bool passedOver(const weir::Access &A) {
  return isa<AllocaInst>(getUnderlyingObject(A.Pointer)) && !weir::isPrivate(A) &&
         !PointerMayBeCaptured(A.Pointer, /*ReturnCaptures=*/true, /*StoreCaptures=*/true);
}

static FunctionCallee checkFor(Module &M, const weir::Access &A) {
  const bool Aligned = getLoadStoreAlignment(A.I) >= std::min<uint64_t>(A.Size, 8);
  return weir::checkOf(M, A.Size, A.Write, Aligned);
}

bool weir::checkLocals(Function &F) {
  if (!isChecked(F)) return false;
  SmallVector<Access, 16> Found;
  for (Instruction &I : instructions(F))
    if (auto A = checkedAccess(I, F.getParent()->getDataLayout()))
      if (hasCheck(A->Size) && passedOver(*A)) Found.push_back(*A);
  for (const Access &A : Found) {
    IRBuilder<>(A.I).CreateCall(checkFor(*F.getParent(), A), A.Pointer);
    exempt(*A.I);
  }
  return !Found.empty();
}
