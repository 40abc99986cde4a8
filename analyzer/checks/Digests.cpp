// SPDX-License-Identifier: Apache-2.0
//
// The digest of a file. A tracker that has no state of its own looks at each call on each way
// there, before it is done, and notes the locks that are held; a lock that is only held on some of
// the ways counts for what could happen, not for what must. Functions that were not followed,
// because nothing in them has a role or because they have too many ways, give their calls only.
#include "checks/Digests.h"
#include "checks/Trackers.h"
#include "core/Spawned.h"
#include "core/Walk.h"

#include "clang/AST/ParentMap.h"
#include "clang/Basic/SourceManager.h"

using namespace clang;
using llvm::dyn_cast;
using llvm::isa;

namespace weir {

namespace {

constexpr size_t SetsMax = 6; // of held locks, at one call

Does doesOf(Role What) {
  switch (What) {
  case Role::Acquire:
  case Role::Try:
    return Does::Take;
  case Role::Release:
    return Does::Release;
  case Role::Spawn:
    return Does::Start;
  case Role::Join:
  case Role::Wait:
    return Does::Join;
  case Role::Send:
    return Does::Send;
  case Role::Recv:
    return Does::Receive;
  case Role::Close:
    return Does::Close;
  case Role::TrySend:
  case Role::TryRecv:
    return Does::Offer;
  default:
    return Does::Call;
  }
}

class Collector : public Tracker {
public:
  Collector(Flow &F, DigestMaker &Made) : Tracker(F, 'D'), Made(Made) {}

  void call(Event &E) override { see(E.Now, E.Call); }
  void ofProgram(State &S, const CallExpr *Call, const Summary *) override { see(S, Call); }
  void finish() override;

private:
  struct Seen { // one call
    Act Is;
    std::set<std::vector<std::string>> Sets; // of keys
    std::vector<std::vector<Item>> Items;
    std::map<std::string, unsigned> Times; // that a lock is held
    unsigned States = 0;
    bool Depends = true; // on all ways
  };
  void see(State &S, const CallExpr *Call);
  HeldLock held(const Item &I, const Seen &At);

  DigestMaker &Made;
  llvm::MapVector<const CallExpr *, Seen> Calls;
  llvm::DenseSet<const CallExpr *> Ignored;
};

void Collector::see(State &S, const CallExpr *Call) {
  if (Ignored.count(Call)) return;
  if (!Calls.count(Call)) {
    Act First;
    if (!actOf(Made, Call, F.Function, F.Vars, &First)) return (void)Ignored.insert(Call);
    Calls[Call].Is = std::move(First);
  }
  Seen &Is = Calls[Call];
  ++Is.States;
  Is.Depends &= F.When.dependsOnParameter(S);
  std::vector<std::string> Keys;
  std::vector<Item> Items;
  for (const auto &[Key, I] : S.Items) {
    if (Key[0] != 'L' || I.Is != Status::Held) continue;
    ++Is.Times[I.Object.Key];
    Keys.push_back(Key);
    Items.push_back(I);
  }
  if (Is.Sets.size() < SetsMax && Is.Sets.insert(Keys).second) Is.Items.push_back(Items);
}

HeldLock Collector::held(const Item &I, const Seen &At) {
  HeldLock Is;
  Is.Lock = Made.Names.object(I.Object, F.Function, F.Vars);
  Is.Shared = I.Shared;
  Is.Foreign = I.Foreign;
  auto Times = At.Times.find(I.Object.Key);
  Is.Always = Times != At.Times.end() && Times->second == At.States;
  if (I.Site) Is.At = Made.Names.spot(I.Site->getExprLoc());
  return Is;
}

// One act for each set of locks; what may have been given back by then is left out.
void Collector::finish() {
  std::vector<Act> Acts;
  for (auto &Each : Calls) {
    Seen &Is = Each.second;
    Is.Is.Depends |= Is.Depends;
    for (const std::vector<Item> &Items : Is.Items) {
      Act A = Is.Is;
      for (const Item &I : Items)
        if (F.isCertain(I)) A.Held.push_back(held(I, Is));
      Acts.push_back(std::move(A));
    }
  }
  Made.add(F.Function, std::move(Acts));
}

// Whether it may start more than one.
bool isInLoop(const CallExpr *Call, const ParentMap &Parents) {
  for (const Stmt *S = Call; S; S = Parents.getParent(const_cast<Stmt *>(S)))
    if (isa<ForStmt, WhileStmt, DoStmt>(S)) return true;
  return false;
}

// Whether a condition that it stands under looks at an argument that is a number.
bool asksArgument(const CallExpr *Call, const ParentMap &Parents) {
  bool Any = false;
  for (const Stmt *S = Call; S && !Any; S = Parents.getParent(const_cast<Stmt *>(S))) {
    const Expr *Asked = nullptr;
    if (auto *If = dyn_cast<IfStmt>(S)) Asked = If->getCond();
    if (auto *Switch = dyn_cast<SwitchStmt>(S)) Asked = Switch->getCond();
    if (auto *Choice = dyn_cast<AbstractConditionalOperator>(S)) Asked = Choice->getCond();
    if (auto *Both = dyn_cast<BinaryOperator>(S); Both && Both->isLogicalOp())
      Asked = Both->getLHS();
    walkOf<DeclRefExpr>(Asked, [&](const DeclRefExpr *Ref) {
      Any |= isa<ParmVarDecl>(Ref->getDecl()) && Ref->getType()->isIntegralOrEnumerationType();
    });
  }
  return Any;
}

bool isBefore(const Act &A, const Act &B) {
  auto Key = [](const Act &Each) {
    return std::make_tuple(Each.At.File, Each.At.Line, Each.At.Column, Each.What, Each.Of.Class,
                           Each.Of.Name, Each.Held.size());
  };
  return Key(A) < Key(B);
}

} // namespace

bool actOf(DigestMaker &Made, const CallExpr *Call, const FunctionDecl *In, const Variables &Vars,
           Act *Is) {
  const FunctionDecl *Callee = Call->getDirectCallee();
  const CallRole *Role = Made.U.TheRoles.of(Callee);
  Is->At = Made.Names.spot(Call->getExprLoc());
  auto Given = [&](auto &&Arguments) {
    for (const Expr *Each : Arguments)
      Is->Given.push_back(Each->getType()->isPointerType()
                              ? Made.Names.object(pointeeOf(Each, Vars), In, Vars)
                              : Thing());
    while (!Is->Given.empty() && !Is->Given.back())
      Is->Given.pop_back();
  };
  if (!Role) {
    if (!Callee) {
      auto *Member = dyn_cast<MemberExpr>(stripped(Call->getCallee()));
      auto *Field = Member ? dyn_cast<FieldDecl>(Member->getMemberDecl()) : nullptr;
      if (!Field) return false;
      Is->What = Does::Through;
      Is->Of.Class = Made.Names.field(Field);
      if (Is->Of.Class.empty()) return false;
    } else if (Callee->getBuiltinID() || !Made.U.isOwn(Callee)) {
      return false;
    } else {
      Is->Of.Class = Made.Names.function(Callee);
    }
    Given(Call->arguments());
    Is->Depends = asksArgument(Call, Made.parentsIn(In));
    return true;
  }
  Is->What = doesOf(Role->What);
  if (Is->What == Does::Call) return false;
  if (Is->What == Does::Start) {
    Spawned Goes = spawnedBy(Call, *Role);
    Is->Loops = isInLoop(Call, Made.parentsIn(In));
    if (Goes.Function) Is->Of.Class = Made.Names.function(Goes.Function);
    Given(Goes.Arguments);
    return true;
  }
  Is->Shared = Role->Shared;
  Is->Foreign = Role->Of != Family::Weir;
  Is->Tries = Role->What == Role::Try;
  if (Role->Object >= 0 && Role->Object < static_cast<int>(Call->getNumArgs()))
    Is->Of = Made.Names.object(pointeeOf(Call->getArg(Role->Object), Vars), In, Vars);
  return Is->Of || Is->What == Does::Join;
}

const ParentMap &DigestMaker::parentsIn(const FunctionDecl *Function) {
  if (Function != Mapped) Parents = std::make_unique<ParentMap>(Function->getBody());
  Mapped = Function;
  return *Parents;
}

void DigestMaker::add(const FunctionDecl *Function, std::vector<Act> Acts) {
  if (!Added.insert(Function->getCanonicalDecl()).second) return;
  DigestFunction Made{Names.function(Function),
                      Function->getNameAsString(),
                      Names.spot(Function->getLocation()),
                      !Function->isExternallyVisible(),
                      Function->isMain(),
                      std::move(Acts)};
  std::sort(Made.Acts.begin(), Made.Acts.end(), isBefore);
  To.Functions.push_back(std::move(Made));
}

void DigestMaker::addBlindly(const FunctionInfo &Info) {
  Variables Vars(Info.Function->getBody());
  std::vector<Act> Acts;
  for (const CallExpr *Call : Info.Calls) {
    Act Is;
    Is.Blind = Info.Gated;
    if (actOf(*this, Call, Info.Function, Vars, &Is)) Acts.push_back(std::move(Is));
  }
  add(Info.Function, std::move(Acts));
}

void DigestMaker::fill(const FieldDecl *Field, const Expr *With) {
  std::string Slot = Names.field(Field);
  if (Slot.empty()) return;
  With = stripped(With);
  if (auto *Choice = dyn_cast<ConditionalOperator>(With)) {
    fill(Field, Choice->getTrueExpr());
    return fill(Field, Choice->getFalseExpr());
  }
  bool Null = isa<ImplicitValueInitExpr>(With) ||
              With->isNullPointerConstant(U.Context, Expr::NPC_ValueDependentIsNotNull);
  if (Null) return;
  const FunctionDecl *Function = functionIn(With);
  Filled.insert({Slot, Function ? Names.function(Function) : ""});
}

static bool isFunctionPointer(QualType Type) {
  return Type->isFunctionPointerType();
}

void DigestMaker::fillAll(const InitListExpr *List) {
  if (List->getSemanticForm()) List = List->getSemanticForm();
  const RecordDecl *Record = List->getType()->getAsRecordDecl();
  if (!Record || Record->isUnion()) return;
  unsigned I = 0;
  for (const FieldDecl *Field : Record->fields()) {
    if (Field->isUnnamedBitField()) continue;
    if (I >= List->getNumInits()) break;
    const Expr *Value = List->getInit(I++);
    if (Value && isFunctionPointer(Field->getType())) fill(Field, Value);
  }
}

void DigestMaker::collectPointers(const Stmt *In) {
  walk(In, [&](const Stmt *S) {
    if (auto *Call = dyn_cast<CallExpr>(S)) Callees.insert(stripped(Call->getCallee()));
    if (auto *List = dyn_cast<InitListExpr>(S)) fillAll(List);
    if (auto *Assign = dyn_cast<BinaryOperator>(S); Assign && Assign->getOpcode() == BO_Assign) {
      auto *Member = dyn_cast<MemberExpr>(stripped(Assign->getLHS()));
      auto *Field = Member ? dyn_cast<FieldDecl>(Member->getMemberDecl()) : nullptr;
      if (Field && isFunctionPointer(Field->getType())) fill(Field, Assign->getRHS());
    }
    auto *Ref = dyn_cast<DeclRefExpr>(S);
    auto *Function = Ref ? dyn_cast<FunctionDecl>(Ref->getDecl()) : nullptr;
    if (Function && !Callees.count(Ref) && U.isOwn(Function))
      Taken.insert(Names.function(Function));
  });
}

void DigestMaker::finish() {
  for (auto &Each : U.Functions)
    if (U.isOwn(Each.first)) {
      addBlindly(Each.second);
      collectPointers(Each.second.Function->getBody());
    }
  for (Decl *D : U.Context.getTranslationUnitDecl()->decls())
    if (auto *Var = dyn_cast<VarDecl>(D); Var && U.isOwn(Var)) collectPointers(Var->getInit());
  for (const auto &[Slot, Function] : Filled)
    To.Slots.push_back({Slot, Function});
  To.Taken.assign(Taken.begin(), Taken.end());
  To.Recursive = U.UsesRecursiveLocks;
}

std::unique_ptr<Tracker> makeCollector(Flow &F, DigestMaker &Made) {
  return std::make_unique<Collector>(F, Made);
}

} // namespace weir
