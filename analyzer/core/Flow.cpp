// SPDX-License-Identifier: Apache-2.0
//
// Flow.h: a worklist of (block, state). Each state is a way of its own, so joins lose nothing.
#include "core/Flow.h"
#include "core/Walk.h"

#include "clang/AST/Attr.h"
#include "clang/AST/ParentMap.h"
#include "clang/AST/StmtVisitor.h"
#include "clang/Basic/SourceManager.h"

using namespace clang;
using llvm::dyn_cast;
using llvm::isa;

namespace weir {

namespace {

constexpr size_t StatesMax = 24, StatesEnd = 64, StepsMax = 6000, DoubtsMax = 6, BlocksMax = 3000;

using VarSet = llvm::DenseSet<const VarDecl *>;

void addNamed(const Expr *In, VarSet *All) {
  walkOf<DeclRefExpr>(In, [&](const DeclRefExpr *Ref) {
    if (auto *Var = dyn_cast<VarDecl>(Ref->getDecl())) All->insert(Var->getCanonicalDecl());
  });
}

// What a defer or a spawning call runs: the block in the variable's initializer.
const BlockExpr *blockIn(const Stmt *S) {
  if (!S) return nullptr;
  if (auto *E = dyn_cast<Expr>(S)) S = stripped(E);
  if (auto *Block = dyn_cast<BlockExpr>(S)) return Block;
  if (auto *List = dyn_cast<InitListExpr>(S))
    for (const Stmt *Each : List->children())
      if (auto *Block = blockIn(Each)) return Block;
  return nullptr;
}

// The setjmp of pthread_cleanup_push. What comes of its second return is not the function's: the
// handler runs, and the thread ends.
bool isOfMacro(const CallExpr *Jump, const SourceManager &Sources) {
  bool Of = false;
  if (Jump->getNumArgs())
    walkOf<DeclRefExpr>(Jump->getArg(0), [&](const DeclRefExpr *Ref) {
      Of |= isa<VarDecl>(Ref->getDecl()) && Sources.isInSystemMacro(Ref->getDecl()->getLocation());
    });
  return Of;
}

bool isFork(const CallRole &Role) {
  return Role.What == Role::Try ||
         ((Role.What == Role::Acquire || Role.What == Role::Spawn) && Role.Says != Success::Always);
}

void setResult(State &S, const CallExpr *Call, const CallRole &Role, bool Has) {
  Fact F;
  F.Zero = (Role.Says == Success::Zero) == Has;
  S.Facts[Conditions::keyOfResult(Call)] = F;
}

} // namespace

Path Tracker::objectOf(const Event &E) const {
  int Number = E.Role.Object;
  if (Number < 0 || static_cast<unsigned>(Number) >= E.Call->getNumArgs()) return {};
  return pointeeOf(E.Call->getArg(Number), F.Vars);
}

Flow::Flow(Unit &U, FunctionInfo &Info)
    : U(U), Info(Info), Function(Info.Function), Vars(Info.Function->getBody()),
      When(U.Context, Vars) {
  Trackers = makeTrackers(*this);
}
Flow::~Flow() = default;

SourceLocation Flow::endOf(const Exit &E) const {
  return E.Return ? E.Return->getBeginLoc() : Function->getBody()->getEndLoc();
}

// --- doubts ------------------------------------------------------------------------------------

void Flow::clear(const Item &I) {
  for (const CallExpr *Call : I.Doubts)
    Innocent.insert({Call, I.Object.Key});
}

bool Flow::isCertain(const Item &I) const {
  return llvm::all_of(
      I.Doubts, [&](const CallExpr *Call) { return Innocent.count({Call, I.Object.Key}) != 0; });
}

bool Flow::isSafe(const std::string &Key, const Item &I) const {
  return llvm::any_of(Trackers, [&](auto &T) { return T->Letter == Key[0] && T->isSafe(I); });
}

// A call of something whose body is not here. It may have changed what is global, and what its
// arguments lead to; of a system header's functions only what it is given itself.
void Flow::unknown(const CallExpr *Call, State &S) {
  const FunctionDecl *Callee = Call->getDirectCallee();
  bool System = Callee && !U.isOwn(Callee);
  VarSet Named;
  llvm::SmallVector<std::string, 4> Given;
  for (const Expr *Argument : Call->arguments()) {
    addNamed(Argument, &Named);
    if (!Argument->getType()->isPointerType()) continue;
    if (Path P = pointeeOf(Argument, Vars)) Given.push_back(P.Key);
    auto *Address = dyn_cast<UnaryOperator>(stripped(Argument));
    auto *Ref = Address ? dyn_cast<DeclRefExpr>(stripped(Address->getSubExpr())) : nullptr;
    if (auto *Var = Ref ? dyn_cast<VarDecl>(Ref->getDecl()) : nullptr) {
      std::string Key = nameInKey(Var);
      S.Facts.erase(Key);
    }
  }
  Opaque |= !System;
  for (auto &Each : S.Items) {
    Item &I = Each.second;
    if (isSafe(Each.first, I)) continue;
    bool Direct = llvm::is_contained(Given, I.Object.Key);
    const VarDecl *Root = I.Object.Root;
    bool Reached = !System && (!Root || Root->hasGlobalStorage() || Named.count(Root) || !Callee);
    bool Drop = Direct || (Reached && (I.Is == Status::Released || I.Doubts.size() >= DoubtsMax));
    if (Reached && !Drop && !llvm::is_contained(I.Doubts, Call)) I.Doubts.push_back(Call);
    if (!Drop) continue;
    I.Is = Status::Lost;
    I.Doubts.clear();
  }
}

void Flow::applyOne(const CallExpr *Call, const Effect &E, const Path &P, State &S) {
  if (E.Mixed) S.Items.erase(E.Of + P.Key);
  for (auto &T : Trackers)
    if (T->Letter == E.Of && !E.Mixed) T->effect(S, Call, E, P);
}

// --- calls ---------------------------------------------------------------------------------------

void Flow::apply(const CallExpr *Call, const Summary &Sum, State &S) {
  auto InCaller = [&](const OuterPath &P, const std::string &Text) -> Path {
    bool Passed = P.Number < static_cast<int>(Call->getNumArgs());
    if (!Passed) return {};
    return fromCallee(P, Text, P.Number < 0 ? nullptr : Call->getArg(P.Number), Vars);
  };
  for (const Taking &Each : Sum.Takes)
    if (Path P = InCaller(Each.Object, Each.Text))
      for (auto &T : Trackers)
        if (T->Letter == Each.Of) T->taken(S, Call, Each, P);
  for (const Effect &Each : Sum.Effects)
    if (Path P = InCaller(Each.Object, Each.Text)) applyOne(Call, Each, P, S);
}

void Flow::call(const CallExpr *Call, State S, States &Out, bool Deferred) {
  const FunctionDecl *Callee = Call->getDirectCallee();
  const CallRole *Role = U.TheRoles.of(Call);
  if (Callee && Callee->getBuiltinID() && !Role) return (void)Out.insert(std::move(S));
  if (!Role) {
    const Summary *Sum = summaryOf(U, Callee);
    if (Sum && Sum->NeverReturns) return;
    if (!Callee || U.isOwn(Callee))
      for (auto &T : Trackers)
        T->ofProgram(S, Call, Sum);
    if (Sum && Sum->Known) apply(Call, *Sum, S);
    if (!Sum || !Sum->Known || Sum->Opaque) unknown(Call, S);
    return (void)Out.insert(std::move(S));
  }
  if (Role->What == Role::NoReturn) return;
  if (Role->What == Role::Jump) {
    GaveUp |= !isOfMacro(Call, U.Context.getSourceManager());
    S.Facts[Conditions::keyOfResult(Call)].Zero = true;
  }
  if (Role->What == Role::Destroy && Role->Object < static_cast<int>(Call->getNumArgs()))
    if (Path P = pointeeOf(Call->getArg(Role->Object), Vars)) S.forgetWithin(P);
  if (isFork(*Role) && isConsumed(Call)) {
    State Failed = S;
    setResult(Failed, Call, *Role, false);
    setResult(S, Call, *Role, true);
    Out.insert(std::move(Failed));
  }
  Event E{Call, *Role, S, Deferred};
  for (auto &T : Trackers)
    T->call(E);
  Out.insert(std::move(S));
}

// A block without branches runs as written; of another one it is not known what it does.
void Flow::calls(const Stmt *Body, State &S) {
  llvm::SmallVector<const CallExpr *, 8> Run;
  bool Branches = false;
  walkAfter(Body, [&](const Stmt *Each) {
    if (auto *Call = dyn_cast<CallExpr>(Each)) Run.push_back(Call);
    Branches |=
        isa<IfStmt, SwitchStmt, WhileStmt, ForStmt, DoStmt, AbstractConditionalOperator>(Each);
  });
  for (const CallExpr *Call : Run) {
    const CallRole *Role = U.TheRoles.of(Call);
    if (Branches && Role && Role->Object >= 0 &&
        Role->Object < static_cast<int>(Call->getNumArgs())) {
      if (Path P = pointeeOf(Call->getArg(Role->Object), Vars)) S.forgetWithin(P);
      continue;
    }
    States Out;
    call(Call, S, Out, true);
    if (!Out.empty()) S = *Out.rbegin();
  }
}

void Flow::cleanup(const VarDecl *Var, State &S) {
  auto *Attribute = Var->getAttr<CleanupAttr>();
  const FunctionDecl *Runs = Attribute ? Attribute->getFunctionDecl() : nullptr;
  const CallRole *Role = U.TheRoles.of(Runs);
  if (Role && Role->What == Role::Defer) {
    if (const BlockExpr *Block = blockIn(Var->getInit())) calls(Block->getBody(), S);
    return;
  }
  const Summary *Sum = summaryOf(U, Runs);
  Path At{nameInKey(Var), Var->getNameAsString(), Var->getCanonicalDecl()};
  const Expr *Holds = Var->getInit();
  for (const Effect &Each : Sum ? Sum->Effects : std::vector<Effect>()) {
    Path P = At;
    llvm::StringRef Rest = Each.Object.Rest;
    if (Each.Object.Number == 0 && Rest.consume_front("*") && Holds) P = pointeeOf(Holds, Vars);
    if (!P) continue;
    P.Key = Each.Object.Number < 0 ? Each.Object.Rest : P.Key + Rest.str();
    applyOne(nullptr, Each, P, S);
  }
  // Nothing known of it: whatever its variable was made from may be gone.
  if (Sum && Sum->Known) return;
  VarSet Named;
  addNamed(Holds, &Named);
  for (const VarDecl *Each : Named)
    S.forgetWithin({nameInKey(Each), "", Each});
}

// --- statements ----------------------------------------------------------------------------------

void Flow::statement(const Stmt *S, States &All) {
  if (auto *Call = dyn_cast<CallExpr>(S)) {
    States Out;
    for (const State &Each : All)
      call(Call, Each, Out, false);
    All = std::move(Out);
    return;
  }
  const Expr *To = nullptr, *Value = nullptr;
  if (auto *Binary = dyn_cast<BinaryOperator>(S); Binary && Binary->isAssignmentOp()) {
    To = Binary->getLHS();
    if (Binary->getOpcode() == BO_Assign) Value = Binary->getRHS();
  } else if (auto *Unary = dyn_cast<UnaryOperator>(S); Unary && Unary->isIncrementDecrementOp()) {
    To = Unary->getSubExpr();
  } else if (!isa<DeclStmt>(S)) {
    return;
  }
  States Out;
  for (State Each : All) {
    if (To) When.assignPlace(Each, To, Value);
    if (auto *Declared = dyn_cast<DeclStmt>(S))
      for (const Decl *D : Declared->decls())
        if (auto *Var = dyn_cast<VarDecl>(D); Var && Var->hasLocalStorage())
          When.assign(Each, Var, Var->getInit());
    Out.insert(std::move(Each));
  }
  All = std::move(Out);
}

// --- the graph -----------------------------------------------------------------------------------

void Flow::prepare() {
  ParentMap Parents(Function->getBody());
  for (const CallExpr *Call : Info.Calls) {
    const CallRole *Role = U.TheRoles.of(Call);
    if (!Role || !Parents.isConsumedExpr(const_cast<CallExpr *>(Call))) continue;
    Consumed.insert(Call);
    if (isFork(*Role) || Role->What == Role::Jump) When.keep(Conditions::keyOfResult(Call));
  }
  CFG::BuildOptions Options;
  Options.AddImplicitDtors = true;
  Options.setAlwaysAdd(Stmt::CallExprClass)
      .setAlwaysAdd(Stmt::BinaryOperatorClass)
      .setAlwaysAdd(Stmt::CompoundAssignOperatorClass)
      .setAlwaysAdd(Stmt::UnaryOperatorClass);
  Graph = CFG::buildCFG(Function, Function->getBody(), &U.Context, Options);
  GaveUp = !Graph || Graph->getNumBlockIDs() > BlocksMax;
  if (GaveUp) return;
  ++U.Count.Graphs;
  When.prepare(*Graph, [this](const CallExpr *Call) {
    if (const CallRole *Role = U.TheRoles.of(Call))
      return Role->What == Role::Acquire || Role->What == Role::Try;
    const FunctionInfo *Callee = U.info(Call->getDirectCallee());
    return Callee && Callee->Gated;
  });
}

bool Flow::run() {
  prepare();
  if (!GaveUp) Work.push_back({&Graph->getEntry(), State()});
  for (size_t Steps = 0; !Work.empty() && !GaveUp; ++Steps) {
    auto [Block, From] = std::move(Work.back());
    Work.pop_back();
    step(Block, From);
    GaveUp |= Steps > StepsMax;
  }
  Info.Sum.Opaque = true;
  if (GaveUp) {
    ++U.Count.GaveUp;
    return false;
  }
  summarize();
  for (auto &T : Trackers)
    T->finish();
  return true;
}

void Flow::step(const CFGBlock *Block, const State &From) {
  States All{From};
  for (const CFGElement &Element : *Block) {
    if (auto S = Element.getAs<CFGStmt>()) statement(S->getStmt(), All);
    if (auto C = Element.getAs<CFGCleanupFunction>()) {
      States Out;
      for (State Each : All) {
        cleanup(C->getVarDecl(), Each);
        Out.insert(std::move(Each));
      }
      All = std::move(Out);
    }
    if (All.size() > StatesEnd) GaveUp = true;
    if (GaveUp) return;
  }
  if (!Block->hasNoReturnElement()) leave(Block, All);
}

void Flow::leave(const CFGBlock *Block, const States &All) {
  unsigned Number = 0;
  for (const CFGBlock::AdjacentBlock &Next : Block->succs()) {
    if (const CFGBlock *To = Next.getReachableBlock())
      for (const State &Each : All)
        flow(Block, Number, To, Each);
    ++Number;
  }
}

static const ReturnStmt *returnIn(const CFGBlock *Block) {
  for (const CFGElement &Element : llvm::reverse(*Block))
    if (auto S = Element.getAs<CFGStmt>())
      if (auto *Return = dyn_cast<ReturnStmt>(S->getStmt())) return Return;
  return nullptr;
}

void Flow::flow(const CFGBlock *From, unsigned Number, const CFGBlock *To, State S) {
  const Stmt *Ends = From->getTerminatorStmt();
  auto *Switch = llvm::dyn_cast_or_null<SwitchStmt>(Ends);
  const Expr *Last = From->succ_size() == 2 && !Switch ? From->getLastCondition() : nullptr;
  if (Last && !When.pass(S, Last, Number == 0)) return;
  if (auto *Case = llvm::dyn_cast_or_null<CaseStmt>(To->getLabel()); Case && Switch)
    if (!Case->getRHS() && !When.passCase(S, Switch->getCond(), Case->getLHS())) return;
  if (To == &Graph->getExit()) {
    Exits.push_back({returnIn(From), std::move(S)});
    GaveUp |= Exits.size() > 16 * StatesEnd;
    return;
  }
  if (From->getLoopTarget()) Conditions::forgetCalls(S);
  When.dropUnasked(S, To);
  States &There = Seen[To];
  bool Plain = !When.hasPinned(S);
  if (Plain && llvm::any_of(There, [&](const State &Each) { return Each.covers(S); })) return;
  if (There.size() > StatesMax) {
    LostFacts |= !S.Facts.empty();
    S.Facts.clear();
  }
  if (There.size() > StatesEnd) GaveUp = true;
  if (!GaveUp && There.insert(S).second) Work.push_back({To, std::move(S)});
}

// --- the summary ---------------------------------------------------------------------------------

// The same on all ways out, or Mixed. An object that was given back and taken again is as before.
void Flow::summarize() {
  Summary &Sum = Info.Sum;
  Sum.Known = true;
  Sum.Opaque = Opaque;
  Sum.NeverReturns = Exits.empty();
  std::map<std::string, std::pair<Effect, size_t>> Found;
  for (const Exit &Each : Exits)
    for (const auto &[Key, I] : Each.At.Items) {
      OuterPath Outer;
      if (!isOuter(I.Object, Function, Vars, &Outer)) continue;
      bool Lock = I.Is == Status::Held || I.Is == Status::Released;
      if (Lock && I.BeganReleased == (I.Is == Status::Held)) continue;
      if (I.Is == Status::Lost && !I.BeganReleased) continue;
      Effect E{Outer, I.Object.Text, Key[0], false, I.Is, I.Shared, I.Foreign};
      auto [At, New] = Found.try_emplace(Key, E, 0);
      At->second.second++;
      At->second.first.Mixed |=
          I.Is == Status::Lost || I.Is == Status::Confused || At->second.first.Becomes != E.Becomes;
    }
  for (auto &[Key, Each] : Found) {
    Each.first.Mixed |= Each.second != Exits.size();
    Sum.Effects.push_back(Each.first);
  }
  Sum.Takes = Takes;
}

// A function without roles matters only if it never comes back.
static bool neverReturns(Unit &U, const FunctionDecl *Function) {
  auto Graph = CFG::buildCFG(Function, Function->getBody(), &U.Context, CFG::BuildOptions());
  if (!Graph) return false;
  llvm::SmallVector<const CFGBlock *, 32> Work{&Graph->getEntry()};
  llvm::DenseSet<const CFGBlock *> Seen;
  while (!Work.empty()) {
    const CFGBlock *Block = Work.pop_back_val();
    if (Block == &Graph->getExit()) return false;
    if (!Seen.insert(Block).second || Block->hasNoReturnElement()) continue;
    for (const CFGBlock::AdjacentBlock &Next : Block->succs())
      if (Next.getReachableBlock()) Work.push_back(Next.getReachableBlock());
  }
  return true;
}

const Summary *summaryOf(Unit &U, const FunctionDecl *Function) {
  FunctionInfo *Info = U.info(Function);
  if (!Info || (!Info->Gated && !U.isOwn(Function))) return nullptr;
  if (Info->Phase != FunctionInfo::New) return &Info->Sum;
  Info->Phase = FunctionInfo::Running;
  if (Info->Gated) {
    if (!Info->Function->hasAttr<NoThreadSafetyAnalysisAttr>()) Flow(U, *Info).run();
  } else {
    // Nothing it calls has a role; what it calls without a body here may still do anything.
    Info->Sum.Known = true;
    Info->Sum.NeverReturns = Info->MayEnd && neverReturns(U, Info->Function);
    for (const CallExpr *Call : Info->Calls) {
      const FunctionDecl *Callee = Call->getDirectCallee();
      const Summary *Inner = Callee && U.info(Callee) ? summaryOf(U, Callee) : nullptr;
      Info->Sum.Opaque |= Inner ? Inner->Opaque || !Inner->Known : !Callee || U.isOwn(Callee);
    }
  }
  Info->Phase = FunctionInfo::Done;
  return &Info->Sum;
}

} // namespace weir
