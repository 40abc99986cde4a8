// SPDX-License-Identifier: Apache-2.0
//
// Where in the pipelines the passes stand, at every level from -O0 to -O3:
//
//   PipelineStart   frame pointers, returns of main, thread-local repair, the marks for races:
//                   before any optimization, which a mark also holds back (most speculated
//                   loads) and which must never see an unrepaired address
//   LateLoop, Peephole  what LICM and InstCombine made of loads, taken back where it reads too much
//   OptimizerLast   what is exempt, also for clang's instrumentation, which comes after
//                   this; race instrumentation: what the optimizer removed is not checked
//
// and the entry point for clang -fpass-plugin=weir.so and for opt
// -load-pass-plugin=weir-passes.so, where the passes can also be named:
// -passes=weir-frame-pointer,weir-main-returns,weir-thread-local,weir-thread-owned,weir-race.
#include "pass/Passes.h"

#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Passes/PassPlugin.h"

#include <memory>

using namespace llvm;

namespace {

// Marks at the start of the pipeline and tells its partner at the end whether
// Weir is to instrument.
struct MarkPass : PassInfoMixin<MarkPass> {
  explicit MarkPass(std::shared_ptr<bool> Ours) : Ours(std::move(Ours)) {}
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &) {
    *Ours = weir::markForRace(M);
    return *Ours ? PreservedAnalyses::none() : PreservedAnalyses::all();
  }
  static bool isRequired() { return true; }
  std::shared_ptr<bool> Ours;
};

struct RaceIfMarkedPass : PassInfoMixin<RaceIfMarkedPass> {
  RaceIfMarkedPass(std::shared_ptr<bool> Ours, weir::RaceSteps Steps)
      : Ours(std::move(Ours)), Steps(Steps) {}
  PreservedAnalyses run(Module &M, ModuleAnalysisManager &AM) {
    return *Ours ? weir::RacePass(Steps).run(M, AM) : PreservedAnalyses::all();
  }
  static bool isRequired() { return true; }
  std::shared_ptr<bool> Ours;
  weir::RaceSteps Steps;
};

bool parseName(StringRef Name, ModulePassManager &MPM, ArrayRef<PassBuilder::PipelineElement>) {
  if (Name == "weir-frame-pointer")
    MPM.addPass(weir::FramePointerPass());
  else if (Name == "weir-main-returns")
    MPM.addPass(weir::MainReturnsPass());
  else if (Name == "weir-thread-local")
    MPM.addPass(weir::ThreadLocalPass());
  else if (Name == "weir-thread-owned")
    MPM.addPass(weir::ThreadOwnedPass());
  else if (Name == "weir-race")
    MPM.addPass(weir::RacePass());
  else
    return false;
  return true;
}

void registerForPassPlugin(PassBuilder &PB) {
  PB.registerPipelineParsingCallback(parseName);
  weir::registerPasses(PB, weir::PassOptions());
}

} // namespace

void weir::registerPasses(PassBuilder &PB, const PassOptions &Options) {
  auto Ours = std::make_shared<bool>(Options.Race == RaceMode::MarkedByCC);
  PB.registerPipelineStartEPCallback([Options, Ours](ModulePassManager &MPM, OptimizationLevel) {
    if (Options.FramePointer) MPM.addPass(FramePointerPass());
    MPM.addPass(MainReturnsPass());
    if (Options.ThreadLocal) MPM.addPass(ThreadLocalPass());
    if (Options.Race == RaceMode::MarkedByPass) MPM.addPass(MarkPass(Ours));
    if (Options.Race != RaceMode::Off && Options.Steps.Speculated)
      MPM.addPass(createModuleToFunctionPassAdaptor(SpeculatedPass(true)));
  });
  if (Options.Race != RaceMode::Off && Options.Steps.Speculated) {
    keepMaskedLoads(PB);
    PB.registerLateLoopOptimizationsEPCallback(
        [](LoopPassManager &LPM, OptimizationLevel) { LPM.addPass(MovedLoadsPass()); });
    PB.registerPeepholeEPCallback(
        [](FunctionPassManager &FPM, OptimizationLevel) { FPM.addPass(SpeculatedPass(false)); });
  }
  PB.registerOptimizerLastEPCallback([Options, Ours](ModulePassManager &MPM, OptimizationLevel) {
    if (Options.Race != RaceMode::Off)
      MPM.addPass(createModuleToFunctionPassAdaptor(MaskedLoadsPass()));
    MPM.addPass(ThreadOwnedPass());
    if (Options.Race != RaceMode::Off) MPM.addPass(RaceIfMarkedPass(Ours, Options.Steps));
  });
}

extern "C" __attribute__((visibility("default"))) PassPluginLibraryInfo llvmGetPassPluginInfo() {
  return {LLVM_PLUGIN_API_VERSION, "weir", WEIR_VERSION_TEXT, registerForPassPlugin};
}
