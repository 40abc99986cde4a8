// SPDX-License-Identifier: Apache-2.0
//
// lock-in-signal-handler: a signal handler that takes a lock or does anything else that may wait.
// The thread that the signal interrupts may hold that lock: it then waits for itself. A handler may
// set a flag, write to a pipe or post a semaphore.
//
// Which functions are handlers is seen where they are given to signal or put into a sigaction; what
// they call is followed through the functions of the file.
#include "checks/Patterns.h"
#include "core/Spawned.h"
#include "core/Walk.h"

using namespace clang;
using llvm::dyn_cast;

namespace weir {

namespace {

bool isForbidden(const CallRole &Role) {
  switch (Role.What) {
  case Role::Acquire:
  case Role::CondWait:
  case Role::Send:
  case Role::Recv:
  case Role::Select:
  case Role::Join:
  case Role::Wait:
  case Role::Spawn:
    return true;
  case Role::Block:
    return Role.Of != Family::Weir || Role.Object >= 0;
  default:
    return false;
  }
}

// The first such call on the way down, and in which function.
struct Found {
  const CallExpr *Call = nullptr;
  const FunctionDecl *In = nullptr;
  llvm::SmallVector<const CallExpr *, 4> Through; // from the handler on
};

class Handlers {
public:
  explicit Handlers(Unit &U) : U(U) {}

  void check(SourceLocation Where, const Expr *Handler, const FunctionDecl *In) {
    const FunctionDecl *Function = functionIn(Handler);
    if (!Function || !Said.insert(Function->getCanonicalDecl()).second) return;
    Found F;
    Seen.clear();
    if (find(Function, &F)) report(Where, Function, In, F);
  }

private:
  bool find(const FunctionDecl *Function, Found *Out) {
    FunctionInfo *Info = U.info(Function);
    if (!Info || !Seen.insert(Function->getCanonicalDecl()).second) return false;
    for (const CallExpr *Call : Info->Calls) {
      const CallRole *Role = U.TheRoles.of(Call);
      if (Role && isForbidden(*Role)) return *Out = {Call, Info->Function, {}}, true;
      if (Role || !find(Call->getDirectCallee(), Out)) continue;
      Out->Through.insert(Out->Through.begin(), Call);
      return true;
    }
    return false;
  }
  void report(SourceLocation Where, const FunctionDecl *Handler, const FunctionDecl *In,
              const Found &F) {
    Finding Made{Check::LockInSignalHandler, Certainty::Likely, "", {}};
    Made.Message = "'" + Handler->getNameAsString() +
                   "' handles a signal: if the thread that it interrupts holds what is waited for "
                   "here, it waits for itself";
    Made.Places = {{F.Call->getExprLoc(), "", F.In}};
    for (const CallExpr *Each : llvm::reverse(F.Through))
      Made.Places.push_back({Each->getExprLoc(), "called from here", nullptr});
    Made.Places.push_back({Where, "made the handler here", In});
    U.Out.add(std::move(Made));
  }

  Unit &U;
  llvm::DenseSet<const FunctionDecl *> Said, Seen;
};

bool isHandlerField(const ValueDecl *Field) {
  constexpr llvm::StringLiteral Names[] = {
#define WEIR_HANDLER_FIELD(name) #name,
#include "core/roles.def"
  };
  return Field && Field->getIdentifier() && llvm::is_contained(Names, Field->getName());
}

// What is put into a struct sigaction here.
void forHandlers(const Stmt *In, llvm::function_ref<void(const Stmt *, const Expr *)> Do) {
  walk(In, [&](const Stmt *S) {
    if (auto *Set = dyn_cast<BinaryOperator>(S); Set && Set->getOpcode() == BO_Assign)
      if (auto *Member = dyn_cast<MemberExpr>(Set->getLHS()->IgnoreParens()))
        if (isHandlerField(Member->getMemberDecl())) Do(S, Set->getRHS());
    if (auto *List = dyn_cast<InitListExpr>(S); List && List->getNumInits() == 1)
      if (isHandlerField(List->getInitializedFieldInUnion()))
        Do(List->getInit(0), List->getInit(0));
  });
}

} // namespace

void checkHandlers(Unit &U) {
  Handlers All(U);
  for (auto &[Declared, Info] : U.Functions) {
    bool Fields = false;
    for (const CallExpr *Call : Info.Calls) {
      const CallRole *Role = U.TheRoles.of(Call);
      if (!Role || Role->What != Role::SetHandler) continue;
      Fields |= Role->Object < 0;
      if (Role->Object >= 0 && Role->Object < static_cast<int>(Call->getNumArgs()))
        All.check(Call->getExprLoc(), Call->getArg(Role->Object), Info.Function);
    }
    if (!Fields) continue;
    forHandlers(Info.Function->getBody(), [&, Of = Info.Function](const Stmt *S, const Expr *E) {
      All.check(S->getBeginLoc(), E, Of);
    });
  }
}

} // namespace weir
