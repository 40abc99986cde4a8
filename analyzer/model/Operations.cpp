// SPDX-License-Identifier: Apache-2.0
//
// Calls: what has a role of Weir's becomes an operation, what has a body is called, everything else
// gets its arguments and may do with them what it likes.
#include "model/Translator.h"

#include "clang/Basic/Builtins.h"

using namespace clang;
using llvm::dyn_cast;
using llvm::isa;

namespace weir::model {

int Translator::valueOfCall(const CallExpr *E) {
  const FunctionDecl *Callee = E->getDirectCallee();
  const CallRole *Role = All.U.TheRoles.of(Callee);
  bool Whole = Role && Role->Object < static_cast<int>(E->getNumArgs());
  if (Whole && Role->Of == Family::Weir) return operation(E, *Role);
  if (Role && Role->What == Role::Jump) emit(Op::GiveUp, E);
  if (Role && Role->What == Role::Destroy && Role->Of == Family::C11) return constant(0);
  unsigned Builtin = Callee ? Callee->getBuiltinID() : 0;
  if (Builtin == Builtin::BI__builtin_expect) return value(E->getArg(0));
  bool NoReturn = Callee && (Callee->isNoReturn() || (Role && Role->What == Role::NoReturn));
  if (Builtin || Role) {
    int Slot = opaque(E, true);
    if (NoReturn) emit(Op::Stop, E);
    return Slot;
  }
  int Runs = value(E->getCallee());
  std::vector<int> Given;
  for (const Expr *Each : E->arguments())
    Given.push_back(value(Each));
  int Slot = fresh();
  emit(Op::Call, E, Slot, Runs).Args = std::move(Given);
  if (NoReturn) emit(Op::Stop, E);
  return Slot;
}

int Translator::opaque(const CallExpr *E, bool System) {
  std::vector<int> Given;
  for (const Expr *Each : E->arguments())
    Given.push_back(value(Each));
  int Slot = fresh();
  emit(Op::Opaque, E, Slot, -1, -1, System).Args = std::move(Given);
  return Slot;
}

// As a person writes it: of a channel or context its expression, else what the pointer leads to.
std::string Translator::nameOf(const Expr *Object) const {
  const Expr *Plain = stripped(Object);
  if (!Plain->getType()->isPointerType()) return "";
  QualType Pointee = Plain->getType()->getPointeeType();
  auto *Record = Pointee->getAsRecordDecl();
  bool Handle = Pointee->isFunctionType() || (Record && !Record->getDefinition());
  std::string Text = (Handle ? placeOf(Plain, Vars) : pointeeOf(Plain, Vars)).Text;
  return llvm::StringRef(Text).ltrim('*').str();
}

int Translator::operation(const CallExpr *E, const CallRole &Role) {
  auto Arg = [&](int I) { return value(E->getArg(I)); };
  auto Made = [&](Op What, int A, int B, int C = -1, int64_t K = 0) -> Instr & {
    Instr &I = emit(What, E, A, B, C, K);
    I.Name = nameOf(E->getArg(Role.Object));
    return I;
  };
  int Object = Role.Object, Slot = fresh();
  switch (Role.What) {
  case Role::Acquire:
    Made(Op::Lock, Slot, Arg(Object), -1, Role.Shared);
    return Slot;
  case Role::Try:
    Made(Op::TryLock, Slot, Arg(Object), -1, Role.Shared);
    return Slot;
  case Role::Release:
    Made(Op::Unlock, Slot, Arg(Object), -1, Role.Shared);
    return Slot;
  case Role::CondWait: {
    int Lock = Arg(Object);
    Made(Op::Unlock, Slot, Lock, -1, Role.Shared);
    emit(Op::Pause, E, -1, Lock);
    Made(Op::Lock, Slot, Lock, -1, Role.Shared);
    return Slot;
  }
  case Role::MakeChan: {
    std::string Called = Hint;
    emit(Op::Make, E, Slot, Arg(Object)).Name = Called;
    return Slot;
  }
  case Role::Send:
  case Role::TrySend: {
    int Chan = Arg(Object), From = Arg(Object + 1);
    Made(Role.What == Role::Send ? Op::Send : Op::TrySend, Slot, Chan, From);
    return Slot;
  }
  case Role::Recv: {
    int Chan = Arg(Object), Into = Arg(Object + 1);
    Made(Op::Recv, Slot, Chan, Into);
    return Slot;
  }
  case Role::TryRecv: {
    int Chan = Arg(Object), Into = Arg(Object + 1), Ok = Arg(Object + 2);
    Made(Op::TryRecv, Slot, Chan, Into).Args = {Ok};
    return Slot;
  }
  case Role::Close:
    Made(Op::Close, Slot, Arg(Object));
    return Slot;
  case Role::Select: {
    int Cases = Arg(Object), Count = Arg(Role.Second);
    emit(Op::Select, E, Slot, Cases, Count);
    return Slot;
  }
  case Role::Add: {
    int Group = Arg(Object), By = Arg(Role.Second);
    Made(Op::Add, Slot, Group, By);
    return Slot;
  }
  case Role::Wait:
    Made(Op::Wait, Slot, Arg(Object));
    return Slot;
  case Role::Spawn:
    emit(Op::Spawn, E, Slot, Arg(Object));
    return Slot;
  case Role::Sleep:
    emit(Op::Pause, E);
    emit(Op::Unknown, E, Slot);
    return Slot;
  case Role::Block: { // a block to run, a semaphore, or input and output
    if (Object < 0 || !E->getArg(Object)->getType()->isPointerType()) return opaque(E, true);
    int Given = Arg(Object);
    emit(isa<BlockExpr>(stripped(E->getArg(Object))) ? Op::Call : Op::GiveUp, E, Slot, Given);
    return Slot;
  }
  case Role::NoReturn:
    cleanups(0);
    emit(Op::Finish, E);
    return Slot;
  case Role::Daemon:
    emit(Op::Daemon, E);
    return Slot;
  case Role::Defer:
  case Role::Destroy:
    return Slot;
  case Role::MakeCtx:
  case Role::RootCtx:
  case Role::CtxDone:
  case Role::CtxErr:
  case Role::Cancel:
    return contextCall(E, Role);
  default: // what only looks at its argument
    emit(Op::Unknown, E, Slot);
    return Slot;
  }
}

int Translator::contextCall(const CallExpr *E, const CallRole &Role) {
  int Slot = fresh();
  if (Role.What == Role::RootCtx) {
    emit(Op::MakeCtx, E, Slot, constant(0), -1, 1);
    return Slot;
  }
  int Of = value(E->getArg(Role.Object));
  if (Role.What == Role::MakeCtx) {
    auto When = E->getNumArgs() > 1 ? E->getArg(1)->getIntegerConstantExpr(Context) : std::nullopt;
    emit(Op::MakeCtx, E, Slot, Of, -1, When && *When == INT64_MAX);
  } else if (Role.What == Role::CtxDone || Role.What == Role::CtxErr) {
    emit(Role.What == Role::CtxDone ? Op::CtxDone : Op::CtxErr, E, Slot, Of);
  } else {
    emit(Op::Cancel, E, Slot, Of).Name = nameOf(E->getArg(Role.Object));
  }
  return Slot;
}

} // namespace weir::model
