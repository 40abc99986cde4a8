// SPDX-License-Identifier: Apache-2.0
//
// What calls of the C library access. The race runtime stands in for most functions that take
// memory (memcpy, strlen, printf, read ...) and checks what they access; this is for those that it
// does not know, or whose arguments it does not look at, as strdup.
//
// Checked is what the function reads or writes for certain, in front of the call: whole
// strings where it reads whole strings, otherwise the first byte. The length of a string is asked
// of strlen, which the runtime checks; that is the check. A function that the program defines
// itself is left alone.
#include "pass/RaceRegion.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InlineAsm.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace {

enum class Kind { None, String, First, CopyString, Append, AppendSome, Copy, CopyWide };

Kind kindOf(StringRef Name) {
  Name.consume_front("__isoc99_");
  Name.consume_front("__isoc23_");
  return StringSwitch<Kind>(Name)
      .Cases("strdup", "__strdup", "getenv", Kind::String)
      .Cases("strtol", "strtoul", "strtoll", "strtoull", "strtoimax", "strtoumax", Kind::First)
      .Cases("strtod", "strtof", "strtold", "atoi", "atol", "atoll", "atof", Kind::First)
      .Case("sscanf", Kind::First)
      .Case("stpcpy", Kind::CopyString)
      .Case("strcat", Kind::Append)
      .Case("strncat", Kind::AppendSome)
      .Case("mempcpy", Kind::Copy)
      .Cases("wmemcpy", "wmemmove", Kind::CopyWide)
      .Default(Kind::None);
}

class LibraryCall {
public:
  explicit LibraryCall(CallInst &Call) : Call(Call), M(*Call.getModule()), B(&Call) {}
  void check(Kind K);

private:
  Value *argument(unsigned N) { return Call.getArgOperand(N); }
  Value *length(Value *String, Value *AtMost = nullptr);
  void range(Value *At, Value *Size, bool Write) {
    B.CreateCall(weir::rangeCheck(M, Write), {At, Size});
  }
  Value *withEnd(Value *Length) { return B.CreateAdd(Length, B.getInt64(1)); }
  void append(Value *Length) {
    range(B.CreateGEP(B.getInt8Ty(), argument(0), length(argument(0))), withEnd(Length), true);
  }
  void copy(Value *Size);

  CallInst &Call;
  Module &M;
  IRBuilder<> B;
};

} // namespace

// The length, which nothing later may leave out.
Value *LibraryCall::length(Value *String, Value *AtMost) {
  SmallVector<Value *, 2> Arguments = {String};
  SmallVector<Type *, 2> Types = {B.getPtrTy()};
  if (AtMost) {
    Arguments.push_back(AtMost);
    Types.push_back(B.getInt64Ty());
  }
  FunctionCallee Ask = M.getOrInsertFunction(AtMost ? "strnlen" : "strlen",
                                             FunctionType::get(B.getInt64Ty(), Types, false));
  Value *Length = B.CreateCall(Ask, Arguments);
  auto *Looks = FunctionType::get(B.getVoidTy(), {B.getInt64Ty()}, false);
  B.CreateCall(InlineAsm::get(Looks, "", "r", /*hasSideEffects=*/true), {Length});
  return Length;
}

// Where nothing is copied, the addresses may be any.
void LibraryCall::copy(Value *Size) {
  Value *Some = B.CreateICmpNE(Size, B.getInt64(0));
  Value *Unused = weir::unusedVariable(*Call.getFunction(), B.getInt8Ty(), Align(1));
  Size = B.CreateSelect(Some, Size, B.getInt64(1));
  range(B.CreateSelect(Some, argument(1), Unused), Size, false);
  range(B.CreateSelect(Some, argument(0), Unused), Size, true);
}

void LibraryCall::check(Kind K) {
  switch (K) {
  case Kind::None:
    break;
  case Kind::String:
    length(argument(0));
    break;
  case Kind::First:
    B.CreateCall(weir::checkOf(M, 1, false, true), argument(0));
    break;
  case Kind::CopyString:
    range(argument(0), withEnd(length(argument(1))), true);
    break;
  case Kind::Append:
    append(length(argument(1)));
    break;
  case Kind::AppendSome:
    append(length(argument(1), argument(2)));
    break;
  case Kind::Copy:
    copy(argument(2));
    break;
  case Kind::CopyWide:
    copy(B.CreateShl(argument(2), 2));
    break;
  }
}

bool weir::checkLibrary(Function &F) {
  SmallVector<std::pair<CallInst *, Kind>, 8> Found;
  for (Instruction &I : instructions(F)) {
    auto *Call = dyn_cast<CallInst>(&I);
    const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
    if (!Callee || !Callee->isDeclaration() || Call->arg_empty()) continue;
    if (Kind K = kindOf(Callee->getName()); K != Kind::None) Found.push_back({Call, K});
  }
  for (auto [Call, K] : Found)
    LibraryCall(*Call).check(K);
  return !Found.empty();
}
