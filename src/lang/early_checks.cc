// What can be seen before types are known: constants that are no value of their type, what is annotated @goal, and
// variables that stand once, in a negation.
#include <algorithm>

#include "lang/checks.h"
#include "lang/types.h"

namespace tenfold::lang {
namespace {

// A constant that nothing uses has a type all the same.
void check_constants(Unit& unit) {
  for (const syntax::File& file : unit.files)
    for (const syntax::Item& item : file.items) {
      const auto* decl = std::get_if<syntax::ConstDecl>(&item.what);
      if (!decl) continue;
      for (const auto& a : decl->assignments) {
        const auto known = unit.constants.find(a.name.text);
        if (known == unit.constants.end() || !known->second.type) continue;
        const bool negated = a.value.kind == syntax::ExprKind::operation && a.value.op == Op::negate;
        const syntax::Expr& value = negated ? a.value.args[0] : a.value;
        if (value.kind != syntax::ExprKind::literal) continue;
        TypeSet may = literal_types(value.literal, unit.sources.text(value.span));
        if (negated) may = may & kWithSign;
        if (may & set_of(*known->second.type)) continue;
        unit.error("type", a.value.span,
                   "this is " + text(may) + ", and " + ticked(a.name.text) + " is declared " +
                       std::string(name(*known->second.type)),
                   "write a value of that type, or declare another");
      }
    }
}

struct Goal {
  std::string_view name;
  std::size_t columns;
  Span span;
};

void goals_of(const syntax::Item& item, std::vector<Goal>& goals) {
  if (const auto* types = std::get_if<syntax::TypeRelations>(&item.what))
    for (const auto& r : types->relations) goals.push_back({r.name.text, r.args.size(), r.name.span});
  if (const auto* rule = std::get_if<syntax::Rule>(&item.what))
    for (const auto& head : rule->heads) goals.push_back({head.name.text, head.args.size(), head.span});
  if (const auto* fact = std::get_if<syntax::Fact>(&item.what))
    goals.push_back({fact->atom.name.text, fact->atom.args.size(), fact->atom.span});
}

void check_goals(Unit& unit) {
  std::vector<Goal> goals;
  for (const syntax::File& file : unit.files)
    for (const syntax::Item& item : file.items)
      if (std::any_of(item.attributes.begin(), item.attributes.end(),
                      [](const auto& a) { return a.name.text == "goal"; }))
        goals_of(item, goals);
  for (const Goal& goal : goals) {
    if (goal.columns > 0)
      unit.error("goal", goal.span,
                 "a goal has no columns, and " + ticked(goal.name) + " has " + std::to_string(goal.columns),
                 "write rel goal() = " + std::string(goal.name) + "(…)");
    if (goal.name != goals[0].name)
      unit.error("goal", goal.span, "a program has one goal, and " + ticked(goals[0].name) + " is one already",
                 "write one goal that holds where any of them does");
  }
}

void count(const DraftExpr& e, std::vector<std::uint32_t>& uses) {
  if (e.op == Op::variable) ++uses[e.variable];
  for (const DraftExpr& arg : e.args) count(arg, uses);
}

// not p(x, y) where y is used nowhere else: no y at all, as not p(x, _) says.
void loosen(Unit& unit, DraftRule& rule) {
  std::vector<std::uint32_t> uses(rule.variables.size(), 0);
  for (const DraftExpr& arg : rule.head_args) count(arg, uses);
  if (rule.tag) count(*rule.tag, uses);
  for (const DraftLiteral& l : rule.body) {
    for (const DraftExpr& arg : l.args) count(arg, uses);
    if (l.kind == LiteralKind::constraint) count(l.condition, uses);
  }
  for (const DraftLiteral& l : rule.body) {
    if (l.kind != LiteralKind::negative || l.relation >= unit.relations.size()) continue;
    const Relation& relation = unit.relations[l.relation].relation;
    if (relation.kind != RelationKind::plain) continue;  // a network and what is computed need their inputs
    for (std::size_t c = 0; c < l.args.size(); ++c) {
      const DraftExpr& arg = l.args[c];
      if (arg.op != Op::variable || uses[arg.variable] != 1 || rule.variables[arg.variable].wildcard) continue;
      if (c < relation.columns.size() && relation.columns[c].bound) continue;
      DraftVariable& v = rule.variables[arg.variable];
      v.wildcard = true;
      unit.diagnostics.warning("lone-variable", arg.span,
                               ticked(v.name) + " stands nowhere else: this says that there is none at all",
                               "write `_`, or join a relation that gives " + ticked(v.name));
    }
  }
}

}  // namespace

void check_early(Unit& unit) {
  check_constants(unit);
  check_goals(unit);
  for (DraftRule& rule : unit.rules) loosen(unit, rule);
}

}  // namespace tenfold::lang
