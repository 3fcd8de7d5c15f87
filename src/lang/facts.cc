// Facts: sets of constants, exclusive sets, single facts with expressions.
#include <algorithm>

#include "lang/desugar.h"

namespace tenfold::lang {

namespace {

bool has_pattern(const syntax::Expr& expr) {
  return expr.kind == syntax::ExprKind::pattern ||
         (expr.kind != syntax::ExprKind::create && std::any_of(expr.args.begin(), expr.args.end(), has_pattern));
}

}  // namespace

DraftCell Desugar::cell(const syntax::FactSet& set, const syntax::SetCell& written) {
  if (written.expr != kNone) return cell(set.exprs[written.expr]);
  if (written.literal != Tok::name) return {written.literal, written.span, kNone};
  syntax::Expr name;
  name.kind = syntax::ExprKind::name;
  name.span = written.span;
  name.name = {unit_.sources.text(written.span), written.span};
  return cell(name);
}

DraftCell Desugar::cell(const syntax::Expr& expr) {
  if (expr.kind == syntax::ExprKind::literal) return {expr.literal, expr.name.span, kNone};
  DraftRule scratch;
  RuleBuilder builder(unit_, scratch);
  DraftExpr value = builder.value(expr);
  if (scratch.broken) return {Tok::end, expr.span, kNone};
  for (const DraftVariable& v : scratch.variables) {
    if (v.made) continue;
    std::vector<std::string> names;
    for (const auto& [name, constant] : unit_.constants) names.emplace_back(name);
    std::sort(names.begin(), names.end());
    if (unit_.worth_telling(v.name))
      unit_.error(
          "unbound-variable", v.span, "a fact holds constants, and " + ticked(v.name) + " is none",
          did_you_mean(v.name, names, "text stands between quotes: \"" + v.name + "\"; a rule has a body: … = body"));
    return {Tok::end, expr.span, kNone};
  }
  unit_.fact_exprs.push_back(std::move(value));
  return {Tok::name, expr.span, static_cast<std::uint32_t>(unit_.fact_exprs.size() - 1)};
}

void Desugar::fact_set(const syntax::FactSet& set) {
  if (set.tuples.empty()) return;
  RelationId relation = kNone;
  const std::uint32_t group = set.exclusive ? unit_.groups++ : kNone;
  for (const syntax::FactSet::Tuple& tuple : set.tuples) {
    if (relation == kNone || tuple.count != unit_.relations[relation].relation.columns.size()) {
      relation = defined(set.name, tuple.count, tuple.span);
      if (relation == kNone) return;
    }
    DraftFact fact;
    fact.relation = relation;
    fact.first = static_cast<std::uint32_t>(unit_.fact_cells.size());
    fact.count = tuple.count;
    fact.group = group;
    fact.span = tuple.span;
    if (tuple.tag) fact.tag = cell(set, *tuple.tag);
    for (std::uint32_t i = 0; i < tuple.count; ++i) unit_.fact_cells.push_back(cell(set, set.cells[tuple.first + i]));
    unit_.facts.push_back(fact);
  }
}

/// Terms that constants name exist, used or not.
void Desugar::term_constants(const syntax::ConstDecl& constants) {
  for (const auto& assignment : constants.assignments) {
    if (!has_pattern(assignment.value) && assignment.value.kind != syntax::ExprKind::create) continue;
    DraftRule scratch;
    RuleBuilder builder(unit_, scratch);
    syntax::Expr name;
    name.kind = syntax::ExprKind::name;
    name.span = assignment.name.span;
    name.name = assignment.name;
    DraftExpr value = builder.value(name);
    if (!scratch.broken) unit_.term_constants.push_back(std::move(value));
  }
}

/// A pattern in a fact stands for all terms like it: size(Leaf(_), 1) is size(t, 1) = case t is Leaf(_).
void Desugar::fact(const syntax::Item& item, const syntax::Fact& written) {
  if (std::any_of(written.atom.args.begin(), written.atom.args.end(), has_pattern)) {
    RuleOrigin origin{
        origins_++, collapsed(unit_, item.span), {}, written.tag ? &*written.tag : nullptr, written.atom.span};
    RuleHead head;
    head.relation = defined(written.atom.name, written.atom.args.size(), written.atom.span);
    head.args = &written.atom.args;
    if (head.relation != kNone) rules(head, syntax::Formula{}, false, origin);
    return;
  }
  const RelationId relation = defined(written.atom.name, written.atom.args.size(), written.atom.span);
  if (relation == kNone) return;
  DraftFact fact;
  fact.relation = relation;
  fact.first = static_cast<std::uint32_t>(unit_.fact_cells.size());
  fact.count = static_cast<std::uint32_t>(written.atom.args.size());
  fact.span = written.atom.span;
  if (written.tag) fact.tag = cell(*written.tag);
  for (const syntax::Expr& arg : written.atom.args) unit_.fact_cells.push_back(cell(arg));
  unit_.facts.push_back(fact);
}

}  // namespace tenfold::lang
