// SPDX-License-Identifier: Apache-2.0
//
// What one file tells the link: its functions, and in the order of the source what each does that
// others must know of (takes a lock, calls, starts a goroutine, meets others at a channel), with
// the locks that it surely holds there. No Clang here: digests are written by the process that
// parsed the file, may be kept, and are read by the one that links.
//
// As text: one line for each thing, its parts separated by tabs, the first a letter. The first line
// names the format, the last counts the lines, so half a digest is noticed.
#ifndef WEIR_ANALYZER_CORE_DIGEST_H
#define WEIR_ANALYZER_CORE_DIGEST_H

#include "llvm/ADT/StringRef.h"
#include <string>
#include <vector>

namespace weir {

constexpr char DigestFormat[] = "weir.digest/1";

struct Spot { // a place in the source
  unsigned File = 0, Line = 0, Column = 0;
};

// An object as others can know it. Class: all objects that are in this field or are this variable;
// empty: only known by where it comes from. Name: this very object: "g..." of a variable, "pN..."
// reached by parameter N, "l..." only known in its function; empty: not known.
struct Thing {
  std::string Class, Name, Text;
  explicit operator bool() const { return !Class.empty() || !Name.empty(); }
};

struct HeldLock {
  Thing Lock;
  bool Shared = false;  // the read side
  bool Foreign = false; // of an OS thread
  bool Always = false;  // on all ways there
  Spot At;
};

enum class Does : char {
  Take = 't',
  Release = 'r', // of a lock of the caller
  Call = 'c',    // What.Class: the function
  Through = 's', // a call of a function pointer; What.Class: the field that it is in
  Start = 'g',   // a goroutine or thread; What.Class: the function; empty: not known
  Join = 'j',    // waits for others to end
  Send = '>',
  Receive = '<',
  Close = 'x',
  Offer = 'o', // a case of a select, or a try
};

struct Act {
  Does What = Does::Call;
  Spot At;
  Thing Of;
  bool Shared = false, Foreign = false;
  bool Tries = false;   // does not wait for the lock
  bool Depends = false; // only if an argument says so
  bool Loops = false;   // in a loop
  bool Blind = false;   // what is held there is not known
  std::vector<Thing> Given;
  std::vector<HeldLock> Held;
};

struct DigestFunction {
  std::string Id, Name; // Id: of a static function with its file
  Spot At;
  bool Static = false, IsMain = false;
  std::vector<Act> Acts;
};

// A function that is put into a field, or what cannot be told.
struct Filling {
  std::string Slot, Function;
};

struct Digest {
  std::string File;
  std::vector<std::string> Files; // Spot::File
  bool Recursive = false;         // makes recursive mutexes
  std::vector<DigestFunction> Functions;
  std::vector<Filling> Slots;
  std::vector<std::string> Taken; // functions whose address is taken

  void write(llvm::raw_ostream &Out) const;
  // False: it is of another version, or damaged.
  static bool read(llvm::StringRef Text, Digest *To);
};

// What a class is called where people read it.
llvm::StringRef shownClass(llvm::StringRef Class);

} // namespace weir

#endif
