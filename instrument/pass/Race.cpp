// SPDX-License-Identifier: Apache-2.0
//
// Race instrumentation: LLVM's own ThreadSanitizer passes, run by us. That they
// are run here and not by clang leaves room for passes of ours right after them.
//
// Which functions: those with the attribute `sanitize_thread`. In the Clang
// plugin clang itself sets it, exactly as for -fsanitize=thread, since only
// clang sees __attribute__((no_sanitize("thread"))). Without clang, markForRace
// marks every definition but naked ones and those that forbid instrumentation.
// A function that is not marked still announces its atomics and its frames.
//
// Instrumenting twice would report and count every access twice. The passes make
// the function `tsan.module_ctor` in every module, so its presence tells that
// they have run, whoever ran them.
#include "pass/Passes.h"
#include "pass/RaceRegion.h"

#include "llvm/IR/Module.h"
#include "llvm/Transforms/Instrumentation/ThreadSanitizer.h"

using namespace llvm;

bool weir::markForRace(Module &M) {
  for (const Function &F : M)
    if (F.hasFnAttribute(Attribute::SanitizeThread)) return false;
  for (Function &F : M)
    if (!F.isDeclaration() && !F.hasFnAttribute(Attribute::Naked) &&
        !F.hasFnAttribute(Attribute::DisableSanitizerInstrumentation))
      F.addFnAttr(Attribute::SanitizeThread);
  return true;
}

static void elide(Module &M, FunctionAnalysisManager &AM, const weir::RaceSteps &Steps) {
  for (Function &F : M) {
    const bool May = weir::mayElide(F);
    if (Steps.Speculated && weir::mayRepair(F) && weir::checkSpeculated(F))
      AM.invalidate(F, PreservedAnalyses::none());
    bool Changed = May && Steps.Redundant && weir::elideRedundant(F, AM);
    Changed |= May && Steps.Ranges && weir::checkRanges(F, AM);
    Changed |= Steps.Wide && weir::isChecked(F) && weir::checkMasked(F);
    Changed |= Steps.Wide && weir::isChecked(F) && weir::checkWide(F);
    Changed |= Steps.Locals && weir::checkLocals(F);
    Changed |= Steps.Library && weir::isChecked(F) && weir::checkLibrary(F);
    if (Changed) AM.invalidate(F, PreservedAnalyses::none());
  }
}

PreservedAnalyses weir::RacePass::run(Module &M, ModuleAnalysisManager &AM) {
  if (M.getFunction("tsan.module_ctor")) return PreservedAnalyses::all();
  auto &Functions = AM.getResult<FunctionAnalysisManagerModuleProxy>(M).getManager();
  elide(M, Functions, Steps);
  ModulePassManager Passes;
  Passes.addPass(ModuleThreadSanitizerPass());
  Passes.addPass(createModuleToFunctionPassAdaptor(ThreadSanitizerPass()));
  PreservedAnalyses Kept = Passes.run(M, AM);
  if (Steps.Inline && canInlineChecks(M)) inlineChecks(M, Functions);
  if (Steps.Fences) tellFences(M);
  if (Steps.Loaded) tellLoaded(M);
  return Kept;
}
