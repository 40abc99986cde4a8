// SPDX-License-Identifier: Apache-2.0
//
// lock-order-cycle: one lock is taken while another is held, and elsewhere the other way round, so
// that two goroutines can wait for each other for ever; or the same with three or four.
//
// Locks of one field are one class, as in the kernel's lockdep: an order holds for all objects of a
// type. An order of a class with itself is not looked at, because it may go by address or number. A
// cycle counts only if it can close: the goroutines are different ones and run at the same
// time, no lock is held by two of them (a gate: only one can be there), nobody waits who only
// tries, and readers do not wait for readers.
#include "link/Checks.h"

#include <algorithm>

namespace weir {

namespace {

constexpr size_t WitnessesMax = 8, LengthMax = 4, TriesMax = 2048;

struct Witness { // of one order
  const LinkedFunction *In;
  const Act *By;
  const HeldLock *Held;
  const Taken *Then; // what the called function does; nullptr: By takes it itself
  bool Shared;
  std::set<std::string> Gates;
};

class Orders {
public:
  Orders(const World &All, Reports &Out) : All(All), Out(Out) {}

  unsigned check() {
    for (const LinkedFunction *F : All.Functions)
      for (const Act &A : F->Is->Acts)
        if (!A.Held.empty() && All.isLive(F, &A)) collect(F, A);
    for (auto &[From, To] : After)
      search({From});
    return Known.size();
  }

private:
  void collect(const LinkedFunction *F, const Act &A);
  void add(const LinkedFunction *F, const Act &A, const Thing &Lock, bool Shared,
           const Taken *Then);
  void search(std::vector<std::string> Path);
  void close(const std::vector<std::string> &Path);
  bool choose(const std::vector<std::string> &Path, std::vector<const Witness *> *Chosen);
  bool fits(const std::vector<const Witness *> &Chosen, const Witness &Next) const;
  bool canClose(const std::vector<const Witness *> &Chosen) const;
  void report(const std::vector<const Witness *> &Chosen, const std::vector<std::string> &Path);

  const World &All;
  Reports &Out;
  std::map<std::pair<std::string, std::string>, std::vector<Witness>> Known;
  std::map<std::string, std::set<std::string>> After;
  size_t Tries = 0;
};

void Orders::collect(const LinkedFunction *F, const Act &A) {
  if (A.What == Does::Take && !A.Tries) add(F, A, A.Of, A.Shared, nullptr);
  if (A.What != Does::Call && A.What != Does::Through) return;
  for (const LinkedFunction *To : All.targets(A))
    for (const Taken *Each : To->Takes)
      add(F, A, World::inCaller(Each->Lock, A), Each->Shared, Each);
}

void Orders::add(const LinkedFunction *F, const Act &A, const Thing &Lock, bool Shared,
                 const Taken *Then) {
  if (Lock.Class.empty()) return;
  for (const HeldLock &H : A.Held) {
    if (H.Lock.Class.empty() || H.Lock.Class == Lock.Class) continue;
    if (Then && All.releases(Then->In, A, H.Lock)) continue;
    std::vector<Witness> &Here = Known[{H.Lock.Class, Lock.Class}];
    After[H.Lock.Class].insert(Lock.Class);
    if (Here.size() >= WitnessesMax) continue;
    Witness W{F, &A, &H, Then, Shared, F->Entered};
    for (const HeldLock &Other : A.Held)
      if (&Other != &H && !Other.Shared) W.Gates.insert(Other.Lock.Class);
    if (Then) W.Gates.insert(Then->Under.begin(), Then->Under.end());
    Here.push_back(std::move(W));
  }
}

// Each cycle once: it begins with the smallest of its classes.
void Orders::search(std::vector<std::string> Path) {
  auto Next = After.find(Path.back());
  if (Next == After.end() || ++Tries > TriesMax) return;
  for (const std::string &To : Next->second) {
    if (To == Path[0] && Path.size() > 1) close(Path);
    if (To <= Path[0] || llvm::is_contained(Path, To) || Path.size() >= LengthMax) continue;
    Path.push_back(To);
    search(Path);
    Path.pop_back();
  }
}

// Nobody waits for a reader who reads himself, and no third lock keeps the two apart.
bool Orders::fits(const std::vector<const Witness *> &Chosen, const Witness &Next) const {
  if (!Chosen.empty() && Chosen.back()->Shared && Next.Held->Shared) return false;
  return llvm::all_of(Chosen, [&](const Witness *Each) {
    return llvm::none_of(Each->Gates,
                         [&](const std::string &Gate) { return Next.Gates.count(Gate) != 0; });
  });
}

bool Orders::canClose(const std::vector<const Witness *> &Chosen) const {
  if (Chosen.back()->Shared && Chosen[0]->Held->Shared) return false;
  std::set<const LinkedFunction *> Roots;
  for (const Witness *Each : Chosen) {
    const auto &Here = All.rootsOf(Each->In);
    Roots.insert(Here.begin(), Here.end());
  }
  return All.runTogether(Roots);
}

bool Orders::choose(const std::vector<std::string> &Path, std::vector<const Witness *> *Chosen) {
  size_t I = Chosen->size();
  if (I == Path.size()) return canClose(*Chosen);
  for (const Witness &Each : Known[{Path[I], Path[(I + 1) % Path.size()]}]) {
    if (!fits(*Chosen, Each)) continue;
    Chosen->push_back(&Each);
    if (choose(Path, Chosen)) return true;
    Chosen->pop_back();
  }
  return false;
}

void Orders::close(const std::vector<std::string> &Path) {
  std::vector<const Witness *> Chosen;
  if (choose(Path, &Chosen)) report(Chosen, Path);
}

std::string quoted(llvm::StringRef Class) {
  return ("'" + shownClass(Class) + "'").str();
}

// The first order that a reader comes to is where it is reported; the others follow.
void Orders::report(const std::vector<const Witness *> &Chosen,
                    const std::vector<std::string> &Path) {
  size_t N = Path.size(), First = 0;
  auto PlaceOf = [&](size_t I) {
    const Witness &W = *Chosen[I];
    return std::tie(W.In->From->Files[W.By->At.File], W.By->At.Line, W.By->At.Column);
  };
  for (size_t I = 1; I < N; ++I)
    if (PlaceOf(I) < PlaceOf(First)) First = I;
  LinkFinding Made{Check::LockOrderCycle, Certainty::Likely, "", {}};
  for (size_t K = 0; K < N; ++K) {
    size_t I = (First + K) % N;
    const Witness &W = *Chosen[I];
    std::string Held = quoted(Path[I]), Lock = quoted(Path[(I + 1) % N]);
    std::string Calls = W.Then ? "by the call of " + W.Then->In->Is->Name : "";
    std::string What = K ? "the other way: " : "";
    if (K && N > 2) What = "then: ";
    if (K == 0)
      Made.Message =
          Lock + " is locked " + (W.Then ? Calls + " " : "") + "while " + Held + " is held; " +
          Chosen[(First + 1) % N]->In->Is->Name +
          (N == 2 ? " does it the other way round"
                  : " holds the first while it waits for another, and so on in a circle") +
          ": they can wait for each other for ever";
    else
      What += Lock + " is locked here" + (W.Then ? ", " + Calls + "," : "") + " while " + Held +
              " is held";
    Made.Places.push_back({W.In, W.By->At, What});
    Made.Places.push_back({W.In, W.Held->At, Held + " is locked here"});
    addChain(&Made.Places, W.Then, Lock + " is locked here");
  }
  Out.add(std::move(Made));
}

} // namespace

unsigned checkLockOrder(const World &All, Reports &Out) {
  if (!Out.wants(Check::LockOrderCycle)) return 0;
  return Orders(All, Out).check();
}

} // namespace weir
