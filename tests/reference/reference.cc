#include "reference/reference.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "lang/expression.h"

namespace tenfold::reference {
namespace {

using lang::AggregateOp;
using lang::kNone;
using lang::LiteralKind;
using lang::RelationId;

// How tags combine. In one world all tags are 0 or 1, and `fuzzy` is then plain logic.
struct Algebra {
  bool fuzzy = true;
  double plus(const std::vector<double>& all) const {
    double total = 0.0;
    for (double a : all) total = fuzzy ? std::max(total, a) : total + a;
    return std::min(total, 1.0);
  }
  double times(double a, double b) const { return fuzzy ? std::min(a, b) : a * b; }
};

using EventKey = std::vector<Cell>;  // what the event is about; the first cell tells kinds apart
enum EventKind : Cell { fact_event, group_event, network_event, rule_event };

// One world under construction: events decided so far, and the first one met that is not.
struct World {
  std::map<EventKey, std::size_t> decided;
  std::optional<std::pair<EventKey, std::vector<double>>> open;

  // Which of the exclusive alternatives holds; the last number means none of them.
  std::size_t choice(const EventKey& key, const std::vector<double>& alternatives) {
    const auto at = decided.find(key);
    if (at != decided.end()) return at->second;
    for (std::size_t i = 0; i < alternatives.size(); ++i)
      if (alternatives[i] == 1.0) return i;
    if (!open) open = {key, alternatives};
    return alternatives.size();
  }
};

// Rows that the body (and domain) of each aggregate have in some world.
struct Possible {
  std::vector<std::set<Tuple>> body, domain;
  friend bool operator==(const Possible&, const Possible&) = default;
};

class Model {
 public:
  Model(const lang::Program& program, const Setting& setting, Symbols& symbols, Algebra algebra)
      : p_(program), setting_(setting), symbols_(symbols), algebra_(algebra) {}

  bool ignore_tags = false;
  World* world = nullptr;              // set: evaluate in this world, tags are 0 and 1
  const Possible* possible = nullptr;  // with `world`
  bool overflow = false;

  Tables run() {
    tables_.assign(p_.relations.size(), {});
    given();
    std::vector<int> level = levels();
    for (int l = 0; l <= *std::max_element(level.begin(), level.end()) && !stopped(); ++l) {
      for (std::size_t a = 0; a < p_.aggregates.size(); ++a)
        if (level[p_.aggregates[a].result] == l) aggregate(a);
      fixpoint(level, l);
    }
    return tables_;
  }

 private:
  using Ways = std::map<Tuple, std::vector<double>>;  // derivations of the tuples of one relation

  bool stopped() const { return overflow || (world && world->open); }

  // Tag of an input with probability `p`, one of the `alternatives` of an event.
  double input(const EventKey& key, const std::vector<double>& alternatives, std::size_t which) {
    if (ignore_tags) return 1.0;
    if (!world) return alternatives[which];
    return world->choice(key, alternatives) == which ? 1.0 : 0.0;
  }

  void given() {
    given_.assign(p_.relations.size(), {});
    std::map<EventKey, std::vector<const lang::Fact*>> groups;  // a fact that stands alone is a group of one
    for (std::size_t i = 0; i < p_.facts.size(); ++i)
      groups[p_.facts[i].group == kNone ? EventKey{fact_event, i} : EventKey{group_event, p_.facts[i].group}].push_back(&p_.facts[i]);
    for (const auto& [key, members] : groups) {
      std::vector<double> alternatives;
      for (const lang::Fact* fact : members) alternatives.push_back(fact->probability.value_or(1.0));
      for (std::size_t m = 0; m < members.size(); ++m)
        given_[members[m]->relation][members[m]->row].push_back(input(key, alternatives, m));
    }
    for (std::size_t n = 0; n < p_.networks.size(); ++n)
      for (const auto& [inputs, saying] : setting_.networks[n]) perceived(n, inputs, saying);
  }

  void perceived(std::size_t n, const Tuple& inputs, const Saying& saying) {
    const lang::Network& network = p_.networks[n];
    auto row = [&](std::string_view last) {
      Tuple out = inputs;
      out.push_back(symbols_.intern(last));
      return out;
    };
    if (!saying.refusal.empty()) {
      if (network.refusal != kNone) given_[network.refusal][row(saying.refusal)].push_back(1.0);
      return;
    }
    const auto best = std::max_element(saying.probabilities.begin(), saying.probabilities.end());
    EventKey key{network_event, n};
    key.insert(key.end(), inputs.begin(), inputs.end());
    for (std::size_t l = 0; l < network.labels.size(); ++l) {
      if (ignore_tags && saying.probabilities.begin() + static_cast<std::ptrdiff_t>(l) != best) continue;
      given_[network.relation][row(network.labels[l])].push_back(input(key, saying.probabilities, l));
    }
  }

  // A relation is above those whose absence or aggregate it reads, and not below any other that it reads.
  std::vector<int> levels() const {
    std::vector<int> level(p_.relations.size(), 0);
    for (bool changed = true; changed;) {
      changed = false;
      auto above = [&](RelationId head, RelationId read, int by) {
        if (level[head] >= level[read] + by) return;
        level[head] = level[read] + by;
        changed = true;
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
          if (const double tag = algebra_.plus(all); tag > 0.0) next[tuple] = tag;
        for (const auto& [tuple, tag] : next) moved = std::max(moved, std::abs(tag - tag_of(r, tuple)));
        tables_[r] = std::move(next);
        if (tables_[r].size() > setting_.max_tuples) overflow = true;
      }
      if (moved <= (algebra_.fuzzy ? 0.0 : 1e-13)) return;
    }
    overflow = true;
  }

  double tag_of(RelationId r, const Tuple& tuple) const {
    const auto at = tables_[r].find(tuple);
    return at == tables_[r].end() ? 0.0 : at->second;
  }

  // All bindings of a rule under way.
  struct Binding {
    const lang::Rule& rule;
    std::vector<Cell> registers;
    std::vector<bool> bound, placed;
    std::vector<double> factors;  // per literal
    Ways& ways;
  };

  void fire(const lang::Rule& rule, Ways& ways) {
    Binding b{rule, std::vector<Cell>(rule.variables.size(), 0), std::vector<bool>(rule.variables.size(), false),
              std::vector<bool>(rule.body.size(), false), std::vector<double>(rule.body.size(), 1.0), ways};
    extend(b);
  }

  void extend(Binding& b) {
    if (stopped()) return;
    for (std::size_t i = 0; i < b.rule.body.size(); ++i) {
      if (b.placed[i] || !ready(b, b.rule.body[i])) continue;
      b.placed[i] = true;
      place(b, i);
      b.placed[i] = false;
      return;
    }
    // What is left waits for a bound column of the head: it may be any value of the universe.
    const auto& columns = p_.relations[b.rule.head].columns;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const lang::Expr& arg = b.rule.head_args[c];
      if (known(b, arg) || !columns[c].bound) continue;
      const auto values = setting_.universe.find(columns[c].type);
      if (values == setting_.universe.end()) return;
      b.bound[arg.variable] = true;
      for (Cell value : values->second) {
        b.registers[arg.variable] = value;
        extend(b);
      }
      b.bound[arg.variable] = false;
      return;
    }
    if (std::find(b.placed.begin(), b.placed.end(), false) == b.placed.end()) derive(b);
  }

  static bool known(const Binding& b, const lang::Expr& arg) {
    return arg.op == lang::Op::constant || b.bound[arg.variable];
  }
  static Cell value(const Binding& b, const lang::Expr& arg) {
    return arg.op == lang::Op::constant ? arg.constant : b.registers[arg.variable];
  }
  bool foreign(const lang::Literal& l) const { return p_.relations[l.relation].kind == lang::RelationKind::foreign; }
  static bool open(const Binding& b, const lang::Expr& arg) {  // of a negated atom
    return arg.op == lang::Op::variable && b.rule.variables[arg.variable].wildcard;
  }

  bool ready(const Binding& b, const lang::Literal& l) const {
    if (l.kind == LiteralKind::constraint) return lang::ready(l.condition, b.bound) || lang::assignment(l.condition, b.bound);
    if (foreign(l) && l.kind == LiteralKind::positive) return known(b, l.args[0]) && known(b, l.args[1]);
    if (l.kind == LiteralKind::positive) return true;
    return std::all_of(l.args.begin(), l.args.end(), [&](const auto& a) { return open(b, a) || known(b, a); });
  }

  void place(Binding& b, std::size_t i) {
    const lang::Literal& l = b.rule.body[i];
    if (l.kind == LiteralKind::constraint) return constraint(b, l);
    if (foreign(l)) return range(b, l);
    if (l.kind == LiteralKind::positive) {
      for (const auto& [tuple, tag] : tables_[l.relation]) {
        b.factors[i] = tag;
        match(b, l, tuple);
      }
      return;
    }
    std::vector<double> fitting;
    for (const auto& [tuple, tag] : tables_[l.relation]) {
      bool fits = true;
      for (std::size_t c = 0; c < tuple.size(); ++c) fits = fits && (open(b, l.args[c]) || value(b, l.args[c]) == tuple[c]);
      if (fits) fitting.push_back(tag);
    }
    b.factors[i] = 1.0 - algebra_.plus(fitting);
    if (b.factors[i] > 0.0) extend(b);
  }

  void constraint(Binding& b, const lang::Literal& l) {
    if (lang::ready(l.condition, b.bound)) {
      if (const auto truth = lang::evaluate(l.condition, b.registers, symbols_); truth && *truth) extend(b);
      return;
    }
    const lang::Assignment assigned = *lang::assignment(l.condition, b.bound);
    const auto found = lang::evaluate(assigned.value, b.registers, symbols_);
    if (!found) return;
    b.registers[assigned.variable] = *found;
    b.bound[assigned.variable] = true;
    extend(b);
    b.bound[assigned.variable] = false;
  }

  void range(Binding& b, const lang::Literal& l) {  // range(low, high, x): the integers from low to below high
    const std::int64_t low = as_int(value(b, l.args[0])), high = as_int(value(b, l.args[1]));
    if (l.kind == LiteralKind::negative) {
      const std::int64_t x = as_int(value(b, l.args[2]));
      if (x < low || x >= high) extend(b);
      return;
    }
    for (std::int64_t x = low; x < high; ++x) match(b, l, {value(b, l.args[0]), value(b, l.args[1]), cell(x)});
  }

  void match(Binding& b, const lang::Literal& l, const Tuple& tuple) {
    std::vector<lang::VarId> made;
    bool fits = true;
    for (std::size_t c = 0; c < tuple.size() && fits; ++c) {
      if (known(b, l.args[c])) {
        fits = value(b, l.args[c]) == tuple[c];
        continue;
      }
      b.registers[l.args[c].variable] = tuple[c];
      b.bound[l.args[c].variable] = true;
      made.push_back(l.args[c].variable);
    }
    if (fits) extend(b);
    for (lang::VarId v : made) b.bound[v] = false;
  }

  void derive(Binding& b) {
    Tuple head;
    for (const lang::Expr& arg : b.rule.head_args) {
      if (!known(b, arg)) return;
      head.push_back(value(b, arg));
    }
    double tag = 1.0;
    for (double factor : b.factors) tag = algebra_.times(tag, factor);
    if (b.rule.tag && !ignore_tags) tag = algebra_.times(tag, happened(b));
    if (tag > 0.0) b.ways[head].push_back(tag);
  }

  double happened(const Binding& b) {
    const auto tag = lang::evaluate(*b.rule.tag, b.registers, symbols_);
    if (!tag) return 0.0;
    const double p = is_float(b.rule.tag->type) ? as_double(*tag) : static_cast<double>(as_int(*tag));
    std::map<std::string, Cell> named;
    for (std::size_t v = 0; v < b.rule.variables.size(); ++v) {
      const lang::Variable& variable = b.rule.variables[v];
      if (!variable.wildcard && !variable.made && b.bound[v]) named[variable.name] = b.registers[v];
    }
    EventKey key{rule_event, b.rule.origin};
    for (const auto& [name, value] : named) {
      key.push_back(symbols_.intern(name));
      key.push_back(value);
    }
    return input(key, {p}, 0);
  }

  // One aggregate over its finished body.
  void aggregate(std::size_t number) {
    const lang::Aggregate& a = p_.aggregates[number];
    auto all_rows = [&](RelationId r, const std::vector<std::set<Tuple>>& in_some_world) {
      std::set<Tuple> rows;
      if (possible) rows = in_some_world[number];
      for (const auto& [tuple, tag] : tables_[r]) rows.insert(tuple);
      return rows;
    };
    static const std::vector<std::set<Tuple>> none;
    std::map<Tuple, std::vector<Tuple>> groups;
    if (a.groups == 0) groups[{}];
    if (a.domain != kNone)
      for (const Tuple& t : all_rows(a.domain, possible ? possible->domain : none)) groups[t];
    for (const Tuple& row : all_rows(a.body, possible ? possible->body : none)) {
      const Tuple key(row.begin(), row.begin() + a.groups);
      if (a.domain == kNone || groups.contains(key)) groups[key].push_back(row);
    }
    for (const auto& [key, rows] : groups) {
      const bool one_world = a.one_world || ignore_tags;
      const double group = a.domain == kNone || one_world ? 1.0 : tag_of(a.domain, key);
      if (group == 0.0) continue;
      std::vector<double> tags;
      for (const Tuple& row : rows) tags.push_back(one_world ? 1.0 : tag_of(a.body, row));
      auto put = [&, &key = key](const Tuple& value, double tag) {
        Tuple out = key;
        out.insert(out.end(), value.begin(), value.end());
        if (tag > 0.0) given_[a.result][out].push_back(algebra_.times(group, tag));
      };
      values(a, rows, tags, put);
    }
  }

  using Put = std::function<void(const Tuple&, double)>;

  void values(const lang::Aggregate& a, const std::vector<Tuple>& rows, const std::vector<double>& tags, const Put& put) {
    switch (a.op) {
      case AggregateOp::exists:
      case AggregateOp::forall: {
        const double some = algebra_.plus(tags);
        put({Cell{a.op == AggregateOp::exists}}, some);
        put({Cell{a.op == AggregateOp::forall}}, 1.0 - some);
        return;
      }
      case AggregateOp::count:
      case AggregateOp::sum:
      case AggregateOp::prod: return subsets(a, rows, tags, put);
      default: extremes(a, rows, tags, put);
    }
  }

  // Every subset of the rows, with the tag that it is the world.
  void subsets(const lang::Aggregate& a, const std::vector<Tuple>& rows, const std::vector<double>& tags, const Put& put) {
    std::map<Cell, std::vector<double>> reached;
    std::vector<Tuple> in;
    std::function<void(std::size_t, double)> choose = [&](std::size_t i, double tag) {
      if (tag == 0.0) return;
      if (i == rows.size()) {
        if (const auto v = total(a, in)) reached[*v].push_back(tag);
        return;
      }
      choose(i + 1, algebra_.times(tag, 1.0 - tags[i]));
      in.push_back(rows[i]);
      choose(i + 1, algebra_.times(tag, tags[i]));
      in.pop_back();
    };
    choose(0, 1.0);
    for (const auto& [value, all] : reached) put({value}, algebra_.plus(all));
  }

  // Sums are made in exact or wide arithmetic and then have to fit.
  std::optional<Cell> total(const lang::Aggregate& a, const std::vector<Tuple>& rows) const {
    const Type type = p_.relations[a.result].columns.back().type;
    if (a.op == AggregateOp::count) return cell(static_cast<std::int64_t>(rows.size()));
    const bool product = a.op == AggregateOp::prod;
    if (is_float(type)) {
      double out = product ? 1.0 : 0.0;
      for (const Tuple& row : rows) out = product ? out * as_double(row.back()) : out + as_double(row.back());
      return fit(out, type);
    }
    std::int64_t out = product ? 1 : 0;
    for (const Tuple& row : rows) out = product ? out * as_int(row.back()) : out + as_int(row.back());
    return fit(out, type);
  }

  void extremes(const lang::Aggregate& a, const std::vector<Tuple>& rows, const std::vector<double>& tags, const Put& put) {
    const bool largest = a.op == AggregateOp::max || a.op == AggregateOp::argmax;
    const bool args_alone = a.op == AggregateOp::argmax || a.op == AggregateOp::argmin;
    auto better = [&](const Tuple& x, const Tuple& y) {
      const int order = compare(a, x, y);
      return largest ? order > 0 : order < 0;
    };
    for (std::size_t i = 0; i < rows.size(); ++i) {
      double tag = tags[i];
      for (std::size_t j = 0; j < rows.size(); ++j) {  // j: the first row of each better level
        if (!better(rows[j], rows[i])) continue;
        std::vector<double> level;
        bool first = true;
        for (std::size_t k = 0; k < rows.size(); ++k) {
          if (compare(a, rows[k], rows[j]) != 0) continue;
          first = first && k >= j;
          level.push_back(tags[k]);
        }
        if (first) tag = algebra_.times(tag, 1.0 - algebra_.plus(level));
      }
      put(Tuple(rows[i].begin() + a.groups, args_alone ? rows[i].begin() + a.groups + a.args : rows[i].end()), tag);
    }
  }

  int compare(const lang::Aggregate& a, const Tuple& x, const Tuple& y) const {
    for (std::size_t c = a.groups + a.args; c < x.size(); ++c) {
      const Type t = p_.relations[a.body].columns[c].type;
      auto order = [](const auto& l, const auto& r) { return l < r ? -1 : r < l ? 1 : 0; };
      const int found = is_text(t)    ? order(symbols_.text(as_symbol(x[c])), symbols_.text(as_symbol(y[c])))
                        : is_float(t) ? order(as_double(x[c]), as_double(y[c]))
                                      : order(as_int(x[c]), as_int(y[c]));
      if (found != 0) return found;
    }
    return 0;
  }

  const lang::Program& p_;
  const Setting& setting_;
  Symbols& symbols_;
  Algebra algebra_;
  std::vector<Ways> given_;  // facts, what networks say, and finished aggregates
  Tables tables_;
};

// All worlds: the model is evaluated until it asks for an event that is not decided yet, then every way to decide it.
class Worlds {
 public:
  Worlds(const lang::Program& p, const Setting& s, Symbols& symbols) : p_(p), setting_(s), symbols_(symbols) {}

  std::optional<Tables> run() {
    Possible before;
    before.body.resize(p_.aggregates.size());
    before.domain = before.body;
    // Which groups an aggregate has may depend on those of another: at most as many passes as there are aggregates.
    for (std::size_t pass = 0; pass <= p_.aggregates.size() + 1; ++pass) {
      total_.assign(p_.relations.size(), {});
      seen_.body.assign(p_.aggregates.size(), {});
      seen_.domain = seen_.body;
      worlds_ = 0;
      if (!each({}, 1.0, before)) return std::nullopt;
      if (seen_ == before) return total_;
      before = seen_;
    }
    return std::nullopt;
  }

 private:
  bool each(World world, double weight, const Possible& before) {
    Model model(p_, setting_, symbols_, Algebra{true});
    model.world = &world;
    model.possible = &before;
    const Tables tables = model.run();
    if (model.overflow) return false;
    if (!world.open) return ++worlds_ <= setting_.max_worlds && (collect(tables, weight), true);
    const auto [key, alternatives] = *world.open;
    world.open.reset();
    double rest = 1.0;
    for (double p : alternatives) rest -= p;
    for (std::size_t i = 0; i <= alternatives.size(); ++i) {
      const double p = i < alternatives.size() ? alternatives[i] : rest;
      if (p < 1e-15) continue;  // what is left of 1 after rounding is no world
      world.decided[key] = i;
      if (!each(world, weight * p, before)) return false;
    }
    return true;
  }

  void collect(const Tables& tables, double weight) {
    for (RelationId r = 0; r < tables.size(); ++r)
      for (const auto& [tuple, tag] : tables[r]) total_[r][tuple] += weight;
    for (std::size_t a = 0; a < p_.aggregates.size(); ++a) {
      for (const auto& [tuple, tag] : tables[p_.aggregates[a].body]) seen_.body[a].insert(tuple);
      if (p_.aggregates[a].domain == kNone) continue;
      for (const auto& [tuple, tag] : tables[p_.aggregates[a].domain]) seen_.domain[a].insert(tuple);
    }
  }

  const lang::Program& p_;
  const Setting& setting_;
  Symbols& symbols_;
  Possible seen_;
  Tables total_;
  std::size_t worlds_ = 0;
};

}  // namespace

std::optional<Tables> evaluate(const lang::Program& program, std::string_view provenance, const Setting& setting,
                               Symbols& symbols) {
  if (provenance == "exact") return Worlds(program, setting, symbols).run();
  Model model(program, setting, symbols, Algebra{provenance != "addmultprob"});
  model.ignore_tags = provenance == "unit";
  Tables tables = model.run();
  if (model.overflow) return std::nullopt;
  return tables;
}

}  // namespace tenfold::reference
