#include "lang/parse_expression.h"

namespace tenfold::lang {

using Node = syntax::Expr;
using syntax::ExprKind;

namespace {

std::optional<Op> logic_op(Tok kind) {
  switch (kind) {
    case Tok::and_and:
      return Op::logical_and;
    case Tok::or_or:
      return Op::logical_or;
    case Tok::caret:
      return Op::logical_xor;
    default:
      return std::nullopt;
  }
}

std::optional<Op> comparison_op(Tok kind) {
  switch (kind) {
    case Tok::equal:
      return Op::equal;
    case Tok::not_equal:
      return Op::not_equal;
    case Tok::less:
      return Op::less;
    case Tok::less_equal:
      return Op::less_equal;
    case Tok::greater:
      return Op::greater;
    case Tok::greater_equal:
      return Op::greater_equal;
    default:
      return std::nullopt;
  }
}

std::optional<Op> sum_op(Tok kind) {
  if (kind == Tok::plus) return Op::add;
  if (kind == Tok::minus) return Op::subtract;
  return std::nullopt;
}

std::optional<Op> product_op(Tok kind) {
  switch (kind) {
    case Tok::star:
      return Op::multiply;
    case Tok::slash:
      return Op::divide;
    case Tok::percent:
      return Op::modulo;
    default:
      return std::nullopt;
  }
}

std::vector<Node> pair(Node a, Node b) {
  std::vector<Node> args;
  args.push_back(std::move(a));
  args.push_back(std::move(b));
  return args;
}

}  // namespace

bool ExpressionParser::continues_expression() const {
  const Tok t = peek();
  return logic_op(t) || comparison_op(t) || sum_op(t) || product_op(t) || t == Tok::k_as || t == Tok::question;
}

Node ExpressionParser::combine(ExprKind kind, std::vector<Node> args, Span span) {
  Node e;
  e.kind = kind;
  e.span = span;
  for (const Node& arg : args) e.depth = std::max(e.depth, arg.depth + 1);
  if (e.depth > syntax::kMaxDepth)
    fail(span, "this expression is too long", "split it: give a part a name with `name == part`", "too-deep");
  e.args = std::move(args);
  return e;
}

Node ExpressionParser::operation(Op op, std::vector<Node> args) {
  const Span span = args.size() == 2 ? join(args[0].span, args[1].span) : args[0].span;
  Node e = combine(ExprKind::operation, std::move(args), span);
  e.op = op;
  return e;
}

Node ExpressionParser::expression(First first) {
  const Deeper deeper(*this);
  if (!first && is(Tok::k_if)) {
    const Span begin = take().span;
    std::vector<Node> args;
    args.push_back(logic({}));
    expect(Tok::k_then, "an expression chooses with: if condition then a else b");
    args.push_back(expression());
    expect(Tok::k_else, "an expression chooses with: if condition then a else b");
    args.push_back(expression());
    return combine(ExprKind::conditional, std::move(args), join(begin, last()));
  }
  Node condition = logic(std::move(first));
  if (!accept(Tok::question)) return condition;
  const Span begin = condition.span;
  std::vector<Node> args;
  args.push_back(std::move(condition));
  args.push_back(expression());
  expect(Tok::colon, "an expression chooses with: condition ? a : b");
  args.push_back(expression());
  return combine(ExprKind::conditional, std::move(args), join(begin, last()));
}

Node ExpressionParser::logic(First first) {
  Node left = comparison(std::move(first));
  while (auto op = logic_op(peek())) {
    take();
    left = operation(*op, pair(std::move(left), comparison({})));
  }
  return left;
}

Node ExpressionParser::comparison(First first) {
  Node left = sum(std::move(first));
  const auto op = comparison_op(peek());
  if (!op) return left;
  take();
  Node result = operation(*op, pair(std::move(left), sum()));
  if (comparison_op(peek()))
    unexpected("comparisons do not chain: expected the end of this one", "write a < b and b < c");
  return result;
}

Node ExpressionParser::sum(First first) {
  Node left = product(std::move(first));
  while (auto op = sum_op(peek())) {
    take();
    left = operation(*op, pair(std::move(left), product({})));
  }
  return left;
}

Node ExpressionParser::product(First first) {
  Node left = unary(std::move(first));
  while (auto op = product_op(peek())) {
    take();
    left = operation(*op, pair(std::move(left), unary({})));
  }
  return left;
}

Node ExpressionParser::unary(First first) {
  if (!first && (is(Tok::plus) || is(Tok::minus) || is(Tok::bang))) {
    const Deeper deeper(*this);
    const Token sign = take();
    Node inner = unary({});
    if (sign.kind == Tok::plus) return inner;
    const Span span = join(sign.span, inner.span);
    std::vector<Node> args;
    args.push_back(std::move(inner));
    Node e = operation(sign.kind == Tok::minus ? Op::negate : Op::logical_not, std::move(args));
    e.span = span;
    return e;
  }
  Node e = first ? std::move(*first) : primary();
  while (accept(Tok::k_as)) {
    syntax::TypeName type = type_name();
    const Span span = join(e.span, type.span);
    std::vector<Node> args;
    args.push_back(std::move(e));
    e = combine(ExprKind::cast, std::move(args), span);
    e.name = type;
  }
  return e;
}

bool ExpressionParser::at_literal() const {
  const Tok t = peek();
  return (t >= Tok::integer && t <= Tok::duration) || t == Tok::k_true || t == Tok::k_false;
}

Node ExpressionParser::literal() {
  Node e;
  const Token t = take();
  e.literal = t.kind;
  e.span = e.name.span = t.span;
  return e;
}

Node ExpressionParser::primary() {
  if (at_literal()) return literal();
  Node e;
  e.span = here();
  switch (peek()) {
    case Tok::name:
      e.kind = ExprKind::name;
      e.name = name("");
      return e;
    case Tok::wildcard:
      e.kind = ExprKind::wildcard;
      take();
      return e;
    case Tok::left_paren: {
      take();
      Node inner = expression();
      expect(Tok::right_paren, "close the bracket");
      inner.span = join(e.span, last());
      return inner;
    }
    case Tok::dollar: {
      take();
      const syntax::Name function = name("functions are written $name(…)");
      expect(Tok::left_paren, "functions are written $name(…)");
      std::vector<Node> args = arguments(Tok::right_paren, false);
      e = combine(ExprKind::call, std::move(args), join(e.span, last()));
      e.name = function;
      return e;
    }
    case Tok::k_new: {
      take();
      const syntax::Name constructor = name("terms are made with: new Name(…)");
      expect(Tok::left_paren, "terms are made with: new Name(…)");
      std::vector<Node> args = arguments(Tok::right_paren, false);
      e = combine(ExprKind::create, std::move(args), join(e.span, last()));
      e.name = constructor;
      return e;
    }
    case Tok::k_if:
      return expression();
    default:
      unexpected("expected a value", "write a variable, a constant, $function(…) or an expression in brackets");
      return e;
  }
}

Node ExpressionParser::argument() {
  if (!is(Tok::name) || peek(1) != Tok::left_paren) return expression();
  const Deeper deeper(*this);
  const syntax::Name constructor = name("");
  take();
  std::vector<Node> args = arguments(Tok::right_paren, true);
  Node e = combine(ExprKind::pattern, std::move(args), join(constructor.span, last()));
  e.name = constructor;
  return e;
}

std::vector<Node> ExpressionParser::arguments(Tok close, bool patterns) {
  std::vector<Node> args;
  while (!is(close) && !panic_) {
    args.push_back(patterns ? argument() : expression());
    if (is(Tok::assign) || is(Tok::colon))
      unexpected("arguments have no names here: expected `,` or " + std::string(text(close)), "give them by position");
    if (!accept(Tok::comma)) break;
  }
  expect(close, "separate arguments with commas, and close the bracket");
  return args;
}

}  // namespace tenfold::lang
