// SPDX-License-Identifier: Apache-2.0
//
// Thread-local addresses across a switch. A goroutine may be on another OS thread
// after any call that can park it, but LLVM holds the address of a thread-local
// variable for a constant of the function (llvm.threadlocal.address is
// memory(none)) and the C library declares errno's address __attribute__((const)):
// both are computed once, kept in a register over the switch, and then name the
// other thread's variable.
//
// Invariant after this pass, which runs before every optimization: the address
// comes out of a call that *reads inaccessible memory*. Every call that may
// switch is unknown to LLVM, so it may write that memory, and no optimization moves
// or merges such a read across it; between two switches the reads still merge.
//
//  - A variable gets an accessor, an internal function that computes the address
//    in its own body; passing an address computed outside through something opaque
//    would not do, as that computation could still be moved. The accessor is
//    never inlined, or machine code passes, which know nothing of this, could
//    merge the reads of the thread pointer. The empty asm keeps LLVM from
//    inferring that it reads nothing.
//  - Each *use* gets its own call, just before it, so that in `table[f()] = 1` the
//    address is that of the thread on which f returned.
//  - A const function without arguments can only return a constant of the process
//    or of the thread (errno, the tables behind isalpha, pthread_self): it reads.
//    So does a const function that uses a thread-local variable.
//
// Not done: a thread-local variable used without the intrinsic (IR of old or foreign
// compilers), and a pointer that the program itself keeps across a switch.
#include "pass/Passes.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace {

const MemoryEffects ReadsThread = MemoryEffects::inaccessibleMemOnly(ModRefInfo::Ref);

class Accessors {
public:
  explicit Accessors(Module &M) : M(M) {}

  Function *get(GlobalValue &Variable) {
    Function *&F = Known[&Variable];
    if (!F) F = make(Variable);
    return F;
  }

private:
  Function *make(GlobalValue &Variable);

  Module &M;
  DenseMap<GlobalValue *, Function *> Known;
};

Function *Accessors::make(GlobalValue &Variable) {
  Type *Address = Variable.getType();
  Function *F = Function::createWithDefaultAttr(
      FunctionType::get(Address, false), GlobalValue::InternalLinkage,
      M.getDataLayout().getProgramAddressSpace(), "__weir_tls." + Variable.getName(), &M);
  F->addFnAttr(weir::ThreadLocalAccessor);
  for (auto Kind : {Attribute::NoInline, Attribute::NoUnwind, Attribute::WillReturn,
                    Attribute::DisableSanitizerInstrumentation})
    F->addFnAttr(Kind);
  F->setMemoryEffects(ReadsThread);

  IRBuilder<> B(BasicBlock::Create(M.getContext(), "", F));
  FunctionType *Same = FunctionType::get(Address, {Address}, false);
  CallInst *Opaque = B.CreateCall(InlineAsm::get(Same, "", "=r,0", /*hasSideEffects=*/false),
                                  {B.CreateThreadLocalAddress(&Variable)});
  Opaque->setMemoryEffects(ReadsThread);
  Opaque->setDoesNotThrow();
  B.CreateRet(Opaque);
  return F;
}

// Replaces one computation of an address by a call before each of its uses.
void computeAtUses(IntrinsicInst &Old, Function *Accessor) {
  for (Use &U : make_early_inc_range(Old.uses())) {
    auto *User = cast<Instruction>(U.getUser());
    Instruction *Before = User;
    if (auto *Phi = dyn_cast<PHINode>(User)) Before = Phi->getIncomingBlock(U)->getTerminator();
    IRBuilder<> B(Before);
    if (isa<PHINode>(User)) B.SetCurrentDebugLocation(Old.getDebugLoc());
    CallInst *New = B.CreateCall(Accessor);
    if (!New->getDebugLoc()) New->setDebugLoc(Old.getDebugLoc());
    U.set(New);
  }
  Old.eraseFromParent();
}

// A phi may take several edges from one block (a switch), which then must bring the
// same value: such an address is left where it was computed, as a single call.
bool usedByDoubleEdge(const IntrinsicInst &I) {
  for (const Use &U : I.uses())
    if (auto *Phi = dyn_cast<PHINode>(U.getUser())) {
      const BasicBlock *From = Phi->getIncomingBlock(U);
      if (count(Phi->blocks(), From) > 1) return true;
    }
  return false;
}

SmallVector<IntrinsicInst *, 16> addressesIn(Function &F) {
  SmallVector<IntrinsicInst *, 16> Found;
  if (F.hasFnAttribute(weir::ThreadLocalAccessor)) return Found;
  for (BasicBlock &BB : F)
    for (Instruction &I : BB)
      if (auto *II = dyn_cast<IntrinsicInst>(&I))
        if (II->getIntrinsicID() == Intrinsic::threadlocal_address) Found.push_back(II);
  return Found;
}

void repairAddress(IntrinsicInst &I, Function *Accessor) {
  if (!usedByDoubleEdge(I)) {
    computeAtUses(I, Accessor);
    return;
  }
  IRBuilder<> B(&I);
  I.replaceAllUsesWith(B.CreateCall(Accessor));
  I.eraseFromParent();
}

// Takes back that the function reads no memory, said of itself and at its calls.
bool repairConst(Function &F) {
  bool Changed = F.getMemoryEffects().doesNotAccessMemory();
  if (Changed) F.setMemoryEffects(ReadsThread);
  for (User *U : F.users()) {
    auto *Call = dyn_cast<CallBase>(U);
    if (!Call || Call->getCalledOperand() != &F) continue;
    Attribute Said = Call->getAttributes().getFnAttr(Attribute::Memory);
    if (!Said.isValid() || !Said.getMemoryEffects().doesNotAccessMemory()) continue;
    Call->removeFnAttr(Attribute::Memory);
    Changed = true;
  }
  return Changed;
}

} // namespace

PreservedAnalyses weir::ThreadLocalPass::run(Module &M, ModuleAnalysisManager &) {
  bool Changed = false;
  Accessors Known(M);
  SmallVector<Function *, 64> Functions(make_pointer_range(M));
  for (Function *F : Functions) {
    if (F->isIntrinsic()) continue;
    SmallVector<IntrinsicInst *, 16> Found = addressesIn(*F);
    for (IntrinsicInst *I : Found)
      if (auto *Variable = dyn_cast<GlobalValue>(I->getArgOperand(0)->stripPointerCasts()))
        repairAddress(*I, Known.get(*Variable));
    bool OfThread = F->arg_empty() && !F->getReturnType()->isVoidTy();
    if (!Found.empty() || OfThread) Changed |= repairConst(*F);
    Changed |= !Found.empty();
  }
  return Changed ? PreservedAnalyses::none() : PreservedAnalyses::all();
}
