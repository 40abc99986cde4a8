// SPDX-License-Identifier: Apache-2.0
//
// Has a library tell libweir when it is loaded (runtime/hb/loaded.c), by a constructor that comes
// before all others, one for each library. Code that cannot be part of one, which is all that is
// not made with -fPIC, has none. The reference is weak: a library may be loaded without libweir.
#include "pass/RaceRegion.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/ModuleUtils.h"

using namespace llvm;

static constexpr char Hook[] = "__weir_race_loaded";

static bool mayBeInLibrary(const Module &M) {
  return M.getPICLevel() != PICLevel::NotPIC && M.getPIELevel() == PIELevel::Default;
}

void weir::tellLoaded(Module &M) {
  if (!mayBeInLibrary(M) || M.getFunction(Hook)) return;
  LLVMContext &Context = M.getContext();
  Type *Void = Type::getVoidTy(Context);
  auto *HookType = FunctionType::get(Void, {PointerType::getUnqual(Context)}, false);
  Function *Callee = Function::Create(HookType, GlobalValue::ExternalWeakLinkage, Hook, M);
  Function *Loaded = Function::createWithDefaultAttr(
      FunctionType::get(Void, false), GlobalValue::LinkOnceODRLinkage, 0, "weir.race_loaded", &M);
  Loaded->setVisibility(GlobalValue::HiddenVisibility);
  Loaded->setComdat(M.getOrInsertComdat(Loaded->getName()));
  IRBuilder<> B(BasicBlock::Create(Context, "", Loaded));
  ReturnInst *Return = B.CreateRetVoid();
  B.SetInsertPoint(Return);
  Value *There = B.CreateIsNotNull(Callee);
  B.SetInsertPoint(SplitBlockAndInsertIfThen(There, Return, /*Unreachable=*/false));
  B.CreateCall(Callee, Loaded);
  appendToGlobalCtors(M, Loaded, 0, Loaded);
}
