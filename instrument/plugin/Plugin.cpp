// SPDX-License-Identifier: Apache-2.0
//
// The entry point behind `clang -fplugin=weir.so`: an action that clang runs before
// its own, on every file, without being asked by name. It changes what clang will
// do (blocks on, race marks on), adds the LLVM passes, and puts in front of the code
// generator the consumer that names sites and, if they are wanted, the static checks.
//
// Race marks: the language option for -fsanitize=thread is set while clang makes the
// IR, so that its code generator marks functions, honours no_sanitize("thread") and
// answers __has_feature(thread_sanitizer) exactly as under that flag. It is
// cleared when the pass pipeline is built, so that clang does not add the
// ThreadSanitizer passes: ours are in the pipeline already.
#include "pass/Passes.h"
#include "plugin/Options.h"
#include "plugin/SiteNamer.h"
#include "plugin/StaticChecks.h"
#include "plugin/Unseen.h"

#include "clang/AST/ASTConsumer.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendPluginRegistry.h"
#include "clang/Frontend/MultiplexConsumer.h"
#include "clang/Lex/Preprocessor.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/raw_ostream.h"

using namespace clang;

namespace {

void say(CompilerInstance &CI, DiagnosticsEngine::Level Level, llvm::StringRef Text) {
  DiagnosticsEngine &Diags = CI.getDiagnostics();
  Diags.Report(Diags.getCustomDiagID(Level, "weir: %0")) << Text;
}

// Blocks, as by -fblocks: the language option, and the macros that come with it. The
// preprocessor has made its list of macros by now but not read it.
void enableBlocks(CompilerInstance &CI) {
  if (CI.getLangOpts().Blocks) return;
  CI.getLangOpts().Blocks = 1;
  if (!CI.hasPreprocessor()) return;
  Preprocessor &PP = CI.getPreprocessor();
  PP.setPredefines(PP.getPredefines() + "#define __BLOCKS__ 1\n"
                                        "#define __block __attribute__((__blocks__(byref)))\n");
}

// Functions that check sizes stand in for those of the C library that the race runtime looks into
// (__memcpy_chk for memcpy), and nobody looks into them; so they do not, whatever -D says.
void disableFortify(CompilerInstance &CI) {
  if (!CI.hasPreprocessor()) return;
  Preprocessor &PP = CI.getPreprocessor();
  PP.setPredefines(PP.getPredefines() + "#undef _FORTIFY_SOURCE\n");
}

class WeirAction : public PluginASTAction {
public:
  ActionType getActionType() override { return AddBeforeMainAction; }
  bool ParseArgs(const CompilerInstance &CI, const std::vector<std::string> &Args) override;
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance &CI, llvm::StringRef) override;

private:
  bool takesRaces(CompilerInstance &CI);

  weir::Options Given;
};

bool WeirAction::ParseArgs(const CompilerInstance &CI, const std::vector<std::string> &Args) {
  std::string Wrong = weir::parseOptions(Args, &Given);
  if (!Wrong.empty()) {
    DiagnosticsEngine &Diags = CI.getDiagnostics();
    Diags.Report(Diags.getCustomDiagID(DiagnosticsEngine::Error, "weir: %0")) << Wrong;
    return false;
  }
  if (Given.Help) weir::printOptions(llvm::errs());
  return true;
}

// Whether Weir instruments this file for races; if not although nobody said so,
// the user is told why.
bool WeirAction::takesRaces(CompilerInstance &CI) {
  const SanitizerSet &Sanitize = CI.getLangOpts().Sanitize;
  if (!Given.Race) return false;
  if (Sanitize.has(SanitizerKind::Thread)) {
    if (!Given.RaceGiven)
      say(CI, DiagnosticsEngine::Remark,
          "-fsanitize=thread instruments this file; weir adds no second instrumentation");
    return false;
  }
  if (Sanitize.hasOneOf(SanitizerKind::Address | SanitizerKind::KernelAddress |
                        SanitizerKind::HWAddress | SanitizerKind::Memory)) {
    say(CI, DiagnosticsEngine::Warning,
        "races are not checked: another sanitizer takes the shadow memory "
        "(-fplugin-arg-weir-race=off silences this)");
    return false;
  }
  if (!CI.getTarget().getTriple().isArch64Bit()) {
    say(CI, DiagnosticsEngine::Warning,
        "races are not checked: ThreadSanitizer needs a 64-bit target "
        "(-fplugin-arg-weir-race=off silences this)");
    return false;
  }
  return true;
}

// What the optimizer made up has no place in the source; so all else must have one, also where
// no debug information is wanted.
void trackPlaces(CompilerInstance &CI) {
  CodeGenOptions &Code = CI.getCodeGenOpts();
  if (Code.getDebugInfo() == llvm::codegenoptions::NoDebugInfo)
    Code.setDebugInfo(llvm::codegenoptions::LocTrackingOnly);
}

std::unique_ptr<ASTConsumer> WeirAction::CreateASTConsumer(CompilerInstance &CI, llvm::StringRef) {
  enableBlocks(CI);
  weir::PassOptions Passes;
  Passes.Race = takesRaces(CI) ? weir::RaceMode::MarkedByCC : weir::RaceMode::Off;
  Passes.ThreadLocal = Given.ThreadLocal;
  if (Given.Stock)
    Passes.Steps = {false, false, false, false, false, false, false, false, false};
  else
    Passes.Steps = {Given.Redundant, Given.Ranges, Given.Inline,     Given.Wide,  Given.Locals,
                    Given.Library,   Given.Fences, Given.Speculated, Given.Loaded};
  LangOptions &Lang = CI.getLangOpts();
  if (Passes.Race == weir::RaceMode::MarkedByCC) {
    Lang.Sanitize.set(SanitizerKind::Thread, true);
    if (Passes.Steps.Library) disableFortify(CI);
    if (Passes.Steps.Speculated) trackPlaces(CI);
  }
  CI.getCodeGenOpts().PassBuilderCallbacks.push_back([Passes, &Lang](llvm::PassBuilder &PB) {
    if (Passes.Race == weir::RaceMode::MarkedByCC) Lang.Sanitize.set(SanitizerKind::Thread, false);
    weir::registerPasses(PB, Passes);
  });
  std::vector<std::unique_ptr<ASTConsumer>> Consumers;
  if (Given.Names) Consumers.push_back(weir::makeSiteNamer());
  if (Given.Unseen && Passes.Race == weir::RaceMode::MarkedByCC)
    Consumers.push_back(weir::makeUnseenWarner(/*Fences=*/!Passes.Steps.Fences));
  if (Given.Analyze && !Lang.CPlusPlus)
    Consumers.push_back(weir::makeStaticChecks(CI, Given.Checks, Given.Roles));
  return std::make_unique<MultiplexConsumer>(std::move(Consumers));
}

} // namespace

static FrontendPluginRegistry::Add<WeirAction>
    Registered("weir", "goroutines, channels and race detection for C");
