// SPDX-License-Identifier: Apache-2.0
//
// Programs.h: a linker's work on the names of functions.
#include "link/Programs.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"

namespace weir {

namespace {

constexpr size_t ShareMax = 4; // files in programs, times those that there are

class Linker {
public:
  explicit Linker(const std::vector<Digest> &All) {
    for (const Digest &D : All)
      for (const DigestFunction &F : D.Functions)
        if (!F.Static && !F.IsMain) Defined[F.Id].push_back(&D);
  }

  Program closure(const Digest &Main) const {
    Program Made;
    llvm::DenseSet<const Digest *> Seen;
    std::vector<const Digest *> Work{&Main};
    while (!Work.empty()) {
      const Digest *D = Work.back();
      Work.pop_back();
      if (!Seen.insert(D).second) continue;
      Made.push_back(D);
      auto Name = [&](const std::string &Id) {
        if (const Digest *To = definerOf(Id)) Work.push_back(To);
      };
      for (const DigestFunction &F : D->Functions)
        for (const Act &A : F.Acts)
          if (A.What == Does::Call || A.What == Does::Start) Name(A.Of.Class);
      for (const Filling &Each : D->Slots)
        Name(Each.Function);
      for (const std::string &Each : D->Taken)
        Name(Each);
    }
    return Made;
  }

private:
  // Who defines it twice is not known to belong here.
  const Digest *definerOf(const std::string &Id) const {
    auto Found = Defined.find(Id);
    return Found != Defined.end() && Found->second.size() == 1 ? Found->second[0] : nullptr;
  }
  llvm::StringMap<std::vector<const Digest *>> Defined;
};

bool hasMain(const Digest &D) {
  return llvm::any_of(D.Functions, [](const DigestFunction &F) { return F.IsMain; });
}

} // namespace

std::vector<Program> programsOf(const std::vector<Digest> &All) {
  Linker Links(All);
  std::vector<Program> Made;
  llvm::DenseSet<const Digest *> Covered;
  size_t Files = 0;
  bool Few = true;
  for (const Digest &D : All) {
    if (!hasMain(D)) continue;
    Program P = Few ? Links.closure(D) : Program{&D};
    if ((Files += P.size()) > ShareMax * All.size() + ShareMax && Few) {
      Few = false;
      for (Program &Each : Made)
        Each.resize(1); // its main
      P.resize(1);
      Covered.clear();
      for (const Program &Each : Made)
        Covered.insert(Each[0]);
    }
    Covered.insert(P.begin(), P.end());
    Made.push_back(std::move(P));
  }
  Program Rest;
  for (const Digest &D : All)
    if (!Covered.count(&D)) Rest.push_back(&D);
  if (!Rest.empty()) Made.push_back(std::move(Rest));
  return Made;
}

} // namespace weir
