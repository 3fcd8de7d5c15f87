#include "reference/reference.h"

#include <algorithm>
#include <cmath>

#include "lang/expression.h"
#include "modules/predicates.h"
#include "reference/aggregates.h"

namespace tenfold::reference {
namespace {

using lang::kNone;
using lang::LiteralKind;
using lang::RelationId;
using EventKey = std::vector<Cell>;  // what the event is about; the first cell tells kinds apart
// Counts beyond these have no end.
constexpr int kRounds = 400;
constexpr double kMost = 1e15;
enum EventKind : Cell { fact_event, group_event, network_event, rule_event, aggregate_event, computed_event };

// One world under construction: events decided so far, and the first one met that is not.
struct World {
  std::map<EventKey, std::size_t> decided;
  std::optional<std::pair<EventKey, std::vector<double>>> open;

  // Which of the exclusive alternatives holds; the last number means none of them.
  std::size_t choice(const EventKey& key, const std::vector<double>& alternatives) {
    if (const auto at = decided.find(key); at != decided.end()) return at->second;
    for (std::size_t i = 0; i < alternatives.size(); ++i)
      if (alternatives[i] == 1.0) return i;
    if (!open) open = {key, alternatives};
    return alternatives.size();
  }
};

// Rows that the body and the domain of each aggregate have in some world, and the weight of those worlds.
struct Possible {
  std::vector<Table> body, domain;
  std::vector<std::set<Tuple>> terms;  // of algebraic types, which exist if they do in some world
  friend bool operator==(const Possible&, const Possible&) = default;
};

// The least model with tags. In one world all tags are 0 or 1, and minmaxprob is then plain logic.
class Model {
 public:
  Algebra algebra;
  bool ignore_tags = false, whole = false, any = false;  // tags: none; rounded; one of whatever is more than nothing
  bool overflow = false, undefined = false;              // too large; an aggregate whose value is left open
  World* world = nullptr;                                // set: evaluate in this world
  Possible possible;                                     // with `world`

  Model(const lang::Program& program, const Setting& setting, Symbols& symbols)
      : p_(program), setting_(setting), symbols_(symbols) {
    possible.body.resize(p_.aggregates.size());
    possible.domain = possible.body;
    possible.terms.resize(p_.relations.size());
  }

  const Tables& run() {
    tables_.assign(p_.relations.size(), {});
    given_.assign(p_.relations.size(), {});
    given();
    const std::vector<int> level = levels();
    const int top = level.empty() ? 0 : *std::max_element(level.begin(), level.end());
    for (int l = 0; l <= top && !stopped(); ++l) {
      for (std::size_t a = 0; a < p_.aggregates.size(); ++a)
        if (level[p_.aggregates[a].result] == l) aggregate(a);
      fixpoint(level, l);
    }
    return tables_;
  }

 private:
  using Ways = std::map<Tuple, std::vector<double>>;  // the derivations of each tuple of one relation

  bool stopped() const { return overflow || (world && world->open); }
  double times(double a, double b) const { return algebra.times(a, b); }
  double plus(const std::vector<double>& all) const { return algebra.plus(all); }
  bool nothing(double tag) const { return tag == algebra.zero(); }

  // Tag of one of the exclusive alternatives of an event.
  double input(const EventKey& key, const std::vector<double>& alternatives, std::size_t which) {
    if (ignore_tags) return 1.0;
    if (world) return world->choice(key, alternatives) == which ? 1.0 : 0.0;
    const double tag = alternatives[which];
    return any ? tag > 0.0 : whole ? std::round(tag) : tag;
  }

  bool weighs_worlds() const { return !ignore_tags && !any && algebra.either != Either::sum && !algebra.costs(); }

  bool terms(RelationId r) const { return p_.relations[r].kind == lang::RelationKind::terms; }

  void given() {
    for (RelationId r = 0; r < p_.relations.size(); ++r)
      for (const Tuple& term : possible.terms[r]) given_[r][term].push_back(algebra.one());
    std::map<EventKey, std::vector<const lang::Fact*>> groups;  // a fact that stands alone is a group of one
    for (std::size_t i = 0; i < p_.facts.size(); ++i) {
      const std::uint32_t group = p_.facts[i].group;
      groups[group == kNone ? EventKey{fact_event, i} : EventKey{group_event, group}].push_back(&p_.facts[i]);
    }
    for (const auto& [key, members] : groups) {
      // {1; 2} says that one of them holds, each as likely as the other.
      const bool shares = key[0] == group_event && weighs_worlds() &&
                          std::none_of(members.begin(), members.end(), [](const auto* f) { return f->probability; });
      const double share = shares ? 1.0 / static_cast<double>(members.size()) : algebra.one();
      std::vector<double> alternatives;
      for (const lang::Fact* fact : members) alternatives.push_back(fact->probability.value_or(share));
      for (std::size_t m = 0; m < members.size(); ++m)
        given_[members[m]->relation][members[m]->row].push_back(input(key, alternatives, m));
    }
    for (std::size_t n = 0; n < p_.networks.size(); ++n)
      for (const auto& [inputs, saying] : setting_.networks[n]) perceived(n, inputs, saying);
  }

  void perceived(std::size_t n, const Tuple& inputs, const Saying& saying) {
    const lang::Network& network = p_.networks[n];
    auto ways = [&](RelationId r, std::string_view last) -> std::vector<double>& {
      Tuple row = inputs;
      row.push_back(symbols_.intern(last));
      return given_[r][row];
    };
    if (!saying.refusal.empty()) {
      if (network.refusal != kNone) ways(network.refusal, saying.refusal).push_back(algebra.one());
      return;
    }
    const auto& p = saying.probabilities;
    const auto likeliest = static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
    EventKey key{network_event, n};
    key.insert(key.end(), inputs.begin(), inputs.end());
    for (std::size_t l = 0; l < p.size(); ++l)
      if (ignore_tags ? l == likeliest : p[l] > 0.0)
        ways(network.relation, network.labels[l]).push_back(p[l] >= 1.0 ? algebra.one() : input(key, p, l));
  }

  // A relation is above those whose absence or aggregate it reads, and not below any other that it reads.
  std::vector<int> levels() const {
    std::vector<int> level(p_.relations.size(), 0);
    for (bool changed = true; changed;) {
      changed = false;
      auto above = [&](RelationId head, RelationId read, int by) {
        changed = changed || level[head] < level[read] + by;
        level[head] = std::max(level[head], level[read] + by);
      };
      for (const lang::Rule& rule : p_.rules)
        for (const lang::Literal& l : rule.body)
          if (l.kind != LiteralKind::constraint) above(rule.head, l.relation, l.kind == LiteralKind::negative);
      for (const lang::Aggregate& a : p_.aggregates) {
        above(a.result, a.body, 1);
        if (a.domain != kNone) above(a.result, a.domain, 1);
      }
    }
    return level;
  }

  void fixpoint(const std::vector<int>& level, int l) {
    for (int round = 0; round < 200'000 && !stopped(); ++round) {
      std::vector<Ways> ways = given_;
      for (const lang::Rule& rule : p_.rules)
        if (level[rule.head] == l) fire(rule, ways[rule.head]);
      double moved = 0.0;
      for (RelationId r = 0; r < p_.relations.size(); ++r) {
        if (level[r] != l) continue;
        Table next;
        for (const auto& [tuple, all] : ways[r])
          if (const double tag = terms(r) ? algebra.one() : plus(all); !nothing(tag)) next[tuple] = tag;
        for (const auto& [tuple, tag] : next) {
          if (algebra.either == Either::sum && tag > kMost) overflow = true;
          if (const double before = tag_of(r, tuple); before != tag) moved = std::max(moved, std::abs(tag - before));
        }
        tables_[r] = std::move(next);
        if (tables_[r].size() > setting_.max_tuples) overflow = true;
      }
      if (moved <= (algebra.creeps() ? 1e-13 : 0.0)) return;
      if (algebra.either == Either::sum && round > kRounds) break;
    }
    if (!stopped()) overflow = true;  // a world that is not decided yet is no world without end
  }

  double tag_of(RelationId r, const Tuple& tuple) const {
    const auto at = tables_[r].find(tuple);
    return at == tables_[r].end() ? algebra.zero() : at->second;
  }

  // A binding of a rule under way.
  struct Binding {
    const lang::Rule& rule;
    std::vector<Cell> registers;
    std::vector<bool> bound, placed;
    std::vector<double> factors;  // per literal
    Ways& ways;

    bool known(const lang::Expr& arg) const { return arg.op == lang::Op::constant || bound[arg.variable]; }
    Cell value(const lang::Expr& arg) const {
      return arg.op == lang::Op::constant ? arg.constant : registers[arg.variable];
    }
    bool open(const lang::Expr& arg) const {  // in a negated atom
      return arg.op == lang::Op::variable && rule.variables[arg.variable].wildcard;
    }
  };

  void fire(const lang::Rule& rule, Ways& ways) {
    const std::size_t variables = rule.variables.size(), literals = rule.body.size();
    Binding b{rule,
              std::vector<Cell>(variables),
              std::vector<bool>(variables),
              std::vector<bool>(literals),
              std::vector<double>(literals, algebra.one()),
              ways};
    extend(b);
  }

  void extend(Binding& b) {
    if (stopped()) return;
    for (std::size_t i = 0; i < b.rule.body.size(); ++i) {
      if (b.placed[i] || !ready(b, b.rule.body[i])) continue;
      b.placed[i] = true;
      place(b, b.rule.body[i], b.factors[i]);
      b.placed[i] = false;
      return;
    }
    // What is left waits for a bound column of the head: it may be any value of the universe.
    const auto& columns = p_.relations[b.rule.head].columns;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const lang::Expr& arg = b.rule.head_args[c];
      if (b.known(arg) || !columns[c].bound) continue;
      for (Cell value : setting_.universe.at(columns[c].type)) bind(b, arg.variable, value);
      return;
    }
    if (std::find(b.placed.begin(), b.placed.end(), false) == b.placed.end()) derive(b);
  }

  void bind(Binding& b, lang::VarId variable, Cell value) {
    b.registers[variable] = value;
    b.bound[variable] = true;
    extend(b);
    b.bound[variable] = false;
  }

  bool foreign(const lang::Literal& l) const { return p_.relations[l.relation].kind == lang::RelationKind::foreign; }

  bool ready(const Binding& b, const lang::Literal& l) const {
    if (l.kind == LiteralKind::constraint)
      return lang::ready(l.condition, b.bound) || lang::assignment(l.condition, b.bound);
    if (foreign(l)) {
      const auto inputs = l.args.begin() + modules::predicates()[p_.relations[l.relation].predicate].inputs;
      if (!std::all_of(l.args.begin(), inputs, [&](const auto& a) { return b.known(a); })) return false;
    }
    if (l.kind == LiteralKind::positive) return true;
    return std::all_of(l.args.begin(), l.args.end(), [&](const auto& a) { return b.open(a) || b.known(a); });
  }

  void place(Binding& b, const lang::Literal& l, double& factor) {
    if (l.kind == LiteralKind::constraint) {
      const auto assigned = lang::ready(l.condition, b.bound) ? std::nullopt : lang::assignment(l.condition, b.bound);
      const auto found = lang::evaluate(assigned ? assigned->value : l.condition, b.registers, symbols_);
      if (assigned && found)
        bind(b, assigned->variable, *found);
      else if (found && *found)
        extend(b);
      return;
    }
    const std::vector<std::pair<Tuple, double>> rows =
        foreign(l) ? computed(b, l)
                   : std::vector<std::pair<Tuple, double>>(tables_[l.relation].begin(), tables_[l.relation].end());
    std::vector<double> fitting;
    for (const auto& [tuple, tag] : rows) {
      factor = tag;
      if (l.kind == LiteralKind::positive) {
        match(b, l, tuple);
        continue;
      }
      bool fits = true;
      for (std::size_t c = 0; c < tuple.size(); ++c)
        fits = fits && (b.open(l.args[c]) || b.value(l.args[c]) == tuple[c]);
      if (fits) fitting.push_back(tag);
    }
    if (l.kind == LiteralKind::positive) return;
    factor = algebra.negate(plus(fitting));
    if (!nothing(factor)) extend(b);
  }

  // The rows of a computed predicate for inputs that are known; one may come twice, an uncertain one is an event.
  std::vector<std::pair<Tuple, double>> computed(const Binding& b, const lang::Literal& l) {
    const lang::Relation& relation = p_.relations[l.relation];
    const modules::Predicate& predicate = modules::predicates()[relation.predicate];
    std::vector<Cell> inputs;
    std::vector<Type> types;
    for (std::uint32_t i = 0; i < predicate.inputs; ++i) inputs.push_back(b.value(l.args[i]));
    for (const modules::PredicateColumn& c : predicate.columns) types.push_back(modules::type_of(c.family));
    for (std::size_t c = 0; c < relation.kept.size(); ++c) types[relation.kept[c]] = relation.columns[c].type;
    std::vector<std::pair<Tuple, double>> out;
    auto take = [&](std::span<const Cell> outputs, double probability) {
      Tuple row = inputs;
      for (std::size_t c = predicate.inputs; c < relation.kept.size(); ++c)
        row.push_back(outputs[relation.kept[c] - predicate.inputs]);
      EventKey key{computed_event, l.relation};
      key.insert(key.end(), row.begin(), row.end());
      const bool sure = probability == 1.0 || ignore_tags;
      if (sure || probability > 0.0) out.emplace_back(row, sure ? algebra.one() : input(key, {probability}, 0));
      return out.size() <= setting_.max_tuples;
    };
    if (!predicate.rows({inputs, types, symbols_}, modules::RowSink(take))) overflow = true;
    return out;
  }

  void match(Binding& b, const lang::Literal& l, const Tuple& tuple) {
    const std::vector<bool> before = b.bound;
    bool fits = true;
    for (std::size_t c = 0; c < tuple.size() && fits; ++c) {
      if (b.known(l.args[c])) {
        fits = b.value(l.args[c]) == tuple[c];
        continue;
      }
      b.registers[l.args[c].variable] = tuple[c];
      b.bound[l.args[c].variable] = true;
    }
    if (fits) extend(b);
    b.bound = before;
  }

  void derive(Binding& b) {
    Tuple head;
    for (const lang::Expr& arg : b.rule.head_args) head.push_back(b.value(arg));
    double tag = algebra.one();
    for (double factor : b.factors) tag = times(tag, factor);
    if (b.rule.tag && !ignore_tags) tag = times(tag, happened(b));
    if (!nothing(tag)) b.ways[head].push_back(terms(b.rule.head) ? algebra.one() : tag);
  }

  double happened(const Binding& b) {
    const auto tag = lang::evaluate(*b.rule.tag, b.registers, symbols_);
    if (!tag) return algebra.zero();
    std::map<std::string, Cell> named;
    for (std::size_t v = 0; v < b.rule.variables.size(); ++v)
      if (const auto& x = b.rule.variables[v]; !x.wildcard && !x.made && b.bound[v]) named[x.name] = b.registers[v];
    EventKey key{rule_event, b.rule.origin};
    for (const auto& [name, value] : named) key.insert(key.end(), {symbols_.intern(name), value});
    const double p = is_float(b.rule.tag->type) ? as_double(*tag) : static_cast<double>(as_int(*tag));
    if (b.rule.choices < 2) return p == 1.0 && !algebra.costs() ? algebra.one() : input(key, {p}, 0);
    // The heads of a choice share one event; where tags are no shares of a whole each has all of it.
    const std::vector<double> parts(b.rule.choices, weighs_worlds() || any ? p / b.rule.choices : p);
    return input(key, parts, b.rule.choice);
  }

  // One aggregate over its finished body; the results are as good as given. What it looks at are the rows that exist in
  // some world.
  void aggregate(std::size_t number) {
    const lang::Aggregate& a = p_.aggregates[number];
    auto all_rows = [&](RelationId r, Table rows) {
      for (const auto& [tuple, tag] : tables_[r]) rows.insert({tuple, tag});
      return rows;
    };
    std::map<Tuple, AggregateGroup> groups;
    if (a.groups == 0) groups[{}];
    if (a.domain != kNone)
      for (const auto& [tuple, weight] : all_rows(a.domain, possible.domain[number])) groups[tuple];
    for (const auto& [row, weight] : all_rows(a.body, possible.body[number])) {
      const Tuple key(row.begin(), row.begin() + a.groups);
      if (a.domain != kNone && !groups.contains(key)) continue;
      // Worlds add up to their weight but for rounding.
      const double rounded = std::round(weight * 1e12) / 1e12;
      groups[key].rows.push_back({row, a.one_world ? algebra.one() : tag_of(a.body, row), ignore_tags ? 1.0 : rounded});
    }
    for (auto& [key, group] : groups) {
      const double holds = a.domain == kNone || a.one_world ? algebra.one() : tag_of(a.domain, key);
      group.put = [&, &start = key](const Tuple& value, double tag) {
        Tuple out = start;
        out.insert(out.end(), value.begin(), value.end());
        const double both = times(holds, tag);
        std::vector<double>& ways = given_[a.result][out];
        if (!nothing(both) && !(a.one_world && !ways.empty())) ways.push_back(both);
      };
      EventKey event{aggregate_event, number};
      event.insert(event.end(), key.begin(), key.end());
      if (!ignore_tags && algebra.either != Either::sum && !algebra.costs())
        group.choose = [&, event](std::size_t part, const std::vector<double>& alternatives, std::size_t which) {
          EventKey one = event;
          one.push_back(part);
          return input(one, alternatives, which);
        };
      if (!aggregate_values(p_, a, algebra, symbols_, group)) undefined = true;
    }
  }

  const lang::Program& p_;
  const Setting& setting_;
  Symbols& symbols_;
  std::vector<Ways> given_;  // facts, what networks say, and finished aggregates
  Tables tables_;
};

// All worlds: the model is evaluated until it asks for an event that is not decided yet, then every way to decide it.
class Worlds {
 public:
  Worlds(const lang::Program& p, const Setting& s, Symbols& symbols) : p_(p), setting_(s), model_(p, s, symbols) {}

  std::optional<Tables> run() {
    // Which groups an aggregate has may depend on those of another, a term on the parts that it is made of: passes
    // until nothing is new.
    for (std::size_t pass = 0; pass <= p_.aggregates.size() + 6; ++pass) {
      total_.assign(p_.relations.size(), {});
      seen_.body.assign(p_.aggregates.size(), {});
      seen_.domain = seen_.body;
      seen_.terms.assign(p_.relations.size(), {});
      worlds_ = 0;
      model_.undefined = false;
      if (!each({}, 1.0)) return std::nullopt;
      if (seen_ == model_.possible) return model_.undefined ? std::nullopt : std::optional(total_);
      model_.possible = seen_;
    }
    return std::nullopt;
  }

 private:
  bool each(World world, double weight) {
    model_.world = &world;
    const Tables& tables = model_.run();
    if (model_.overflow || worlds_ > setting_.max_worlds) return false;
    if (!world.open) return collect(tables, weight);
    const auto [key, alternatives] = *world.open;
    world.open.reset();
    double rest = 1.0;
    for (double p : alternatives) rest -= p;
    for (std::size_t i = 0; i <= alternatives.size(); ++i) {
      const double p = i < alternatives.size() ? alternatives[i] : rest;
      world.decided[key] = i;
      if (p > 1e-15 && !each(world, weight * p)) return false;  // what is left of 1 after rounding is no world
    }
    return true;
  }

  bool collect(const Tables& tables, double weight) {
    ++worlds_;
    for (RelationId r = 0; r < tables.size(); ++r)
      for (const auto& [tuple, tag] : tables[r]) {
        total_[r][tuple] += weight;
        if (p_.relations[r].kind == lang::RelationKind::terms) seen_.terms[r].insert(tuple);
      }
    for (std::size_t a = 0; a < p_.aggregates.size(); ++a) {
      for (const auto& [tuple, tag] : tables[p_.aggregates[a].body]) seen_.body[a][tuple] += weight;
      if (p_.aggregates[a].domain == kNone) continue;
      for (const auto& [tuple, tag] : tables[p_.aggregates[a].domain]) seen_.domain[a][tuple] += weight;
    }
    return true;
  }

  const lang::Program& p_;
  const Setting& setting_;
  Model model_;
  Possible seen_;
  Tables total_;
  std::size_t worlds_ = 0;
};

Algebra algebra_of(std::string_view provenance) {
  if (provenance == "addmultprob") return {Either::sum_to_one, Both::product, false};
  if (provenance == "natural") return {Either::sum, Both::product, true};
  if (provenance == "tropical" || provenance == "realtropical") return {Either::least, Both::sum, true};
  if (provenance == "diffnandmultprob") return {Either::independent, Both::product, false};
  if (provenance == "diffmaxmultprob") return {Either::largest, Both::product, false};
  if (provenance == "diffnandminprob") return {Either::independent, Both::least, false};
  return {};
}

}  // namespace

std::optional<Tables> evaluate(const lang::Program& program, std::string_view provenance, const Setting& setting,
                               Symbols& symbols) {
  if (provenance == "exact") return Worlds(program, setting, symbols).run();
  Model model(program, setting, symbols);
  model.algebra = algebra_of(provenance);
  model.ignore_tags = provenance == "unit";
  model.any = provenance == "bool";
  model.whole = provenance == "natural" || provenance == "tropical";
  Tables tables = model.run();
  if (model.overflow || model.undefined) return std::nullopt;
  return tables;
}

}  // namespace tenfold::reference
