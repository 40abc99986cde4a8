// SPDX-License-Identifier: Apache-2.0
//
// One body on its way into instructions. Slots are given out like a stack: a statement gives back
// what it took and clears it, so that states do not differ in what is of no use any more.
#ifndef WEIR_ANALYZER_MODEL_TRANSLATOR_H
#define WEIR_ANALYZER_MODEL_TRANSLATOR_H

#include "model/Program.h"

#include "llvm/ADT/DenseMap.h"

namespace weir::model {

class Translator {
public:
  Translator(Program &All, const clang::Decl *Of, const clang::FunctionDecl *In, Proc *To);
  void run();

private:
  // Where an lvalue is: a slot, or what the reference in a slot leads to.
  struct Location {
    enum { Nowhere, InSlot, InMemory } Is = Nowhere;
    int Slot = -1;
  };
  struct Loop {
    size_t Scopes;
    std::vector<int> Breaks, Continues;
    bool IsSwitch;
  };
  struct Named { // of a label: where it is, and who jumps there
    int At = -1;
    std::vector<int> Jumps;
  };

  // Translator.cpp: statements
  void parameters();
  void statement(const clang::Stmt *S);
  void plain(const clang::Stmt *S);
  void compound(const clang::CompoundStmt *S, int Result = -1);
  void declare(const clang::VarDecl *Var);
  void branch(const clang::IfStmt *S);
  void loop(const clang::Stmt *Init, const clang::Expr *Condition, const clang::Expr *Step,
            const clang::Stmt *Body, bool BodyFirst);
  void choose(const clang::SwitchStmt *S);
  void leave(const clang::Stmt *S, bool Break);
  void giveBack(const clang::ReturnStmt *S);
  void jumpTo(const clang::GotoStmt *S);
  void cleanups(size_t Down);
  void cleanup(const clang::VarDecl *Var);
  int condition(const clang::Expr *E, bool InLoop);

  // Expressions.cpp
  int value(const clang::Expr *E);
  int valueOfAtomic(const clang::AtomicExpr *E);
  int valueOfCast(const clang::CastExpr *E);
  int valueOfUnary(const clang::UnaryOperator *E);
  int valueOfBinary(const clang::BinaryOperator *E);
  int valueOfChoice(const clang::Expr *If, const clang::Expr *Then, const clang::Expr *Else);
  int valueOfLogical(const clang::BinaryOperator *E);
  int valueOfBlock(const clang::BlockExpr *E);
  int assigned(const clang::BinaryOperator *E);
  int others(const clang::Expr *E); // what is in it is done, what it gives is unknown
  int addressOf(const clang::Expr *E);
  Location place(const clang::Expr *E);
  Location placeOfVariable(const clang::VarDecl *Var);
  Location placeOfMember(const clang::MemberExpr *E);
  Location placeOfElement(const clang::ArraySubscriptExpr *E);
  int load(Location From, clang::QualType Type);
  void store(Location To, int Slot, clang::QualType Type);
  void fill(int Reference, clang::QualType Type, const clang::Expr *From);
  void fillList(int Reference, clang::QualType Type, const clang::InitListExpr *From);

  // Operations.cpp
  int valueOfCall(const clang::CallExpr *E);
  int operation(const clang::CallExpr *E, const CallRole &Role);
  int contextCall(const clang::CallExpr *E, const CallRole &Role);
  int spawn(const clang::CallExpr *E, const CallRole &Role);
  int opaque(const clang::CallExpr *E, bool System);
  std::string nameOf(const clang::Expr *Object) const;

  Instr &emit(Op What, const clang::Stmt *Site = nullptr, int A = -1, int B = -1, int C = -1,
              int64_t K = 0);
  int constant(int64_t N);
  int unknown();
  int fresh();
  int here() const { return static_cast<int>(To->Code.size()); }
  int jump(int Target = -1); // the index of the instruction
  int branchOn(int Slot, const clang::Stmt *Site);
  void land(int Jump) { To->Code[Jump].K = here(); }

  Program &All;
  clang::ASTContext &Context;
  const clang::Decl *Of;
  const clang::FunctionDecl *In;
  Proc *To;
  Variables Vars;
  llvm::DenseMap<const clang::VarDecl *, int> Slots;
  llvm::DenseSet<const clang::VarDecl *> Boxed; // those that live in an object
  llvm::DenseMap<const clang::LabelDecl *, Named> Labels;
  std::vector<std::vector<const clang::VarDecl *>> Scopes; // with a cleanup
  std::vector<Loop> Loops;
  std::vector<std::pair<int64_t, int>> *Cases = nullptr; // of the switch: value, instruction
  std::map<const clang::SwitchCase *, int> *CaseAt = nullptr;
  std::string Hint; // what is being made will be called so
  int Next = 0, High = 0;
  bool InLoop = false;
};

} // namespace weir::model

#endif
