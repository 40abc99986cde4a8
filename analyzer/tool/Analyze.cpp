// SPDX-License-Identifier: Apache-2.0
//
// Analyze.h. The command is the program's own, made to parse only: outputs, plugins and warnings
// are taken out, Weir's headers come last in the search, blocks are on, and the compiler's own
// headers are those of the clang that Weir is built for, whichever compiler the command names.
#include "tool/Analyze.h"

#include "checks/Digests.h"
#include "checks/Trackers.h"

#include "clang/AST/ASTConsumer.h"
#include "clang/Basic/Diagnostic.h"
#include "clang/Basic/DiagnosticDriver.h"
#include "clang/Frontend/CompilerInstance.h"
#include "clang/Frontend/FrontendAction.h"
#include "clang/Tooling/ArgumentsAdjusters.h"
#include "clang/Tooling/JSONCompilationDatabase.h"
#include "clang/Tooling/Tooling.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace clang;

namespace weir {

namespace {

class Consumer : public ASTConsumer {
public:
  Consumer(const Settings &How, Roles &TheRoles, llvm::raw_ostream &Out, Outcome &Result)
      : How(How), TheRoles(TheRoles), Out(Out), Result(Result) {}

  void HandleTranslationUnit(ASTContext &Context) override {
    Findings Found(Context, How.Want);
    Unit U(Context, TheRoles, Found);
    Digest Made;
    DigestMaker ForLink(U, Made);
    U.ForLink = &ForLink;
    runChecks(U);
    ForLink.finish();
    Found.write(Out);
    llvm::raw_string_ostream Text(Result.Digest);
    Made.write(Text);
    Result.Parsed = true;
    Result.Silenced = Found.silenced();
    Result.Count = U.Count;
  }

private:
  const Settings &How;
  Roles &TheRoles;
  llvm::raw_ostream &Out;
  Outcome &Result;
};

class Action : public ASTFrontendAction {
public:
  Action(const Settings &How, Roles &TheRoles, llvm::raw_ostream &Out, Outcome &Result)
      : How(How), TheRoles(TheRoles), Out(Out), Result(Result) {}
  std::unique_ptr<ASTConsumer> CreateASTConsumer(CompilerInstance &, llvm::StringRef) override {
    return std::make_unique<Consumer>(How, TheRoles, Out, Result);
  }

private:
  const Settings &How;
  Roles &TheRoles;
  llvm::raw_ostream &Out;
  Outcome &Result;
};

class Factory : public tooling::FrontendActionFactory {
public:
  Factory(const Settings &How, Roles &TheRoles, llvm::raw_ostream &Out, Outcome &Result)
      : How(How), TheRoles(TheRoles), Out(Out), Result(Result) {}
  std::unique_ptr<FrontendAction> create() override {
    return std::make_unique<Action>(How, TheRoles, Out, Result);
  }

private:
  const Settings &How;
  Roles &TheRoles;
  llvm::raw_ostream &Out;
  Outcome &Result;
};

// A flag that only another compiler knows says little about the source.
bool isOfOtherCompilers(unsigned Id) {
  return Id == diag::err_drv_unknown_argument ||
         Id == diag::err_drv_unknown_argument_with_suggestion ||
         Id == diag::err_drv_unsupported_opt;
}

// Counts what does not parse and keeps the first, with its place.
class Errors : public DiagnosticConsumer {
public:
  explicit Errors(Outcome &Result) : Result(Result) {}
  void HandleDiagnostic(DiagnosticsEngine::Level Level, const Diagnostic &Info) override {
    if (Level < DiagnosticsEngine::Error || isOfOtherCompilers(Info.getID()) || Result.Errors++)
      return;
    llvm::SmallString<256> Text;
    Info.FormatDiagnostic(Text);
    if (Info.hasSourceManager() && Info.getLocation().isValid()) {
      PresumedLoc At = Info.getSourceManager().getPresumedLoc(Info.getLocation());
      if (At.isValid())
        Result.FirstError =
            std::string(At.getFilename()) + ":" + std::to_string(At.getLine()) + ": ";
    }
    Result.FirstError += Text.str();
  }

private:
  Outcome &Result;
};

class OneCommand : public tooling::CompilationDatabase {
public:
  explicit OneCommand(const Job &What) : Command(What.Folder, What.File, What.Command, "") {}
  std::vector<tooling::CompileCommand> getCompileCommands(llvm::StringRef) const override {
    return {Command};
  }

private:
  tooling::CompileCommand Command;
};

bool isUnwanted(llvm::StringRef Word) {
  return Word.starts_with("-fplugin") || Word.starts_with("--weir-") ||
         Word.starts_with("-fsanitize") || Word == "-pg" || Word == "-DWEIR_THREAD_SAFETY" ||
         Word.starts_with("-flto");
}

std::vector<std::string> adjusted(const std::vector<std::string> &From, const Settings &How) {
  std::vector<std::string> To{"clang"};
  size_t First = 1;
  auto Name = [&](size_t I) { return I < From.size() ? llvm::sys::path::filename(From[I]) : ""; };
  if (Name(0) == "ccache" || Name(0) == "distcc") ++First;
  if (Name(First - 1) == "weir") ++First; // its verb
  for (size_t I = First; I < From.size(); ++I)
    if (!isUnwanted(From[I])) To.push_back(From[I]);
  const std::string Ours[] = {"-w", "-fblocks", "-resource-dir=" WEIR_RESOURCE_DIR, "-idirafter",
                              How.Include};
  To.insert(To.begin() + 1, std::begin(Ours), std::end(Ours));
  return To;
}

bool isC(llvm::StringRef File) {
  return llvm::sys::path::extension(File) == ".c";
}

} // namespace

Outcome analyze(const Job &What, const Settings &How, Roles &TheRoles, llvm::raw_ostream &Out) {
  Outcome Result;
  Errors Said(Result);
  if (!llvm::sys::fs::is_directory(What.Folder)) { // ClangTool would give up altogether
    Result.Errors = 1;
    Result.FirstError = "the folder that it is compiled in is not there: " + What.Folder;
    return Result;
  }
  OneCommand Database(What);
  tooling::ClangTool Tool(Database, {What.File}, std::make_shared<PCHContainerOperations>(),
                          recordingFileSystem(What.Folder, Result.From));
  Tool.setDiagnosticConsumer(&Said);
  Tool.setPrintErrorMessage(false);
  Tool.appendArgumentsAdjuster(tooling::getClangStripDependencyFileAdjuster());
  Tool.appendArgumentsAdjuster([&](const tooling::CommandLineArguments &From, llvm::StringRef) {
    return adjusted(From, How);
  });
  Factory Make(How, TheRoles, Out, Result);
  Tool.run(&Make);
  if (!Result.Parsed && !Result.Errors) {
    Result.Errors = 1;
    Result.FirstError = "the compile command cannot be used";
  }
  return Result;
}

// Clang's reader says what is wrong on standard error, and in terms of another language.
static bool isJson(llvm::StringRef Path, std::string *Problem) {
  auto Text = llvm::MemoryBuffer::getFile(Path);
  if (!Text) return *Problem = Text.getError().message(), false;
  auto Parsed = llvm::json::parse(llvm::json::fixUTF8((*Text)->getBuffer()));
  if (Parsed) return true;
  return *Problem = llvm::toString(Parsed.takeError()), false;
}

bool loadJobs(llvm::StringRef Folder, std::vector<Job> *Jobs, unsigned *Others,
              std::string *Problem) {
  llvm::SmallString<256> Path(Folder);
  if (llvm::sys::path::filename(Path) != "compile_commands.json")
    llvm::sys::path::append(Path, "compile_commands.json");
  if (!isJson(Path, Problem)) return false;
  std::unique_ptr<tooling::CompilationDatabase> Database =
      tooling::JSONCompilationDatabase::loadFromFile(Path, *Problem,
                                                     tooling::JSONCommandLineSyntax::AutoDetect);
  if (!Database) return false;
  Database = tooling::expandResponseFiles(std::move(Database), llvm::vfs::getRealFileSystem());
  llvm::StringSet<> Seen;
  for (const tooling::CompileCommand &Each : Database->getAllCompileCommands()) {
    llvm::SmallString<256> File(Each.Filename);
    llvm::sys::fs::make_absolute(Each.Directory, File);
    llvm::sys::path::remove_dots(File, true);
    if (!isC(File))
      ++*Others;
    else if (Seen.insert(File).second)
      Jobs->push_back({std::string(File), Each.Directory, Each.CommandLine});
  }
  if (Jobs->empty()) return *Problem = "no C file is named there", false;
  return true;
}

} // namespace weir
