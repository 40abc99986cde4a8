// SPDX-License-Identifier: Apache-2.0
//
// Conditions.h: a key for each expression that is asked for, and a small arithmetic of constants,
// zero and sign.
#include "core/Conditions.h"

#include "clang/AST/Stmt.h"

using namespace clang;
using llvm::dyn_cast;
using llvm::isa;

namespace weir {

namespace {

constexpr int DepthMax = 6;
constexpr size_t KeyMax = 200;

// __builtin_expect(x, ..) is x; a value that is assigned is what it is assigned to.
const Expr *core(const Expr *E) {
  for (;;) {
    E = stripped(E);
    auto *Call = dyn_cast<CallExpr>(E);
    if (Call && Call->getBuiltinCallee() && Call->getNumArgs() >= 2 && Call->getDirectCallee() &&
        Call->getDirectCallee()->getName().starts_with("__builtin_expect")) {
      E = Call->getArg(0);
      continue;
    }
    auto *Assign = dyn_cast<BinaryOperator>(E);
    if (!Assign || Assign->getOpcode() != BO_Assign) return E;
    E = Assign->getLHS();
  }
}

// Each makes something known of a fact; false: what is known already says otherwise.
bool setZero(Fact &F, bool Zero) {
  if (F.Zero && *F.Zero != Zero) return false;
  if (Zero && F.Negative && *F.Negative) return false;
  F.Zero = Zero;
  if (Zero) F.Value = 0, F.Negative = false;
  return true;
}

bool setValue(Fact &F, int64_t Value) {
  if (F.Value) return *F.Value == Value;
  if (F.Zero && *F.Zero != (Value == 0)) return false;
  if (F.Negative && *F.Negative != (Value < 0)) return false;
  F = {Value, Value == 0, Value < 0};
  return true;
}

bool setNegative(Fact &F, bool Negative) {
  if (F.Negative && *F.Negative != Negative) return false;
  if (Negative && F.Zero && *F.Zero) return false;
  F.Negative = Negative;
  if (Negative) F.Zero = false;
  return true;
}

} // namespace

std::string Conditions::keyOfResult(const Expr *Call) {
  return "e" + std::to_string(reinterpret_cast<uintptr_t>(Call));
}

std::optional<int64_t> Conditions::constantOf(const Expr *E) const {
  Expr::EvalResult Result;
  if (E->isValueDependent() || E->getType()->isVoidType()) return std::nullopt;
  if (E->getType()->isPointerType()) {
    auto Null = E->isNullPointerConstant(Context, Expr::NPC_ValueDependentIsNotNull);
    return Null ? std::optional<int64_t>(0) : std::nullopt;
  }
  if (!E->getType()->isIntegralOrEnumerationType() || !E->EvaluateAsInt(Result, Context) ||
      Result.HasSideEffects)
    return std::nullopt;
  return Result.Val.getInt().tryExtValue();
}

// "" for what has no key. Variables stand in it as in paths, so that it is forgotten with them.
std::string Conditions::keyOf(const Expr *E, int Depth) const {
  E = core(E);
  if (++Depth > DepthMax) return "";
  if (auto *Call = dyn_cast<CallExpr>(E)) {
    if (Kept.count(keyOfResult(Call))) return keyOfResult(Call);
    const FunctionDecl *Callee = Call->getDirectCallee();
    if (!Callee) return "";
    std::string Key = "call" + std::to_string(reinterpret_cast<uintptr_t>(Callee)) + "(";
    for (const Expr *Argument : Call->arguments()) {
      std::string Each = keyOf(Argument, Depth);
      if (Each.empty()) return "";
      Key += Each + ",";
    }
    return Key.size() < KeyMax ? Key + ")" : "";
  }
  if (Path P = placeOf(E, Vars)) return P.Key;
  if (auto Value = constantOf(E)) return "#" + std::to_string(*Value);
  if (auto *Unary = dyn_cast<UnaryOperator>(E)) {
    if (Unary->isIncrementDecrementOp()) return "";
    std::string Of = keyOf(Unary->getSubExpr(), Depth);
    return Of.empty() ? "" : UnaryOperator::getOpcodeStr(Unary->getOpcode()).str() + Of;
  }
  if (auto *Binary = dyn_cast<BinaryOperator>(E)) {
    std::string Left = keyOf(Binary->getLHS(), Depth), Right = keyOf(Binary->getRHS(), Depth);
    if (Left.empty() || Right.empty() || Left.size() + Right.size() > KeyMax) return "";
    return "(" + Left + Binary->getOpcodeStr().str() + Right + ")";
  }
  if (isa<StringLiteral>(E)) return "text";
  return "";
}

// Of two values neither of which is a constant: `a > b` asks the same as `b < a`, and `a <= b` the
// contrary.
std::string Conditions::keyOfOrder(const BinaryOperator *E, bool *Negated) const {
  std::string Left = keyOf(E->getLHS()), Right = keyOf(E->getRHS());
  BinaryOperatorKind Op = E->getOpcode();
  *Negated = Op == BO_NE || Op == BO_GE || Op == BO_LE;
  if (Left.empty() || Right.empty() || Left.size() + Right.size() > KeyMax) return "";
  bool Equal = Op == BO_EQ || Op == BO_NE;
  if (Equal ? Right < Left : Op == BO_GT || Op == BO_LE) std::swap(Left, Right);
  return "(" + Left + (Equal ? "==" : "<") + Right + ")";
}

// Of a value and a constant: `n > 1` asks the contrary of `n < 2`. "" for what facts can say.
std::string Conditions::keyOfLimit(const Expr *E, BinaryOperatorKind Op, int64_t Than,
                                   bool *Negated) const {
  *Negated = Op == BO_NE || Op == BO_GE || Op == BO_GT;
  bool Equal = Op == BO_EQ || Op == BO_NE;
  if (!Equal && (Op == BO_GT || Op == BO_LE) && __builtin_add_overflow(Than, 1, &Than)) return "";
  std::string Key = keyOf(E);
  if (Key.empty() || Than == 0) return "";
  return "(" + Key + (Equal ? "==#" : "<#") + std::to_string(Than) + ")";
}

// --- which facts are worth keeping -------------------------------------------------------------

void Conditions::count(const Expr *Condition) {
  const Expr *E = core(Condition);
  if (auto *Not = dyn_cast<UnaryOperator>(E); Not && Not->getOpcode() == UO_LNot)
    return count(Not->getSubExpr());
  if (auto *Compare = dyn_cast<BinaryOperator>(E); Compare && Compare->isComparisonOp()) {
    const Expr *Left = Compare->getLHS();
    auto Value = constantOf(Compare->getRHS());
    BinaryOperatorKind Op = Compare->getOpcode();
    if (!Value && (Value = constantOf(Left))) {
      Left = Compare->getRHS();
      Op = BinaryOperator::reverseComparisonOp(Op);
    }
    bool Negated;
    std::string Limit = Value ? keyOfLimit(Left, Op, *Value, &Negated) : "";
    if (!Limit.empty()) ++Asked[Limit];
    if (Value) return count(Left);
  }
  auto *Order = dyn_cast<BinaryOperator>(E);
  bool Negated;
  std::string Key = Order && Order->isComparisonOp() ? keyOfOrder(Order, &Negated) : keyOf(E);
  if (!Key.empty()) ++Asked[Key];
  auto *Ref = dyn_cast<DeclRefExpr>(E);
  if (Ref && isa<ParmVarDecl>(Ref->getDecl()) && Ref->getType()->isIntegralOrEnumerationType()) {
    Kept.insert(Key);
    Parameters.push_back(Key);
  }
}

void Conditions::note(const Stmt *S) {
  auto Remember = [&](const std::string &Key, const Expr *Value) {
    bool FromCall = isa<CallExpr>(stripped(Value)) && Kept.count(keyOfResult(stripped(Value)));
    if (FromCall || constantOf(Value)) Set.insert(Key);
  };
  if (auto *Assign = dyn_cast<BinaryOperator>(S); Assign && Assign->getOpcode() == BO_Assign)
    if (Path P = placeOf(Assign->getLHS(), Vars)) Remember(P.Key, Assign->getRHS());
  if (auto *Declared = dyn_cast<DeclStmt>(S))
    for (const Decl *D : Declared->decls())
      if (auto *Var = dyn_cast<VarDecl>(D); Var && Var->getInit() && Var->hasLocalStorage())
        Remember(nameInKey(Var), Var->getInit());
}

// --- where they are asked ------------------------------------------------------------------------

llvm::BitVector Conditions::asked(const Expr *Condition) const {
  llvm::SmallVector<std::string, 8> Keys;
  State None;
  Asking = &Keys;
  pass(None, Condition, true);
  pass(None, Condition, false);
  Asking = nullptr;
  Keys.push_back(keyOf(Condition)); // of a switch
  llvm::BitVector All(Numbers.size());
  for (const std::string &Each : Keys)
    if (auto Found = Numbers.find(Each); Found != Numbers.end()) All.set(Found->second);
  return All;
}

// What was known of the variable ends here; what its value is made from is asked.
void Conditions::before(const VarDecl *Var, const Expr *Value, llvm::BitVector &Now) const {
  std::string Name = nameInKey(Var);
  for (const auto &Each : Numbers)
    if (Each.first().contains(Name)) Now.reset(Each.second);
  if (auto Found = Value ? Numbers.find(keyOf(Value)) : Numbers.end(); Found != Numbers.end())
    Now.set(Found->second);
}

void Conditions::stepBack(const CFGBlock *Block, llvm::BitVector &Now,
                          llvm::function_ref<bool(const CallExpr *)> MayTake) const {
  auto *Switch = llvm::dyn_cast_or_null<SwitchStmt>(Block->getTerminatorStmt());
  const Expr *Last = Switch                    ? Switch->getCond()
                     : Block->succ_size() == 2 ? Block->getLastCondition()
                                               : nullptr;
  if (Last) Now |= asked(Last);
  for (const CFGElement &Element : llvm::reverse(*Block)) {
    auto Of = Element.getAs<CFGStmt>();
    const Stmt *S = Of ? Of->getStmt() : nullptr;
    if (auto *Call = llvm::dyn_cast_or_null<CallExpr>(S); Call && MayTake(Call))
      for (const std::string &Each : Parameters)
        if (auto Found = Numbers.find(Each); Found != Numbers.end()) Now.set(Found->second);
    if (auto *Assign = llvm::dyn_cast_or_null<BinaryOperator>(S);
        Assign && Assign->isAssignmentOp())
      if (auto *Ref = dyn_cast<DeclRefExpr>(stripped(Assign->getLHS())))
        if (auto *Var = dyn_cast<VarDecl>(Ref->getDecl())) before(Var, Assign->getRHS(), Now);
    if (auto *Declared = llvm::dyn_cast_or_null<DeclStmt>(S))
      for (const Decl *D : Declared->decls())
        if (auto *Var = dyn_cast<VarDecl>(D)) before(Var, Var->getInit(), Now);
  }
}

void Conditions::dropUnasked(State &S, const CFGBlock *Before) const {
  auto Found = Live.find(Before);
  if (Found == Live.end()) return;
  for (auto At = S.Facts.begin(); At != S.Facts.end();) {
    auto Number = Numbers.find(At->first);
    bool Asked = Number != Numbers.end() && Found->second.test(Number->second);
    At = Asked || Pinned.count(At->first) ? std::next(At) : S.Facts.erase(At);
  }
}

void Conditions::prepare(const CFG &Graph, llvm::function_ref<bool(const CallExpr *)> MayTake) {
  for (const CFGBlock *Block : Graph) {
    if (const Expr *Last = Block->succ_size() > 1 ? Block->getLastCondition() : nullptr)
      count(Last);
    for (const CFGElement &Element : *Block)
      if (auto S = Element.getAs<CFGStmt>()) note(S->getStmt());
  }
  for (auto &Each : Asked)
    if (Each.second > 1 || Set.count(Each.first())) Kept.insert(Each.first());
  for (const auto &Each : Kept)
    Numbers.try_emplace(Each.first(), Numbers.size());
  if (Numbers.empty()) return;
  for (bool Again = true; Again;) {
    Again = false;
    for (const CFGBlock *Block : Graph) { // the graph begins with its end
      llvm::BitVector Now(Numbers.size());
      for (const CFGBlock::AdjacentBlock &Next : Block->succs())
        if (auto Found = Live.find(Next.getReachableBlock()); Found != Live.end())
          Now |= Found->second;
      stepBack(Block, Now, MayTake);
      auto [At, New] = Live.try_emplace(Block, Now);
      Again |= New || At->second != Now;
      At->second = std::move(Now);
    }
  }
}

bool Conditions::dependsOnParameter(const State &S) const {
  return llvm::any_of(Parameters, [&](const std::string &Key) { return S.Facts.count(Key); });
}

// --- passing -------------------------------------------------------------------------------------

bool Conditions::passTruth(State &S, const Expr *E, bool Zero) const {
  if (auto Value = constantOf(E)) return (*Value == 0) == Zero;
  return passKey(S, keyOf(E), Zero);
}

bool Conditions::passKey(State &S, const std::string &Key, bool Zero) const {
  if (Asking) Asking->push_back(Key);
  if (Key.empty()) return true;
  auto Known = S.Facts.find(Key);
  Fact F = Known == S.Facts.end() ? Fact() : Known->second;
  if (!setZero(F, Zero)) return false;
  if (worth(Key)) S.Facts[Key] = F;
  return true;
}

bool Conditions::passCompare(State &S, const BinaryOperator *E, bool Taken) const {
  const Expr *Left = E->getLHS(), *Right = E->getRHS();
  BinaryOperatorKind Op = E->getOpcode();
  auto Value = constantOf(Right);
  if (!Value && constantOf(Left)) {
    std::swap(Left, Right);
    Value = constantOf(Right);
    Op = BinaryOperator::reverseComparisonOp(Op);
  }
  bool Negated;
  std::string Asks = Value ? keyOfLimit(Left, Op, *Value, &Negated) : keyOfOrder(E, &Negated);
  if (!passKey(S, Asks, Taken == Negated)) return false;
  if (!Value) return true;
  if (!Taken) Op = BinaryOperator::negateComparisonOp(Op);
  std::string Key = keyOf(Left);
  if (Asking) Asking->push_back(Key);
  if (Key.empty()) return true;
  auto Known = S.Facts.find(Key);
  Fact F = Known == S.Facts.end() ? Fact() : Known->second;
  bool Can = true;
  if (F.Value) {
    int64_t Is = *F.Value, To = *Value;
    Can = Op == BO_EQ   ? Is == To
          : Op == BO_NE ? Is != To
          : Op == BO_LT ? Is < To
          : Op == BO_GT ? Is > To
          : Op == BO_LE ? Is <= To
                        : Is >= To;
  } else if (Op == BO_EQ) {
    Can = setValue(F, *Value);
  } else if (Op == BO_NE && *Value == 0) {
    Can = setZero(F, false);
  } else if ((Op == BO_LT && *Value == 0) || (Op == BO_LE && *Value == -1)) {
    Can = setNegative(F, true);
  } else if ((Op == BO_GE && *Value == 0) || (Op == BO_GT && *Value == -1)) {
    Can = setNegative(F, false);
  } else if ((Op == BO_GT && *Value == 0) || (Op == BO_GE && *Value == 1)) {
    Can = setZero(F, false) && setNegative(F, false);
  }
  if (Can && worth(Key) && F.tied() != Fact().tied()) S.Facts[Key] = F;
  return Can;
}

bool Conditions::pass(State &S, const Expr *Condition, bool Taken) const {
  const Expr *E = core(Condition);
  if (auto *Not = dyn_cast<UnaryOperator>(E); Not && Not->getOpcode() == UO_LNot)
    return pass(S, Not->getSubExpr(), !Taken);
  if (auto *Binary = dyn_cast<BinaryOperator>(E)) {
    if (Binary->isComparisonOp()) return passCompare(S, Binary, Taken);
    bool Both = Binary->getOpcode() == BO_LAnd ? Taken : !Taken;
    if (Binary->isLogicalOp() && Both)
      return pass(S, Binary->getLHS(), Taken) && pass(S, Binary->getRHS(), Taken);
  }
  return passTruth(S, E, !Taken);
}

bool Conditions::passCase(State &S, const Expr *Switched, const Expr *Case) const {
  auto Value = constantOf(Case);
  std::string Key = keyOf(Switched);
  if (!Value || Key.empty()) return true;
  auto Known = S.Facts.find(Key);
  if (Known == S.Facts.end()) return true;
  Fact F = Known->second;
  return setValue(F, *Value);
}

// --- assigning -----------------------------------------------------------------------------------

void Conditions::assign(State &S, const VarDecl *To, const Expr *Value) const {
  std::string Key = nameInKey(To);
  Fact F;
  if (Value) {
    auto Constant = constantOf(Value);
    std::string From = keyOf(Value);
    auto Known = From.empty() ? S.Facts.end() : S.Facts.find(From);
    if (Constant)
      setValue(F, *Constant);
    else if (Known != S.Facts.end())
      F = Known->second;
  }
  S.forget(To);
  if (worth(Key) && F.tied() != Fact().tied()) S.Facts[Key] = F;
}

void Conditions::assignPlace(State &S, const Expr *To, const Expr *Value) const {
  const Expr *E = stripped(To);
  if (auto *Ref = dyn_cast<DeclRefExpr>(E)) {
    if (auto *Var = dyn_cast<VarDecl>(Ref->getDecl())) assign(S, Var, Value);
    return;
  }
  Path P = placeOf(E, Vars);
  if (!P) return;
  S.forgetWithin(P);
  auto Constant = Value ? constantOf(Value) : std::nullopt;
  Fact F;
  if (Constant && worth(P.Key) && setValue(F, *Constant)) S.Facts[P.Key] = F;
}

void Conditions::forgetCalls(State &S) {
  for (auto At = S.Facts.begin(); At != S.Facts.end();)
    At = At->first.find("call") != std::string::npos ? S.Facts.erase(At) : std::next(At);
}

void State::forget(const VarDecl *Var) {
  std::string Name = nameInKey(Var);
  for (auto At = Facts.begin(); At != Facts.end();)
    At = At->first.find(Name) != std::string::npos ? Facts.erase(At) : std::next(At);
  for (auto At = Items.begin(); At != Items.end();)
    At = At->first.find(Name) != std::string::npos ? Items.erase(At) : std::next(At);
}

void State::forgetWithin(const Path &Object) {
  auto Inside = [&](llvm::StringRef Key) {
    size_t At = Key.find(Object.Key);
    if (At == llvm::StringRef::npos) return false;
    llvm::StringRef Rest = Key.substr(At + Object.Key.size());
    return Rest.empty() || !isalnum(static_cast<unsigned char>(Rest[0]));
  };
  for (auto At = Facts.begin(); At != Facts.end();)
    At = Inside(At->first) ? Facts.erase(At) : std::next(At);
  for (auto At = Items.begin(); At != Items.end();)
    At = Inside(At->first) ? Items.erase(At) : std::next(At);
}

} // namespace weir
