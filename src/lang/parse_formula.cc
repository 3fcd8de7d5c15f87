#include "lang/parse_formula.h"

namespace tenfold::lang {

using syntax::Formula;
using syntax::FormulaKind;

namespace {

Formula node(FormulaKind kind, Span span, std::vector<Formula> parts) {
  Formula f;
  f.kind = kind;
  f.span = span;
  f.parts = std::move(parts);
  return f;
}

Formula negated(Formula inner, Span span) {
  std::vector<Formula> parts;
  parts.push_back(std::move(inner));
  return node(FormulaKind::negation, span, std::move(parts));
}

constexpr std::string_view kMixed =
    "put brackets around one of them: commas cannot stand beside `and`, `or`, `implies`";

}  // namespace

Formula FormulaParser::formula() {
  const Deeper deeper(*this);
  Formula first = disjunction();
  if (is(Tok::comma)) {
    if (first.kind == FormulaKind::conjunction || first.kind == FormulaKind::disjunction) {
      unexpected("expected the end of this formula", kMixed);
      return first;
    }
    std::vector<Formula> parts;
    const Span begin = first.span;
    parts.push_back(std::move(first));
    while (accept(Tok::comma)) {
      parts.push_back(unit());
      const Tok t = peek();
      if (t == Tok::k_and || t == Tok::wedge || t == Tok::k_or || t == Tok::vee || t == Tok::k_implies ||
          t == Tok::fat_arrow)
        unexpected("expected `,` or the end of this formula", kMixed);
    }
    return node(FormulaKind::conjunction, join(begin, last()), std::move(parts));
  }
  if (!is(Tok::k_implies) && !is(Tok::fat_arrow)) return first;
  take();
  std::vector<Formula> parts;
  const Span begin = first.span;
  parts.push_back(std::move(first));
  parts.push_back(disjunction());
  if (is(Tok::k_implies) || is(Tok::fat_arrow))
    unexpected("implications do not chain: expected the end of this one", "put brackets around one of them");
  return node(FormulaKind::implies, join(begin, last()), std::move(parts));
}

Formula FormulaParser::disjunction() {
  Formula first = conjunction();
  if (!is(Tok::k_or) && !is(Tok::vee)) return first;
  const Span begin = first.span;
  std::vector<Formula> parts;
  parts.push_back(std::move(first));
  while (accept(Tok::k_or) || accept(Tok::vee)) parts.push_back(conjunction());
  return node(FormulaKind::disjunction, join(begin, last()), std::move(parts));
}

Formula FormulaParser::conjunction() {
  Formula first = unit();
  if (!is(Tok::k_and) && !is(Tok::wedge)) return first;
  const Span begin = first.span;
  std::vector<Formula> parts;
  parts.push_back(std::move(first));
  while (accept(Tok::k_and) || accept(Tok::wedge)) parts.push_back(unit());
  return node(FormulaKind::conjunction, join(begin, last()), std::move(parts));
}

Formula FormulaParser::unit() {
  const Deeper deeper(*this);
  switch (peek()) {
    case Tok::k_not:
    case Tok::tilde: {
      const Span begin = take().span;
      Formula inner = unit();
      return negated(std::move(inner), join(begin, last()));
    }
    case Tok::k_exists:
    case Tok::k_forall:
      return quantifier();
    case Tok::k_case:
      return match();
    case Tok::left_paren:
      return at_result_tuple() ? assignment() : bracket();
    case Tok::wildcard:
      if (peek(1) == Tok::assign || peek(1) == Tok::reduce_assign) return assignment();
      return constraint({});
    case Tok::name:
      if (peek(1) == Tok::left_paren || specialised() > 0) return atom_unit();
      if (peek(1) == Tok::assign || peek(1) == Tok::reduce_assign) return assignment();
      if (peek(1) == Tok::k_in) return range();
      return constraint({});
    default:
      return constraint({});
  }
}

Formula FormulaParser::bracket() {
  const Span begin = take().span;
  Formula inner = formula();
  expect(Tok::right_paren, "close the bracket");
  inner.span = join(begin, last());
  if (inner.kind != FormulaKind::constraint) {
    if (continues_expression() && !panic_)
      unexpected("a formula has no value: expected the end of this one", "only expressions can be compared or added");
    return inner;
  }
  syntax::Expr e = std::move(inner.exprs[0]);
  e.span = inner.span;
  return constraint(std::move(e));
}

Formula FormulaParser::constraint(First first) {
  syntax::Expr e = expression(std::move(first));
  Formula f;
  f.kind = FormulaKind::constraint;
  f.span = e.span;
  f.exprs.push_back(std::move(e));
  return f;
}

Formula FormulaParser::atom_unit() {
  Formula f;
  f.kind = FormulaKind::atom;
  f.atom = std::make_unique<syntax::Atom>(atom());
  f.span = f.atom->span;
  if (continues_expression() && !panic_)
    unexpected("a relation has no value: expected the end of this atom", "functions are written $name(…)");
  return f;
}

syntax::Atom FormulaParser::atom() {
  syntax::Atom a;
  const std::size_t special = specialised();
  a.name = name("relations are written name(…)");
  if (special > 0) {
    take();
    do a.type_args.push_back(type_name());
    while (accept(Tok::comma));
    expect(Tok::greater, "close the list of types");
  }
  expect(Tok::left_paren, "relations are written name(…)");
  a.args = arguments(Tok::right_paren, true);
  a.span = join(a.name.span, last());
  return a;
}

Formula FormulaParser::quantifier() {
  Formula f;
  f.kind = FormulaKind::quantifier;
  f.aggregate = std::make_unique<syntax::Aggregate>();
  const Token op = take();
  f.aggregate->op = {sources_.text(op.span), op.span};
  f.aggregate->one_world = accept(Tok::bang);
  aggregate_body(*f.aggregate);
  f.span = f.aggregate->span = join(op.span, last());
  return f;
}

bool FormulaParser::at_result_tuple() const {
  std::size_t i = 1;
  while (peek(i) == Tok::name || peek(i) == Tok::wildcard) {
    ++i;
    if (peek(i) == Tok::comma) ++i;
  }
  return i > 1 && peek(i) == Tok::right_paren && (peek(i + 1) == Tok::assign || peek(i + 1) == Tok::reduce_assign);
}

Formula FormulaParser::assignment() {
  Formula f;
  f.kind = FormulaKind::aggregate;
  const Span begin = here();
  auto result = [&] {
    if (is(Tok::wildcard)) {
      const Span span = take().span;
      f.results.push_back({sources_.text(span), span});
    } else {
      f.results.push_back(name("results are variables or `_`"));
    }
  };
  if (accept(Tok::left_paren)) {
    while (!is(Tok::right_paren) && !panic_) {
      result();
      if (!accept(Tok::comma)) break;
    }
    expect(Tok::right_paren, "close the list of results");
  } else {
    result();
  }
  const Span sign = take().span;
  if (!at_aggregate()) {
    fail(sign, "expected an aggregate after " + ticked(sources_.text(sign)),
         "write `==` to compare or to give a variable a value, `:=` before count, sum, max, …");
    return f;
  }
  f.aggregate = aggregate();
  f.span = join(begin, last());
  return f;
}

bool FormulaParser::at_aggregate() const {
  if (is(Tok::k_exists) || is(Tok::k_forall)) return true;
  if (!is(Tok::name)) return false;
  const Tok next = peek(1);
  return next == Tok::left_paren || next == Tok::left_bracket || next == Tok::less || next == Tok::bang;
}

std::unique_ptr<syntax::Aggregate> FormulaParser::aggregate() {
  auto a = std::make_unique<syntax::Aggregate>();
  const Token op = take();
  a->op = {sources_.text(op.span), op.span};
  a->one_world = accept(Tok::bang);
  if (accept(Tok::less)) a->params = parameters();
  if (!a->one_world) a->one_world = accept(Tok::bang);
  if (accept(Tok::left_bracket)) {
    while (!is(Tok::right_bracket) && !panic_) {
      a->args.push_back(name("the square brackets hold variables"));
      if (!accept(Tok::comma)) break;
    }
    expect(Tok::right_bracket, "the square brackets hold variables, separated by commas");
  }
  aggregate_body(*a);
  a->span = join(op.span, last());
  return a;
}

std::vector<syntax::Parameter> FormulaParser::parameters() {
  std::vector<syntax::Parameter> params;
  do {
    syntax::Parameter p;
    if (is(Tok::name)) p.name = name("");
    if (p.name ? accept(Tok::assign) : true) {
      if (at_literal())
        p.value = literal();
      else
        unexpected("expected a constant", "parameters are constants, names, or name=constant");
    }
    params.push_back(std::move(p));
  } while (accept(Tok::comma));
  expect(Tok::greater, "close the list of parameters");
  return params;
}

void FormulaParser::aggregate_body(syntax::Aggregate& a) {
  const Deeper deeper(*this);
  constexpr std::string_view kForm = "aggregates are written: n := count(x: relation(x) where g: groups(g))";
  if (!expect(Tok::left_paren, kForm)) return;
  if (at_bindings()) {
    a.vars = bindings();
    expect(Tok::colon, kForm);
  }
  a.body.push_back(formula());
  if (accept(Tok::k_where)) {
    a.groups = bindings();
    expect(Tok::colon, kForm);
    a.domain.push_back(formula());
  }
  expect(Tok::right_paren, kForm);
}

std::vector<syntax::Binding> FormulaParser::bindings() {
  std::vector<syntax::Binding> out;
  do {
    syntax::Binding b;
    if (accept(Tok::left_paren)) {
      b.name = name("a variable with a type is written (x: i32)");
      expect(Tok::colon, "a variable with a type is written (x: i32)");
      b.type = type_name();
      expect(Tok::right_paren, "a variable with a type is written (x: i32)");
    } else {
      b.name = name("name the variables before the colon");
    }
    out.push_back(b);
  } while (accept(Tok::comma));
  return out;
}

bool FormulaParser::at_bindings() const {
  for (std::size_t i = 0;; ++i) {
    if (peek(i) == Tok::name) {
      ++i;
    } else if (peek(i) == Tok::left_paren && peek(i + 1) == Tok::name && peek(i + 2) == Tok::colon) {
      i += 5;
    } else {
      return false;
    }
    if (peek(i) == Tok::colon) return true;
    if (peek(i) != Tok::comma) return false;
  }
}

std::size_t FormulaParser::specialised() const {
  if (peek() != Tok::name || peek(1) != Tok::less) return 0;
  for (std::size_t i = 2;; i += 2) {
    if (peek(i) != Tok::name && peek(i) != Tok::type_name) return 0;
    if (peek(i + 1) == Tok::comma) continue;
    if (peek(i + 1) != Tok::greater) return 0;
    const Tok next = peek(i + 2);
    return next == Tok::left_paren || next == Tok::left_bracket || next == Tok::bang ? i + 2 : 0;
  }
}

Formula FormulaParser::range() {
  Formula f;
  f.kind = FormulaKind::range;
  f.name = name("");
  take();
  f.exprs.push_back(primary());
  f.inclusive = is(Tok::range_inclusive);
  if (!accept(Tok::range_inclusive)) expect(Tok::range, "a range is written: x in 0..10, or 0..=9");
  f.exprs.push_back(primary());
  f.span = join(f.name.span, last());
  return f;
}

Formula FormulaParser::match() {
  Formula f;
  f.kind = FormulaKind::match;
  const Span begin = take().span;
  f.name = name("a term is taken apart with: case x is Name(…)");
  expect(Tok::k_is, "a term is taken apart with: case x is Name(…)");
  f.exprs.push_back(argument());
  f.span = join(begin, last());
  return f;
}

}  // namespace tenfold::lang
