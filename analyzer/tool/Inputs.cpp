// SPDX-License-Identifier: Apache-2.0
//
// A file system that writes down what it answers. The hash is made of the very bytes that are
// handed out, so a file that changes meanwhile cannot be taken for the one that was analyzed.
#include "tool/Inputs.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;

namespace weir {

namespace {

class RecordedFile : public vfs::File {
public:
  RecordedFile(std::unique_ptr<vfs::File> Real, std::string *Answer)
      : Real(std::move(Real)), Answer(Answer) {}
  ErrorOr<vfs::Status> status() override { return Real->status(); }
  ErrorOr<std::string> getName() override { return Real->getName(); }
  std::error_code close() override { return Real->close(); }
  ErrorOr<std::unique_ptr<MemoryBuffer>> getBuffer(const Twine &Name, int64_t Size, bool Null,
                                                   bool Volatile) override {
    auto Read = Real->getBuffer(Name, Size, Null, Volatile);
    if (Read) *Answer = hashOf((*Read)->getBuffer());
    return Read;
  }

private:
  std::unique_ptr<vfs::File> Real;
  std::string *Answer;
};

class Recorder : public vfs::ProxyFileSystem {
public:
  Recorder(StringRef Folder, Inputs &Into)
      : ProxyFileSystem(vfs::getRealFileSystem()), Folder(Folder), Into(Into) {}

  ErrorOr<vfs::Status> status(const Twine &Path) override {
    auto Real = getUnderlyingFS().status(Path);
    note(Path, static_cast<bool>(Real));
    return Real;
  }
  bool exists(const Twine &Path) override {
    bool Real = getUnderlyingFS().exists(Path);
    note(Path, Real);
    return Real;
  }
  ErrorOr<std::unique_ptr<vfs::File>> openFileForRead(const Twine &Path) override {
    auto Real = getUnderlyingFS().openFileForRead(Path);
    std::string *Answer = note(Path, static_cast<bool>(Real));
    if (!Real) return Real;
    return std::make_unique<RecordedFile>(std::move(*Real), Answer);
  }

private:
  std::string *note(const Twine &Path, bool There) {
    SmallString<256> Absolute;
    Path.toVector(Absolute);
    sys::fs::make_absolute(Folder, Absolute);
    std::string &Answer = Into[std::string(Absolute)];
    if (Answer.empty()) Answer = There ? "+" : "-";
    return &Answer;
  }

  const std::string Folder;
  Inputs &Into;
};

} // namespace

std::string hashOf(StringRef Text) {
  XXH128_hash_t Hash = xxh3_128bits(arrayRefFromStringRef(Text));
  return utohexstr(Hash.high64, true, 16) + utohexstr(Hash.low64, true, 16);
}

IntrusiveRefCntPtr<vfs::FileSystem> recordingFileSystem(StringRef Folder, Inputs &Into) {
  return makeIntrusiveRefCnt<Recorder>(Folder, Into);
}

bool Unchanged::operator()(const std::string &Path, StringRef Answer) {
  auto [At, New] = Known.try_emplace(Path);
  Seen &Now = At->second;
  if (New) Now.There = sys::fs::exists(Path);
  if (Answer == "-" || Answer == "+" || !Now.There) return Now.There == (Answer != "-");
  if (Now.Hash.empty()) {
    auto Text = MemoryBuffer::getFile(Path, false, false);
    Now.Hash = Text ? hashOf((*Text)->getBuffer()) : "unreadable";
  }
  return Now.Hash == Answer;
}

} // namespace weir
