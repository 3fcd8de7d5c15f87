// Formulas: implies, or, and, units; aggregates. A bracket may open a formula or an expression: what is inside is read
// as a formula, and goes on as an expression if it was one and an operator follows.
#pragma once

#include "lang/parse_expression.h"

namespace tenfold::lang {

class FormulaParser : public ExpressionParser {
 public:
  using ExpressionParser::ExpressionParser;

 protected:
  syntax::Formula formula();
  syntax::Atom atom();
  /// What stands right of `:=`.
  std::unique_ptr<syntax::Aggregate> aggregate();
  bool at_aggregate() const;

 private:
  syntax::Formula disjunction();
  syntax::Formula conjunction();
  syntax::Formula unit();
  syntax::Formula bracket();
  syntax::Formula constraint(First first);
  syntax::Formula atom_unit();
  syntax::Formula quantifier();
  syntax::Formula assignment();
  syntax::Formula range();
  syntax::Formula match();
  void aggregate_body(syntax::Aggregate& aggregate);
  std::vector<syntax::Parameter> parameters();
  std::vector<syntax::Binding> bindings();
  /// Tokens of `name<name, …>` that stand here, when one of `( [ !` follows; else 0: `a < b, c > d` are comparisons.
  std::size_t specialised() const;
  /// Bindings and a colon stand here.
  bool at_bindings() const;
  /// `(a, b) :=` stands here.
  bool at_result_tuple() const;
};

}  // namespace tenfold::lang
