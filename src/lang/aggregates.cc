// Aggregates: each becomes a relation for its body, one for its `where`, and one for its result.
//   before  p(c, n) = n := count(s: takes(s, c) where c: class(c))
//   after   #body(c, s) = takes(s, c)    #where(c) = class(c)    #count = count over #body    p(c, n) = #count(c, n)
#include <algorithm>

#include "lang/aggregate_forms.h"
#include "lang/desugar.h"

namespace tenfold::lang {
namespace {

/// Variables that the positive literals and equations of a body are sure to bind.
std::vector<bool> surely_bound(const DraftRule& rule) {
  std::vector<bool> bound(rule.variables.size(), false);
  auto known = [&](const DraftExpr& e, auto& self) -> bool {
    if (e.op == Op::variable) return bound[e.variable];
    return std::all_of(e.args.begin(), e.args.end(), [&](const DraftExpr& a) { return self(a, self); });
  };
  for (bool changed = true; changed;) {
    changed = false;
    auto bind = [&](const DraftExpr& e) {
      if (e.op != Op::variable || bound[e.variable]) return;
      bound[e.variable] = changed = true;
    };
    for (const DraftLiteral& l : rule.body) {
      if (l.kind == LiteralKind::positive)
        for (const DraftExpr& arg : l.args) bind(arg);
      if (l.kind != LiteralKind::constraint || l.condition.op != Op::equal) continue;
      if (known(l.condition.args[0], known)) bind(l.condition.args[1]);
      if (known(l.condition.args[1], known)) bind(l.condition.args[0]);
    }
  }
  return bound;
}

}  // namespace

void join_domain(const RuleHead& head, RuleBuilder& builder) {
  const std::vector<bool> bound = surely_bound(builder.rule());
  const bool all = std::all_of(head.groups.begin(), head.groups.end(),
                               [&](const syntax::Name& g) { return bound[builder.variable(g)]; });
  if (all) return;
  std::vector<DraftExpr> args;
  for (const syntax::Name& g : head.groups) args.push_back(builder.variable_expr(builder.variable(g), g.span));
  builder.atom(head.domain, std::move(args), LiteralKind::positive, head.groups[0].span);
  auto& body = builder.rule().body;
  std::rotate(body.begin(), body.end() - 1, body.end());
}

void Desugar::quantifier(const SignedFormula& literal, const NameList& outside, const RuleOrigin& origin,
                         RuleBuilder& builder) {
  const syntax::Aggregate& a = *literal.formula->aggregate;
  const Instance* made = instance(a, outside, origin);
  if (!made) {
    builder.rule().broken = true;
    return;
  }
  // forall(x: f => g) holds where no x has f and not g.
  const bool wanted = made->op == AggregateOp::forall ? literal.negated : !literal.negated;
  if (!wanted && !made->groups.empty() && a.domain.empty())
    unit_.diagnostics.warning("empty-groups", literal.formula->span,
                              "this is never true: the values of " + ticked(made->groups[0].text) +
                                  " are taken from its body, where there is one",
                              "name the values to look at: " + std::string(a.op.text) + "(… where " +
                                  std::string(made->groups[0].text) + ": …)");
  std::vector<DraftExpr> args = group_args(*made, builder);
  args.push_back(truth(wanted, a.op.span));
  builder.atom(made->result, std::move(args), LiteralKind::positive, literal.formula->span);
}

void Desugar::assignment(const SignedFormula& literal, const NameList& outside, const RuleOrigin& origin,
                         RuleBuilder& builder) {
  const syntax::Formula& f = *literal.formula;
  const Instance* made = instance(*f.aggregate, outside, origin);
  if (!made) {
    builder.rule().broken = true;
    return;
  }
  auto fail = [&](std::string_view code, Span span, std::string what, std::string hint) {
    unit_.error(code, span, std::move(what), std::move(hint));
    builder.rule().broken = true;
  };
  if (literal.negated)
    return fail("negated-aggregate", f.span, "an aggregate cannot be negated",
                "give it a rule of its own, and compare its result");
  const std::size_t columns = *result_columns(*f.aggregate);
  if (f.results.size() != columns)
    return fail("arity", f.span,
                ticked(f.aggregate->op.text) + " gives " + std::to_string(columns) +
                    (columns == 1 ? " value" : " values") + " here, not " + std::to_string(f.results.size()),
                columns == 1 ? "write one variable before :=" : "write a variable or `_` for each: (a, b) := …");
  std::vector<DraftExpr> args = group_args(*made, builder);
  for (const syntax::Name& result : f.results) {
    if (unit_.constants.contains(result.text))
      return fail("duplicate", result.span, ticked(result.text) + " is a constant",
                  "choose another name for the result");
    args.push_back(result.text == "_" ? builder.wildcard(result.span)
                                      : builder.variable_expr(builder.variable(result), result.span));
  }
  if (made->op != AggregateOp::forall || f.results[0].text == "_")
    return builder.atom(made->result, std::move(args), LiteralKind::positive, f.span);
  DraftExpr found = builder.made(f.span);
  std::swap(args.back(), found);
  DraftExpr condition = equation(found, negation(args.back()));
  builder.atom(made->result, std::move(args), LiteralKind::positive, f.span);
  builder.add(constraint(std::move(condition)));
}

std::vector<DraftExpr> Desugar::group_args(const Instance& instance, RuleBuilder& builder) {
  std::vector<DraftExpr> args;
  for (const syntax::Name& g : instance.groups) args.push_back(builder.variable_expr(builder.variable(g), g.span));
  return args;
}

std::optional<std::vector<syntax::Name>> Desugar::groups(const syntax::Aggregate& a, const NameList& outside) {
  std::vector<syntax::Name> out;
  NameList free;
  collect_free(unit_, a, free);
  if (a.domain.empty()) {
    for (const syntax::Name& name : free.names())
      if (outside.contains(name.text)) out.push_back(name);
    return out;
  }
  NameList named;
  for (const syntax::Binding& g : a.groups) {
    named.add(g.name);
    out.push_back(g.name);
  }
  for (const syntax::Name& name : free.names()) {
    if (named.contains(name.text) || !outside.contains(name.text)) continue;
    unit_.error("ungrouped-variable", name.span,
                ticked(name.text) + " is used outside of this aggregate, and its `where` does not name it",
                "add it to the groups after `where`, or rename it");
    return std::nullopt;
  }
  return out;
}

bool Desugar::well_formed(const syntax::Aggregate& a, AggregateOp op) {
  const std::string name(a.op.text);
  auto fail = [&](std::string_view code, Span span, std::string what, std::string hint) {
    unit_.error(code, span, std::move(what), std::move(hint));
    return false;
  };
  // A group may be looked at as well: top(g, x: p(g, x) where g: q(g)).
  NameList seen, groups;
  for (const syntax::Name& n : a.args) seen.add(n);
  for (const syntax::Binding& b : a.vars) seen.add(b.name);
  for (const syntax::Binding& b : a.groups) groups.add(b.name);
  if (seen.names().size() != a.args.size() + a.vars.size() || groups.names().size() != a.groups.size())
    return fail("duplicate", a.span, "a variable stands twice among those of " + ticked(name), "name each once");
  for (const syntax::Binding& b : a.groups) seen.add(b.name);
  for (const syntax::Name& n : seen.names())
    if (unit_.constants.contains(n.text))
      return fail("duplicate", n.span, ticked(n.text) + " is a constant", "choose another name for the variable");
  const AggregateForm& form = aggregate_form(op);
  if (a.vars.empty() && form.vars != AggregateForm::Vars::optional)
    return fail("aggregate", a.op.span, ticked(name) + " needs to know what to look at", "name it: " + name + "(x: …)");
  if (form.vars == AggregateForm::Vars::one && a.vars.size() != 1)
    return fail("aggregate", a.op.span, ticked(name) + " looks at one variable",
                "name it last, and the others in square brackets: " + name + "[key](value: …)");
  if (!a.args.empty() && form.takes == AggregateForm::Takes::none)
    return fail("aggregate", a.args[0].span, ticked(name) + " takes no variables in square brackets",
                "move them before the colon");
  if (a.one_world && !form.one_world)
    return fail("aggregate", a.op.span, ticked(name) + " has no form with `!`: it looks at all facts anyway",
                "leave out the `!`");
  if (a.args.empty() && form.takes == AggregateForm::Takes::some)
    return fail("aggregate", a.op.span, ticked(name) + " needs to know what it gives",
                "name it: " + name + "[who](value: …)");
  if (op == AggregateOp::forall && a.body[0].kind != syntax::FormulaKind::implies)
    return fail("aggregate", a.body[0].span, "the body of `forall` is an implication",
                "write forall(x: given(x) => wanted(x))");
  return true;
}

const Desugar::Instance* Desugar::instance(const syntax::Aggregate& a, const NameList& outside,
                                           const RuleOrigin& origin) {
  const auto op = aggregate_op(a.op.text);
  if (!op) {
    unit_.error("unknown-aggregate", a.op.span, "there is no aggregate " + ticked(a.op.text),
                did_you_mean(a.op.text, aggregate_names(),
                             "there are count, sum, prod, avg, min, max, argmin, argmax, exists, forall, string_join, "
                             "sort, rank, top and more"));
    return nullptr;
  }
  if (!well_formed(a, *op)) return nullptr;
  auto by = groups(a, outside);
  if (!by) return nullptr;
  std::string key;
  for (const syntax::Name& g : *by) (key += g.text) += ',';
  const auto known = instances_.find({&a, key});
  if (known != instances_.end()) return &known->second;
  Instance made = build(a, *op, std::move(*by), origin);
  return &instances_.emplace(std::pair{&a, key}, std::move(made)).first->second;
}

Desugar::Instance Desugar::build(const syntax::Aggregate& a, AggregateOp op, std::vector<syntax::Name> by,
                                 const RuleOrigin& origin) {
  const auto number = unit_.aggregates.size();
  const std::string name = "#" + std::string(a.op.text) + "." + std::to_string(number);
  RuleOrigin inner{origin.number, origin.text, origin.source, nullptr, a.span};

  RuleHead head;
  for (const syntax::Name& g : by) head.columns.push_back({g, std::nullopt});
  RuleHead domain = head;
  for (const syntax::Name& arg : a.args) head.columns.push_back({arg, std::nullopt});
  for (const syntax::Binding& v : a.vars) head.columns.push_back(v);

  Aggregate made;
  made.op = op == AggregateOp::forall ? AggregateOp::exists : op;
  made.one_world = a.one_world;
  made.groups = static_cast<std::uint32_t>(by.size());
  made.args = static_cast<std::uint32_t>(a.args.size());
  made.vars = static_cast<std::uint32_t>(a.vars.size());
  if (auto wrong = read_parameters(unit_.sources, a, made))
    unit_.error("aggregate", wrong->span, std::move(wrong->what), std::move(wrong->hint));
  made.text = collapsed(unit_, a.span);
  made.place = unit_.sources.place(a.span);
  made.result = made_relation(name, by.size() + *result_columns(a), RelationKind::aggregate, a.span);
  made.body = head.relation = made_relation(name + ".body", head.columns.size(), RelationKind::plain, a.span);
  if (!a.domain.empty()) {
    domain.columns = a.groups;
    made.domain = domain.relation = made_relation(name + ".where", by.size(), RelationKind::plain, a.span);
    head.domain = made.domain;
    head.groups = by;
  }
  // Numbered before its body is built: an aggregate in the body is another one.
  unit_.aggregates.push_back(made);
  unit_.aggregate_spans.push_back(a.span);
  rules(head, a.body[0], op == AggregateOp::forall, inner);
  if (!a.domain.empty()) rules(domain, a.domain[0], false, inner);
  return {made.result, std::move(by), op};
}

}  // namespace tenfold::lang
