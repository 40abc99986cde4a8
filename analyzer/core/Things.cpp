// SPDX-License-Identifier: Apache-2.0
//
// Things.h. The class of an object is found by walking its path along with the types: each pointer
// and each element begins anew, fields that are within each other make one class.
#include "core/Things.h"

#include "clang/Basic/SourceManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace clang;
using llvm::dyn_cast;

namespace weir {

namespace {

std::string nameOf(const RecordDecl *Record) {
  if (Record->getIdentifier()) return Record->getNameAsString();
  const TypedefNameDecl *Alias = Record->getTypedefNameForAnonDecl();
  return Alias ? Alias->getNameAsString() : "";
}

const FieldDecl *fieldOf(const RecordDecl *Record, llvm::StringRef Name) {
  for (const FieldDecl *Each : Record->fields()) {
    if (Each->getIdentifier() && Each->getName() == Name) return Each;
    if (!Each->isAnonymousStructOrUnion()) continue;
    const RecordDecl *Inner = Each->getType()->getAsRecordDecl();
    if (const FieldDecl *Found = Inner ? fieldOf(Inner, Name) : nullptr) return Found;
  }
  return nullptr;
}

// Where the path is, on the way down its key.
struct Step {
  QualType Type;
  std::string Class;
  bool InFields = false; // the last step was a field
};

} // namespace

std::string Things::fileOf(SourceLocation At) const {
  const SourceManager &Sources = Context.getSourceManager();
  llvm::SmallString<256> Path(Sources.getFilename(Sources.getExpansionLoc(At)));
  llvm::sys::fs::make_absolute(Path);
  llvm::sys::path::remove_dots(Path, true);
  return std::string(Path);
}

std::string Things::privately(const Decl *D, llvm::StringRef Name) const {
  return fileOf(D->getLocation()) + ":" + Name.str();
}

std::string Things::function(const FunctionDecl *Function) const {
  std::string Name = Function->getNameAsString();
  if (Function->isExternallyVisible()) return Name;
  const FunctionDecl *Body = Function->getDefinition();
  return privately(Body ? Body : Function, Name);
}

std::string Things::variable(const VarDecl *Var) const {
  std::string Name = Var->getNameAsString();
  if (auto *In = dyn_cast<FunctionDecl>(Var->getDeclContext()); In && !Var->hasExternalStorage())
    Name = In->getNameAsString() + "." + Name;
  return Var->isExternallyVisible() ? Name : privately(Var, Name);
}

std::string Things::field(const FieldDecl *Field) const {
  const RecordDecl *Record = Field->getParent();
  while (Record->isAnonymousStructOrUnion() && isa<RecordDecl>(Record->getDeclContext()))
    Record = cast<RecordDecl>(Record->getDeclContext());
  std::string Name = nameOf(Record);
  if (Name.empty()) return "";
  Name += "." + Field->getNameAsString();
  const SourceManager &Sources = Context.getSourceManager();
  bool Own = Sources.isInMainFile(Sources.getExpansionLoc(Record->getLocation()));
  return Own ? privately(Record, Name) : Name;
}

std::string Things::classOf(const Path &P) const {
  if (!P.Root || P.Key.empty() || P.Key[0] != 'v') return P.Field ? field(P.Field) : "";
  bool Global = P.Root->hasGlobalStorage();
  Step S{P.Root->getType(), Global ? variable(P.Root) : "", false};
  llvm::StringRef Rest = llvm::StringRef(P.Key).substr(nameInKey(P.Root).size());
  while (!Rest.empty() && !S.Type.isNull()) {
    QualType Type = S.Type.getCanonicalType();
    if (Rest.consume_front("*")) {
      S = {Type->getPointeeType(), S.Class.empty() ? "" : "*" + S.Class, false};
    } else if (Rest.starts_with("[")) {
      bool Array = Type->isArrayType();
      QualType Element = Array ? Context.getAsArrayType(Type)->getElementType() : Type;
      S = {Element, S.Class.empty() ? "" : S.Class + "[]", false};
      Rest = Rest.drop_until([](char C) { return C == ']'; }).drop_front();
    } else {
      size_t End = Rest.find_first_of(".*[", 1);
      llvm::StringRef Name = Rest.substr(1, End == llvm::StringRef::npos ? End : End - 1);
      Rest = End == llvm::StringRef::npos ? "" : Rest.substr(End);
      const RecordDecl *Record = Type->getAsRecordDecl();
      const FieldDecl *Field = Record ? fieldOf(Record, Name) : nullptr;
      if (!Field) return P.Field ? field(P.Field) : "";
      std::string Whole = S.InFields ? "" : field(Field);
      S = {Field->getType(), Whole.empty() ? S.Class + "." + Name.str() : Whole, true};
    }
  }
  // A variable of the function itself is no class, nor what only a parameter leads to.
  llvm::StringRef Made = S.Class;
  return Made.starts_with(".") ? "" : S.Class;
}

// What is reached through it keeps the rest of the path, as with parameters.
std::string Things::localName(const FunctionDecl *In, const Path &P) {
  auto &Known = Locals[In->getCanonicalDecl()];
  std::string Root = P.Root ? nameInKey(P.Root) : "";
  bool Rooted = P.Root && llvm::StringRef(P.Key).starts_with(Root);
  if (!Rooted) Root = P.Key;
  return "l" + std::to_string(Known.try_emplace(Root, Known.size()).first->second) +
         P.Key.substr(Root.size());
}

Thing Things::object(const Path &P, const FunctionDecl *In, const Variables &Vars) {
  if (!P) return {};
  Thing Made{classOf(P), "", P.Text};
  OuterPath Outer;
  if (!isOuter(P, In, Vars, &Outer))
    Made.Name = localName(In, P);
  else if (Outer.Number >= 0)
    Made.Name = "p" + std::to_string(Outer.Number) + Outer.Rest;
  else
    Made.Name = "g" + variable(P.Root) + Outer.Rest.substr(nameInKey(P.Root).size());
  if (P.Root && P.Root->isStaticLocal() && Made.Name[0] == 'l')
    Made.Name = "g" + variable(P.Root) + P.Key.substr(nameInKey(P.Root).size());
  if (Made.Name.find("[v") != std::string::npos) Made.Name.clear();
  return Made;
}

Spot Things::spot(SourceLocation At) {
  PresumedLoc Where =
      Context.getSourceManager().getPresumedLoc(Context.getSourceManager().getExpansionLoc(At));
  llvm::SmallString<256> Path(Where.isValid() ? Where.getFilename() : "");
  if (!Path.empty()) llvm::sys::fs::make_absolute(Path);
  llvm::sys::path::remove_dots(Path, true);
  auto [Found, New] = Files.try_emplace(Path, To.Files.size());
  if (New) To.Files.push_back(std::string(Path));
  if (!Where.isValid()) return {Found->second, 0, 0};
  return {Found->second, Where.getLine(), Where.getColumn()};
}

} // namespace weir
