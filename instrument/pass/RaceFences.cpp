// SPDX-License-Identifier: Apache-2.0
//
// Fences. The race runtime takes an atomic operation for an edge as its own order says, and a
// fence for nothing. So libweir is told of each fence, and of each operation that lacks the
// order that a fence could give it: before one that stores without releasing, after one that
// loads without acquiring (runtime/hb/fence.c). Both only in programs that have a fence somewhere,
// which a byte of libweir's says: a file with fences sets it when the program starts.
//
// After ThreadSanitizer's pass, on the calls that it makes of atomic operations.
#include "pass/RaceRegion.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/AtomicOrdering.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

namespace {

struct Operation {
  CallInst *Call;
  bool TellStore, TellLoad; // an order is missing
};

bool releases(uint64_t Order) {
  return Order >= uint64_t(AtomicOrderingCABI::release);
}
bool acquires(uint64_t Order) {
  return Order != uint64_t(AtomicOrderingCABI::relaxed) &&
         Order != uint64_t(AtomicOrderingCABI::release);
}

// The order in one of the last arguments; one that is not known is taken for none.
uint64_t orderIn(const CallInst &Call, unsigned FromEnd) {
  auto *Order = dyn_cast<ConstantInt>(Call.getArgOperand(Call.arg_size() - FromEnd));
  return Order ? Order->getZExtValue() : uint64_t(AtomicOrderingCABI::relaxed);
}

// The atomic operation, if it is one that a fence may give an order.
std::optional<Operation> operation(CallInst &Call, StringRef Name) {
  if (!Name.consume_front("__tsan_atomic") || Call.arg_size() < 2) return std::nullopt;
  Name = Name.drop_while([](char C) { return llvm::isDigit(C); });
  const bool Compares = Name.starts_with("_compare_exchange");
  const uint64_t Order = orderIn(Call, Compares ? 2 : 1);
  const bool Acquires = acquires(Order) && (!Compares || acquires(orderIn(Call, 1)));
  Operation Op = {&Call, Name != "_load" && !releases(Order), Name != "_store" && !Acquires};
  if (Op.TellStore || Op.TellLoad) return Op;
  return std::nullopt;
}

class Teller {
public:
  explicit Teller(Module &M)
      : M(M), Flag(M.getOrInsertGlobal("__weir_fences", Type::getInt8Ty(M.getContext()))) {}
  void tell(const Operation &Op);
  void tellFence(CallInst &Fence);

private:
  void ifUsed(Instruction *Place, StringRef Function, Value *At);

  Module &M;
  Constant *Flag;
};

} // namespace

void Teller::ifUsed(Instruction *Place, StringRef Function, Value *At) {
  IRBuilder<> B(Place);
  LoadInst *Used = B.CreateLoad(B.getInt8Ty(), Flag);
  weir::exempt(*Used);
  MDNode *Rarely = MDBuilder(M.getContext()).createUnlikelyBranchWeights();
  B.SetInsertPoint(SplitBlockAndInsertIfThen(B.CreateIsNotNull(Used), Place, false, Rarely));
  B.CreateCall(M.getOrInsertFunction(Function, B.getVoidTy(), B.getPtrTy()), At);
}

void Teller::tell(const Operation &Op) {
  Value *At = Op.Call->getArgOperand(0);
  if (Op.TellLoad) ifUsed(Op.Call->getNextNode(), "__weir_fence_load", At);
  if (Op.TellStore) ifUsed(Op.Call, "__weir_fence_store", At);
}

void Teller::tellFence(CallInst &Fence) {
  IRBuilder<> B(Fence.getNextNode());
  B.SetCurrentDebugLocation(Fence.getDebugLoc());
  B.CreateCall(M.getOrInsertFunction("__weir_fence", B.getVoidTy(), B.getInt32Ty()),
               Fence.getArgOperand(0));
}

void weir::tellFences(Module &M) {
  SmallVector<Operation, 16> Operations;
  SmallVector<CallInst *, 4> Fences;
  for (Function &F : M)
    for (Instruction &I : instructions(F)) {
      auto *Call = dyn_cast<CallInst>(&I);
      const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
      if (!Callee) continue;
      if (Callee->getName() == "__tsan_atomic_thread_fence")
        Fences.push_back(Call);
      else if (auto Op = operation(*Call, Callee->getName()))
        Operations.push_back(*Op);
    }
  Teller T(M);
  for (const Operation &Op : Operations)
    T.tell(Op);
  for (CallInst *Fence : Fences)
    T.tellFence(*Fence);
  if (Fences.empty()) return;
  FunctionCallee Used =
      M.getOrInsertFunction("__weir_fences_used", Type::getVoidTy(M.getContext()));
  appendToGlobalCtors(M, cast<Function>(Used.getCallee()), 0);
}
