// SPDX-License-Identifier: Apache-2.0
//
// Synchronisation that the race runtime cannot see makes it report races that are none:
//
//   fences           it knows the edges of atomic operations, not those of fences, unless
//                    libweir is told of them (RaceFences.cpp)
//   inline assembly  atomic instructions in it are neither accesses nor edges
//
// So the compiler says so where they stand, outside system headers and functions that are
// not checked for races. Assembly is judged by the words in its text; what it does to
// memory by plain instructions is not seen either, and not warned of.
#include "plugin/Unseen.h"

#include "clang/AST/ASTConsumer.h"
#include "clang/AST/ASTContext.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Basic/Builtins.h"
#include "clang/Basic/CharInfo.h"
#include "clang/Basic/SourceManager.h"

using namespace clang;

namespace {

// The first words of instructions, and prefixes, that are atomic or order memory.
const llvm::StringRef Atomic[] = {
    "lock",  "xchg", "xchgb",   "xchgw", "xchgl", "xchgq", "mfence", "lfence", "sfence", // x86
    "ldxr",  "stxr", "ldaxr",   "stlxr", "ldar",  "stlr",  "dmb",    "cas",    "casal",  // aarch64
    "ldadd", "swp",  "ldaddal", "swpal"};

llvm::StringRef atomicWordIn(llvm::StringRef Text) {
  while (!Text.empty()) {
    Text = Text.drop_until([](char C) { return clang::isLetter(C); });
    llvm::StringRef Word =
        Text.take_while([](char C) { return clang::isAsciiIdentifierContinue(C); });
    if (llvm::is_contained(Atomic, Word.lower())) return Word;
    Text = Text.drop_front(Word.size());
  }
  return "";
}

bool isChecked(const FunctionDecl &F) {
  if (F.hasAttr<DisableSanitizerInstrumentationAttr>() || F.hasAttr<NakedAttr>()) return false;
  for (const auto *No : F.specific_attrs<NoSanitizeAttr>())
    if (No->getMask() & SanitizerKind::Thread) return false;
  return true;
}

class Visitor : public RecursiveASTVisitor<Visitor> {
public:
  Visitor(ASTContext &Context, bool Fences) : Context(Context), Fences(Fences) {}

  bool TraverseFunctionDecl(FunctionDecl *F) {
    return !isChecked(*F) || RecursiveASTVisitor::TraverseFunctionDecl(F);
  }
  bool VisitCallExpr(CallExpr *Call) {
    if (!Fences) return true;
    switch (Call->getBuiltinCallee()) {
    case Builtin::BI__c11_atomic_thread_fence:
    case Builtin::BI__atomic_thread_fence:
    case Builtin::BI__sync_synchronize:
      warn(Call->getBeginLoc(),
           "a fence makes no edge that the race detector knows: what only it orders is "
           "reported as a race; give the order to an atomic operation, or exclude the function "
           "by no_sanitize(\"thread\")");
    }
    return true;
  }
  bool VisitGCCAsmStmt(GCCAsmStmt *Asm) {
    if (llvm::StringRef Word = atomicWordIn(Asm->getAsmString()->getString()); !Word.empty())
      warn(Asm->getBeginLoc(), ("the race detector does not see what '" + Word +
                                "' in inline assembly accesses or orders; use the atomic "
                                "operations of the language")
                                   .str());
    return true;
  }

private:
  void warn(SourceLocation At, llvm::StringRef Text) {
    SourceManager &Sources = Context.getSourceManager();
    if (Sources.isInSystemHeader(Sources.getExpansionLoc(At))) return;
    DiagnosticsEngine &Diags = Context.getDiagnostics();
    unsigned Id = Diags.getCustomDiagID(DiagnosticsEngine::Warning,
                                        "weir: %0 (-fplugin-arg-weir-unseen=off silences this)");
    Diags.Report(Sources.getExpansionLoc(At), Id) << Text;
  }

  ASTContext &Context;
  const bool Fences; // are unseen, too
};

class UnseenWarner : public ASTConsumer {
public:
  explicit UnseenWarner(bool Fences) : Fences(Fences) {}
  void Initialize(ASTContext &TheContext) override { Context = &TheContext; }
  bool HandleTopLevelDecl(DeclGroupRef Group) override {
    for (Decl *D : Group)
      if (!Context->getSourceManager().isInSystemHeader(D->getLocation()))
        Visitor(*Context, Fences).TraverseDecl(D);
    return true;
  }

private:
  ASTContext *Context = nullptr;
  const bool Fences;
};

} // namespace

std::unique_ptr<ASTConsumer> weir::makeUnseenWarner(bool Fences) {
  return std::make_unique<UnseenWarner>(Fences);
}
