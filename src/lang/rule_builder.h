// One conjunctive rule under construction: its variables, and expressions in atoms turned into variables of their own.
//   before  p(x, y + 1) = q(x - 1, y)
//   after   p(x, #1) = q(#0, y) and #0 == x - 1 and #1 == y + 1
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "lang/draft.h"

namespace tenfold::lang {

class RuleBuilder {
 public:
  RuleBuilder(Unit& unit, DraftRule& rule) : unit_(unit), rule_(rule) {}

  VarId variable(const syntax::Name& name);
  DraftExpr variable_expr(VarId v, Span span) const;
  DraftExpr made(Span span);
  DraftExpr wildcard(Span span);

  /// An expression as a value; wildcards, terms and unknown functions are reported.
  DraftExpr value(const syntax::Expr& expr);
  /// An argument of an atom: a variable or a constant. What else it says becomes a constraint in `constraints`.
  DraftExpr argument(const syntax::Expr& expr, std::vector<DraftLiteral>& constraints);
  DraftExpr bound_to(DraftExpr value, std::vector<DraftLiteral>& constraints);

  /// The constructor of `C(…)` or `new C(…)`; nothing, with an error, when there is none with that many fields.
  std::optional<ConstructorId> constructor(const syntax::Expr& expr);

  /// `term` is what the pattern says: a term taken apart, or an equation.
  void match(const DraftExpr& term, const syntax::Expr& pattern, std::vector<DraftLiteral>& constraints);

  void add(DraftLiteral literal);
  /// `condition` holds, or does not; `&&` becomes several constraints, so that each can give a variable its value.
  void constrain(DraftExpr condition, bool negated);
  void atom(RelationId relation, std::vector<DraftExpr> args, LiteralKind kind, Span span);

  DraftRule& rule() { return rule_; }
  Unit& unit() { return unit_; }

 private:
  DraftExpr constant(const syntax::Name& name, const DeclaredConstant& constant, int depth);
  DraftExpr closed(const syntax::Expr& expr, Span use, int depth);
  DraftExpr call(const syntax::Expr& expr, std::vector<DraftExpr> args, Span span);
  DraftExpr construct(const syntax::Expr& expr, std::vector<DraftExpr> args, Span span);
  DraftExpr node(Op op, std::vector<DraftExpr> args, Span span) const;
  DraftExpr refused(Span span) { return rule_.broken = true, made(span); }

  Unit& unit_;
  DraftRule& rule_;
  std::unordered_map<std::string_view, VarId> names_;
  std::size_t constant_nodes_ = 0;
};

DraftLiteral constraint(DraftExpr condition);
DraftExpr truth(bool value, Span span);
DraftExpr whole_number(std::int64_t value, Span span);
DraftExpr equation(DraftExpr left, DraftExpr right);
DraftExpr negation(DraftExpr condition);

}  // namespace tenfold::lang
