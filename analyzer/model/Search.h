// SPDX-License-Identifier: Apache-2.0
//
// All states that a function can get into with the goroutines that it starts, and which bad ends
// can be claimed.
//
// The ends: nothing can move and somebody has not ended (Stuck), or a send or close finds the
// channel closed by somebody else (Closed). Nothing that is not known has a part in a stuck end:
// who waits for it could move.
//
// The rule. Which goroutine goes next, which case of a select is taken and when a time is over is
// nobody's to decide: an end that one schedule leads to is real. Branches on what is not known are
// different, because two of them may depend on each other in a way that is not seen here. So an
// end is claimed if a schedule leads to it whichever way those branches go; or if that is so when
// one branch alone always goes the same way: each is in the program because it can go both ways.
// This is reachability in a game: the schedule and that one branch are our moves, all other
// branches are the opponent's. States that were not explored are lost.
#ifndef WEIR_ANALYZER_MODEL_SEARCH_H
#define WEIR_ANALYZER_MODEL_SEARCH_H

#include "model/Machine.h"

#include <unordered_map>

namespace weir::model {

struct Stuck { // a goroutine that waits for ever
  int G;
  const Instr *At;
  const clang::FunctionDecl *In;
  const Instr *Object; // where what it waits for was made, if that is known
  const Instr *Started;
  int64_t Room;
};

struct Step { // of a schedule
  Move How;
  const Instr *At = nullptr, *PartnerAt = nullptr; // At nullptr: nothing to tell
  const clang::FunctionDecl *In = nullptr, *PartnerIn = nullptr;
  const clang::Stmt *Branch = nullptr; // of a choice, with its outcome
  bool Taken = false;
};

struct End {
  enum Kind : uint8_t { Stuck, Closed } Is = Stuck;
  std::vector<model::Stuck> Who;      // Closed: who does it
  std::vector<const Instr *> Started; // by number of the goroutine; nullptr: the first
  bool RootEnded = false;
};

struct Claim {
  const End *What;
  size_t Main;                          // of its Who
  const clang::Stmt *Depends = nullptr; // the one branch
  std::vector<Step> Schedule;
};

class Search {
public:
  Search(Program &P, const clang::FunctionDecl *Root, bool IsMain);
  // False: the budget was spent.
  bool explore();
  std::vector<Claim> claims();

  Machine Moves;
  size_t states() const { return Nodes.size(); }

private:
  enum Kind : uint8_t { Ours, Theirs, Final, Lost };
  struct Edge {
    int To;
    Step By;
  };
  struct Node {
    Kind Is = Lost;
    const clang::Stmt *Branch = nullptr;
    int At = -1; // of Final: the end
    std::vector<Edge> Next;
  };
  int enter(World W);
  void expand(int Number);
  void chooses(int Number, World W);
  void happens(int Number, const World &W);
  void closed(int Number, const World &W, const Step &By);
  void ends(int Number, const World &W);
  void final(const World &W, std::unique_ptr<End> E);
  std::vector<int> ranks(const End &Like, size_t Main, const clang::Stmt *Free, bool Way) const;
  static bool isOurWay(const Node &N, int To, bool Way);
  bool isLike(const End &E, const End &Like, size_t Main) const;
  bool claim(const End &E, size_t Main, Claim *Made) const;
  // The schedule, and the end that it comes to.
  void tell(const std::vector<int> &Ranks, const clang::Stmt *Free, bool Way, Claim *To) const;

  std::vector<Node> Nodes;
  std::vector<World> Open; // by node; emptied when it has been expanded
  std::unordered_map<std::string, int> Known;
  std::vector<std::unique_ptr<End>> Ends;
  std::vector<const clang::Stmt *> Branches;
  std::vector<std::vector<int>> Before; // by node: whose edges lead there
  int First = -1;
};

} // namespace weir::model

#endif
