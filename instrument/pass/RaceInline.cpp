// SPDX-License-Identifier: Apache-2.0
//
// Looks inline whether the race runtime already knows an access, and calls its check only
// if not. The runtime keeps four records for each 8 bytes; a record is a word
// with the accessing thread's slot and epoch, a mask of bytes, and a bit for reads.
// An access is known if one record is of this goroutine and its present epoch, has all its
// bytes, and is a write if it is one. With the state word of the goroutine (slot and
// epoch, lowest byte 0) that is one comparison of four words:
//
//   (cells | bytes not accessed | the read bit, if reading) == (state | 0xff | likewise)
//
// The state is read where the region begins, or in front of a loop that is part of it;
// reading it anew would only tell when the runtime gave the thread another slot.
//
// Only in loops, the most executed first, as long as the code stays small. libweir says
// where the state is (__weir_race_state) and makes sure that all this holds;
// otherwise the state is one that matches nothing. Its __weir_race_* checks keep all
// registers, so that the calls cost the code around them nothing; but not
// the upper halves that AVX code uses. x86-64 Linux only.
#include "pass/RaceRegion.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Analysis/BlockFrequencyInfo.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/TargetLibraryInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/MDBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/TargetParser/Triple.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace {

constexpr uint32_t ReadBit = 1u << 30;
constexpr uint64_t AddressMask = 0xffff8ffffffffff8, ShadowBase = 0x100000000000;
constexpr unsigned FarthestAnchor = 64; // blocks
// Estimates of code, in bytes.
constexpr unsigned BytesOfInstruction = 4, BytesOfInline = 50, BytesOfFunction = 100;
constexpr uint64_t SearchDoubt = 16;
// What the code may grow by: in percent of what it has without, and in any case in bytes.
constexpr uint64_t Growth = 90, LeastGrowth = 512;

struct Check {
  CallInst *Call;
  bool Write;
  unsigned Size; // 1, 2, 4, 8
  Loop *In;
  uint64_t Frequency;
};

// The runtime's check of a plain access that this is a call of; Size 0 if none.
Check checkOf(Instruction &I) {
  auto *Call = dyn_cast<CallInst>(&I);
  const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
  if (!Callee) return {};
  StringRef Name = Callee->getName();
  const bool Write = Name.consume_front("__tsan_write");
  if (!Write && !Name.consume_front("__tsan_read")) return {};
  const unsigned Size =
      StringSwitch<unsigned>(Name).Case("1", 1).Case("2", 2).Case("4", 4).Case("8", 8).Default(0);
  return {Call, Write, Size, nullptr, 0};
}

// Calls that the instrumentation itself has put there end no region.
bool endsRegion(const Instruction &I, const TargetLibraryInfo &Library) {
  auto *Call = dyn_cast<CallInst>(&I);
  const Function *Callee = Call ? Call->getCalledFunction() : nullptr;
  StringRef Name = Callee ? Callee->getName() : "";
  if (Name.consume_front("__tsan_"))
    return !(Name.starts_with("read") || Name.starts_with("write") ||
             Name.starts_with("unaligned") || Name.starts_with("func_") ||
             Name.starts_with("vptr_") || Name.starts_with("mem"));
  return weir::endsRegion(I, Library);
}

class Inliner {
public:
  Inliner(Function &F, FunctionAnalysisManager &AM)
      : F(F), M(*F.getParent()), LI(AM.getResult<LoopAnalysis>(F)),
        Library(AM.getResult<TargetLibraryAnalysis>(F)),
        Words(FixedVectorType::get(Type::getInt32Ty(F.getContext()), 4)) {}
  void run(ArrayRef<Check> Checks);

private:
  struct States {
    Value *Read = nullptr, *Write = nullptr; // four words each, all bytes accessed
  };
  Instruction *anchorOf(Instruction *Check);
  Loop *quietLoopAround(BasicBlock *BB);
  Value *statePointer();
  Value *stateAt(Instruction *Anchor, bool Write);
  Value *missing(IRBuilder<> &B, const Check &C, Value *Address);
  void replace(const Check &C, Value *State);
  Constant *words(uint32_t Word) { return ConstantInt::get(Words, Word); }

  Function &F;
  Module &M;
  LoopInfo &LI;
  const TargetLibraryInfo &Library;
  FixedVectorType *Words;
  DenseMap<Instruction *, States> AtAnchor;
  DenseMap<Loop *, bool> Quiet;
  Value *Pointer = nullptr;
};

// The outermost loop around BB that is all one region.
Loop *Inliner::quietLoopAround(BasicBlock *BB) {
  Loop *Outermost = nullptr;
  for (Loop *L = LI.getLoopFor(BB); L; L = L->getParentLoop()) {
    auto [Known, New] = Quiet.try_emplace(L, true);
    if (New)
      Known->second =
          L->getLoopPreheader() && none_of(L->blocks(), [&](BasicBlock *Of) {
            return any_of(*Of, [&](Instruction &I) { return ::endsRegion(I, Library); });
          });
    if (!Known->second) break;
    Outermost = L;
  }
  return Outermost;
}

// A place that dominates the check and is in its region, as early as is found simply: the
// state is read directly before it.
Instruction *Inliner::anchorOf(Instruction *Check) {
  Instruction *At = Check;
  for (unsigned Blocks = 0; Blocks < FarthestAnchor; Blocks++) {
    BasicBlock *BB = At->getParent();
    for (; At != &*BB->getFirstInsertionPt(); At = At->getPrevNode())
      if (::endsRegion(*At->getPrevNode(), Library)) return At;
    BasicBlock *Before = BB->getSinglePredecessor();
    if (Loop *L = quietLoopAround(BB)) Before = L->getLoopPreheader();
    if (!Before || isa<InvokeInst, CallBrInst>(Before->getTerminator())) return At;
    At = Before->getTerminator();
  }
  return At;
}

// Where the state of the goroutine is: asked for once, when the function is entered.
Value *Inliner::statePointer() {
  if (Pointer) return Pointer;
  LLVMContext &Context = M.getContext();
  Type *Ptr = PointerType::getUnqual(Context);
  FunctionCallee Ask = M.getOrInsertFunction("__weir_race_state", Ptr);
  IRBuilder<> B(&*F.getEntryBlock().getFirstNonPHIOrDbgOrAlloca());
  CallInst *Asked = B.CreateCall(Ask);
  Asked->setDoesNotThrow();
  return Pointer = Asked;
}

Value *Inliner::stateAt(Instruction *Anchor, bool Write) {
  States &At = AtAnchor[Anchor];
  Value *&State = Write ? At.Write : At.Read;
  if (State) return State;
  IRBuilder<> B(Anchor);
  Value *Word = B.CreateLoad(B.getInt32Ty(), Pointer);
  cast<Instruction>(Word)->setMetadata(LLVMContext::MD_nosanitize, MDNode::get(F.getContext(), {}));
  Word = B.CreateOr(Word, Write ? 0xff : 0xff | ReadBit);
  return State = B.CreateVectorSplat(4, Word);
}

// For each place within 8 bytes, what a record may have beyond what must be in it.
Value *Inliner::missing(IRBuilder<> &B, const Check &C, Value *Address) {
  const uint32_t Either = C.Write ? 0 : ReadBit;
  if (C.Size == 8) return C.Write ? nullptr : words(Either);
  std::string Name = (C.Write ? "weir.race.write" : "weir.race.read") + std::to_string(C.Size);
  GlobalVariable *Table = M.getGlobalVariable(Name, true);
  if (!Table) {
    SmallVector<Constant *, 8> Rows;
    for (unsigned At = 0; At < 8; At++)
      Rows.push_back(words(Either | (~(((1u << C.Size) - 1) << At) & 0xff)));
    auto *Shape = ArrayType::get(Words, 8);
    Table = new GlobalVariable(M, Shape, true, GlobalValue::InternalLinkage,
                               ConstantArray::get(Shape, Rows), Name);
    Table->setAlignment(Align(16));
    Table->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
  }
  Value *Row = B.CreateAnd(Address, 8 - C.Size);
  return B.CreateAlignedLoad(Words, B.CreateGEP(Words, Table, Row), Align(16));
}

void Inliner::replace(const Check &C, Value *State) {
  IRBuilder<> B(C.Call);
  Value *Address = B.CreatePtrToInt(C.Call->getArgOperand(0), B.getInt64Ty());
  Value *Shadow =
      B.CreateAdd(B.CreateShl(B.CreateAnd(Address, AddressMask), 1), B.getInt64(ShadowBase));
  Value *Cells = B.CreateAlignedLoad(
      Words, B.CreateIntToPtr(Shadow, PointerType::getUnqual(F.getContext())), Align(16));
  if (Value *Beyond = missing(B, C, Address)) Cells = B.CreateOr(Cells, Beyond);
  Value *Same = B.CreateBitCast(B.CreateICmpEQ(Cells, State), B.getIntNTy(4));
  Value *Unknown = B.CreateICmpEQ(Same, ConstantInt::get(B.getIntNTy(4), 0));
  Instruction *Then = SplitBlockAndInsertIfThen(
      Unknown, C.Call, false, MDBuilder(F.getContext()).createUnlikelyBranchWeights());
  C.Call->moveBefore(Then);
  if (F.getFnAttribute("target-features").getValueAsString().contains("+avx")) return;
  std::string Name = (C.Write ? "__weir_race_write" : "__weir_race_read") + std::to_string(C.Size);
  FunctionCallee Slow = M.getOrInsertFunction(Name, C.Call->getFunctionType());
  auto *Callee = cast<Function>(Slow.getCallee());
  Callee->setCallingConv(CallingConv::PreserveAll);
  Callee->addFnAttr(Attribute::NonLazyBind); // the dynamic linker's stub does not keep r10
  C.Call->setCalledFunction(Slow);
  C.Call->setCallingConv(CallingConv::PreserveAll);
}

// Anchors first: they are found in the code as it was.
void Inliner::run(ArrayRef<Check> Checks) {
  SmallVector<Instruction *, 16> Anchors;
  for (const Check &C : Checks)
    Anchors.push_back(anchorOf(C.Call));
  auto *Asked = cast<Instruction>(statePointer());
  SmallVector<Value *, 16> Found;
  for (auto [C, Anchor] : zip(Checks, Anchors)) {
    const bool Above = Anchor->getParent() == Asked->getParent() && Anchor->comesBefore(Asked);
    Found.push_back(stateAt(Above ? Asked->getNextNode() : Anchor, C.Write));
  }
  for (auto [C, State] : zip(Checks, Found))
    replace(C, State);
}

} // namespace

bool weir::canInlineChecks(const Module &M) {
  Triple Target(M.getTargetTriple());
  return Target.getArch() == Triple::x86_64 && Target.isOSLinux() && !Target.isX32();
}

// Whether each of the checks in a loop is worth as much as the first: trip counts are
// guesses, and a loop with many checks shall not take what others need.
static void spread(std::vector<Check> &Checks) {
  auto hotter = [](const Check &A, const Check &B) { return A.Frequency > B.Frequency; };
  llvm::sort(Checks, hotter);
  DenseMap<Loop *, unsigned> Before;
  for (Check &C : Checks)
    C.Frequency /= ++Before[C.In];
  llvm::sort(Checks, hotter);
}

// LLVM takes every loop for one of 32 rounds. One that searches (whose trip count nothing
// tells) may have many or one; counted on only for a few, it leaves room for what is around it.
static uint64_t doubted(uint64_t Frequency, const Loop *L, ScalarEvolution &SE) {
  for (; L; L = L->getParentLoop())
    if (!SE.hasLoopInvariantBackedgeTakenCount(L)) Frequency /= SearchDoubt;
  return Frequency;
}

static void collect(Function &F, FunctionAnalysisManager &AM, std::vector<Check> &Checks) {
  auto &SE = AM.getResult<ScalarEvolutionAnalysis>(F);
  auto &LI = AM.getResult<LoopAnalysis>(F);
  auto &Frequency = AM.getResult<BlockFrequencyAnalysis>(F);
  const uint64_t Entry = std::max<uint64_t>(1, Frequency.getEntryFreq().getFrequency());
  for (Instruction &I : instructions(F)) {
    Check C = checkOf(I);
    C.In = C.Size ? LI.getLoopFor(I.getParent()) : nullptr;
    if (!C.In) continue;
    C.Frequency =
        Frequency.getBlockFreq(I.getParent()).getFrequency() / std::max<uint64_t>(1, Entry >> 16);
    C.Frequency = doubted(C.Frequency, C.In, SE);
    Checks.push_back(C);
  }
}

void weir::inlineChecks(Module &M, FunctionAnalysisManager &AM) {
  uint64_t Size = 0;
  std::vector<Check> All;
  for (Function &F : M) {
    if (F.isDeclaration()) continue;
    Size += F.getInstructionCount() * BytesOfInstruction;
    if (mayElide(F) && !F.hasOptSize() && !F.hasMinSize()) collect(F, AM, All);
  }
  spread(All);
  const uint64_t Most = std::max(LeastGrowth, Size * Growth / 100);
  MapVector<Function *, SmallVector<Check, 16>> OfFunction;
  uint64_t Used = 0;
  for (const Check &C : All) {
    SmallVector<Check, 16> &Chosen = OfFunction[C.Call->getFunction()];
    const uint64_t Cost = BytesOfInline + (Chosen.empty() ? BytesOfFunction : 0);
    if (Used + Cost > Most) continue;
    Used += Cost;
    Chosen.push_back(C);
  }
  for (auto &[F, Checks] : OfFunction) {
    if (Checks.empty()) continue;
    Inliner(*F, AM).run(Checks);
    AM.invalidate(*F, PreservedAnalyses::none());
  }
}
