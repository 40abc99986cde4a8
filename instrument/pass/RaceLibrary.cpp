// SPDX-License-Identifier: Apache-2.0
//
// What calls of the C library access. The race runtime stands in for most functions that take
// memory (memcpy, strlen, printf, read ...) and checks what they access; this is for those that it
// does not know, or whose arguments it does not look at, as strdup: RaceLibrary.def.
//
// Checked is what the function reads or writes for certain, in front of the call: whole
// strings where it reads whole strings, otherwise the first character; behind it what the result
// tells. The length of a string is asked of strlen, which the runtime checks; that is the check. A
// function that the program defines itself is left alone.
//
// Atomic operations on objects of odd sizes are calls that take a lock. They are announced as
// atomic operations on all of the object: such that change nothing, with the order of the call. The
// lock makes no edge.
#include "pass/RaceRegion.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/AtomicOrdering.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace {

enum class Measure {
  Fixed,    // Unit bytes
  String,   // of characters of Unit bytes, with its end
  Like,     // as the string at argument Of
  Behind,   // the same, behind the string that is there
  Count,    // as many as argument Of says
  Bits,     // words of 8 bytes with as many bits as argument Of says
  First,    // one, if argument Of is not 0
  Until,    // as far as the place that is the result
  Result,   // as many as the result says
  ResultEnd // and one more
};

struct Extent {
  Measure How;
  unsigned Unit = 1;      // bytes
  int Of = -1;            // an argument
  int AtMost = -1;        // an argument, in units
  bool MayBeNull = false; // then nothing
};

enum class When {
  Before,
  Behind,
  IfZero,
  IfNot,
  IfCount,
  Cuts,
  AtomicLoad,
  AtomicStore,
  AtomicUpdate
};

struct Part {
  When Time = When::Before;
  unsigned Argument = 0;
  Extent Much = {Measure::Fixed};
  bool Write = false;
};

struct Calls {
  const char *Names;
  Part Parts[5];
  unsigned Count;
};

// The vocabulary of RaceLibrary.def.
constexpr Extent Byte = {Measure::Fixed}, Wide = {Measure::Fixed, 4};
constexpr Extent String = {Measure::String}, WideString = {Measure::String, 4};
constexpr Extent OptString = {Measure::String, 1, -1, -1, true};
constexpr Extent stringIn(int N) {
  return {Measure::String, 1, -1, N};
}
constexpr Extent wideIn(int N) {
  return {Measure::String, 4, -1, N};
}
constexpr Extent like(int I) {
  return {Measure::Like, 1, I};
}
constexpr Extent likeWide(int I) {
  return {Measure::Like, 4, I};
}
constexpr Extent behind(int I) {
  return {Measure::Behind, 1, I};
}
constexpr Extent behindIn(int I, int N) {
  return {Measure::Behind, 1, I, N};
}
constexpr Extent behindWide(int I) {
  return {Measure::Behind, 4, I};
}
constexpr Extent behindWideIn(int I, int N) {
  return {Measure::Behind, 4, I, N};
}
constexpr Extent bytes(unsigned N) {
  return {Measure::Fixed, N, -1, -1, true};
}
constexpr Extent count(int I, unsigned Unit = 1) {
  return {Measure::Count, Unit, I};
}
constexpr Extent bits(int I) {
  return {Measure::Bits, 1, I, -1, true};
}
constexpr Extent first(int I, unsigned Unit) {
  return {Measure::First, Unit, I};
}
constexpr Extent until(int I) {
  return {Measure::Until, 1, I};
}
constexpr Extent result(unsigned Unit) {
  return {Measure::Result, Unit};
}
constexpr Extent resultEnd(unsigned Unit) {
  return {Measure::ResultEnd, Unit};
}
constexpr Part read(unsigned I, Extent Much) {
  return {When::Before, I, Much};
}
constexpr Part write(unsigned I, Extent Much) {
  return {When::Before, I, Much, true};
}
constexpr Part readBehind(unsigned I, Extent Much) {
  return {When::Behind, I, Much};
}
constexpr Part writeBehind(unsigned I, Extent Much) {
  return {When::Behind, I, Much, true};
}
constexpr Part ifZero(unsigned I, Extent Much) {
  return {When::IfZero, I, Much, true};
}
constexpr Part ifNot(unsigned I, Extent Much) {
  return {When::IfNot, I, Much, true};
}
constexpr Part ifCount(unsigned I, Extent Much) {
  return {When::IfCount, I, Much, true};
}
constexpr Part cuts(unsigned I, unsigned Unit) {
  return {When::Cuts, I, {Measure::String, Unit}};
}
constexpr Part atomicLoad(unsigned I) {
  return {When::AtomicLoad, I};
}
constexpr Part atomicStore(unsigned I) {
  return {When::AtomicStore, I};
}
constexpr Part atomicUpdate(unsigned I) {
  return {When::AtomicUpdate, I};
}

template <typename... Parts> constexpr Calls calls(const char *Names, Parts... P) {
  return {Names, {P...}, sizeof...(P)};
}

constexpr Calls Known[] = {
#define WEIR_CALLS(...) calls(__VA_ARGS__),
#include "pass/RaceLibrary.def"
#undef WEIR_CALLS
};

// By the name that the object file has: those of files larger than 2 GiB end in 64, and each
// standard has its own scanf.
const Calls *knownCalls(StringRef Name) {
  static const StringMap<const Calls *> Index = [] {
    StringMap<const Calls *> Map;
    for (const Calls &C : Known) {
      SmallVector<StringRef, 8> Names;
      StringRef(C.Names).split(Names, ' ');
      for (StringRef N : Names)
        Map[N] = &C;
    }
    return Map;
  }();
  if (!Name.consume_front("__isoc99_")) Name.consume_front("__isoc23_");
  if (const Calls *C = Index.lookup(Name)) return C;
  return Name.consume_back("64") ? Index.lookup(Name) : nullptr;
}

class LibraryCall {
public:
  explicit LibraryCall(CallInst &Call) : Call(Call), M(*Call.getModule()), B(&Call) {}
  void check(const Calls &C);

private:
  Value *argument(unsigned N) { return Call.getArgOperand(N); }
  Value *number(Value *Of, bool Signed = false) {
    return Signed ? B.CreateSExt(Of, B.getInt64Ty()) : B.CreateZExt(Of, B.getInt64Ty());
  }
  Value *bytes(Value *Units, unsigned Unit) { return B.CreateMul(Units, B.getInt64(Unit)); }
  Value *length(Value *At, unsigned Unit, Value *AtMost = nullptr);
  Value *lengthWithEnd(Value *At, const Extent &E);
  void at(Instruction *Place);
  void onlyIf(Value *Condition);
  void range(Value *At, Value *Size, bool Write) {
    B.CreateCall(weir::rangeCheck(M, Write), {At, Size});
  }
  void fixed(Value *At, unsigned Size, bool Write);
  void some(const Part &P);
  void part(const Part &P);
  void cut(const Part &P);
  void atomic(const Part &P);
  void announce(Value *At, uint64_t Size, Value *Order, bool Load);
  void ignoreEdges();

  CallInst &Call;
  Module &M;
  IRBuilder<> B;
};

} // namespace

// From here on the checks are made in front of Place, but belong to the call.
void LibraryCall::at(Instruction *Place) {
  B.SetInsertPoint(Place);
  B.SetCurrentDebugLocation(Call.getDebugLoc());
}

// What is made from here on, up to the next `at`, is made only if the condition holds.
void LibraryCall::onlyIf(Value *Condition) {
  if (auto *Known = dyn_cast<ConstantInt>(Condition); Known && Known->isOne()) return;
  at(SplitBlockAndInsertIfThen(Condition, &*B.GetInsertPoint(), false));
}

// The length in characters, which nothing later may leave out.
Value *LibraryCall::length(Value *At, unsigned Unit, Value *AtMost) {
  SmallVector<Value *, 2> Arguments = {At};
  SmallVector<Type *, 2> Types = {B.getPtrTy()};
  if (AtMost) {
    Arguments.push_back(AtMost);
    Types.push_back(B.getInt64Ty());
  }
  StringRef Name = Unit == 1 ? (AtMost ? "strnlen" : "strlen") : (AtMost ? "wcsnlen" : "wcslen");
  FunctionCallee Ask = M.getOrInsertFunction(Name, FunctionType::get(B.getInt64Ty(), Types, false));
  Value *Length = B.CreateCall(Ask, Arguments);
  auto *Looks = FunctionType::get(B.getVoidTy(), {B.getInt64Ty()}, false);
  B.CreateCall(InlineAsm::get(Looks, "", "r", /*hasSideEffects=*/true), {Length});
  return Length;
}

Value *LibraryCall::lengthWithEnd(Value *At, const Extent &E) {
  Value *AtMost = E.AtMost < 0 ? nullptr : argument(E.AtMost);
  return bytes(B.CreateAdd(length(At, E.Unit, AtMost), B.getInt64(1)), E.Unit);
}

void LibraryCall::fixed(Value *At, unsigned Size, bool Write) {
  if (weir::hasCheck(Size))
    B.CreateCall(weir::checkOf(M, Size, Write, Size == 1), At);
  else
    range(At, B.getInt64(Size), Write);
}

void LibraryCall::some(const Part &P) {
  const Extent &E = P.Much;
  Value *At = argument(P.Argument), *Size = nullptr;
  switch (E.How) {
  case Measure::Fixed:
    return fixed(At, E.Unit, P.Write);
  case Measure::First:
    onlyIf(B.CreateICmpNE(argument(E.Of), B.getInt64(0)));
    return fixed(At, E.Unit, P.Write);
  case Measure::String:
    Size = lengthWithEnd(At, E);
    if (P.Write) break;
    return;
  case Measure::Like:
    Size = lengthWithEnd(argument(E.Of), E);
    break;
  case Measure::Behind:
    Size = lengthWithEnd(argument(E.Of), E);
    At = B.CreateGEP(B.getInt8Ty(), At, bytes(length(At, E.Unit), E.Unit));
    break;
  case Measure::Count:
    Size = bytes(number(argument(E.Of)), E.Unit);
    break;
  case Measure::Bits:
    Size = B.CreateAdd(number(argument(E.Of)), B.getInt64(63));
    Size = B.CreateShl(B.CreateLShr(Size, 6), 3);
    break;
  case Measure::Until:
    Size = B.CreatePtrDiff(B.getInt8Ty(), &Call, argument(0));
    Size = B.CreateSelect(B.CreateIsNull(&Call), argument(E.Of), Size);
    break;
  case Measure::Result:
    Size = bytes(number(&Call, true), E.Unit);
    break;
  case Measure::ResultEnd:
    Size = bytes(B.CreateAdd(number(&Call, true), B.getInt64(1)), E.Unit);
    break;
  }
  onlyIf(B.CreateICmpNE(Size, B.getInt64(0)));
  range(At, Size, P.Write);
}

// A part of a string is the result: it was read, and its end is new, unless it was there.
void LibraryCall::cut(const Part &P) {
  const unsigned Unit = P.Much.Unit;
  onlyIf(B.CreateIsNotNull(&Call));
  Value *End = B.CreateGEP(B.getInt8Ty(), &Call, bytes(length(&Call, Unit), Unit));
  LoadInst *Next = B.CreateLoad(B.getPtrTy(), argument(P.Argument));
  weir::exempt(*Next);
  onlyIf(B.CreateICmpEQ(Next, B.CreateConstGEP1_64(B.getInt8Ty(), End, Unit)));
  fixed(End, Unit, true);
}

// An operation that changes nothing on each piece: a load, or an addition of 0.
void LibraryCall::announce(Value *At, uint64_t Size, Value *Order, bool Load) {
  const uint64_t Piece = Size % 8 == 0 ? 8 : Size % 4 == 0 ? 4 : Size % 2 == 0 ? 2 : 1;
  Type *Word = B.getIntNTy(Piece * 8);
  std::string Name = "__tsan_atomic" + std::to_string(Piece * 8) + (Load ? "_load" : "_fetch_add");
  for (uint64_t From = 0; From < Size; From += Piece) {
    Value *Place = B.CreateConstGEP1_64(B.getInt8Ty(), At, From);
    if (Load)
      B.CreateCall(M.getOrInsertFunction(Name, Word, B.getPtrTy(), B.getInt32Ty()), {Place, Order});
    else
      B.CreateCall(M.getOrInsertFunction(Name, Word, B.getPtrTy(), Word, B.getInt32Ty()),
                   {Place, ConstantInt::get(Word, 0), Order});
  }
}

// Of all that the call does inside.
void LibraryCall::ignoreEdges() {
  FunctionType *Shape =
      FunctionType::get(B.getVoidTy(), {B.getPtrTy(), B.getInt32Ty()}, /*isVarArg=*/false);
  Value *Nowhere[] = {ConstantPointerNull::get(B.getPtrTy()), B.getInt32(0)};
  at(&Call);
  B.CreateCall(M.getOrInsertFunction("AnnotateIgnoreSyncBegin", Shape), Nowhere);
  at(Call.getNextNode());
  B.CreateCall(M.getOrInsertFunction("AnnotateIgnoreSyncEnd", Shape), Nowhere);
}

// What a call releases it releases before it is made, what it acquires afterwards.
void LibraryCall::atomic(const Part &P) {
  auto *Size = dyn_cast<ConstantInt>(argument(0));
  if (!Size) return;
  const unsigned Orders =
      P.Time == When::AtomicUpdate && Call.arg_size() == 6 ? 4 : Call.arg_size() - 1;
  Value *At = argument(P.Argument);
  Instruction *Behind = Call.getNextNode();
  Value *Order = argument(Orders);
  if (P.Time != When::AtomicLoad) {
    at(&Call);
    announce(At, Size->getZExtValue(), Order, false);
  }
  ignoreEdges();
  if (P.Time != When::AtomicStore) {
    at(Behind);
    auto Is = [&](AtomicOrderingCABI O) { return B.CreateICmpEQ(Order, B.getInt32(int(O))); };
    Value *Not = B.CreateOr(Is(AtomicOrderingCABI::relaxed), Is(AtomicOrderingCABI::release));
    Order = B.CreateSelect(Not, B.getInt32(int(AtomicOrderingCABI::relaxed)),
                           B.getInt32(int(AtomicOrderingCABI::acquire)));
    announce(At, Size->getZExtValue(), Order, true);
  }
}

void LibraryCall::part(const Part &P) {
  at(P.Time == When::Before ? &Call : Call.getNextNode());
  switch (P.Time) {
  case When::AtomicLoad:
  case When::AtomicStore:
  case When::AtomicUpdate:
    return atomic(P);
  case When::Cuts:
    return cut(P);
  case When::IfZero:
    onlyIf(B.CreateIsNull(&Call));
    break;
  case When::IfNot:
    onlyIf(B.CreateIsNotNull(&Call));
    break;
  case When::IfCount:
    onlyIf(B.CreateICmpSGE(&Call, Constant::getNullValue(Call.getType())));
    break;
  case When::Before:
  case When::Behind:
    break;
  }
  if (P.Much.MayBeNull && !isa<AllocaInst>(argument(P.Argument)))
    onlyIf(B.CreateIsNotNull(argument(P.Argument)));
  some(P);
}

void LibraryCall::check(const Calls &C) {
  for (unsigned I = 0; I < C.Count; I++)
    part(C.Parts[I]);
}

// Whether it is called as it is declared in the C library, as far as that matters.
static bool fits(const CallInst &Call, const Calls &C) {
  if (Call.isMustTailCall()) return false;
  for (unsigned I = 0; I < C.Count; I++)
    if (C.Parts[I].Argument >= Call.arg_size() ||
        !Call.getArgOperand(C.Parts[I].Argument)->getType()->isPointerTy())
      return false;
  return true;
}

bool weir::checkLibrary(Function &F) {
  SmallVector<std::pair<CallInst *, const Calls *>, 8> Found;
  for (Instruction &I : instructions(F)) {
    auto *Call = dyn_cast<CallInst>(&I);
    const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
    if (!Callee || !Callee->isDeclaration() || Call->arg_empty()) continue;
    if (const Calls *C = knownCalls(Callee->getName()); C && fits(*Call, *C))
      Found.push_back({Call, C});
  }
  for (auto [Call, C] : Found)
    LibraryCall(*Call).check(*C);
  return !Found.empty();
}
