// SPDX-License-Identifier: Apache-2.0
//
// Thread-local memory that never leaves its thread has no races, but ThreadSanitizer
// would report some: goroutines that run one after the other on one OS thread share
// its variables and its errno, and nothing orders them, for a switch is no
// synchronisation; nor is the start of the thread ordered before them, which
// counts as a write of all its thread-local memory.
//
// So a load or store is exempt when its address is that of a thread-local variable (or
// of errno and its like) whose address this module never lets out: every use of it
// is a direct access, which is made by the thread that owns the memory.
//
// Not exempt: variables whose address is stored, passed or returned, and so may be
// shared. Given up: a direct access here against one through a pointer that another
// module made from the same variable.
#include "pass/Passes.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Analysis/CaptureTracking.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace {

bool returnsThreadMemory(const Function &F) {
  return StringSwitch<bool>(F.getName())
      .Cases("__errno_location", "__h_errno_location", true)
      .Cases("__ctype_b_loc", "__ctype_tolower_loc", "__ctype_toupper_loc", true)
      .Default(F.hasFnAttribute(weir::ThreadLocalAccessor));
}

// What thread-local thing the value is the address of: its variable, or the function
// that returns it; null when it is none.
const GlobalValue *threadLocalAt(const Value *Address) {
  if (auto *Variable = dyn_cast<GlobalValue>(Address))
    return Variable->isThreadLocal() ? Variable : nullptr;
  auto *Call = dyn_cast<CallBase>(Address);
  const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
  if (!Callee) return nullptr;
  if (Callee->getIntrinsicID() == Intrinsic::threadlocal_address)
    return dyn_cast<GlobalValue>(Call->getArgOperand(0)->stripPointerCasts());
  return returnsThreadMemory(*Callee) ? Callee : nullptr;
}

} // namespace

PreservedAnalyses weir::ThreadOwnedPass::run(Module &M, ModuleAnalysisManager &) {
  SmallPtrSet<const GlobalValue *, 16> LetOut;
  SmallVector<std::pair<Instruction *, const GlobalValue *>, 64> Accesses;
  for (Function &F : M) {
    if (F.hasFnAttribute(ThreadLocalAccessor)) continue;
    const bool Checked = F.hasFnAttribute(Attribute::SanitizeThread);
    for (Instruction &I : instructions(F)) {
      if (const GlobalValue *Thing = threadLocalAt(&I))
        if (PointerMayBeCaptured(&I, /*ReturnCaptures=*/true, /*StoreCaptures=*/true))
          LetOut.insert(Thing);
      if (Checked && isa<LoadInst, StoreInst>(I) && !I.isAtomic())
        if (const GlobalValue *Thing =
                threadLocalAt(getUnderlyingObject(getLoadStorePointerOperand(&I))))
          Accesses.push_back({&I, Thing});
    }
  }
  MDNode *Exempt = MDNode::get(M.getContext(), {});
  for (auto [Access, Thing] : Accesses)
    if (!LetOut.contains(Thing)) Access->setMetadata(LLVMContext::MD_nosanitize, Exempt);
  return PreservedAnalyses::all();
}
