// SPDX-License-Identifier: Apache-2.0
//
// Digest.h as text. Parts hold names of the program and paths; a tab or a new line in one, which
// only a path could have, becomes a space.
#include "core/Digest.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/raw_ostream.h"

namespace weir {

namespace {

class Writer {
public:
  explicit Writer(llvm::raw_ostream &Out) : Out(Out) {}
  Writer &line(char Letter) {
    if (Lines++) Out << '\n';
    Out << Letter;
    return *this;
  }
  Writer &text(llvm::StringRef Part) {
    Out << '\t';
    for (char C : Part)
      Out << (C == '\t' || C == '\n' ? ' ' : C);
    return *this;
  }
  Writer &number(uint64_t N) {
    Out << '\t' << N;
    return *this;
  }
  Writer &spot(const Spot &S) { return number(S.File).number(S.Line).number(S.Column); }
  Writer &thing(const Thing &T) { return text(T.Class).text(T.Name).text(T.Text); }
  void end() { Out << "\ne\t" << Lines << '\n'; }

private:
  llvm::raw_ostream &Out;
  size_t Lines = 0;
};

unsigned bits(std::initializer_list<bool> All) {
  unsigned Made = 0, Bit = 1;
  for (bool Each : All) {
    Made |= Each ? Bit : 0;
    Bit <<= 1;
  }
  return Made;
}

void writeAct(Writer &W, const Act &A) {
  const char Kind[] = {static_cast<char>(A.What), 0};
  W.line('a').text(Kind).number(bits({A.Shared, A.Foreign, A.Tries, A.Depends, A.Loops, A.Blind}));
  W.spot(A.At).thing(A.Of);
  for (const Thing &Each : A.Given)
    W.line('v').thing(Each);
  for (const HeldLock &Each : A.Held)
    W.line('h')
        .number(bits({Each.Shared, Each.Foreign, Each.Always}))
        .spot(Each.At)
        .thing(Each.Lock);
}

// One line, part by part. Bad: one was missing, or no number.
class Reader {
public:
  explicit Reader(llvm::StringRef Line) { Line.split(Parts, '\t'); }
  char letter() { return Parts[0].size() == 1 ? Parts[0][0] : 0; }
  std::string text() { return next().str(); }
  unsigned number() {
    unsigned N = 0;
    Bad |= next().getAsInteger(10, N);
    return N;
  }
  Spot spot() {
    Spot S;
    S.File = number();
    S.Line = number();
    S.Column = number();
    return S;
  }
  Thing thing() {
    Thing T;
    T.Class = text();
    T.Name = text();
    T.Text = text();
    return T;
  }
  bool isWhole() const { return !Bad && At == Parts.size(); }

private:
  llvm::StringRef next() {
    if (At < Parts.size()) return Parts[At++];
    Bad = true;
    return "";
  }
  llvm::SmallVector<llvm::StringRef, 12> Parts;
  size_t At = 1;
  bool Bad = false;
};

Act readAct(Reader &R) {
  Act A;
  std::string Kind = R.text();
  A.What = static_cast<Does>(Kind.empty() ? 0 : Kind[0]);
  unsigned Bits = R.number();
  A.Shared = Bits & 1, A.Foreign = Bits & 2, A.Tries = Bits & 4;
  A.Depends = Bits & 8, A.Loops = Bits & 16, A.Blind = Bits & 32;
  A.At = R.spot();
  A.Of = R.thing();
  return A;
}

HeldLock readHeld(Reader &R) {
  HeldLock H;
  unsigned Bits = R.number();
  H.Shared = Bits & 1, H.Foreign = Bits & 2, H.Always = Bits & 4;
  H.At = R.spot();
  H.Lock = R.thing();
  return H;
}

DigestFunction readFunction(Reader &R) {
  DigestFunction F;
  F.Id = R.text();
  F.Name = R.text();
  unsigned Bits = R.number();
  F.Static = Bits & 1, F.IsMain = Bits & 2;
  F.At = R.spot();
  return F;
}

bool readLine(Reader &R, Digest *To) {
  DigestFunction *Last = To->Functions.empty() ? nullptr : &To->Functions.back();
  Act *Does = Last && !Last->Acts.empty() ? &Last->Acts.back() : nullptr;
  char Letter = R.letter();
  if (Letter == 'p')
    To->Files.push_back(R.text());
  else if (Letter == 'm')
    To->Recursive = R.number();
  else if (Letter == 'f')
    To->Functions.push_back(readFunction(R));
  else if (Letter == 'a' && Last)
    Last->Acts.push_back(readAct(R));
  else if (Letter == 'v' && Does)
    Does->Given.push_back(R.thing());
  else if (Letter == 'h' && Does)
    Does->Held.push_back(readHeld(R));
  else if (Letter == 's') {
    std::string Slot = R.text();
    To->Slots.push_back({Slot, R.text()});
  } else if (Letter == 't')
    To->Taken.push_back(R.text());
  else
    return false;
  return R.isWhole();
}

bool spotsAreInFiles(const Digest &D) {
  auto Fine = [&](const Spot &S) { return S.File < D.Files.size(); };
  for (const DigestFunction &F : D.Functions) {
    if (!Fine(F.At)) return false;
    for (const Act &A : F.Acts) {
      if (!Fine(A.At)) return false;
      for (const HeldLock &H : A.Held)
        if (!Fine(H.At)) return false;
    }
  }
  return true;
}

} // namespace

void Digest::write(llvm::raw_ostream &Out) const {
  Out << DigestFormat << '\t' << File << '\n';
  Writer W(Out);
  W.line('m').number(Recursive);
  for (const std::string &Each : Files)
    W.line('p').text(Each);
  for (const DigestFunction &F : Functions) {
    W.line('f').text(F.Id).text(F.Name).number(bits({F.Static, F.IsMain})).spot(F.At);
    for (const Act &Each : F.Acts)
      writeAct(W, Each);
  }
  for (const Filling &Each : Slots)
    W.line('s').text(Each.Slot).text(Each.Function);
  for (const std::string &Each : Taken)
    W.line('t').text(Each);
  W.end();
}

bool Digest::read(llvm::StringRef Text, Digest *To) {
  auto [First, Rest] = Text.split('\n');
  auto [Format, File] = First.split('\t');
  if (Format != DigestFormat) return false;
  To->File = File.str();
  size_t Lines = 0;
  while (!Rest.empty()) {
    auto [Line, Others] = Rest.split('\n');
    Reader R(Line);
    size_t Count;
    if (Line.consume_front("e\t"))
      return !Line.getAsInteger(10, Count) && Count == Lines && Others.empty() &&
             spotsAreInFiles(*To);
    if (!readLine(R, To)) return false;
    ++Lines;
    Rest = Others;
  }
  return false;
}

llvm::StringRef shownClass(llvm::StringRef Class) {
  bool Pointed = Class.starts_with("*");
  size_t At = Class.rfind(':');
  if (At != llvm::StringRef::npos) return Class.substr(At + 1);
  return Pointed ? Class.drop_front() : Class;
}

} // namespace weir
