// SPDX-License-Identifier: Apache-2.0
//
// What the passes that make race checks cheaper agree on: which instructions are
// checked accesses, and where a *region* ends. A region is a stretch of one goroutine's
// execution without synchronisation. Two accesses of one goroutine in the same region
// are ordered alike against everything that others do, so the check of one can
// stand for the other's; docs/design/elision.md has the argument.
//
// Elision itself is one mark: `!nosanitize`, which ThreadSanitizer's pass honours.
#ifndef WEIR_INSTRUMENT_PASS_RACE_REGION_H
#define WEIR_INSTRUMENT_PASS_RACE_REGION_H

#include "llvm/IR/PassManager.h"

#include <optional>

namespace llvm {
struct Align;
class DataLayout;
class FunctionCallee;
class Instruction;
class Module;
class TargetLibraryInfo;
class Type;
class Value;
} // namespace llvm

namespace weir {

// One plain load or store that is to be checked.
struct Access {
  llvm::Instruction *I;
  llvm::Value *Pointer;
  uint64_t Size; // bytes
  bool Write;
};

// None for volatile and atomic accesses and exempt ones.
std::optional<Access> checkedAccess(llvm::Instruction &I, const llvm::DataLayout &Layout);

// Whether no other goroutine can access the bytes, or nobody can write them:
// ThreadSanitizer's pass does not check these either.
bool isPrivate(const Access &A);

// Whether the race runtime has a check of so many bytes.
bool hasCheck(uint64_t Size);

// A local variable of F for accesses that are not to be: checks of it find nothing.
llvm::Value *unusedVariable(llvm::Function &F, llvm::Type *Like, llvm::Align Alignment);

// Says that the access needs no check.
void exempt(llvm::Instruction &I);

// Whether I allocates memory that the race runtime marks as written by the caller:
// a call of malloc or calloc for at most so many bytes, by a constant.
bool isSmallAllocation(const llvm::Instruction &I, const llvm::TargetLibraryInfo &Library,
                       uint64_t *Size);

// Whether a region may end at I: anything that may synchronise, free memory,
// or run code that nobody here can see.
bool endsRegion(const llvm::Instruction &I, const llvm::TargetLibraryInfo &Library);

// Whether the instruction after I may not be reached.
bool mayNotReturn(const llvm::Instruction &I);

// Whether F is code that is to be checked; and optimized.
bool isChecked(const llvm::Function &F);
bool mayRepair(const llvm::Function &F);

// Whether the passes that leave checks out may look at F: not where a call may return twice.
bool mayElide(const llvm::Function &F);

// Checks of what the program reads where the optimizer has it read more. RaceSpeculated.cpp
bool checkSpeculated(llvm::Function &F);

// Each exempts accesses of F whose check another one stands for, and returns whether
// it changed F. RaceRedundant.cpp, RaceLoops.cpp
bool elideRedundant(llvm::Function &F, llvm::FunctionAnalysisManager &AM);
bool checkRanges(llvm::Function &F, llvm::FunctionAnalysisManager &AM);

// Checks the accesses of sizes for which ThreadSanitizer's pass has no check and that it
// passes over: vectors of more than 16 bytes, long double. RaceWide.cpp
bool checkWide(llvm::Function &F);

// Checks masked and scattered vectors, lane by lane. RaceMasked.cpp
bool checkMasked(llvm::Function &F);

// Checks the accesses to parts of local variables that ThreadSanitizer's pass passes over.
// RaceLocals.cpp
bool checkLocals(llvm::Function &F);

// Checks what calls of the C library access that the runtime does not know of. RaceLibrary.cpp
bool checkLibrary(llvm::Function &F);

// Looks inline for what the runtime already knows, in front of its hottest checks. After
// ThreadSanitizer's pass. RaceInline.cpp
bool canInlineChecks(const llvm::Module &M);
void inlineChecks(llvm::Module &M, llvm::FunctionAnalysisManager &AM);

// Tells libweir of fences and of the atomic operations that they may order. After
// ThreadSanitizer's pass. RaceFences.cpp
void tellFences(llvm::Module &M);

// Has a library tell libweir, if it is there, when it is loaded. RaceLoaded.cpp
void tellLoaded(llvm::Module &M);

// The runtime's check of Size bytes, of which it has one.
llvm::FunctionCallee checkOf(llvm::Module &M, uint64_t Size, bool Write, bool Aligned);

// __tsan_read_range or __tsan_write_range.
llvm::FunctionCallee rangeCheck(llvm::Module &M, bool Write);

} // namespace weir

#endif
