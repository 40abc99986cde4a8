// SPDX-License-Identifier: Apache-2.0
//
// Statements into instructions, and the program as a whole.
#include "model/Translator.h"
#include "core/Walk.h"

#include "clang/AST/Attr.h"

using namespace clang;
using llvm::dyn_cast;
using llvm::isa;

namespace weir::model {

namespace {

const VarDecl *addressed(const Expr *E) {
  E = stripped(E);
  if (auto *Member = dyn_cast<MemberExpr>(E))
    return Member->isArrow() ? nullptr : addressed(Member->getBase());
  if (auto *Element = dyn_cast<ArraySubscriptExpr>(E)) return addressed(Element->getBase());
  auto *Ref = dyn_cast<DeclRefExpr>(E);
  return Ref ? dyn_cast<VarDecl>(Ref->getDecl()) : nullptr;
}

bool isDefer(const VarDecl *Var, Roles &TheRoles) {
  auto *Cleanup = Var->getAttr<CleanupAttr>();
  const CallRole *Role = Cleanup ? TheRoles.of(Cleanup->getFunctionDecl()) : nullptr;
  return Role && Role->What == Role::Defer;
}

const Stmt *bodyOf(const Decl *Of) {
  if (auto *Block = dyn_cast<BlockDecl>(Of)) return Block->getBody();
  return cast<FunctionDecl>(Of)->getBody();
}

const BlockExpr *blockOf(const Expr *E) {
  if (!E) return nullptr;
  E = stripped(E);
  if (auto *Block = dyn_cast<BlockExpr>(E)) return Block;
  if (auto *List = dyn_cast<InitListExpr>(E))
    for (const Expr *Each : List->inits())
      if (auto *Block = blockOf(Each)) return Block;
  return nullptr;
}

} // namespace

// --- the program ---------------------------------------------------------------------------------

int Program::codeOf(const Decl *Of, const FunctionDecl *In) {
  if (auto *Function = dyn_cast<FunctionDecl>(Of)) Of = Function->getCanonicalDecl();
  auto [Found, New] = Numbers.insert({Of, static_cast<int>(Bodies.size())});
  if (New) Bodies.push_back({Of, In, nullptr});
  return Found->second;
}

const FunctionDecl *Program::functionOf(int Code) const {
  return dyn_cast<FunctionDecl>(Bodies[Code].Of);
}

bool Program::isSystem(int Code) const {
  auto *Function = functionOf(Code);
  return Function && !U.isOwn(Function);
}

const Proc *Program::procOf(int Code) {
  const Decl *Of = Bodies[Code].Of;
  const FunctionDecl *In = Bodies[Code].In;
  if (auto *Function = dyn_cast<FunctionDecl>(Of)) {
    FunctionInfo *Info = U.info(Function);
    if (!Info || !U.isOwn(Info->Function) || Info->Function->isVariadic()) return nullptr;
    Of = In = Info->Function;
  }
  if (!Bodies[Code].Made) {
    auto Made = translate(*this, Of, In); // may add bodies
    Bodies[Code].Made = std::move(Made);
  }
  return Bodies[Code].Made.get();
}

int Program::globalOf(const VarDecl *Var) {
  Var = Var->getCanonicalDecl();
  auto [Found, New] = Numbers.insert({Var, static_cast<int>(Globals.size())});
  if (New) Globals.push_back(Var);
  return Found->second;
}

std::unique_ptr<Proc> translate(Program &All, const Decl *Of, const FunctionDecl *In) {
  auto Made = std::make_unique<Proc>();
  Translator(All, Of, In, Made.get()).run();
  return Made;
}

// --- a body --------------------------------------------------------------------------------------

Translator::Translator(Program &All, const Decl *Of, const FunctionDecl *In, Proc *To)
    : All(All), Context(All.U.Context), Of(Of), In(In), To(To), Vars(In->getBody()) {
  To->In = In;
  walk(bodyOf(Of), [&](const Stmt *S) {
    auto *Unary = dyn_cast<UnaryOperator>(S);
    if (Unary && Unary->getOpcode() == UO_AddrOf)
      if (auto *Var = addressed(Unary->getSubExpr())) Boxed.insert(Var);
  });
}

void Translator::run() {
  parameters();
  Scopes.emplace_back();
  statement(bodyOf(Of));
  emit(Op::Return);
  for (auto &[Label, Each] : Labels)
    for (int Jump : Each.Jumps)
      To->Code[Jump].K = Each.At;
  To->Slots = std::max(To->Slots, Next);
}

// What is passed by value and lives in an object here is copied into one.
void Translator::parameters() {
  std::vector<const VarDecl *> Passed;
  llvm::DenseSet<const VarDecl *> Shared;
  auto *Block = dyn_cast<BlockDecl>(Of);
  if (Block)
    for (const BlockDecl::Capture &Each : Block->captures()) {
      Passed.push_back(Each.getVariable());
      if (Each.isByRef()) Shared.insert(Each.getVariable());
    }
  llvm::ArrayRef<ParmVarDecl *> Params =
      Block ? Block->parameters() : cast<FunctionDecl>(Of)->parameters();
  Passed.insert(Passed.end(), Params.begin(), Params.end());
  for (const VarDecl *Var : Passed)
    Slots[Var] = fresh();
  for (const VarDecl *Var : Passed) {
    QualType Type = Var->getType();
    bool Whole = Type->isRecordType() || Type->isArrayType();
    if (Shared.count(Var) || (!Whole && !Boxed.count(Var))) {
      if (Shared.count(Var)) Boxed.insert(Var);
      continue;
    }
    Boxed.insert(Var);
    int Made = fresh();
    emit(Op::New, nullptr, Made, -1, 0, cellsOf(Type));
    if (Whole)
      emit(Op::Copy, nullptr, Made, Slots[Var], -1, cellsOf(Type));
    else
      emit(Op::Store, nullptr, Slots[Var], Made);
    emit(Op::Move, nullptr, Slots[Var], Made);
  }
}

void Translator::statement(const Stmt *S) {
  if (!S) return;
  int Base = Next, Outer = High;
  High = Base;
  plain(S);
  if (isa<DeclStmt>(S)) Base = Next;
  if (High > Base) emit(Op::Clear, nullptr, Base, High);
  Next = Base;
  High = std::max(Outer, High);
}

void Translator::plain(const Stmt *S) {
  switch (S->getStmtClass()) {
  case Stmt::NullStmtClass:
    return;
  case Stmt::CompoundStmtClass:
    return compound(cast<CompoundStmt>(S));
  case Stmt::IfStmtClass:
    return branch(cast<IfStmt>(S));
  case Stmt::WhileStmtClass: {
    auto *While = cast<WhileStmt>(S);
    return loop(nullptr, While->getCond(), nullptr, While->getBody(), false);
  }
  case Stmt::DoStmtClass: {
    auto *Do = cast<DoStmt>(S);
    return loop(nullptr, Do->getCond(), nullptr, Do->getBody(), true);
  }
  case Stmt::ForStmtClass: {
    auto *For = cast<ForStmt>(S);
    return loop(For->getInit(), For->getCond(), For->getInc(), For->getBody(), false);
  }
  case Stmt::SwitchStmtClass:
    return choose(cast<SwitchStmt>(S));
  case Stmt::CaseStmtClass:
  case Stmt::DefaultStmtClass:
    if (CaseAt) (*CaseAt)[cast<SwitchCase>(S)] = here();
    return statement(cast<SwitchCase>(S)->getSubStmt());
  case Stmt::BreakStmtClass:
    return leave(S, true);
  case Stmt::ContinueStmtClass:
    return leave(S, false);
  case Stmt::ReturnStmtClass:
    return giveBack(cast<ReturnStmt>(S));
  case Stmt::GotoStmtClass:
    return jumpTo(cast<GotoStmt>(S));
  case Stmt::LabelStmtClass:
    Labels[cast<LabelStmt>(S)->getDecl()].At = here();
    return statement(cast<LabelStmt>(S)->getSubStmt());
  case Stmt::AttributedStmtClass:
    return statement(cast<AttributedStmt>(S)->getSubStmt());
  case Stmt::DeclStmtClass:
    for (const Decl *D : cast<DeclStmt>(S)->decls())
      if (auto *Var = dyn_cast<VarDecl>(D)) declare(Var);
    return;
  default:
    if (auto *E = dyn_cast<Expr>(S))
      value(E);
    else
      emit(Op::GiveUp, S);
  }
}

// Result: of a statement expression, the slot for the value of its last statement.
void Translator::compound(const CompoundStmt *S, int Result) {
  Scopes.emplace_back();
  for (const Stmt *Each : S->body()) {
    auto *Last = Result >= 0 && Each == S->body_back() ? dyn_cast<Expr>(Each) : nullptr;
    if (Last) {
      int Slot = value(Last);
      emit(Op::Move, nullptr, Result, Slot);
    } else {
      statement(Each);
    }
  }
  cleanups(Scopes.size() - 1);
  Scopes.pop_back();
}

void Translator::declare(const VarDecl *Var) {
  if (!Var->hasLocalStorage()) return;
  QualType Type = Var->getType();
  const Expr *Init = Var->getInit();
  bool Whole = Type->isRecordType() || Type->isArrayType();
  int Slot = Slots[Var] = fresh();
  Hint = Var->getNameAsString();
  if (isDefer(Var, All.U.TheRoles)) {
    if (const BlockExpr *Block = blockOf(Init))
      emit(Op::Move, nullptr, Slot, valueOfBlock(Block));
    else
      emit(Op::GiveUp, Init);
  } else if (Whole || Boxed.count(Var) || Var->hasAttr<CleanupAttr>()) {
    Boxed.insert(Var);
    emit(Op::New, Init, Slot, -1, Init ? 0 : 1, cellsOf(Type)).Name = Hint;
    if (Init) fill(Slot, Type, Init);
  } else if (Init) {
    int From = value(Init);
    emit(Op::Move, nullptr, Slot, From);
  } else {
    emit(Op::Unknown, nullptr, Slot);
  }
  Hint.clear();
  if (Var->hasAttr<CleanupAttr>()) Scopes.back().push_back(Var), To->Cleans = true;
  Next = Slot + 1;
}

int Translator::condition(const Expr *E, bool OfLoop) {
  bool Outer = InLoop;
  InLoop = OfLoop;
  int Slot = value(E);
  int Made = branchOn(Slot, E);
  InLoop = Outer;
  return Made;
}

void Translator::branch(const IfStmt *S) {
  int Then = condition(S->getCond(), false);
  statement(S->getElse());
  int End = jump();
  land(Then);
  statement(S->getThen());
  land(End);
}

void Translator::loop(const Stmt *Init, const Expr *Condition, const Expr *Step, const Stmt *Body,
                      bool BodyFirst) {
  Scopes.emplace_back();
  if (Init) plain(Init);
  int Turns = fresh();
  emit(Op::TurnZero, nullptr, Turns);
  int First = BodyFirst ? jump() : -1, Head = here();
  int Base = Next, Enters = Condition ? condition(Condition, true) : jump();
  int Exit = Condition ? jump() : -1;
  land(Enters);
  emit(Op::Turn, nullptr, Turns);
  if (BodyFirst) land(First);
  Loops.push_back({Scopes.size(), {}, {}, false});
  int Outer = High;
  High = Base;
  statement(Body);
  for (int Each : Loops.back().Continues)
    land(Each);
  if (Step) statement(Step);
  if (High > Base) emit(Op::Clear, nullptr, Base, High);
  High = std::max(High, Outer);
  jump(Head);
  if (Exit >= 0) land(Exit);
  for (int Each : Loops.back().Breaks)
    land(Each);
  emit(Op::TurnZero, nullptr, Turns);
  Loops.pop_back();
  cleanups(Scopes.size() - 1);
  Scopes.pop_back();
}

// One comparison after the other, then the body with its entries.
void Translator::choose(const SwitchStmt *S) {
  int Value = value(S->getCond());
  std::vector<std::pair<const SwitchCase *, int>> Jumps;
  const SwitchCase *Default = nullptr;
  for (const SwitchCase *Each = S->getSwitchCaseList(); Each; Each = Each->getNextSwitchCase()) {
    auto *Case = dyn_cast<CaseStmt>(Each);
    if (!Case) {
      Default = Each;
      continue;
    }
    if (Case->getRHS()) return (void)emit(Op::GiveUp, S);
    int Number = value(Case->getLHS()), Same = fresh();
    emit(Op::Binary, S, Same, Value, Number, BO_EQ);
    Jumps.push_back({Each, branchOn(Same, S)});
  }
  int Otherwise = jump();
  std::map<const SwitchCase *, int> At, *Outer = CaseAt;
  CaseAt = &At;
  Loops.push_back({Scopes.size(), {}, {}, true});
  statement(S->getBody());
  CaseAt = Outer;
  for (auto &[Case, Jump] : Jumps)
    To->Code[Jump].K = At[Case];
  To->Code[Otherwise].K = Default ? At[Default] : here();
  for (int Each : Loops.back().Breaks)
    land(Each);
  std::vector<int> Continues = std::move(Loops.back().Continues);
  Loops.pop_back();
}

void Translator::leave(const Stmt *S, bool Break) {
  size_t I = Loops.size();
  while (I > 0 && !Break && Loops[I - 1].IsSwitch)
    --I;
  if (I == 0) return (void)emit(Op::GiveUp, S);
  cleanups(Loops[I - 1].Scopes);
  (Break ? Loops[I - 1].Breaks : Loops[I - 1].Continues).push_back(jump());
}

void Translator::giveBack(const ReturnStmt *S) {
  int Slot = -1;
  if (S->getRetValue()) {
    Slot = fresh();
    int From = value(S->getRetValue());
    emit(Op::Move, nullptr, Slot, From);
  }
  cleanups(0);
  emit(Op::Return, S, Slot);
}

// Out of a scope with a cleanup it is not followed.
void Translator::jumpTo(const GotoStmt *S) {
  for (auto &Each : Scopes)
    if (!Each.empty()) return (void)emit(Op::GiveUp, S);
  int Made = jump();
  Labels[S->getLabel()].Jumps.push_back(Made);
}

// Of the scopes down to that one, newest first.
void Translator::cleanups(size_t Down) {
  for (size_t I = Scopes.size(); I > Down; --I)
    for (const VarDecl *Var : llvm::reverse(Scopes[I - 1]))
      cleanup(Var);
}

void Translator::cleanup(const VarDecl *Var) {
  const FunctionDecl *Runs = Var->getAttr<CleanupAttr>()->getFunctionDecl();
  int Result = fresh();
  if (isDefer(Var, All.U.TheRoles)) {
    emit(Op::Call, Var->getInit(), Result, Slots[Var]);
    return;
  }
  int Callee = fresh();
  emit(Op::Code, nullptr, Callee, -1, -1, All.codeOf(Runs, Runs));
  emit(Op::Call, Var->getInit(), Result, Callee).Args.push_back(Slots[Var]);
}

// --- instructions --------------------------------------------------------------------------------

Instr &Translator::emit(Op What, const Stmt *Site, int A, int B, int C, int64_t K) {
  To->Code.emplace_back();
  Instr &I = To->Code.back();
  I.What = What;
  I.Site = Site;
  I.A = A, I.B = B, I.C = C, I.K = K;
  I.InLoop = InLoop;
  return I;
}

int Translator::fresh() {
  int Slot = Next++;
  High = std::max(High, Next);
  To->Slots = std::max(To->Slots, Next);
  return Slot;
}

int Translator::constant(int64_t N) {
  int Slot = fresh();
  emit(Op::Const, nullptr, Slot, -1, -1, N);
  return Slot;
}

int Translator::unknown() {
  int Slot = fresh();
  emit(Op::Unknown, nullptr, Slot);
  return Slot;
}

int Translator::jump(int Target) {
  emit(Op::Jump, nullptr, -1, -1, -1, Target);
  return here() - 1;
}

int Translator::branchOn(int Slot, const Stmt *Site) {
  emit(Op::Branch, Site, -1, Slot);
  return here() - 1;
}

} // namespace weir::model
