// SPDX-License-Identifier: Apache-2.0
//
// send-after-close, double-close, nil-channel, channel-use-after-free: what a function does to one
// channel, way by way.
//
//  - A closed channel stays closed, whatever is called, until the variable is given another one. A
//    channel in a member or a global variable is followed only while nothing that may replace it
//    is called.
//  - Functions of the file count: what they close or free on all ways out, and where they send
//    whatever their arguments say.
//  - Whoever asks before it closes or sends may know (Branches); a way that is not there any more
//    because facts were dropped is no way.
//  - nil-channel: a local that is NULL on this way. In a select that is how a case is turned off;
//    the try calls ask on purpose.
#include "checks/Branches.h"
#include "checks/Trackers.h"
#include "core/Walk.h"

using namespace clang;
using llvm::dyn_cast;

namespace weir {

namespace {

bool isOfChannels(Role What) {
  return What == Role::Send || What == Role::TrySend || What == Role::Recv ||
         What == Role::TryRecv || What == Role::Close || What == Role::FreeChan ||
         What == Role::Select;
}

class Channels : public Tracker {
public:
  explicit Channels(Flow &F);

  void call(Event &E) override;
  void ofProgram(State &S, const CallExpr *Call, const Summary *Sum) override;
  void effect(State &S, const CallExpr *Call, const Effect &E, const Path &P) override;
  void taken(State &S, const CallExpr *Call, const Taking &T, const Path &P) override;
  bool isSafe(const Item &I) const override { return isLocal(I.Object); }
  void finish() override;

private:
  enum class Use : uint8_t { Send, MaySend, Recv, Close, Free, Look };
  struct Wrong {
    Use How;
    Item Before;
    const CallExpr *Within; // what the called function does; nullptr: the call itself
    bool Late;
  };

  bool isLocal(const Path &P) const;
  bool isNull(const State &S, const Expr *Channel) const;
  void use(State &S, const CallExpr *Call, const Expr *Channel, Use How, bool Late);
  bool check(State &S, const CallExpr *Call, const Path &P, Use How, const CallExpr *Within,
             bool Late);
  void select(State &S, const CallExpr *Call, const CallRole &Role);
  void become(State &S, const CallExpr *Call, const Path &P, Status Is);
  void report(const CallExpr *Call, const Wrong &W);
  void reportNull(const CallExpr *Call, Use How, const Path &P);

  llvm::DenseSet<const VarDecl *> Given; // their address is
  std::map<const CallExpr *, std::vector<Wrong>> Wrongs;
  std::map<const CallExpr *, std::pair<Use, Path>> Nulls;
  std::map<const CallExpr *, unsigned> Well; // ways on which the call is right
};

std::string quoted(const Path &P) {
  llvm::StringRef Text = P.Text;
  Text.consume_front("*");
  return "'" + Text.str() + "'";
}

const VarDecl *variableOf(const Expr *E) {
  auto *Ref = dyn_cast<DeclRefExpr>(stripped(E));
  return Ref ? dyn_cast<VarDecl>(Ref->getDecl()) : nullptr;
}

// The variable that a call of Weir's macros is about, behind those of the macro.
const VarDecl *channelVariable(const Expr *E) {
  const VarDecl *Var = variableOf(E);
  bool Macros = Var && Var->getIdentifier() && Var->getName().starts_with("weir_");
  return Macros && Var->getInit() ? variableOf(Var->getInit()) : Var;
}

Channels::Channels(Flow &F) : Tracker(F, 'C') {
  walkOf<UnaryOperator>(F.Function->getBody(), [&](const UnaryOperator *Unary) {
    const VarDecl *Var =
        Unary->getOpcode() == UO_AddrOf ? variableOf(Unary->getSubExpr()) : nullptr;
    if (Var) Given.insert(Var->getCanonicalDecl());
  });
  for (const CallExpr *Call : F.Info.Calls) {
    const CallRole *Role = F.U.TheRoles.of(Call);
    bool Asks =
        Role && (Role->What == Role::Send || Role->What == Role::Recv || Role->What == Role::Close);
    const VarDecl *Var = Asks ? channelVariable(Call->getArg(Role->Object)) : nullptr;
    if (Var && Var->hasLocalStorage()) F.When.pin(nameInKey(Var));
  }
}

// Nothing but an assignment that is seen here changes which channel it is.
bool Channels::isLocal(const Path &P) const {
  return P.Root && P.Root->hasLocalStorage() && !P.Root->hasAttr<BlocksAttr>() &&
         !Given.count(P.Root->getCanonicalDecl()) && P.Key == nameInKey(P.Root) + "*";
}

bool Channels::isNull(const State &S, const Expr *Channel) const {
  const VarDecl *Var = channelVariable(Channel);
  if (!Var || !Var->hasLocalStorage() || Var->hasAttr<BlocksAttr>()) return false;
  if (Given.count(Var->getCanonicalDecl())) return false;
  auto Known = S.Facts.find(nameInKey(Var));
  return Known != S.Facts.end() && Known->second.Zero && *Known->second.Zero;
}

// --- what happens on a way -----------------------------------------------------------------------

// False: it is wrong, and the way ends here.
bool Channels::check(State &S, const CallExpr *Call, const Path &P, Use How, const CallExpr *Within,
                     bool Late) {
  Item *Known = find(S, P);
  bool Closed = Known && Known->Is == Status::Closed;
  bool Freed = Known && Known->Is == Status::Freed;
  bool Bad = Freed || (Closed && (How == Use::Send || How == Use::MaySend || How == Use::Close));
  if (Known && Known->Is == Status::Confused) return false;
  if (!Bad) return ++Well[Call], true;
  Wrongs[Call].push_back({How, *Known, Within, Late});
  Known->Is = Status::Confused;
  return false;
}

void Channels::become(State &S, const CallExpr *Call, const Path &P, Status Is) {
  Item I;
  I.Is = Is;
  I.Site = Call;
  I.Object = P;
  S.Items[keyOf(P)] = std::move(I);
}

void Channels::use(State &S, const CallExpr *Call, const Expr *Channel, Use How, bool Late) {
  Path P = pointeeOf(Channel, F.Vars);
  if (!P || P.Key[0] != 'v') return;
  // Who has the address of the variable may give it another channel at any time.
  bool Passed = Given.count(P.Root->getCanonicalDecl());
  if (Passed && llvm::StringRef(P.Key).starts_with(nameInKey(P.Root) + "*")) return;
  // What a defer captured is the value from before.
  bool Captured = Late && P.Root->hasLocalStorage() && !F.Vars.isFixed(P.Root->getCanonicalDecl());
  if (Captured) return;
  bool Asks = How == Use::Send || How == Use::Recv || How == Use::Close;
  if (Asks && isNull(S, Channel)) return (void)Nulls.try_emplace(Call, How, P);
  if (!check(S, Call, P, How, nullptr, Late)) return;
  OuterPath Outer;
  if (How == Use::Send && !find(S, P) && isOuter(P, F.Function, F.Vars, &Outer) &&
      llvm::none_of(F.Takes, [&](const Taking &T) { return T.Site == Call; }))
    F.Takes.push_back({Outer, P.Text, false, Call, Letter});
  if (How == Use::Close) become(S, Call, P, Status::Closed);
  if (How == Use::Free) become(S, Call, P, Status::Freed);
}

// The sends among the cases as weir_select writes them: {kind, channel, ...}.
void Channels::select(State &S, const CallExpr *Call, const CallRole &Role) {
  const VarDecl *Cases = variableOf(Call->getArg(Role.Object));
  auto *List = Cases && Cases->getInit() ? dyn_cast<InitListExpr>(Cases->getInit()) : nullptr;
  for (const Expr *Each : List ? List->inits() : ArrayRef<Expr *>()) {
    auto *Literal = dyn_cast<CompoundLiteralExpr>(stripped(Each));
    auto *Case = Literal ? dyn_cast<InitListExpr>(Literal->getInitializer()) : nullptr;
    if (!Case || Case->getNumInits() < 2) continue;
    auto *Kind = dyn_cast<DeclRefExpr>(stripped(Case->getInit(0)));
    if (Kind && Kind->getDecl()->getName() == "WEIR_CASE_SEND")
      use(S, Call, Case->getInit(1), Use::MaySend, false);
  }
}

void Channels::call(Event &E) {
  if (E.Role.Object < 0 || E.Role.Object >= static_cast<int>(E.Call->getNumArgs())) return;
  const Expr *Channel = E.Call->getArg(E.Role.Object);
  switch (E.Role.What) {
  case Role::Select:
    return select(E.Now, E.Call, E.Role);
  case Role::Send:
    return use(E.Now, E.Call, Channel, Use::Send, E.Deferred);
  case Role::TrySend:
    return use(E.Now, E.Call, Channel, Use::MaySend, E.Deferred);
  case Role::Recv:
    return use(E.Now, E.Call, Channel, Use::Recv, E.Deferred);
  case Role::Close:
    return use(E.Now, E.Call, Channel, Use::Close, E.Deferred);
  case Role::FreeChan:
    return use(E.Now, E.Call, Channel, Use::Free, E.Deferred);
  case Role::TryRecv:
  case Role::Borrow:
    return use(E.Now, E.Call, Channel, Use::Look, E.Deferred);
  default:
    return;
  }
}

void Channels::ofProgram(State &S, const CallExpr *Call, const Summary *Sum) {
  if (!Sum) return;
  for (auto At = S.Items.begin(); At != S.Items.end();) {
    bool Mine = At->first[0] == Letter && !isLocal(At->second.Object);
    bool Gone = Mine && F.U.mayReplace(Call->getDirectCallee(), At->second.Object);
    At = Gone ? S.Items.erase(At) : std::next(At);
  }
}

void Channels::effect(State &S, const CallExpr *Call, const Effect &E, const Path &P) {
  if (!Call) return (void)S.Items.erase(keyOf(P));
  Use How = E.Becomes == Status::Closed ? Use::Close : Use::Free;
  if (check(S, Call, P, How, Call, false)) become(S, Call, P, E.Becomes);
}

void Channels::taken(State &S, const CallExpr *Call, const Taking &T, const Path &P) {
  Branches There(F.U, Call->getDirectCallee()->getDefinition());
  if (There.isUnconditional(T.Site)) check(S, Call, P, Use::Send, T.Site, false);
}

// --- what is reported ----------------------------------------------------------------------------

void Channels::reportNull(const CallExpr *Call, Use How, const Path &P) {
  bool Always = !Well.count(Call);
  Finding Made{Check::NilChannel, Always ? Certainty::Proven : Certainty::Likely, "", {}};
  Made.Message = quoted(P) + " is NULL here";
  if (!Always) Made.Message += " on one way";
  Made.Message += How == Use::Close  ? ": to close it ends the program"
                  : How == Use::Send ? ": this send waits for ever"
                                     : ": this receive waits for ever";
  Made.Places = {{Call->getExprLoc(), "", F.Function}};
  F.U.Out.add(std::move(Made));
}

void Channels::report(const CallExpr *Call, const Wrong &W) {
  bool Always = !Well.count(Call), Freed = W.Before.Is == Status::Freed;
  bool Again = W.Before.Site == Call;
  if ((!Always && F.LostFacts) || !F.isCertain(W.Before)) return;
  if (!Branches(F.U, F.Function).canFollow(W.Before.Site, Call, W.Late)) return;
  Check Id = Freed                 ? Check::ChannelUseAfterFree
             : W.How == Use::Close ? Check::DoubleClose
                                   : Check::SendAfterClose;
  Finding Made{Id,
               Always && !Again && !W.Within ? Certainty::Proven : Certainty::Likely,
               quoted(W.Before.Object),
               {}};
  const char *Done = Freed ? "freed" : "closed";
  if (Freed && W.How == Use::Free)
    Made.Message += " is freed a second time";
  else if (Freed)
    Made.Message += " is used after it was freed";
  else if (W.How == Use::Close)
    Made.Message += " is closed a second time";
  else
    Made.Message += " is sent on after it was closed";
  if (W.Within) Made.Message += " by the function called here";
  if (Again)
    Made.Message += ", in the next turn of the loop";
  else if (!Always)
    Made.Message += ", on one way here";
  Made.Places = {{Call->getExprLoc(), "", F.Function}};
  if (!Again)
    Made.Places.push_back({W.Before.Site->getExprLoc(), std::string(Done) + " here", F.Function});
  if (W.Within && W.Within != Call)
    Made.Places.push_back({W.Within->getExprLoc(), "sent on here", Call->getDirectCallee()});
  F.U.Out.add(std::move(Made));
}

void Channels::finish() {
  for (const auto &[Call, Is] : Nulls)
    if (!F.LostFacts || !Well.count(Call)) reportNull(Call, Is.first, Is.second);
  for (const auto &[Call, All] : Wrongs)
    for (const Wrong &Each : All)
      report(Call, Each);
}

} // namespace

std::unique_ptr<Tracker> makeChannels(Flow &F) {
  bool Any = llvm::any_of(F.Info.Calls, [&](const CallExpr *Call) {
    const CallRole *Role = F.U.TheRoles.of(Call);
    return Role ? isOfChannels(Role->What) : F.U.info(Call->getDirectCallee()) != nullptr;
  });
  return Any ? std::make_unique<Channels>(F) : nullptr;
}

} // namespace weir
