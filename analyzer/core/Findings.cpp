// SPDX-License-Identifier: Apache-2.0
//
// Records of findings. The fingerprint holds the check, the function, the message and the text of
// the line, not its number; equal ones in one file are told apart by counting.
#include "core/Findings.h"

#include "clang/Basic/SourceManager.h"
#include "clang/Lex/Lexer.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

#include <algorithm>

using namespace clang;

namespace weir {

namespace {

constexpr struct {
  const char *Id, *Certainty;
} Checks[] = {
#define WEIR_STATIC(enumerator, id, certainty, title) {id, certainty},
#include <weir/checks.def>
};
constexpr const char *Certainties[] = {"proven", "likely", "advice"};

std::string absolute(llvm::StringRef File) {
  llvm::SmallString<256> Path(File);
  llvm::sys::fs::make_absolute(Path);
  llvm::sys::path::remove_dots(Path, true);
  return std::string(Path);
}

} // namespace

bool silences(llvm::StringRef Line, llvm::StringRef Id) {
  size_t At = Line.find("weir-nolint");
  size_t Comment = std::min(Line.find("//"), Line.find("/*"));
  if (At == llvm::StringRef::npos || Comment > At) return false;
  llvm::StringRef Rest = Line.substr(At + strlen("weir-nolint"));
  if (!Rest.consume_front("(")) return true;
  llvm::SmallVector<llvm::StringRef, 4> Ids;
  Rest.take_until([](char C) { return C == ')'; }).split(Ids, ',');
  return llvm::any_of(Ids, [&](llvm::StringRef Each) { return Each.trim() == Id; });
}

llvm::StringRef idOf(Check C) {
  return Checks[static_cast<size_t>(C)].Id;
}

llvm::StringRef certaintyOf(Check C) {
  return Checks[static_cast<size_t>(C)].Certainty;
}

bool checkOf(llvm::StringRef Id, Check *C) {
  for (size_t I = 0; I < std::size(Checks); ++I)
    if (Id == Checks[I].Id) return *C = static_cast<Check>(I), true;
  return false;
}

llvm::StringRef Wanted::only(llvm::StringRef Ids) {
  llvm::SmallVector<llvm::StringRef, 8> Each;
  Ids.split(Each, ',', -1, false);
  all(false);
  for (llvm::StringRef Id : Each) {
    Check Known;
    if (!checkOf(Id.trim(), &Known)) return Id;
    Checks[static_cast<size_t>(Known)] = true;
    Advice |= certaintyOf(Known) == "advice";
  }
  return "";
}

SourceLocation shownAt(const SourceManager &Sources, SourceLocation At) {
  return Sources.getExpansionLoc(At);
}

void Findings::add(Finding F) {
  if (!Want(F.Id) || (F.Sure == Certainty::Advice && !Want.Advice)) return;
  const SourceManager &Sources = Context.getSourceManager();
  for (Place &Each : F.Places)
    Each.At = shownAt(Sources, Each.At);
  if (F.Places.empty() || Sources.isInSystemHeader(F.Places[0].At)) return;
  std::string Key = (idOf(F.Id) + F.Places[0].At.printToString(Sources) + F.Message).str();
  if (!Seen.insert(Key).second) return;
  if (isSilenced(F))
    ++Silenced;
  else
    All.push_back(std::move(F));
}

llvm::StringRef Findings::textOfLine(SourceLocation At, int Offset) const {
  const SourceManager &Sources = Context.getSourceManager();
  auto [File, Position] = Sources.getDecomposedLoc(At);
  int Line = static_cast<int>(Sources.getLineNumber(File, Position)) + Offset;
  if (Line < 1) return "";
  SourceLocation Start = Sources.translateLineCol(File, Line, 1);
  llvm::StringRef Rest = Sources.getBufferData(File).substr(Sources.getFileOffset(Start));
  return Rest.take_until([](char C) { return C == '\n'; }).trim();
}

bool Findings::lineSilences(SourceLocation At, llvm::StringRef Id, bool Before) const {
  llvm::StringRef Line = textOfLine(At, Before ? -1 : 0);
  return (!Before || Line.starts_with("//") || Line.starts_with("/*")) && silences(Line, Id);
}

bool Findings::isSilenced(const Finding &F) {
  return lineSilences(F.Places[0].At, idOf(F.Id), false) ||
         lineSilences(F.Places[0].At, idOf(F.Id), true);
}

llvm::json::Object Findings::placeOf(const Place &P, const Place &Main) const {
  PresumedLoc Where = Context.getSourceManager().getPresumedLoc(P.At);
  llvm::json::Object Frame;
  if (Where.isValid()) {
    Frame["file"] = absolute(Where.getFilename());
    Frame["line"] = static_cast<int64_t>(Where.getLine());
    Frame["column"] = static_cast<int64_t>(Where.getColumn());
  }
  const FunctionDecl *In = P.In ? P.In : Main.In;
  if (In && In->getIdentifier()) Frame["function"] = In->getName();
  llvm::json::Object Made{{"at", std::move(Frame)}};
  if (!P.What.empty()) Made["what"] = P.What;
  return Made;
}

std::string Findings::fingerprintOf(const Finding &F) {
  const Place &Main = F.Places[0];
  PresumedLoc Where = Context.getSourceManager().getPresumedLoc(Main.At);
  llvm::StringRef File = Where.isValid() ? llvm::sys::path::filename(Where.getFilename()) : "";
  std::string Text = (idOf(F.Id) + "\n" + File + "\n" + F.Message + "\n" + textOfLine(Main.At, 0) +
                      "\n" + (Main.In ? Main.In->getNameAsString() : ""))
                         .str();
  while (!Seen.insert("print\n" + Text).second)
    Text += "+";
  char Hex[17];
  snprintf(Hex, sizeof Hex, "%016llx", static_cast<unsigned long long>(llvm::xxh3_64bits(Text)));
  return Hex;
}

const std::vector<Finding> &Findings::inOrder() {
  const SourceManager &Sources = Context.getSourceManager();
  std::sort(All.begin(), All.end(), [&](const Finding &A, const Finding &B) {
    SourceLocation At = A.Places[0].At, Other = B.Places[0].At;
    return At == Other ? A.Id < B.Id : Sources.isBeforeInTranslationUnit(At, Other);
  });
  return All;
}

void Findings::write(llvm::raw_ostream &Out) {
  for (const Finding &F : inOrder()) {
    llvm::json::Array Places;
    for (const Place &Each : F.Places)
      Places.push_back(placeOf(Each, F.Places[0]));
    llvm::json::Object Record{{"schema", "weir.finding/1"},
                              {"id", idOf(F.Id)},
                              {"certainty", Certainties[static_cast<int>(F.Sure)]},
                              {"message", llvm::json::fixUTF8(F.Message)},
                              {"fingerprint", fingerprintOf(F)},
                              {"places", std::move(Places)}};
    Out << llvm::json::Value(std::move(Record)) << "\n";
  }
}

} // namespace weir
