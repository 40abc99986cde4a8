// SPDX-License-Identifier: Apache-2.0
//
// Once the file is parsed, before code is made of it, the checks of analyzer/ go over it. Each
// finding is a warning, with notes for its other places and, where one is safe, a fix-it.
//
// Clang 19 knows no flags for the warnings of plugins: -Werror, -w and `#pragma clang diagnostic`
// do nothing to them by themselves. So the first two are asked for here; a line is silenced by
// weir-nolint, and a check by -fplugin-arg-weir-checks. A file with errors is not looked at: what
// Clang made up to go on is no program.
#include "plugin/StaticChecks.h"

#include "checks/Trackers.h"

#include "clang/AST/ASTConsumer.h"
#include "clang/Frontend/CompilerInstance.h"

using namespace clang;

namespace {

class StaticChecks : public ASTConsumer {
public:
  explicit StaticChecks(DiagnosticsEngine &Diags) : Diags(Diags) { Want.all(true); }

  bool choose(llvm::StringRef Ids) {
    llvm::StringRef Bad = Ids.empty() ? "" : Want.only(Ids);
    return Bad.empty() || refuse("there is no check '" + Bad + "'");
  }
  bool read(const std::string &RoleFile) {
    std::string Problem;
    return TheRoles.addFile(RoleFile, &Problem) || refuse(RoleFile + ": " + Problem);
  }

  void HandleTranslationUnit(ASTContext &Context) override {
    if (Diags.hasErrorOccurred() || Diags.getIgnoreAllWarnings()) return;
    weir::Findings Found(Context, Want);
    weir::Unit U(Context, TheRoles, Found);
    weir::runChecks(U);
    for (const weir::Finding &Each : Found.inOrder())
      report(Each);
  }

private:
  bool refuse(const llvm::Twine &Text) {
    Diags.Report(Diags.getCustomDiagID(DiagnosticsEngine::Error, "weir: %0")) << Text.str();
    return false;
  }
  void report(const weir::Finding &F);

  DiagnosticsEngine &Diags;
  weir::Wanted Want;
  weir::Roles TheRoles;
};

void StaticChecks::report(const weir::Finding &F) {
  unsigned Id = Diags.getWarningsAsErrors()
                    ? Diags.getCustomDiagID(DiagnosticsEngine::Error, "%0 [-Werror,weir-%1]")
                    : Diags.getCustomDiagID(DiagnosticsEngine::Warning, "%0 [weir-%1]");
  {
    auto Warning = Diags.Report(F.Places[0].At, Id);
    Warning << F.Message << weir::idOf(F.Id);
    for (const FixItHint &Fix : F.Fixes)
      Warning << Fix;
  }
  unsigned Note = Diags.getCustomDiagID(DiagnosticsEngine::Note, "%0");
  for (const weir::Place &Each : llvm::ArrayRef(F.Places).drop_front())
    Diags.Report(Each.At, Note) << Each.What;
}

} // namespace

std::unique_ptr<ASTConsumer> weir::makeStaticChecks(CompilerInstance &CI, llvm::StringRef Ids,
                                                    llvm::ArrayRef<std::string> RoleFiles) {
  auto Made = std::make_unique<StaticChecks>(CI.getDiagnostics());
  bool Fine = Made->choose(Ids);
  for (const std::string &File : RoleFiles)
    Fine = Fine && Made->read(File);
  if (!Fine) return std::make_unique<ASTConsumer>();
  return Made;
}
