#include "plan/plan.h"

#include <algorithm>
#include <chrono>

#include "plan/compile.h"
#include "plan/demand.h"
#include "plan/order.h"
#include "plan/stratify.h"

namespace tenfold::plan {
namespace {

// Times a pass and keeps whether it was on, for `--timings` and `explain`.
template <class Pass>
auto timed(Plan& plan, std::string name, bool on, Pass pass) {
  const auto start = std::chrono::steady_clock::now();
  auto result = pass();
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  plan.times.push_back({std::move(name), took.count(), on});
  return result;
}

void copy_relations(Plan& plan) {
  for (const lang::Relation& relation : plan.program->relations) {
    PlanRelation copy;
    copy.name = relation.name;
    copy.synthetic = relation.synthetic;
    for (const lang::Column& column : relation.columns) copy.types.push_back(column.type);
    plan.relations.push_back(std::move(copy));
  }
}

// `not p(x, _)` becomes `not some#p(x)` with `some#p(x) = p(x, _)`: a negated atom then has no open column.
void project(Plan& plan, PlanRule& rule) {
  for (PlanLiteral& l : rule.body) {
    if (l.literal.kind != lang::LiteralKind::negative) continue;
    if (plan.program->relations[l.literal.relation].kind == lang::RelationKind::foreign) continue;
    std::vector<lang::Expr> kept;
    std::string name = "some#" + plan.relations[l.literal.relation].name + "#";
    PlanRelation made;
    PlanRule projection;
    lang::Literal inner = l.literal;
    inner.kind = lang::LiteralKind::positive;
    for (std::uint32_t c = 0; c < inner.args.size(); ++c) {
      lang::Expr& arg = inner.args[c];
      const bool open = arg.op == lang::Op::variable && rule.variables[arg.variable].wildcard;
      if (!open) kept.push_back(arg);
      name += open ? '_' : 'x';
      lang::Expr fresh;
      fresh.op = lang::Op::variable;
      fresh.variable = c;
      fresh.type = plan.relations[inner.relation].types[c];
      fresh.place = arg.place;
      projection.variables.push_back({"#p" + std::to_string(c), fresh.type, open, true});
      if (!open) {
        projection.head_args.push_back(fresh);
        made.types.push_back(fresh.type);
      }
      arg = fresh;
    }
    if (kept.size() == l.literal.args.size()) continue;
    RelationId id = 0;
    const auto is_it = [&](const PlanRelation& r) { return r.name == name && r.projects == l.literal.relation; };
    while (id < plan.relations.size() && !is_it(plan.relations[id])) ++id;
    if (id == plan.relations.size()) {
      made.name = name;
      made.synthetic = true;
      made.projects = l.literal.relation;
      plan.relations.push_back(std::move(made));
      projection.head = id;
      projection.source = rule.source;
      projection.body.push_back({std::move(inner), false});
      plan.rules.push_back(std::move(projection));
    }
    l.literal.relation = id;
    l.literal.args = std::move(kept);
  }
}

void copy_rules(Plan& plan) {
  for (std::uint32_t i = 0; i < plan.program->rules.size(); ++i) {
    const lang::Rule& rule = plan.program->rules[i];
    PlanRule copy;
    copy.head = rule.head;
    if (plan.program->relations[rule.head].kind == lang::RelationKind::terms) copy.kind = RuleKind::terms;
    copy.head_args = rule.head_args;
    for (const lang::Literal& l : rule.body) copy.body.push_back({l, false});
    copy.variables = rule.variables;
    copy.tag = rule.tag;
    copy.choice = rule.choice;
    copy.choices = rule.choices;
    copy.source = i;
    project(plan, copy);
    plan.rules.push_back(std::move(copy));
  }
}

void choose_roots(Plan& plan, const Options& options) {
  plan.roots = options.asked;
  if (plan.roots.empty())
    for (const lang::Query& query : plan.program->queries) plan.roots.push_back(query.relation);
  if (plan.roots.empty())
    for (RelationId r = 0; r < plan.program->relations.size(); ++r) {
      const lang::Relation& relation = plan.program->relations[r];
      const bool refusal = std::any_of(plan.program->networks.begin(), plan.program->networks.end(),
                                       [r](const lang::Network& n) { return n.refusal == r; });
      if (!relation.hidden && !relation.synthetic && !refusal && relation.kind == lang::RelationKind::plain)
        plan.roots.push_back(r);
    }
}

// Leaves out rules that nothing asked for reads. With `demand` off every network sees its whole domain, asked or not.
void keep_relevant(Plan& plan, bool demand) {
  std::vector<bool> relevant(plan.relations.size(), false);
  std::vector<RelationId> work = plan.roots;
  if (!demand)
    for (const lang::Network& network : plan.program->networks) work.push_back(network.relation);
  while (!work.empty()) {
    const RelationId r = work.back();
    work.pop_back();
    if (relevant[r]) continue;
    relevant[r] = true;
    for (const PlanRule& rule : plan.rules)
      if (rule.head == r)
        for (const PlanLiteral& l : rule.body)
          if (l.literal.kind != lang::LiteralKind::constraint) work.push_back(l.literal.relation);
    for (const lang::Aggregate& a : plan.program->aggregates) {
      if (a.result != r) continue;
      work.push_back(a.body);
      if (a.domain != kNone) work.push_back(a.domain);
    }
  }
  std::erase_if(plan.rules, [&](const PlanRule& rule) { return !relevant[rule.head]; });
}

// FLOPs that one tuple of a relation may cost in networks, itself or through what it is derived from.
std::vector<double> network_cost(const Plan& plan, const Options& options) {
  std::vector<double> dear(plan.relations.size() + 1, 0.0);
  for (std::size_t n = 0; n < plan.program->networks.size(); ++n) {
    const lang::Network& network = plan.program->networks[n];
    const double flops = n < options.network_costs.size() ? std::max(options.network_costs[n], 1.0) : 1.0;
    dear[network.relation] = flops;
    if (network.refusal != kNone) dear[network.refusal] = flops;
  }
  auto raise = [&](RelationId head, RelationId read) {
    if (dear[read] <= dear[head]) return false;
    dear[head] = dear[read];
    return true;
  };
  for (bool changed = true; changed;) {
    changed = false;
    for (const PlanRule& rule : plan.rules)
      for (const PlanLiteral& l : rule.body)
        if (l.literal.kind != lang::LiteralKind::constraint) changed |= raise(rule.head, l.literal.relation);
    for (const lang::Aggregate& a : plan.program->aggregates) {
      changed |= raise(a.result, a.body);
      if (a.domain != kNone) changed |= raise(a.result, a.domain);
    }
  }
  return dear;
}

Error demand_cycle(const NegativeCycle& cycle) {
  return Error{"demand-cycle", cycle.place,
               "this reads a relation with bound columns, and what is asked of that relation depends on this",
               "give what is read first a relation of its own, or rules that bind its columns by themselves", ""};
}

}  // namespace

Result<Plan> make_plan(const lang::Program& program, const Options& options) {
  Plan start;
  start.program = &program;
  copy_relations(start);
  copy_rules(start);
  choose_roots(start, options);
  const bool demand = !options.without.contains("demand"), by_cost = !options.without.contains("order");
  timed(start, "relevant", true, [&] { return keep_relevant(start, demand), 0; });
  const std::vector<double> dear = network_cost(start, options);

  // Each attempt asks for more than the one before it.
  enum class Attempt : std::uint8_t { full, widened, whole };
  for (Attempt attempt = Attempt::full;; attempt = attempt == Attempt::full ? Attempt::widened : Attempt::whole) {
    Plan plan = start;
    const DemandOptions demand_options{.on = demand,
                                       .by_cost = by_cost,
                                       .widened = attempt != Attempt::full,
                                       .whole = attempt == Attempt::whole,
                                       .count_levers = options.count_levers};
    Status asked = timed(plan, "demand", demand, [&] { return add_demand(plan, dear, demand_options); });
    if (!asked.ok()) return asked.error();
    plan.times.push_back({"order", 0.0, by_cost});
    const auto cycle = timed(plan, "stratify", true, [&] { return stratify(plan); });
    if (cycle && attempt != Attempt::whole) continue;
    if (cycle) return demand_cycle(*cycle);
    if (attempt == Attempt::widened)
      plan.notes.push_back(
          "demand asks for more than it could: full magic sets would close a cycle through a negation");
    if (attempt == Attempt::whole)
      plan.notes.push_back("demand is off: what is asked depends, through a negation, on what answers it");
    std::vector<double> dear_now = dear;
    dear_now.resize(plan.relations.size() + 1, 0.0);
    const StatedTables stated(plan);
    const OrderContext context{&program, &dear_now, by_cost, &stated};
    Status compiled = timed(plan, "compile", true, [&] { return compile_steps(plan, context); });
    if (!compiled.ok()) return compiled.error();
    return plan;
  }
}

}  // namespace tenfold::plan
