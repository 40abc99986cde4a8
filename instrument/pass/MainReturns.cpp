// SPDX-License-Identifier: Apache-2.0
//
// Has main call __weir_main_returns (abi.h) before each of its returns: goroutines that go on after
// main may use what it has on its stack, and whatever runs after the return would
// overwrite that. The reference is weak, so that it neither needs the runtime nor brings it in.
//
// A main that the program calls or passes on is left alone: its return is not the end.
#include "pass/Passes.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

static constexpr char Hook[] = "__weir_main_returns";

static void callBefore(ReturnInst *Return, Function *Callee) {
  IRBuilder<> Builder(Return);
  Value *There = Builder.CreateIsNotNull(Callee);
  Instruction *Then = SplitBlockAndInsertIfThen(There, Return, /*Unreachable=*/false);
  Then->setDebugLoc(Return->getDebugLoc());
  CallInst *Call = CallInst::Create(Callee->getFunctionType(), Callee, "", Then->getIterator());
  Call->setDebugLoc(Return->getDebugLoc());
}

PreservedAnalyses weir::MainReturnsPass::run(Module &M, ModuleAnalysisManager &) {
  Function *Main = M.getFunction("main");
  if (!Main || Main->isDeclaration() || !Main->use_empty() || M.getFunction(Hook))
    return PreservedAnalyses::all();
  SmallVector<ReturnInst *, 4> Returns;
  for (BasicBlock &Block : *Main)
    if (auto *Return = dyn_cast<ReturnInst>(Block.getTerminator())) Returns.push_back(Return);
  if (Returns.empty()) return PreservedAnalyses::all();
  auto *Type = FunctionType::get(llvm::Type::getVoidTy(M.getContext()), false);
  Function *Callee = Function::Create(Type, GlobalValue::ExternalWeakLinkage, Hook, M);
  for (ReturnInst *Return : Returns)
    callBefore(Return, Callee);
  return PreservedAnalyses::none();
}
