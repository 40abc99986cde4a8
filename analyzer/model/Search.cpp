// SPDX-License-Identifier: Apache-2.0
//
// Search.h: breadth first, so that the first way to an end is a short one.
#include "model/Search.h"

#include <set>

using namespace clang;

namespace weir::model {

namespace {

// Some 50 ms, counted in what takes the time, so that a report never depends on the machine.
constexpr uint64_t WorkMax = 400000, WorkOfState = 20;
constexpr size_t StatesMax = 1 << 16, EndsMax = 24, BranchesMax = 32;

// On a channel that was never made, which is another mistake.
bool waitsForNothing(const Goroutine &G) {
  const Instr &I = G.next();
  return I.What != Op::Select && I.B >= 0 && !G.top().Slots[I.B].isRef();
}

} // namespace

Search::Search(Program &P, const FunctionDecl *Root, bool IsMain) : Moves(P) {
  First = enter(Moves.begin(Root, IsMain));
}

bool Search::explore() {
  for (size_t I = 0; I < Nodes.size(); ++I) {
    if (Moves.Work > WorkMax || Nodes.size() > StatesMax) return false;
    expand(static_cast<int>(I));
  }
  return true;
}

// The node of the state after everybody has run as far as they go alone; -1: it is not one.
int Search::enter(World W) {
  bool Gone = false, Chooses = false;
  for (size_t G = 0; G < W.Goroutines.size() && !Gone && !Chooses; ++G) {
    if (!W.Goroutines[G].Runs) continue;
    Ran Result = Moves.advance(W, static_cast<int>(G));
    if (Result == Ran::Dropped) return -1;
    Gone = Result == Ran::Lost;
    Chooses = Result == Ran::Chooses;
  }
  Moves.Work += WorkOfState;
  std::string Key = "lost";
  if (!Gone) {
    W.compact();
    Key = W.key();
  }
  auto [Found, New] = Known.insert({std::move(Key), static_cast<int>(Nodes.size())});
  if (!New) return Found->second;
  Nodes.emplace_back();
  Nodes.back().Is = Gone ? Lost : Chooses ? Theirs : Ours;
  Open.push_back(Gone ? World() : std::move(W));
  return Found->second;
}

void Search::expand(int Number) {
  if (Nodes[Number].Is != Ours && Nodes[Number].Is != Theirs) return;
  World W = std::move(Open[Number]);
  Open[Number] = World();
  if (Nodes[Number].Is == Theirs)
    chooses(Number, std::move(W));
  else
    happens(Number, W);
}

void Search::chooses(int Number, World W) {
  size_t G = 0;
  while (!W.Goroutines[G].Runs)
    ++G;
  const Instr &I = W.Goroutines[G].next();
  Nodes[Number].Branch = I.Site;
  if (!I.InLoop && !llvm::is_contained(Branches, I.Site)) Branches.push_back(I.Site);
  for (int Outcome : {1, 0}) {
    World After = W;
    After.Goroutines[G].Decided = Outcome;
    Step By;
    By.How.G = static_cast<int>(G);
    By.In = W.Goroutines[G].top().Runs->In;
    By.Branch = I.Site;
    By.Taken = Outcome;
    int To = enter(std::move(After));
    if (To >= 0) Nodes[Number].Next.push_back({To, By});
  }
}

void Search::happens(int Number, const World &W) {
  std::vector<Move> All = Moves.moves(W);
  if (All.empty()) return ends(Number, W);
  for (const Move &M : All) {
    const Goroutine &G = W.Goroutines[M.G];
    Step By;
    By.How = M;
    By.At = &G.next();
    By.In = G.top().Runs->In;
    if (M.Partner >= 0) {
      By.PartnerAt = &W.Goroutines[M.Partner].next();
      By.PartnerIn = W.Goroutines[M.Partner].top().Runs->In;
    }
    if (M.What == Move::OnClosed) {
      if (M.Closer >= 0 && M.Closer != M.G) closed(Number, W, By);
      continue;
    }
    if (M.What == Move::Elsewhere) continue;
    World After = W;
    Moves.make(After, M);
    int To = enter(std::move(After));
    if (To >= 0) Nodes[Number].Next.push_back({To, By});
  }
}

static Stuck stuckAt(const World &W, size_t Number) {
  const Goroutine &G = W.Goroutines[Number];
  const Object *About = Machine::objectOf(W, G);
  return {static_cast<int>(Number),      &G.next(), G.top().Runs->In,
          About ? About->Made : nullptr, G.Started, About ? About->Room : 0};
}

void Search::closed(int Number, const World &W, const Step &By) {
  auto E = std::make_unique<End>();
  E->Is = End::Closed;
  E->Who.push_back(stuckAt(W, By.How.G));
  final(W, std::move(E));
  Nodes[Number].Next.push_back({static_cast<int>(Nodes.size()) - 1, By});
}

void Search::ends(int Number, const World &W) {
  auto E = std::make_unique<End>();
  E->RootEnded = W.Goroutines[0].ended();
  Nodes[Number].Is = Lost;
  for (size_t G = 0; G < W.Goroutines.size(); ++G) {
    const Goroutine &Each = W.Goroutines[G];
    if (Each.ended()) continue;
    if (waitsForNothing(Each)) return;
    if (!Each.Daemon) E->Who.push_back(stuckAt(W, G));
  }
  if (E->Who.empty()) return;
  for (const Goroutine &Each : W.Goroutines)
    E->Started.push_back(Each.Started);
  Nodes[Number].Is = Final;
  Nodes[Number].At = static_cast<int>(Ends.size());
  Ends.push_back(std::move(E));
}

void Search::final(const World &W, std::unique_ptr<End> E) {
  for (const Goroutine &Each : W.Goroutines)
    E->Started.push_back(Each.Started);
  Nodes.emplace_back();
  Open.emplace_back();
  Nodes.back().Is = Final;
  Nodes.back().At = static_cast<int>(Ends.size());
  Ends.push_back(std::move(E));
}

// --- the game ------------------------------------------------------------------------------------

// The same thing happens to the same operation.
bool Search::isLike(const End &E, const End &Like, size_t Main) const {
  if (E.Is != Like.Is || E.RootEnded != Like.RootEnded) return false;
  return llvm::any_of(E.Who, [&](const Stuck &S) {
    return S.At->Site == Like.Who[Main].At->Site && (S.G == 0) == (Like.Who[Main].G == 0);
  });
}

// Our branch goes our way each time; if that cannot be, as it can.
bool Search::isOurWay(const Node &N, int To, bool Way) {
  bool Can = llvm::any_of(N.Next, [&](const Edge &Each) { return Each.By.Taken == Way; });
  return llvm::any_of(
      N.Next, [&](const Edge &Each) { return Each.To == To && (Each.By.Taken == Way || !Can); });
}

// How many moves it takes at most to come to such an end; -1: it cannot be forced.
std::vector<int> Search::ranks(const End &Like, size_t Main, const Stmt *Free, bool Way) const {
  std::vector<int> Rank(Nodes.size(), -1), Work;
  std::vector<size_t> Left(Nodes.size());
  for (size_t I = 0; I < Nodes.size(); ++I) {
    Left[I] = Nodes[I].Next.size();
    if (Nodes[I].Is != Final || !isLike(*Ends[Nodes[I].At], Like, Main)) continue;
    Rank[I] = 0;
    Work.push_back(static_cast<int>(I));
  }
  for (size_t I = 0; I < Work.size(); ++I)
    for (int From : Before[Work[I]]) {
      if (Rank[From] >= 0) continue;
      const Node &Each = Nodes[From];
      if (Each.Is == Theirs && Each.Branch == Free) {
        if (!isOurWay(Each, Work[I], Way)) continue;
      } else if (Each.Is == Theirs && --Left[From] > 0) {
        continue;
      }
      Rank[From] = Rank[Work[I]] + 1;
      Work.push_back(From);
    }
  return Rank;
}

void Search::tell(const std::vector<int> &Ranks, const Stmt *Free, bool Way, Claim *To) const {
  int At = First;
  while (Ranks[At] > 0) {
    const Edge *Best = nullptr;
    bool Chosen = Nodes[At].Is == Theirs && Nodes[At].Branch == Free;
    for (const Edge &Each : Nodes[At].Next)
      if (Ranks[Each.To] >= 0 && (!Chosen || isOurWay(Nodes[At], Each.To, Way)) &&
          (!Best || Ranks[Each.To] < Ranks[Best->To]))
        Best = &Each;
    To->Schedule.push_back(Best->By);
    At = Best->To;
  }
  const End *Reached = Ends[Nodes[At].At].get();
  const Stmt *Site = To->What->Who[To->Main].At->Site;
  for (size_t I = 0; I < Reached->Who.size(); ++I)
    if (Reached->Who[I].At->Site == Site) To->Main = I;
  To->What = Reached;
}

bool Search::claim(const End &E, size_t Main, Claim *Made) const {
  Made->What = &E;
  Made->Main = Main;
  std::vector<const Stmt *> Frees{nullptr};
  Frees.insert(Frees.end(), Branches.begin(),
               Branches.begin() + std::min(Branches.size(), BranchesMax));
  for (const Stmt *Free : Frees)
    for (bool Way : {true, false}) {
      if (!Free && !Way) continue;
      std::vector<int> Ranks = ranks(E, Main, Free, Way);
      if (First < 0 || Ranks[First] < 0) continue;
      tell(Ranks, Free, Way, Made);
      Made->Depends = Free;
      return true;
    }
  return false;
}

// One for each operation; of a root that is stuck itself, only that one.
std::vector<Claim> Search::claims() {
  Before.assign(Nodes.size(), {});
  for (size_t I = 0; I < Nodes.size(); ++I)
    for (const Edge &Each : Nodes[I].Next)
      Before[Each.To].push_back(static_cast<int>(I));
  std::vector<Claim> Made;
  std::set<std::tuple<int, bool, const Stmt *>> Seen;
  for (auto &E : Ends)
    for (size_t Main = 0; Main < E->Who.size(); ++Main) {
      bool RootStuck = E->Is == End::Stuck && !E->RootEnded;
      if (RootStuck && E->Who[Main].G != 0) continue;
      if (!Seen.insert({E->Is, E->RootEnded, E->Who[Main].At->Site}).second) continue;
      Claim C;
      if (Seen.size() <= EndsMax && claim(*E, Main, &C)) Made.push_back(std::move(C));
    }
  return Made;
}

} // namespace weir::model
