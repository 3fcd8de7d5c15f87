#include "plan/demand.h"

#include <algorithm>

#include "plan/possible.h"

namespace tenfold::plan {
namespace {

using Columns = std::vector<bool>;  // of a relation: bound or not

lang::Literal atom(RelationId relation, std::vector<lang::Expr> args, const Place& place) {
  lang::Literal l;
  l.relation = relation;
  l.args = std::move(args);
  l.place = place;
  return l;
}

bool bound_arg(const lang::Expr& arg, const std::vector<bool>& bound) {
  return arg.op == lang::Op::constant || bound[arg.variable];
}

bool same_args(const std::vector<lang::Expr>& x, const std::vector<lang::Expr>& y) {
  return std::equal(x.begin(), x.end(), y.begin(), y.end(), [](const lang::Expr& p, const lang::Expr& q) {
    return p.op == q.op && p.constant == q.constant && p.variable == q.variable;
  });
}

// Two rules that say the same are one: alerts of a pack ask a network in the same few ways.
bool same_rule(const PlanRule& a, const PlanRule& b) {
  if (a.head != b.head || a.body.size() != b.body.size() || !same_args(a.head_args, b.head_args)) return false;
  for (std::size_t i = 0; i < a.body.size(); ++i) {
    const lang::Literal &x = a.body[i].literal, &y = b.body[i].literal;
    if (x.kind != y.kind || x.kind == lang::LiteralKind::constraint || x.relation != y.relation ||
        !same_args(x.args, y.args))
      return false;
  }
  return true;
}

class Demand {
 public:
  Demand(Plan& plan, const std::vector<double>& dear, const DemandOptions& options)
      : plan_(plan),
        program_(*plan.program),
        dear_(dear),
        options_(options),
        given_(plan.rules),
        network_of_(plan.relations.size(), kNone) {
    for (std::uint32_t n = 0; n < program_.networks.size(); ++n) {
      network_of_[program_.networks[n].relation] = n;
      if (program_.networks[n].refusal != kNone) network_of_[program_.networks[n].refusal] = n;
    }
  }

  Status run() {
    if (options_.whole) options_.on = false;
    choose_eligible(options_.on);
    if (Status s = adorn(options_.by_cost); !s.ok()) return s;
    name_demands("d#");
    add_guards();
    ask(RuleKind::demand);
    return networks();
  }

 private:
  bool perceived(RelationId r) const { return r < network_of_.size() && network_of_[r] != kNone; }
  bool dear(RelationId r) const { return r < dear_.size() && dear_[r] > 0; }

  // Whose computing is restricted: what reaches a network, what declares bound columns, what a query with constants
  // asks.
  void choose_eligible(bool on) {
    const std::size_t n = plan_.relations.size();
    eligible_.assign(n, false);
    std::vector<bool> has_rules(n, false);
    for (const PlanRule& rule : plan_.rules) has_rules[rule.head] = true;
    for (const lang::Aggregate& a : program_.aggregates) has_rules[a.result] = true;
    const std::vector<bool> selective = on && !options_.widened ? below_selective_queries() : std::vector<bool>(n);
    for (RelationId r = 0; r < n; ++r) {
      if (perceived(r)) {
        eligible_[r] = on;
        continue;
      }
      if (!has_rules[r]) continue;
      const bool asked = declares_bound(projected(r)) && !(options_.whole && grounded(r));
      eligible_[r] = asked || selective[r] || (on && dear(r));
    }
    for (RelationId root : plan_.roots)
      if (!perceived(root)) eligible_[root] = eligible_[root] && declares_bound(root);
  }

  // Its rules bind their heads, whether or not it is asked for given values.
  bool grounded(RelationId r) const {
    return std::all_of(given_.begin(), given_.end(), [&](const PlanRule& rule) {
      if (rule.head != r) return true;
      const auto order = join_order(rule, kNone, {&program_, &dear_, false});
      if (!order) return false;
      std::vector<bool> bound(rule.variables.size(), false);
      for (std::uint32_t i : *order) bind(rule.body[i].literal, bound);
      return std::all_of(rule.head_args.begin(), rule.head_args.end(),
                         [&](const lang::Expr& arg) { return bound_arg(arg, bound); });
    });
  }

  // The relation that a literal of a rule speaks of: `not p(x, _)` reads a projection of p.
  RelationId projected(RelationId r) const {
    return plan_.relations[r].projects == kNone ? r : plan_.relations[r].projects;
  }

  bool declares_bound(RelationId r, std::size_t column) const {
    return r < program_.relations.size() && program_.relations[r].columns[column].bound;
  }

  // What comes before a call binds all that it asks for; a rule of terms may read without asking (order.cc).
  bool gives_inputs(const PlanRule& rule, const std::vector<std::uint32_t>& order, std::size_t at) const {
    std::vector<bool> bound(rule.variables.size(), false);
    for (std::size_t i = 0; i < at; ++i) bind(rule.body[order[i]].literal, bound);
    const lang::Literal& l = rule.body[order[at]].literal;
    for (std::size_t c = 0; c < l.args.size(); ++c)
      if (bound_[l.relation][c] && !bound_arg(l.args[c], bound)) return false;
    return true;
  }

  // `range` and the like: the same rows whoever asks, though their inputs must be bound.
  bool computed(RelationId r) const {
    return r < program_.relations.size() && program_.relations[r].kind == lang::RelationKind::foreign;
  }

  bool declares_bound(RelationId r) const {
    if (r >= program_.relations.size()) return false;
    const auto& columns = program_.relations[r].columns;
    return std::any_of(columns.begin(), columns.end(), [](const lang::Column& c) { return c.bound; });
  }

  // Relations below a rule of what is asked that mentions a constant: `query path(1, x)`, or `rel from_1(x) = path(1,
  // x)` and `query from_1`. Where networks are, those rules ask with a class (`kind(i, "chest")`), which narrows
  // little: then only the queries themselves count.
  std::vector<bool> below_selective_queries() const {
    std::vector<bool> below(plan_.relations.size(), false);
    std::vector<RelationId> work;
    for (const PlanRule& rule : plan_.rules) {
      const bool asked = std::find(plan_.roots.begin(), plan_.roots.end(), rule.head) != plan_.roots.end();
      const bool counts = rule.head < program_.relations.size() &&
                          (program_.networks.empty() || program_.relations[rule.head].synthetic);
      if (!asked || !counts) continue;
      for (const PlanLiteral& l : rule.body)
        if (l.literal.kind == lang::LiteralKind::positive &&
            std::any_of(l.literal.args.begin(), l.literal.args.end(),
                        [](const lang::Expr& a) { return a.op == lang::Op::constant; }))
          work.push_back(l.literal.relation);
    }
    while (!work.empty()) {
      const RelationId r = work.back();
      work.pop_back();
      if (below[r]) continue;
      below[r] = true;
      for (const PlanRule& rule : plan_.rules)
        if (rule.head == r)
          for (const PlanLiteral& l : rule.body)
            if (l.literal.kind != lang::LiteralKind::constraint) work.push_back(l.literal.relation);
      for (const lang::Aggregate& a : program_.aggregates)
        if (a.result == r) work.push_back(a.body);
    }
    return below;
  }

  // Columns bound at every call, by a fixpoint from "all": each round can only take columns away.
  Status adorn(bool by_cost) {
    const std::size_t n = eligible_.size();
    bound_.assign(n, {});
    for (RelationId r = 0; r < n; ++r) {
      bound_[r].assign(plan_.relations[r].types.size(), eligible_[r]);
      if (perceived(r))
        for (std::size_t c = program_.networks[network_of_[r]].inputs; c < bound_[r].size(); ++c) bound_[r][c] = false;
    }
    for (const lang::Aggregate& a : program_.aggregates)
      for (std::size_t c = a.groups; c < bound_[a.result].size(); ++c) bound_[a.result][c] = false;
    const OrderContext context{&program_, &dear_, by_cost};
    for (bool changed = true; changed;) {
      changed = false;
      orders_.assign(given_.size(), {});
      for (std::size_t i = 0; i < given_.size(); ++i) {
        const PlanRule guarded = guarded_by(given_[i], guard_slot());
        auto order = join_order(guarded, kNone, context);
        if (!order) return order.error();
        orders_[i] = std::move(*order);
        if (narrow(guarded, orders_[i])) changed = true;
      }
      for (const lang::Aggregate& a : program_.aggregates) {
        if (narrow_columns(a.body, a.groups, bound_[a.result])) changed = true;
        if (a.domain != kNone && narrow_columns(a.domain, a.groups, bound_[a.result])) changed = true;
      }
    }
    return {};
  }

  bool narrow_columns(RelationId r, std::uint32_t groups, const Columns& by) {
    bool changed = false;
    for (std::size_t c = 0; c < bound_[r].size(); ++c) {
      const bool allowed = c < groups && by[c];
      if (bound_[r][c] && !allowed) {
        bound_[r][c] = false;
        changed = true;
      }
    }
    return changed;
  }

  bool narrow(const PlanRule& rule, const std::vector<std::uint32_t>& order) {
    bool changed = false;
    std::vector<bool> bound(rule.variables.size(), false), stored(rule.variables.size(), false);
    for (std::uint32_t i : order) {
      const lang::Literal& l = rule.body[i].literal;
      if (l.kind != lang::LiteralKind::constraint && l.relation < eligible_.size() && eligible_[l.relation] &&
          !perceived(l.relation)) {
        for (std::size_t c = 0; c < l.args.size(); ++c) {
          if (!bound_[l.relation][c]) continue;
          if (rule.kind == RuleKind::terms && !bound_arg(l.args[c], bound) && declares_bound(l.relation, c)) continue;
          const bool computed = bound_arg(l.args[c], bound) && !bound_arg(l.args[c], stored);
          if (bound_arg(l.args[c], bound) && !(computed && asks_for_ever(rule.head, l.relation, c))) continue;
          bound_[l.relation][c] = false;
          changed = true;
        }
      }
      bind(l, bound);
      if (l.kind == lang::LiteralKind::positive)
        for (std::size_t c = 0; c < l.args.size(); ++c)  // what a relation is asked for it only echoes
          if (l.args[c].op == lang::Op::variable && !declares_bound(l.relation, c)) stored[l.args[c].variable] = true;
    }
    return changed;
  }

  // `count(x + 1) = count(x) and x < 9` ends, but asked backwards it would not: what was computed is passed on within a
  // recursion only where the program declares the column bound.
  bool asks_for_ever(RelationId head, RelationId called, std::size_t column) const {
    if (called < program_.relations.size() && program_.relations[called].columns[column].bound) return false;
    std::vector<bool> seen(eligible_.size(), false);
    std::vector<RelationId> work{called};
    while (!work.empty()) {
      const RelationId r = work.back();
      work.pop_back();
      if (r == head) return true;
      if (r >= seen.size() || seen[r]) continue;
      seen[r] = true;
      for (const PlanRule& rule : given_)
        if (rule.head == r)
          for (const PlanLiteral& l : rule.body)
            if (l.literal.kind != lang::LiteralKind::constraint) work.push_back(l.literal.relation);
      for (const lang::Aggregate& a : program_.aggregates)
        if (a.result == r) work.push_back(a.body);
    }
    return false;
  }

  bool restricted(RelationId r) const {
    return r < eligible_.size() && eligible_[r] &&
           std::find(bound_[r].begin(), bound_[r].end(), true) != bound_[r].end();
  }

  // During adornment demand relations have no number yet: a slot that join_order may look up stands for them.
  RelationId guard_slot() const { return static_cast<RelationId>(eligible_.size()); }

  PlanRule guarded_by(const PlanRule& rule, RelationId demand) const {
    PlanRule out = rule;
    if (!restricted(rule.head) || perceived(rule.head)) return out;
    std::vector<lang::Expr> args;
    for (std::size_t c = 0; c < rule.head_args.size(); ++c)
      if (bound_[rule.head][c]) args.push_back(rule.head_args[c]);
    out.body.insert(out.body.begin(), {atom(demand, std::move(args), {}), true});
    return out;
  }

  void name_demands(const std::string& prefix) {
    demand_.assign(plan_.relations.size(), kNone);
    for (RelationId r = 0; r < eligible_.size(); ++r) {
      if (!restricted(r) || (perceived(r) && program_.networks[network_of_[r]].refusal == r)) continue;
      PlanRelation relation;
      relation.name = prefix + plan_.relations[r].name;
      relation.synthetic = true;
      relation.demanded = r;
      std::vector<std::uint32_t> columns;
      for (std::uint32_t c = 0; c < bound_[r].size(); ++c)
        if (bound_[r][c]) {
          relation.types.push_back(plan_.relations[r].types[c]);
          columns.push_back(c);
        }
      demand_[r] = static_cast<RelationId>(plan_.relations.size());
      if (prefix == "d#") {
        plan_.relations[r].bound = columns;
        plan_.relations[r].demand = demand_[r];
      }
      plan_.relations.push_back(std::move(relation));
    }
    for (const lang::Network& network : program_.networks)  // one call answers both
      if (network.refusal != kNone) demand_[network.refusal] = demand_[network.relation];
  }

  void add_guards() {
    for (std::size_t i = 0; i < given_.size(); ++i) {
      plan_.rules[i] = guarded_by(given_[i], demand_[given_[i].head]);
      plan_.rules[i].order = orders_[i];
    }
  }

  // One demand rule for each call of a restricted relation: its bound arguments, for what comes before it in the order.
  void ask(RuleKind kind) {
    for (std::size_t i = 0; i < given_.size(); ++i) {
      const PlanRule rule = guarded_by(given_[i], demand_[given_[i].head]);
      const std::vector<std::uint32_t>& order = orders_[i];
      for (std::size_t at = 0; at < order.size(); ++at) {
        const lang::Literal& l = rule.body[order[at]].literal;
        if (rule.body[order[at]].guard || l.kind == lang::LiteralKind::constraint || !restricted(l.relation)) continue;
        if (kind == RuleKind::count && !dear(l.relation)) continue;
        if (rule.kind == RuleKind::terms && !gives_inputs(rule, order, at)) continue;
        add_rule(call(rule, order, at, l, kind));
      }
    }
    for (const lang::Aggregate& a : program_.aggregates) {
      pass_on(a.result, a.body, kind, a.place);
      if (a.domain != kNone) pass_on(a.result, a.domain, kind, a.place);
    }
  }

  // Supersets of what demand may not read: relations that reach networks or have bound columns.
  Possible& possible() {
    if (possible_) return *possible_;
    std::vector<bool> exact(plan_.relations.size(), true);
    for (RelationId r = 0; r < eligible_.size(); ++r)
      exact[r] = computed(r) || (!perceived(r) && !dear(r) && !declares_bound(projected(r)));
    for (bool changed = true; changed;) {
      changed = false;
      auto spread = [&](RelationId head, RelationId read) {
        if (exact[read] || !exact[head]) return;
        exact[head] = false;
        changed = true;
      };
      for (const PlanRule& rule : given_)
        for (const PlanLiteral& l : rule.body)
          if (l.literal.kind != lang::LiteralKind::constraint) spread(rule.head, l.literal.relation);
      for (const lang::Aggregate& a : program_.aggregates) {
        spread(a.result, a.body);
        if (a.domain != kNone) spread(a.result, a.domain);
      }
    }
    std::vector<PlanRule> rules;
    for (const PlanRule& rule : given_) rules.push_back(bottom_up(rule));
    exact_ = exact;
    possible_.emplace(plan_, std::move(rules), std::move(exact));
    return *possible_;
  }

  // Guarded only where nothing else binds the head.
  PlanRule bottom_up(const PlanRule& rule) const {
    return declares_bound(projected(rule.head)) ? guarded_by(rule, demand_[rule.head]) : rule;
  }

  PlanRule call(const PlanRule& rule, const std::vector<std::uint32_t>& order, std::size_t at, const lang::Literal& l,
                RuleKind kind) {
    PlanRule out;
    out.kind = kind;
    out.head = demand_[l.relation];
    out.variables = rule.variables;
    out.source = rule.source;
    for (std::size_t c = 0; c < l.args.size(); ++c)
      if (bound_[l.relation][c]) out.head_args.push_back(l.args[c]);
    std::vector<bool> bound(rule.variables.size(), false);
    auto all_bound = [&] {
      return std::all_of(out.head_args.begin(), out.head_args.end(),
                         [&](const lang::Expr& a) { return bound_arg(a, bound); });
    };
    const std::vector<std::uint32_t> prefix(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(at));
    if (kind == RuleKind::count) {
      // What it counts is not restricted by itself: relations that reach networks hold only what was really asked.
      for (std::uint32_t j : prefix) {
        const PlanLiteral& before = rule.body[j];
        const bool test = before.literal.kind == lang::LiteralKind::constraint;
        if ((!before.guard && !test && dear(before.literal.relation)) || !ready(before.literal, program_, bound))
          continue;
        out.body.push_back(before);
        bind(before.literal, bound);
      }
    } else if (options_.widened) {
      out.body = possible().body(rule, prefix, bound);
    }
    if ((kind != RuleKind::count && !options_.widened) || !all_bound()) {
      out.body.clear();
      for (std::uint32_t j : prefix) out.body.push_back(rule.body[j]);
    }
    as_written(out);
    return out;
  }

  static void as_written(PlanRule& rule) {
    rule.order.clear();
    for (std::uint32_t i = 0; i < rule.body.size(); ++i) rule.order.push_back(i);
  }

  void pass_on(RelationId from, RelationId to, RuleKind kind, const Place& place) {
    if (!restricted(to) || demand_[to] == kNone || demand_[from] == kNone) return;
    PlanRule rule;
    rule.kind = kind;
    rule.head = demand_[to];
    std::vector<lang::Expr> args;
    for (std::uint32_t c = 0, v = 0; c < bound_[from].size(); ++c) {
      if (!bound_[from][c]) continue;
      lang::Expr e;
      e.op = lang::Op::variable;
      e.variable = v++;
      e.type = plan_.relations[from].types[c];
      rule.variables.push_back({"#g" + std::to_string(c), e.type, false, true});
      args.push_back(e);
      if (c < bound_[to].size() && bound_[to][c]) rule.head_args.push_back(e);
    }
    rule.body.push_back({atom(demand_[from], std::move(args), place), true});
    as_written(rule);
    add_rule(std::move(rule));
  }

  void add_rule(PlanRule rule) {
    if (rule.body.size() == 1 && rule.body[0].literal.relation == rule.head &&
        same_args(rule.body[0].literal.args, rule.head_args))
      return;  // d#p(x) = d#p(x)
    for (const PlanRule& known : plan_.rules)
      if (known.kind == rule.kind && same_rule(known, rule)) return;
    plan_.rules.push_back(std::move(rule));
  }

  Status networks() {
    plan_.networks.assign(program_.networks.size(), {});
    for (std::size_t n = 0; n < program_.networks.size(); ++n) {
      const lang::Network& network = program_.networks[n];
      NetworkPlan& planned = plan_.networks[n];
      const auto [domain, apart] = add_domain(network);
      planned.domain = domain;
      planned.asked = options_.on ? demand_[network.relation] : not_exact(network, planned.domain);
      if (options_.on && apart) ask_within(planned.asked, domain);
    }
    if (!options_.on || !options_.count_levers || program_.networks.empty()) return {};
    return count_levers();
  }

  // Of these inputs those that the exact relation says nothing of (lang/relations.cc has the rule).
  RelationId not_exact(const lang::Network& network, RelationId domain) {
    if (network.front == lang::kNone) return domain;
    for (const PlanRule& given : given_) {
      if (given.head != network.front) continue;
      const auto call = std::find_if(given.body.begin(), given.body.end(),
                                     [&](const PlanLiteral& l) { return l.literal.relation == network.relation; });
      if (call == given.body.end()) continue;
      PlanRelation relation = plan_.relations[domain];
      relation.name = "asked#" + program_.relations[network.relation].name;
      const auto id = static_cast<RelationId>(plan_.relations.size());
      plan_.relations.push_back(std::move(relation));
      PlanRule rule;
      rule.kind = RuleKind::domain;
      rule.head = id;
      rule.variables = given.variables;
      rule.source = given.source;
      rule.head_args.assign(call->literal.args.begin(), call->literal.args.begin() + network.inputs);
      rule.body.push_back({atom(domain, rule.head_args, given.body.front().literal.place), false});
      for (const PlanLiteral& l : given.body)
        if (l.literal.relation != network.relation && !l.guard) rule.body.push_back(l);
      as_written(rule);
      plan_.rules.push_back(std::move(rule));
      return id;
    }
    return domain;
  }

  // A question may name what no tuple can come to; a network need not see that.
  void ask_within(RelationId asked, RelationId domain) {
    for (PlanRule& rule : plan_.rules) {
      if (rule.head != asked) continue;
      rule.body.push_back({atom(domain, rule.head_args, {}), true});
      as_written(rule);
    }
  }

  // The same demand with bodies in the order of the text: how much of the saving is `order`'s.
  Status count_levers() {
    const auto real_bound = bound_;
    const auto real_orders = orders_;
    if (Status s = adorn(false); !s.ok()) return s;
    if (options_.by_cost && orders_ != real_orders) {
      name_demands("count#");
      ask(RuleKind::count);
      for (std::size_t n = 0; n < program_.networks.size(); ++n)
        plan_.networks[n].counted = demand_[program_.networks[n].relation];
    }
    bound_ = real_bound;
    orders_ = real_orders;
    return {};
  }

  // Everything that the inputs of a network can be, whatever is asked. Says whether it is so without the network
  // itself.
  std::pair<RelationId, bool> add_domain(const lang::Network& network) {
    PlanRelation relation;
    relation.name = "domain#" + program_.relations[network.relation].name;
    relation.synthetic = true;
    for (std::uint32_t c = 0; c < network.inputs; ++c)
      relation.types.push_back(program_.relations[network.relation].columns[c].type);
    const auto id = static_cast<RelationId>(plan_.relations.size());
    plan_.relations.push_back(std::move(relation));
    if (network.inputs == 1) domain_by_type(network, id);
    bool apart = true;
    for (const PlanRule& given : given_) {
      if (plan_.relations[given.head].projects != kNone) continue;  // its callers count
      const PlanRule rule = bottom_up(given);
      for (std::size_t b = 0; b < rule.body.size(); ++b) {
        const lang::Literal& l = rule.body[b].literal;
        if (l.kind == lang::LiteralKind::constraint || rule.body[b].guard) continue;
        const RelationId called = projected(l.relation);
        // Where an exact relation answers in its place, the program calls the two together.
        if (called == (network.front == lang::kNone ? network.relation : network.front) || called == network.refusal)
          apart = domain_by_rule(network, id, rule, b) && apart;
      }
    }
    return {id, apart};
  }

  // All given values of the input's own type: `type Image <: String`, `type film(p: Patient, image: Image)`.
  void domain_by_type(const lang::Network& network, RelationId id) {
    const std::string& domain = program_.relations[network.relation].columns[0].domain;
    if (domain.empty()) return;
    for (RelationId r = 0; r < program_.relations.size(); ++r) {
      const lang::Relation& given = program_.relations[r];
      if (given.kind != lang::RelationKind::plain || given.synthetic || derived(r)) continue;
      for (std::size_t c = 0; c < given.columns.size(); ++c) {
        if (given.columns[c].domain != domain) continue;
        PlanRule rule;
        rule.kind = RuleKind::domain;
        rule.head = id;
        std::vector<lang::Expr> args;
        for (std::uint32_t v = 0; v < given.columns.size(); ++v) {
          lang::Expr e;
          e.op = lang::Op::variable;
          e.variable = v;
          e.type = given.columns[v].type;
          args.push_back(e);
          rule.variables.push_back({"#c" + std::to_string(v), e.type, v != c, true});
        }
        rule.head_args = {args[c]};
        rule.body.push_back({atom(r, std::move(args), given.place), false});
        as_written(rule);
        add_rule(std::move(rule));
      }
    }
  }

  bool derived(RelationId r) const {
    return std::any_of(given_.begin(), given_.end(), [&](const PlanRule& rule) { return rule.head == r; });
  }

  // What binds the inputs of one call, whatever else the rule says: the first atoms that do so and that no network
  // reaches, else all of these and the tests, else supersets of all atoms. False: nothing but the whole rule binds
  // them.
  bool domain_by_rule(const lang::Network& network, RelationId id, const PlanRule& from, std::size_t b) {
    const lang::Literal& call = from.body[b].literal;
    PlanRule rule;
    rule.kind = RuleKind::domain;
    rule.head = id;
    rule.variables = from.variables;
    rule.source = from.source;
    rule.head_args.assign(call.args.begin(), call.args.begin() + network.inputs);
    std::vector<bool> bound(from.variables.size(), false);
    auto missing = [&](const lang::Expr& e) { return !bound_arg(e, bound); };
    auto all_bound = [&] { return std::none_of(rule.head_args.begin(), rule.head_args.end(), missing); };
    auto binds_input = [&](const lang::Literal& l) {
      return std::any_of(rule.head_args.begin(), rule.head_args.end(), [&](const lang::Expr& input) {
        return missing(input) && std::any_of(l.args.begin(), l.args.end(), [&](const lang::Expr& a) {
                 return a.op == lang::Op::variable && a.variable == input.variable;
               });
      });
    };
    Possible& widen = possible();
    std::vector<std::uint32_t> others;
    for (std::uint32_t j = 0; j < from.body.size(); ++j)
      if (j != b) others.push_back(j);
    for (std::uint32_t j : others) {
      const PlanLiteral& l = from.body[j];
      if (l.guard || l.literal.kind != lang::LiteralKind::positive || !exact_[l.literal.relation]) continue;
      if (!binds_input(l.literal) || !ready(l.literal, program_, bound)) continue;
      rule.body.push_back(l);
      bind(l.literal, bound);
    }
    for (const bool supersets : {false, true}) {
      if (all_bound()) break;
      std::fill(bound.begin(), bound.end(), false);
      std::vector<std::uint32_t> chosen;
      for (std::uint32_t j : others) {
        const PlanLiteral& l = from.body[j];
        const bool test = l.literal.kind == lang::LiteralKind::constraint;
        if (supersets ||
            (!l.guard && (test || (exact_[l.literal.relation] && l.literal.kind == lang::LiteralKind::positive))))
          chosen.push_back(j);
      }
      rule.body = widen.body(from, chosen, bound);
    }
    const bool apart = all_bound();
    if (!apart) {
      const auto order = join_order(from, kNone, {&program_, &dear_, false});
      if (!order) return false;
      rule.body.clear();
      for (auto j = order->begin(); *j != b; ++j) rule.body.push_back(from.body[*j]);
    }
    as_written(rule);
    add_rule(std::move(rule));
    return apart;
  }

  Plan& plan_;
  const lang::Program& program_;
  const std::vector<double>& dear_;  // per relation of the plan as it came in, and one more for guards
  DemandOptions options_;
  const std::vector<PlanRule> given_;      // before guards
  std::vector<std::uint32_t> network_of_;  // per relation of the program
  std::vector<bool> eligible_;
  std::vector<Columns> bound_;
  std::vector<RelationId> demand_;
  std::vector<std::vector<std::uint32_t>> orders_;
  std::optional<Possible> possible_;
  std::vector<bool> exact_;  // per relation of the plan as it came in, once possible_ is there
};

}  // namespace

Status add_demand(Plan& plan, const std::vector<double>& dear, const DemandOptions& options) {
  return Demand(plan, dear, options).run();
}

}  // namespace tenfold::plan
