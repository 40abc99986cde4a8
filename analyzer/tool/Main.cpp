// SPDX-License-Identifier: Apache-2.0
//
// weir-analyze: the half of `weir analyze` that is Clang. It writes records to --log and says on
// standard error what could not be checked; the verb reads the records and shows them.
//
// Each file is checked by a process of its own, so that one that is too large, or that Clang
// cannot stand, costs its own findings only. They write to memory that the parent reads, in the
// order of the files whichever ends first.
#include "tool/Analyze.h"
#include "tool/Cache.h"

#include "link/Link.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdio>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace weir;

namespace {

enum { Clean = 0, UsageError = 2, Failed = 3 }; // as reports/cli/exit.h
constexpr rlim_t MemoryMax = rlim_t(2) << 30;
constexpr unsigned SecondsMax = 300;

struct Options {
  Settings How;
  std::vector<Job> Jobs;
  std::string Log, Build;
  unsigned Parallel = 0, Others = 0;
  bool Stats = false, NoCache = false;
};

struct Running {
  pid_t Process = 0;
  int Output = -1, Result = -1, Digest = -1;
  int Status = 0;
  Parts Known; // from the cache, in place of a process: records, result, digest
};

int wrong(const llvm::Twine &Text) {
  llvm::errs() << "weir analyze: " << Text << "\n";
  return UsageError;
}

// Files named on the command line, all with the same flags.
void addFiles(Options *To, const std::vector<std::string> &Files,
              const std::vector<std::string> &Flags) {
  llvm::SmallString<256> Here;
  llvm::sys::fs::current_path(Here);
  for (const std::string &File : Files) {
    std::vector<std::string> Command{"clang"};
    Command.insert(Command.end(), Flags.begin(), Flags.end());
    Command.insert(Command.end(), {"-fsyntax-only", File});
    To->Jobs.push_back({File, std::string(Here), std::move(Command)});
  }
}

// Of a compilation database, only the files that are named, if any are.
bool narrow(Options *To, const std::vector<std::string> &Files) {
  std::vector<Job> Left;
  for (const std::string &File : Files) {
    llvm::SmallString<256> Path(File);
    llvm::sys::fs::make_absolute(Path);
    llvm::sys::path::remove_dots(Path, true);
    auto Found = llvm::find_if(To->Jobs, [&](const Job &J) { return J.File == Path.str(); });
    if (Found == To->Jobs.end())
      return wrong("compile_commands.json does not tell how " + File + " is compiled"), false;
    Left.push_back(*Found);
  }
  if (!Files.empty()) To->Jobs = std::move(Left);
  return true;
}

// The verb has checked the form; values stand behind an equals sign.
int parse(int Count, char **Words, Options *To) {
  std::vector<std::string> Files, Flags;
  int I = 1;
  To->How.Want.all(true);
  for (; I < Count && llvm::StringRef(Words[I]) != "--"; ++I) {
    llvm::StringRef Word = Words[I];
    if (Word.consume_front("--log="))
      To->Log = Word.str();
    else if (Word.consume_front("--include="))
      To->How.Include = Word.str();
    else if (Word.consume_front("--build="))
      To->Build = Word.str();
    else if (Word.consume_front("--roles="))
      To->How.RoleFiles.push_back(Word.str());
    else if (Word.consume_front("--jobs="))
      (void)Word.getAsInteger(10, To->Parallel);
    else if (Word.consume_front("--checks=")) {
      if (llvm::StringRef Bad = To->How.Want.only(Word); !Bad.empty())
        return wrong("there is no check '" + Bad + "'");
    } else if (Word == "--advice")
      To->How.Want.Advice = true;
    else if (Word == "--no-cache")
      To->NoCache = true;
    else if (Word == "--stats")
      To->Stats = true;
    else
      Files.push_back(Word.str());
  }
  for (++I; I < Count; ++I)
    Flags.push_back(Words[I]);
  if (To->Build.empty()) return addFiles(To, Files, Flags), Clean;
  std::string Problem;
  if (!loadJobs(To->Build, &To->Jobs, &To->Others, &Problem)) {
    llvm::errs() << "weir analyze: " << To->Build << "/compile_commands.json: " << Problem
                 << "\n  CMake writes it with -DCMAKE_EXPORT_COMPILE_COMMANDS=ON, other builds "
                    "with `bear -- make`\n";
    return Failed;
  }
  return narrow(To, Files) ? Clean : UsageError;
}

// --- one process for each file ----------------------------------------------------------------

void limit() {
  struct rlimit Memory = {MemoryMax, MemoryMax}, NoCore = {0, 0};
  setrlimit(RLIMIT_AS, &Memory);
  setrlimit(RLIMIT_CORE, &NoCore);
  alarm(SecondsMax);
}

[[noreturn]] void work(const Job &What, const Options &How, Roles &TheRoles, const Cache &Kept,
                       const Running &To) {
  limit();
  std::string Records, Text;
  llvm::raw_string_ostream Out(Records), Said(Text);
  Outcome Result = analyze(What, How.How, TheRoles, Out);
  Said << llvm::json::Value(llvm::json::Object{{"errors", Result.Errors},
                                               {"parsed", Result.Parsed},
                                               {"first", llvm::json::fixUTF8(Result.FirstError)},
                                               {"silenced", Result.Silenced},
                                               {"functions", Result.Count.Functions},
                                               {"graphs", Result.Count.Graphs},
                                               {"gave_up", Result.Count.GaveUp},
                                               {"unknown", Result.Count.UnknownLocks},
                                               {"models", Result.Count.Models},
                                               {"models_gave_up", Result.Count.ModelsGivenUp},
                                               {"states", Result.Count.States}});
  llvm::raw_fd_ostream(To.Output, false) << Records;
  llvm::raw_fd_ostream(To.Result, false) << Text;
  llvm::raw_fd_ostream(To.Digest, false) << Result.Digest;
  if (Result.Parsed) Kept.store(What, Result.From, {Records, Text, Result.Digest});
  _exit(Clean);
}

bool start(const Job &What, const Options &How, Roles &TheRoles, const Cache &Kept, Running *To) {
  To->Output = memfd_create("weir-records", MFD_CLOEXEC);
  To->Result = memfd_create("weir-result", MFD_CLOEXEC);
  To->Digest = memfd_create("weir-digest", MFD_CLOEXEC);
  To->Process = To->Output < 0 || To->Result < 0 || To->Digest < 0 ? -1 : fork();
  if (To->Process == 0) work(What, How, TheRoles, Kept, *To);
  return To->Process > 0;
}

std::string contents(int File) {
  std::string All;
  char Part[65536];
  ssize_t N;
  lseek(File, 0, SEEK_SET);
  while ((N = read(File, Part, sizeof Part)) > 0)
    All.append(Part, N);
  close(File);
  return All;
}

void reap(std::vector<Running> &All, unsigned *Left) {
  int Status;
  pid_t Process = wait(&Status);
  for (Running &Each : All)
    if (Process > 0 && Each.Process == Process) {
      Each.Status = Status;
      --*Left;
    }
}

struct Sum {
  int64_t Functions = 0, Graphs = 0, GaveUp = 0, Unknown = 0, Silenced = 0, Models = 0,
          ModelsGaveUp = 0, States = 0;
  LinkCounters Linked;
  std::vector<Digest> Digests;
  unsigned Failed = 0, Known = 0;
};

void count(const llvm::json::Object &Result, Sum *To) {
  To->Functions += Result.getInteger("functions").value_or(0);
  To->Graphs += Result.getInteger("graphs").value_or(0);
  To->GaveUp += Result.getInteger("gave_up").value_or(0);
  To->Unknown += Result.getInteger("unknown").value_or(0);
  To->Models += Result.getInteger("models").value_or(0);
  To->ModelsGaveUp += Result.getInteger("models_gave_up").value_or(0);
  To->States += Result.getInteger("states").value_or(0);
  To->Silenced += Result.getInteger("silenced").value_or(0);
}

void addDigest(const Job &What, llvm::StringRef Text, Sum *To) {
  Digest Made;
  if (Digest::read(Text, &Made)) return (void)To->Digests.push_back(std::move(Made));
  llvm::errs() << "weir analyze: " << What.File
               << ": its digest cannot be read: left out of what is checked over all files\n";
  ++To->Failed;
}

// What is said of a file that was not, or not wholly, checked.
void collect(const Job &What, Running &Each, llvm::raw_ostream &Log, Sum *To) {
  bool Known = Each.Known.size() == 3;
  std::string Records = Known ? Each.Known[0] : contents(Each.Output);
  std::string Text = Known ? Each.Known[1] : contents(Each.Result);
  std::string Digested = Known ? Each.Known[2] : contents(Each.Digest);
  To->Known += Known;
  auto Result = llvm::json::parse(Text);
  const llvm::json::Object *Said = Result ? Result->getAsObject() : nullptr;
  if (!Result) llvm::consumeError(Result.takeError());
  if (!WIFEXITED(Each.Status) || !Said) {
    bool Late = WIFSIGNALED(Each.Status) && WTERMSIG(Each.Status) == SIGALRM;
    llvm::errs() << "weir analyze: " << What.File << ": not checked: "
                 << (Late ? "it took too long" : "the checker ended before its time") << "\n";
    ++To->Failed;
    return;
  }
  Log << Records;
  count(*Said, To);
  if (Said->getBoolean("parsed").value_or(false)) addDigest(What, Digested, To);
  int64_t Errors = Said->getInteger("errors").value_or(0);
  if (!Errors) return;
  ++To->Failed;
  llvm::StringRef First = Said->getString("first").value_or("");
  llvm::errs() << "weir analyze: " << What.File << ": ";
  if (!llvm::sys::fs::exists(What.File))
    llvm::errs() << "not checked: no such file\n";
  else if (!Said->getBoolean("parsed").value_or(false))
    llvm::errs() << "not checked: " << First << "\n";
  else
    llvm::errs() << "checked in part: " << Errors
                 << (Errors == 1 ? " error: " : " errors, the first: ") << First << "\n";
}

double seconds(int Who, long *Megabytes) {
  struct rusage Used;
  getrusage(Who, &Used);
  *Megabytes = Used.ru_maxrss / 1024;
  return static_cast<double>(Used.ru_utime.tv_sec + Used.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(Used.ru_utime.tv_usec + Used.ru_stime.tv_usec);
}

// Processor time, and the memory of the largest process.
void sayCost() {
  long Largest, Own;
  double Files = seconds(RUSAGE_CHILDREN, &Largest), Over = seconds(RUSAGE_SELF, &Own);
  llvm::errs() << "weir analyze: cost: " << llvm::format("%.2f", Files) << " s in the files, "
               << llvm::format("%.2f", Over) << " s over all of them, at most "
               << std::max(Largest, Own) << " MB\n";
}

int run(Options &O, Roles &TheRoles, llvm::raw_ostream &Log) {
  Cache Kept = O.NoCache || O.Build.empty() ? Cache() : Cache(O.Build, O.How);
  std::vector<Running> All(O.Jobs.size());
  unsigned Left = 0, Most = O.Parallel ? O.Parallel : std::thread::hardware_concurrency();
  for (size_t I = 0; I < All.size(); ++I) {
    if (Kept.load(O.Jobs[I], &All[I].Known)) continue;
    while (Left >= std::max(Most, 1u))
      reap(All, &Left);
    if (!start(O.Jobs[I], O, TheRoles, Kept, &All[I])) {
      llvm::errs() << "weir analyze: cannot start a process\n";
      return Failed;
    }
    ++Left;
  }
  while (Left)
    reap(All, &Left);
  Sum Total;
  for (size_t I = 0; I < All.size(); ++I)
    collect(O.Jobs[I], All[I], Log, &Total);
  Total.Linked = link(Total.Digests, O.How.Want, Log);
  if (Total.Failed)
    llvm::errs() << "weir analyze: " << Total.Failed << " of " << All.size()
                 << " files could not be checked wholly\n";
  if (O.Others) llvm::errs() << "weir analyze: " << O.Others << " files that are not C left out\n";
  if (O.Stats)
    llvm::errs() << "weir analyze: " << All.size() << " files, " << Total.Known
                 << " of them unchanged since the last run, " << Total.Functions << " functions, "
                 << Total.Graphs << " looked into, " << Total.GaveUp << " given up, "
                 << Total.Unknown << " locks without a name, "
                 << Total.Silenced + Total.Linked.Silenced << " findings silenced in the source\n"
                 << "weir analyze: schedules of " << Total.Models << " functions, "
                 << Total.ModelsGaveUp << " with too many, " << Total.States << " states\n"
                 << "weir analyze: linked " << Total.Linked.Functions << " functions, "
                 << Total.Linked.Orders << " lock orders, " << Total.Linked.UnknownPointers
                 << " calls through unknown pointers\n";
  if (O.Stats) sayCost();
  return Total.Failed ? Failed : Clean;
}

} // namespace

int main(int Count, char **Words) {
  Options O;
  Roles TheRoles;
  if (int Status = parse(Count, Words, &O)) return Status;
  for (const std::string &File : O.How.RoleFiles) {
    std::string Problem;
    if (!TheRoles.addFile(File, &Problem)) return wrong(File + ": " + Problem);
  }
  std::error_code Error;
  llvm::raw_fd_ostream Log(O.Log, Error, llvm::sys::fs::OF_Append);
  if (Error) {
    llvm::errs() << "weir analyze: " << O.Log << ": " << Error.message() << "\n";
    return Failed;
  }
  return run(O, TheRoles, Log);
}
