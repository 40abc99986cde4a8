// SPDX-License-Identifier: Apache-2.0
//
// What is known at one point of a function, on one of the ways that lead there: items (a lock that
// is held, a channel that is closed) by the path of their object, and facts (this flag is zero)
// that keep apart the ways that cannot be taken.
#ifndef WEIR_ANALYZER_CORE_STATE_H
#define WEIR_ANALYZER_CORE_STATE_H

#include "core/Path.h"
#include <map>
#include <optional>
#include <tuple>
#include <vector>

namespace weir {

// Lost: what came of it is not known. Confused: it was reported. Closed and Freed: a channel.
enum class Status : uint8_t { Held, Released, Lost, Confused, Closed, Freed };

struct Item {
  Status Is = Status::Held;
  bool Shared = false;                         // read side
  bool BeganReleased = false;                  // what was first done here was a release
  bool Foreign = false;                        // of an OS thread, not of a goroutine
  unsigned Depth = 1;                          // of readers
  const clang::Expr *Site = nullptr;           // what made it so
  std::vector<const clang::CallExpr *> Doubts; // unknown calls since, which may have changed it
  Path Object;

  auto tied() const { return std::tie(Is, Shared, BeganReleased, Depth, Site, Doubts); }
  bool operator<(const Item &Other) const { return tied() < Other.tied(); }
  bool operator==(const Item &Other) const { return tied() == Other.tied(); }
};

// Of an integer or a pointer.
struct Fact {
  std::optional<int64_t> Value;
  std::optional<bool> Zero, Negative;

  auto tied() const { return std::tie(Value, Zero, Negative); }
  bool operator<(const Fact &Other) const { return tied() < Other.tied(); }
  // All that it says, the other says too.
  bool isIn(const Fact &Other) const {
    return (!Value || Value == Other.Value) && (!Zero || Zero == Other.Zero) &&
           (!Negative || Negative == Other.Negative);
  }
};

struct State {
  std::map<std::string, Item> Items;
  std::map<std::string, Fact> Facts;

  bool operator<(const State &Other) const {
    return std::tie(Items, Facts) < std::tie(Other.Items, Other.Facts);
  }

  // The other's ways are among these: it has the same items, and at least these facts.
  bool covers(const State &Other) const {
    if (Items != Other.Items || Facts.size() > Other.Facts.size()) return false;
    for (const auto &[Key, Each] : Facts) {
      auto Found = Other.Facts.find(Key);
      if (Found == Other.Facts.end() || !Each.isIn(Found->second)) return false;
    }
    return true;
  }

  Item *find(llvm::StringRef Key) {
    auto Found = Items.find(Key.str());
    return Found == Items.end() ? nullptr : &Found->second;
  }
  // What depends on the variable is known no more.
  void forget(const clang::VarDecl *Var);
  // What is in the object, or is reached through it.
  void forgetWithin(const Path &Object);
};

} // namespace weir

#endif
