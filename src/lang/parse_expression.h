// Expressions, from loosest to tightest: conditional, logic (one level, left to right), comparison (no chains), sum,
// product, unary, primary. Each level can go on from an operand that is already parsed: a formula in brackets may turn
// out to be the left side of a comparison, and must not be read twice.
#pragma once

#include "lang/token_stream.h"

namespace tenfold::lang {

class ExpressionParser : public TokenStream {
 public:
  using TokenStream::TokenStream;

 protected:
  using First = std::optional<syntax::Expr>;

  syntax::Expr expression(First first = {});
  syntax::Expr sum(First first = {});
  syntax::Expr primary();
  /// An expression, or the pattern of a term.
  syntax::Expr argument();
  std::vector<syntax::Expr> arguments(Tok close, bool patterns);
  syntax::Expr literal();
  bool at_literal() const;
  /// An operator that an operand could be the left side of.
  bool continues_expression() const;

 private:
  syntax::Expr logic(First first);
  syntax::Expr comparison(First first);
  syntax::Expr product(First first);
  syntax::Expr unary(First first);
  syntax::Expr operation(Op op, std::vector<syntax::Expr> args);
  syntax::Expr combine(syntax::ExprKind kind, std::vector<syntax::Expr> args, Span span);
};

}  // namespace tenfold::lang
