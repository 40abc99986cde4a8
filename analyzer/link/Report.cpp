// SPDX-License-Identifier: Apache-2.0
//
// Report.h.
#include "link/Report.h"

#include "llvm/Support/LineIterator.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

#include <algorithm>

namespace weir {

namespace {

constexpr const char *Certainties[] = {"proven", "likely", "advice"};

llvm::json::Object placeOf(const LinkPlace &P) {
  llvm::json::Object At{{"file", fileOf(P)},
                        {"line", static_cast<int64_t>(P.At.Line)},
                        {"column", static_cast<int64_t>(P.At.Column)},
                        {"function", P.In->Is->Name}};
  llvm::json::Object Made{{"at", std::move(At)}};
  if (!P.What.empty()) Made["what"] = P.What;
  return Made;
}

} // namespace

const std::string &fileOf(const LinkPlace &P) {
  return P.In->From->Files[P.At.File];
}

void addChain(std::vector<LinkPlace> *To, const Taken *T, llvm::StringRef End) {
  for (; T; T = T->Then) {
    std::string What = End.str();
    if (T->Then) What = "which calls " + T->Then->In->Is->Name + " here";
    To->push_back({T->In, T->By->At, std::move(What)});
  }
}

llvm::StringRef Reports::lineOf(const LinkPlace &P, int Offset) {
  auto [Known, New] = Sources.try_emplace(fileOf(P));
  if (New)
    if (auto Text = llvm::MemoryBuffer::getFile(fileOf(P)))
      for (llvm::line_iterator Line(**Text, false); !Line.is_at_eof(); ++Line)
        Known->second.push_back(Line->trim().str());
  size_t Number = P.At.Line + Offset;
  if (Number < 1 || Number > Known->second.size()) return "";
  return Known->second[Number - 1];
}

bool Reports::isSilenced(const LinkFinding &F) {
  llvm::StringRef Id = idOf(F.Id), Before = lineOf(F.Places[0], -1);
  if (silences(lineOf(F.Places[0], 0), Id)) return true;
  return (Before.starts_with("//") || Before.starts_with("/*")) && silences(Before, Id);
}

void Reports::add(LinkFinding F) {
  if (!Want(F.Id) || (F.Sure == Certainty::Advice && !Want.Advice)) return;
  const LinkPlace &At = F.Places[0];
  std::string Key = (idOf(F.Id) + fileOf(At) + ":" + std::to_string(At.At.Line) + ":" +
                     std::to_string(At.At.Column) + F.Message)
                        .str();
  if (!Seen.insert(Key).second) return;
  if (isSilenced(F))
    ++Silenced;
  else
    All.push_back(std::move(F));
}

std::string Reports::fingerprintOf(const LinkFinding &F) {
  const LinkPlace &Main = F.Places[0];
  std::string Text = (idOf(F.Id) + "\n" + llvm::sys::path::filename(fileOf(Main)) + "\n" +
                      F.Message + "\n" + lineOf(Main, 0) + "\n" + Main.In->Is->Name)
                         .str();
  while (!Seen.insert("print\n" + Text).second)
    Text += "+";
  char Hex[17];
  snprintf(Hex, sizeof Hex, "%016llx", static_cast<unsigned long long>(llvm::xxh3_64bits(Text)));
  return Hex;
}

void Reports::write(llvm::raw_ostream &Out) {
  auto Key = [](const LinkFinding &F) {
    const LinkPlace &At = F.Places[0];
    return std::tie(fileOf(At), At.At.Line, At.At.Column, F.Id, F.Message);
  };
  std::sort(All.begin(), All.end(),
            [&](const LinkFinding &A, const LinkFinding &B) { return Key(A) < Key(B); });
  for (const LinkFinding &F : All) {
    llvm::json::Array Places;
    for (const LinkPlace &Each : F.Places)
      Places.push_back(placeOf(Each));
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
