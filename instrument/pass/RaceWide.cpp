// SPDX-License-Identifier: Apache-2.0
//
// Accesses that ThreadSanitizer's pass passes over without a word, because the runtime has
// no check of their size: it knows 1, 2, 4, 8 and 16 bytes. Vectorized code has wider
// loads and stores (at -O2, more so with -mavx2), so a race can be there at -O1 and
// gone at -O2; and long double has 10 bytes at every level. They are checked as ranges here.
#include "pass/RaceRegion.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"

using namespace llvm;

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
  return !Found.empty();
}
