#include "lang/normal_form.h"

#include <algorithm>

namespace tenfold::lang {
namespace {

// Alternatives multiply: a rule that would become more rules than this is a mistake or an attack.
constexpr std::size_t kMaxAlternatives = 4096;
constexpr std::size_t kMaxLiterals = 65536;
// Grounding and ordering look at all pairs of literals of one body.
constexpr std::size_t kMaxBody = 4096;

using Alternatives = std::vector<Conjunct>;
using syntax::Formula;
using syntax::FormulaKind;

class Normal {
 public:
  std::optional<Alternatives> of(const Formula& f, bool negated) {
    switch (f.kind) {
      case FormulaKind::negation:
        return of(f.parts[0], !negated);
      case FormulaKind::conjunction:
        return negated ? any(f, true) : all(f, false);
      case FormulaKind::disjunction:
        return negated ? all(f, true) : any(f, false);
      case FormulaKind::implies: {
        auto left = of(f.parts[0], !negated), right = of(f.parts[1], negated);
        if (!left || !right) return std::nullopt;
        return negated ? product(std::move(*left), *right) : sum(std::move(*left), std::move(*right));
      }
      default:
        return Alternatives{{SignedFormula{&f, negated}}};
    }
  }

 private:
  std::optional<Alternatives> any(const Formula& f, bool negated) {
    Alternatives out;
    for (const Formula& part : f.parts) {
      auto some = of(part, negated);
      if (!some) return std::nullopt;
      auto joined = sum(std::move(out), std::move(*some));
      if (!joined) return std::nullopt;
      out = std::move(*joined);
    }
    return out;
  }

  std::optional<Alternatives> all(const Formula& f, bool negated) {
    Alternatives out = {{}};
    for (const Formula& part : f.parts) {
      const auto some = of(part, negated);
      if (!some) return std::nullopt;
      auto joined = product(std::move(out), *some);
      if (!joined) return std::nullopt;
      out = std::move(*joined);
    }
    return out;
  }

  static std::optional<Alternatives> sum(Alternatives a, Alternatives b) {
    if (a.size() + b.size() > kMaxAlternatives) return std::nullopt;
    std::move(b.begin(), b.end(), std::back_inserter(a));
    return a;
  }

  static std::optional<Alternatives> product(Alternatives a, const Alternatives& b) {
    if (a.size() * b.size() > kMaxAlternatives) return std::nullopt;
    if (b.size() == 1) {
      for (Conjunct& x : a) x.insert(x.end(), b[0].begin(), b[0].end());
      return a;
    }
    Alternatives out;
    std::size_t literals = 0;
    for (const Conjunct& x : a)
      for (const Conjunct& y : b) {
        Conjunct joined = x;
        joined.insert(joined.end(), y.begin(), y.end());
        literals += joined.size();
        if (literals > kMaxLiterals) return std::nullopt;
        out.push_back(std::move(joined));
      }
    return out;
  }
};

}  // namespace

std::optional<std::vector<Conjunct>> alternatives(Unit& unit, const Formula& formula, bool negated) {
  auto out = Normal().of(formula, negated);
  if (!out)
    unit.error("too-many-alternatives", formula.span, "this body has too many alternatives",
               "give each group of alternatives a rule of its own, and use its head here");
  if (out && std::any_of(out->begin(), out->end(), [](const Conjunct& c) { return c.size() > kMaxBody; })) {
    unit.error("too-long", formula.span, "this body has more than 4096 literals",
               "give parts of it rules of their own, and use their heads here");
    return std::nullopt;
  }
  return out;
}

void collect_names(const Unit& unit, const syntax::Expr& expr, NameList& names) {
  if (expr.kind == syntax::ExprKind::name && !unit.constants.contains(expr.name.text)) names.add(expr.name);
  for (const syntax::Expr& arg : expr.args) collect_names(unit, arg, names);
}

void collect_free(const Unit& unit, const syntax::Aggregate& a, NameList& names) {
  NameList inner;
  for (const Formula& body : a.body) collect_names(unit, body, true, inner);
  auto bound = [&](std::string_view name) {
    return std::any_of(a.vars.begin(), a.vars.end(), [&](const auto& b) { return b.name.text == name; }) ||
           std::any_of(a.args.begin(), a.args.end(), [&](const auto& n) { return n.text == name; });
  };
  for (const syntax::Name& name : inner.names())
    if (!bound(name.text)) names.add(name);
}

void collect_names(const Unit& unit, const Formula& formula, bool implicit, NameList& names) {
  for (const Formula& part : formula.parts) collect_names(unit, part, implicit, names);
  for (const syntax::Expr& expr : formula.exprs) collect_names(unit, expr, names);
  if (formula.atom)
    for (const syntax::Expr& arg : formula.atom->args) collect_names(unit, arg, names);
  if (formula.kind == FormulaKind::range || formula.kind == FormulaKind::match) names.add(formula.name);
  for (const syntax::Name& result : formula.results)
    if (result.text != "_") names.add(result);
  if (!formula.aggregate) return;
  for (const syntax::Binding& group : formula.aggregate->groups) names.add(group.name);
  if (implicit && formula.aggregate->domain.empty()) collect_free(unit, *formula.aggregate, names);
}

}  // namespace tenfold::lang
