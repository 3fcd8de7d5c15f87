#include "plan/possible.h"

#include <algorithm>

#include "lang/aggregate_forms.h"
#include "plan/order.h"

namespace tenfold::plan {
namespace {

using lang::LiteralKind;

bool binds(const lang::Expr& arg, const std::vector<bool>& bound) {
  return arg.op == lang::Op::constant || bound[arg.variable];
}

lang::Expr variable(VarId v, Type type) {
  lang::Expr e;
  e.op = lang::Op::variable;
  e.variable = v;
  e.type = type;
  return e;
}

PlanRule rule_for(RelationId head, std::vector<lang::Expr> args) {
  PlanRule rule;
  rule.kind = RuleKind::possible;
  rule.head = head;
  rule.head_args = std::move(args);
  return rule;
}

void add_as_written(Plan& plan, PlanRule rule) {
  rule.order.clear();
  for (std::uint32_t i = 0; i < rule.body.size(); ++i) rule.order.push_back(i);
  plan.rules.push_back(std::move(rule));
}

PlanLiteral atom(RelationId relation, std::vector<lang::Expr> args) {
  PlanLiteral l;
  l.literal.relation = relation;
  l.literal.args = std::move(args);
  return l;
}

// The column of the body that a column of the result comes from; nothing where the aggregate makes its own value.
std::optional<std::uint32_t> picked(const lang::Aggregate& a, std::uint32_t column) {
  if (column < a.groups) return column;
  const lang::AggregateForm& form = lang::aggregate_form(a.op);
  std::uint32_t value = column - a.groups;
  if (form.gives_value() || (form.index && value == 0)) return std::nullopt;
  if (form.index) --value;
  return a.groups + value + (form.gives_args ? 0 : a.args);
}

bool picks(const lang::Aggregate& a) { return !lang::aggregate_form(a.op).gives_value(); }

}  // namespace

Possible::Possible(Plan& plan, std::vector<PlanRule> rules, std::vector<bool> exact)
    : plan_(plan),
      program_(*plan.program),
      rules_(std::move(rules)),
      exact_(std::move(exact)),
      derived_(exact_.size(), false),
      made_(exact_.size(), kNone),
      labels_(program_.networks.size(), kNone) {
  for (const PlanRule& rule : rules_) derived_[rule.head] = true;
  for (const lang::Aggregate& a : program_.aggregates) derived_[a.result] = true;
  find_known();
  make_ = true;
}

std::uint32_t Possible::network_of(RelationId r) const {
  for (std::uint32_t n = 0; n < program_.networks.size(); ++n)
    if (program_.networks[n].relation == r || program_.networks[n].refusal == r) return n;
  return kNone;
}

// The largest set of columns that is bound when no rule may use a column outside it.
void Possible::find_known() {
  for (RelationId r = 0; r < exact_.size(); ++r) known_.emplace_back(plan_.relations[r].types.size(), true);
  for (bool changed = true; changed;) {
    changed = false;
    auto lose = [&](RelationId r, std::size_t c) {
      changed = changed || known_[r][c];
      known_[r][c] = false;
    };
    for (const PlanRule& rule : rules_) {
      if (exact_[rule.head]) continue;
      std::vector<std::uint32_t> all(rule.body.size());
      for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
      std::vector<bool> bound(rule.variables.size(), false);
      (void)body(rule, all, bound);
      for (std::size_t c = 0; c < rule.head_args.size(); ++c)
        if (!binds(rule.head_args[c], bound)) lose(rule.head, c);
    }
    for (const lang::Aggregate& a : program_.aggregates)
      for (std::size_t c = 0; c < known_[a.result].size(); ++c) {
        const RelationId from = a.domain != kNone && c < a.groups ? a.domain : a.body;
        const auto kept = picked(a, static_cast<std::uint32_t>(c));
        if (!kept || (!exact_[from] && !known_[from][*kept])) lose(a.result, c);
      }
  }
}

std::optional<PlanLiteral> Possible::widened(const PlanLiteral& from, const std::vector<bool>& bound) {
  const lang::Literal& l = from.literal;
  if (from.guard || l.kind == LiteralKind::constraint || (l.relation < exact_.size() && exact_[l.relation]))
    return ready(l, program_, bound) ? std::optional(from) : std::nullopt;
  if (l.kind == LiteralKind::negative) return std::nullopt;
  if (const std::uint32_t n = network_of(l.relation); n != kNone) {
    if (l.relation != program_.networks[n].relation) return std::nullopt;  // a reason may be any text
    if (program_.networks[n].labels.empty()) return std::nullopt;          // and so may a tuple
    for (const std::string& label : program_.networks[n].labels)
      if (!program_.symbols.find(label)) return std::nullopt;
    return atom(make_ ? labels(n) : 0, {l.args.back()});
  }
  std::vector<lang::Expr> args;
  for (std::size_t c = 0; c < l.args.size(); ++c)
    if (known_[l.relation][c]) args.push_back(l.args[c]);
  return atom(make_ ? relation(l.relation) : 0, std::move(args));
}

std::vector<PlanLiteral> Possible::body(const PlanRule& rule, const std::vector<std::uint32_t>& which,
                                        std::vector<bool>& bound) {
  std::vector<PlanLiteral> out;
  std::vector<bool> done(rule.body.size(), false);
  for (bool more = true; more;) {
    more = false;
    for (std::uint32_t i : which) {
      if (done[i]) continue;
      auto l = widened(rule.body[i], bound);
      if (!l) continue;
      bind(l->literal, bound);
      out.push_back(std::move(*l));
      done[i] = more = true;
    }
  }
  return out;
}

RelationId Possible::relation(RelationId r) {
  if (made_[r] != kNone) return made_[r];
  PlanRelation made;
  made.name = "possible#" + plan_.relations[r].name;
  made.synthetic = true;
  std::vector<std::uint32_t> columns;
  for (std::uint32_t c = 0; c < known_[r].size(); ++c)
    if (known_[r][c]) {
      made.types.push_back(plan_.relations[r].types[c]);
      columns.push_back(c);
    }
  const auto id = made_[r] = static_cast<RelationId>(plan_.relations.size());
  plan_.relations.push_back(std::move(made));
  plan_.relations[r].possible = id;
  plan_.relations[r].possible_columns = std::move(columns);
  fill(r, id);
  return id;
}

void Possible::fill(RelationId r, RelationId possible) {
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    if (rules_[i].head != r) continue;
    const PlanRule from = rules_[i];
    PlanRule rule = rule_for(possible, {});
    for (std::size_t c = 0; c < from.head_args.size(); ++c)
      if (known_[r][c]) rule.head_args.push_back(from.head_args[c]);
    rule.variables = from.variables;
    rule.source = from.source;
    std::vector<std::uint32_t> all(from.body.size());
    for (std::uint32_t b = 0; b < all.size(); ++b) all[b] = b;
    std::vector<bool> bound(from.variables.size(), false);
    rule.body = body(from, all, bound);
    add_as_written(plan_, std::move(rule));
  }
  for (const lang::Aggregate& a : program_.aggregates)
    if (a.result == r) fill_aggregate(a, possible);
}

// Its groups are those of the body (or of `where`); what min, max, top and the like pick is among the body's
// tuples.
void Possible::fill_aggregate(const lang::Aggregate& a, RelationId possible) {
  PlanRule rule = rule_for(possible, {});
  auto read = [&](RelationId from, std::size_t first) {
    PlanLiteral l = atom(exact_[from] ? from : relation(from), {});
    for (std::size_t c = 0; c < plan_.relations[from].types.size(); ++c) {
      const Type type = plan_.relations[from].types[c];
      const VarId v = static_cast<VarId>(c < a.groups ? c : first + c);
      while (rule.variables.size() <= v)
        rule.variables.push_back({"#v" + std::to_string(rule.variables.size()), type, true, true});
      rule.variables[v].type = type;
      if (exact_[from] || known_[from][c]) l.literal.args.push_back(variable(v, type));
    }
    rule.body.push_back(std::move(l));
  };
  if (a.domain != kNone) read(a.domain, 0);
  if (a.domain == kNone || picks(a)) read(a.body, 0);
  for (std::uint32_t c = 0; c < known_[a.result].size(); ++c)
    if (known_[a.result][c]) rule.head_args.push_back(variable(*picked(a, c), plan_.relations[a.result].types[c]));
  // Without groups an aggregate has a value even of nothing.
  if (rule.head_args.empty()) rule.body.clear();
  add_as_written(plan_, std::move(rule));
}

RelationId Possible::labels(std::uint32_t network) {
  if (labels_[network] != kNone) return labels_[network];
  const lang::Network& n = program_.networks[network];
  PlanRelation made;
  made.name = "labels#" + program_.relations[n.relation].name;
  made.synthetic = true;
  made.types = {program_.relations[n.relation].columns.back().type};
  const auto id = labels_[network] = static_cast<RelationId>(plan_.relations.size());
  plan_.relations.push_back(std::move(made));
  for (const std::string& label : n.labels) {
    lang::Expr text;
    text.type = plan_.relations[id].types[0];
    text.constant = *program_.symbols.find(label);
    add_as_written(plan_, rule_for(id, {text}));
  }
  return id;
}

}  // namespace tenfold::plan
