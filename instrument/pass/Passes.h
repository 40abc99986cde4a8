// SPDX-License-Identifier: Apache-2.0
//
// The module passes of Weir and the one function that puts them into LLVM's
// pipelines. Both ways in use it: the Clang plugin (-fplugin, which also knows
// the command line) and the plain pass plugin (-fpass-plugin, opt).
//
// Every pass may run twice on a module and changes nothing the second time, so
// that giving weir.so both ways, or running opt on its output, does no harm.
#ifndef WEIR_INSTRUMENT_PASS_PASSES_H
#define WEIR_INSTRUMENT_PASS_PASSES_H

#include "llvm/IR/PassManager.h"
#include "llvm/Transforms/Scalar/LoopPassManager.h"

namespace llvm {
class PassBuilder;
}

namespace weir {

// Who puts `sanitize_thread` on the functions that are to be instrumented.
enum class RaceMode {
  Off,         // no race instrumentation by Weir
  MarkedByCC,  // clang did, while it made the IR
  MarkedByPass // nobody yet: a pass does, unless clang did after all
};

// How the race checks differ from ThreadSanitizer's own; with no step the code is that
// of -fsanitize=thread.
struct RaceSteps {
  bool Redundant = true;  // no check where another one of the region stands for it
  bool Ranges = true;     // one check in front of a loop for what all iterations access
  bool Inline = false;    // known accesses are told without a call; needs libweir
  bool Wide = true;       // vectors that ThreadSanitizer's pass passes over
  bool Locals = true;     // parts of local variables that it passes over
  bool Library = true;    // calls that the runtime does not look into
  bool Fences = false;    // edges of fences; needs libweir
  bool Speculated = true; // no check of what only the optimizer reads
  bool Loaded = true;     // libraries may be unloaded
};

struct PassOptions {
  RaceSteps Steps;
  RaceMode Race = RaceMode::MarkedByPass;
  bool ThreadLocal = true;
  bool FramePointer = true;
};

void registerPasses(llvm::PassBuilder &PB, const PassOptions &Options);

// Makes every function keep its frame pointer. FramePointer.cpp
struct FramePointerPass : llvm::PassInfoMixin<FramePointerPass> {
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &);
  static bool isRequired() { return true; }
};

// Has main tell the runtime that it returns, while its frame is still there. MainReturns.cpp
struct MainReturnsPass : llvm::PassInfoMixin<MainReturnsPass> {
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &);
  static bool isRequired() { return true; }
};

// The attribute of the accessors that ThreadLocalPass makes.
inline constexpr char ThreadLocalAccessor[] = "weir-tls-accessor";

// Has addresses of thread-local variables, and of errno, computed anew after
// every call that may move the goroutine to another thread. ThreadLocal.cpp
struct ThreadLocalPass : llvm::PassInfoMixin<ThreadLocalPass> {
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &);
  static bool isRequired() { return true; }
};

// Race.cpp. Marks the definitions that ThreadSanitizer is to instrument; false
// when somebody has marked one already, who then also runs the instrumentation.
bool markForRace(llvm::Module &M);

// Exempts accesses that only their own thread can make from race instrumentation,
// ours or clang's, which has to come after it. ThreadOwned.cpp
struct ThreadOwnedPass : llvm::PassInfoMixin<ThreadOwnedPass> {
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &);
  static bool isRequired() { return true; }
};

// Keeps loads through one of two pointers from becoming two loads, or takes that back; First: at
// the start of the pipeline. RaceSpeculated.cpp
struct SpeculatedPass : llvm::PassInfoMixin<SpeculatedPass> {
  explicit SpeculatedPass(bool First) : First(First) {}
  llvm::PreservedAnalyses run(llvm::Function &F, llvm::FunctionAnalysisManager &);
  bool First;
};

// Gives loads that were moved in front of a loop their place back, early: it is lost with the mark
// when they are merged with others. RaceSpeculated.cpp
struct MovedLoadsPass : llvm::PassInfoMixin<MovedLoadsPass> {
  llvm::PreservedAnalyses run(llvm::Loop &L, llvm::LoopAnalysisManager &,
                              llvm::LoopStandardAnalysisResults &, llvm::LPMUpdater &);
};

// Keeps InstCombine from making masked loads whole ones, by hiding their addresses from it; the
// pass gives these back. RaceMasked.cpp
void keepMaskedLoads(llvm::PassBuilder &PB);
struct MaskedLoadsPass : llvm::PassInfoMixin<MaskedLoadsPass> {
  llvm::PreservedAnalyses run(llvm::Function &F, llvm::FunctionAnalysisManager &);
  static bool isRequired() { return true; }
};

// Instruments for ThreadSanitizer, unless that has happened. Race.cpp
struct RacePass : llvm::PassInfoMixin<RacePass> {
  explicit RacePass(RaceSteps Steps = {}) : Steps(Steps) {}
  llvm::PreservedAnalyses run(llvm::Module &M, llvm::ModuleAnalysisManager &AM);
  static bool isRequired() { return true; }
  RaceSteps Steps;
};

} // namespace weir

#endif
