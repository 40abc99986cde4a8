// SPDX-License-Identifier: Apache-2.0
//
// An entry: a line with the key, a line for each input ("ANSWER PATH"), an empty line, each part of
// the result after a line with its length, and at the end the hash of all that.
#include "tool/Cache.h"

#include "clang/Basic/Version.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

#include <unistd.h>

using namespace llvm;

namespace weir {

namespace {

constexpr size_t HashLength = 32;

std::string hashOfFile(const Twine &Path) {
  auto Text = MemoryBuffer::getFile(Path, false, false);
  return Text ? hashOf((*Text)->getBuffer()) : "none";
}

// All that makes results of the same file and command differ. The variables are Clang's.
std::string keyOf(const Settings &How) {
  std::string All = hashOfFile("/proc/self/exe") + clang::getClangFullVersion();
  All.append(std::begin(How.Want.Checks), std::end(How.Want.Checks));
  All += How.Want.Advice ? "advice" : "";
  All += How.Include;
  for (const std::string &Each : How.RoleFiles)
    All += hashOfFile(Each);
  for (const char *Each : {"CPATH", "C_INCLUDE_PATH", "COMPILER_PATH", "GCC_EXEC_PREFIX"})
    All += sys::Process::GetEnv(Each).value_or("") + "\n";
  return hashOf(All);
}

// The next line of Text, without its end.
StringRef takeLine(StringRef *Text) {
  auto [Line, Rest] = Text->split('\n');
  *Text = Rest;
  return Line;
}

bool takeParts(StringRef Text, Parts *Result) {
  while (!Text.empty()) {
    size_t Length;
    if (takeLine(&Text).getAsInteger(10, Length) || Length > Text.size()) return false;
    Result->push_back(Text.take_front(Length).str());
    Text = Text.drop_front(Length);
  }
  return true;
}

bool writeWhole(const Twine &Path, StringRef Text) {
  std::error_code Error;
  raw_fd_ostream Out(Path.str(), Error);
  if (Error) return false;
  Out << Text;
  Out.close();
  bool Fine = !Out.has_error();
  Out.clear_error();
  return Fine;
}

} // namespace

Cache::Cache(StringRef Build, const Settings &How) : Key(keyOf(How)) {
  SmallString<256> Path(Build);
  if (sys::path::filename(Path) == "compile_commands.json") sys::path::remove_filename(Path);
  sys::path::append(Path, ".weir-analyze");
  sys::fs::make_absolute(Path);
  bool New = !sys::fs::exists(Path);
  if (sys::fs::create_directories(Path)) return;
  Folder = std::string(Path);
  if (New) writeWhole(Folder + "/.gitignore", "*\n");
}

std::string Cache::entryOf(const Job &What) const {
  std::string All = What.File + "\n" + What.Folder;
  for (const std::string &Each : What.Command)
    All += "\n" + Each;
  return Folder + "/" + hashOf(All);
}

bool Cache::load(const Job &What, Parts *Result) {
  if (Folder.empty()) return false;
  auto File = MemoryBuffer::getFile(entryOf(What), false, false);
  if (!File) return false;
  StringRef Text = (*File)->getBuffer();
  if (Text.size() < HashLength || hashOf(Text.drop_back(HashLength)) != Text.take_back(HashLength))
    return false;
  Text = Text.drop_back(HashLength);
  if (takeLine(&Text) != Key) return false;
  for (StringRef Line = takeLine(&Text); !Line.empty(); Line = takeLine(&Text))
    if (auto [Answer, Path] = Line.split(' '); !IsAsBefore(Path.str(), Answer)) return false;
  if (takeParts(Text, Result)) return true;
  Result->clear();
  return false;
}

void Cache::store(const Job &What, const Inputs &From, const Parts &Result) const {
  if (Folder.empty()) return;
  std::string Text = Key + "\n";
  for (const auto &[Path, Answer] : From) {
    if (Path.find('\n') != std::string::npos) return;
    Text += Answer + " " + Path + "\n";
  }
  Text += "\n";
  for (const std::string &Each : Result)
    Text += std::to_string(Each.size()) + "\n" + Each;
  Text += hashOf(Text);
  std::string Entry = entryOf(What), New = Entry + "." + std::to_string(getpid());
  if (!writeWhole(New, Text) || sys::fs::rename(New, Entry)) sys::fs::remove(New);
}

} // namespace weir
