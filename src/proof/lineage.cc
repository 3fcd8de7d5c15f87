#include "proof/lineage.h"

#include <algorithm>

#include "proof/computed.h"
#include "proof/given.h"

namespace tenfold::proof {

using lang::AggregateOp;
using lang::RelationId;

namespace {

// Pairs of conjunctions that are joined before it is given up: about a second.
constexpr std::size_t kMaxWork = 3'000'000;
// Worlds and uncertain rows of one group, and instances of the rules of one stratum.
constexpr std::size_t kMaxWorlds = 1 << 14, kMaxOpen = 1000, kMaxInstances = 200'000;
// A row that is less likely may be there or not: who rounds otherwise says otherwise.
constexpr double kLeast = 1e-12;

bool needs_weights(const lang::Aggregate& a) {
  return makes_events(a) || weighs(a) || a.op == AggregateOp::rank || a.op == AggregateOp::top ||
         a.op == AggregateOp::unique || a.op == AggregateOp::categorical;
}

bool in_group(const Row& key, const Row& row) { return std::equal(key.begin(), key.end(), row.begin()); }

}  // namespace

Lineages::Lineages(GivenFacts& given, Model& open, const CheckSettings& settings)
    : given_(given),
      open_(open),
      settings_(settings),
      program_(*given.inputs().program),
      rows_(program_.relations.size()),
      done_(program_.relations.size(), false),
      failed_(program_.relations.size()) {}

bool Lineages::fail(const std::string& why) {
  if (why_.empty()) why_ = why;
  return false;
}

bool Lineages::join(Formula& to, const Formula& with) {
  work_ += to.size() * with.size();
  auto found = work_ > kMaxWork ? std::nullopt : both(to, with, given_.events);
  if (!found) return fail("what uncertain tuples rest on takes too many steps to work out");
  to = std::move(*found);
  return true;
}

bool Lineages::unite(Formula& to, const Formula& with) {
  work_ += with.size() * (to.size() + 1);
  auto found = work_ > kMaxWork ? std::nullopt : either(to, with);
  if (!found) return fail("an uncertain tuple has too many derivations to work out how likely it is");
  to = std::move(*found);
  return true;
}

bool Lineages::negate(Formula& of) {
  work_ += of.size() * of.size();
  auto found = work_ > kMaxWork ? std::nullopt : negation(of, given_.events);
  if (!found) return fail("what uncertain tuples rest on takes too many steps to work out");
  of = std::move(*found);
  return true;
}

const Formula& Lineages::of(RelationId relation, const Row& row) const {
  static const Formula kNever, kAlways = always();
  if (open_.certain(relation).contains(row)) return kAlways;
  const auto at = rows_[relation].find(row);
  return at == rows_[relation].end() ? kNever : at->second;
}

bool Lineages::evaluate(RelationId relation) {
  if (!open_.evaluate(relation)) return fail(open_.why());
  for (const auto& stratum : open_.strata(relation)) {
    if (done_[stratum.front()]) continue;
    if (!failed_[stratum.front()].empty()) return fail(failed_[stratum.front()]);
    work_ = 0;
    const bool certain = std::all_of(stratum.begin(), stratum.end(),
                                     [&](RelationId r) { return open_.certain(r).size() == open_.possible(r).size(); });
    const bool fine = certain || run(stratum);
    for (RelationId r : stratum) (fine ? void(done_[r] = true) : void(failed_[r] = why_));
    if (!fine) return false;
  }
  work_ = 0;
  return true;
}

// To the least fixpoint: formulas only ever grow weaker, and there are finitely many.
bool Lineages::run(const std::vector<RelationId>& stratum) {
  std::vector<std::pair<RelationId, Instance>> all;
  for (RelationId r : stratum) {
    if (program_.relations[r].kind == lang::RelationKind::terms) continue;
    rows_[r].clear();  // of an attempt that was given up
    for (const auto& [row, statements] : given_.rows(r))
      for (const Given& g : statements) add(rows_[r][row], g.event == kNoEvent ? Literals{} : Literals{holds(g.event)});
    for (const lang::Aggregate& a : program_.aggregates)
      if (a.result == r && !aggregate(a)) return false;
    for (const lang::Rule& rule : program_.rules) {
      std::vector<Instance> found;
      if (rule.head == r && !collect(rule, stratum, found)) return false;
      for (Instance& i : found) all.emplace_back(r, std::move(i));
    }
  }
  for (bool grew = true; grew;) {
    grew = false;
    for (const auto& [head, instance] : all) {
      Formula f = instance.settled;
      for (const auto& [r, row] : instance.growing)
        if (!join(f, of(r, row))) return false;
      Formula& known = rows_[head][instance.head];
      for (const Literals& one : f) grew = add(known, one) || grew;
      if (!unite(known, {})) return false;  // not too long
    }
  }
  return true;
}

bool Lineages::collect(const lang::Rule& rule, const std::vector<RelationId>& stratum, std::vector<Instance>& out) {
  bool fine = true;
  const bool ran = open_.firings(rule, [&](const Firing& firing) {
    Instance instance{firing.head, always(), {}};
    if (firing.probability < 1.0)
      instance.settled = {{holds(given_.rule_event_of(rule, firing.named, firing.probability))}};
    for (const auto& [r, row] : firing.premises) {
      if (std::find(stratum.begin(), stratum.end(), r) != stratum.end())
        instance.growing.emplace_back(r, row);
      else
        fine = fine && join(instance.settled, of(r, row));
    }
    for (const auto& [r, args] : firing.absent) {
      Formula there;
      fine = fine && some(r, args, there) && negate(there) && join(instance.settled, there);
    }
    for (const Firing::Computed& c : firing.computed) {
      const Event e = given_.computed_event_of(c.relation, c.row, c.probability);
      fine = fine && join(instance.settled, {{c.positive ? holds(e) : fails(e)}});
    }
    if (!instance.settled.empty()) out.push_back(std::move(instance));
    if (out.size() > kMaxInstances) fine = fail("rule `" + rule.text + "` has too many instances to work out");
    return fine;
  });
  return fine && (ran || fail(open_.why()));
}

bool Lineages::some(RelationId relation, const std::vector<std::optional<Cell>>& args, Formula& out) {
  for (const Row* row : open_.matching(relation, args))
    if (!unite(out, of(relation, *row))) return false;
  return true;
}

bool Lineages::result(const lang::Aggregate& a, const Row& key, const Row& value, const Formula& formula) {
  Row row = key;
  row.insert(row.end(), value.begin(), value.end());
  return formula.empty() || unite(rows_[a.result][row], formula);
}

// Those that some world has, with their rows.
std::map<Row, std::vector<Row>> Lineages::groups(const lang::Aggregate& a) const {
  std::map<Row, std::vector<Row>> out;
  if (a.groups == 0 && a.domain == lang::kNone) out[{}];
  const auto each = [&](RelationId relation, const auto& visit) {
    Table& rows = open_.possible(relation);
    for (std::size_t i = 0; i < rows.size(); ++i)
      if (!of(relation, rows[i]).empty()) visit(rows[i]);
  };
  if (a.domain != lang::kNone) each(a.domain, [&](const Row& row) { out[row]; });
  each(a.body, [&](const Row& row) {
    const Row key(row.begin(), row.begin() + a.groups);
    if (a.domain == lang::kNone || out.contains(key)) out[key].push_back(row);
  });
  return out;
}

bool Lineages::aggregate(const lang::Aggregate& a) {
  for (const auto& [key, rows] : groups(a))
    if (!group_results(a, key, rows)) return false;
  return true;
}

// Every choice of the rows of a group that hold, with what it rests on; what cannot be is left out early.
struct Lineages::Worlds {
  Lineages& l;
  const lang::Aggregate& a;
  const Row& key;
  const std::vector<Row>& rows;
  std::vector<double> weights;
  std::size_t seen = 0;

  bool run(std::size_t at, const Formula& so_far, std::vector<Row>& in, std::vector<double>& weighed) {
    if (so_far.empty()) return true;
    if (at == rows.size()) {
      if (++seen > kMaxWorlds) return l.fail("the aggregate `" + a.text + "` has too many worlds to check");
      const auto values = results(l.program_, a, in, l.given_.symbols(), weighed);
      if (!values) return l.fail("the aggregate `" + a.text + "` is not computed here");
      return std::all_of(values->begin(), values->end(), [&](const Row& v) { return l.result(a, key, v, so_far); });
    }
    Formula with = so_far;
    if (!l.join(with, l.of(a.body, rows[at]))) return false;
    in.push_back(rows[at]);
    if (!weights.empty()) weighed.push_back(weights[at]);
    const bool fine = run(at + 1, with, in, weighed);
    in.pop_back();
    if (!weights.empty()) weighed.pop_back();
    Formula without = l.of(a.body, rows[at]);
    return fine && l.negate(without) && l.join(without, so_far) && run(at + 1, without, in, weighed);
  }
};

bool Lineages::group_results(const lang::Aggregate& a, const Row& key, const std::vector<Row>& rows) {
  const Formula there = a.domain == lang::kNone || a.one_world ? always() : of(a.domain, key);
  if (looks_at_all(a)) {
    const auto* told = outcomes(a, key);
    if (!told) return false;
    for (const Told& one : *told) {
      Formula f = there;
      for (const Row& row : one.outcome.rows)
        if (!join(f, of(a.body, row))) return false;
      if (one.event != kNoEvent && !join(f, {{holds(one.event)}})) return false;
      if (!result(a, key, one.outcome.value, f)) return false;
    }
    return true;
  }
  if (existential(a.op)) return existence(a, key, rows, there);
  if (extreme(a.op)) return extremes(a, key, rows, there);
  std::vector<Row> in, open;
  for (const Row& row : rows) (of(a.body, row) == always() ? in : open).push_back(row);
  if (open.size() > kMaxOpen) return fail("the aggregate `" + a.text + "` has too many worlds to check");
  std::vector<double> weighed(weighs(a) ? in.size() : 0, 1.0);
  Worlds worlds{*this, a, key, open, {}};
  for (const Row& row : weighs(a) ? open : std::vector<Row>()) {
    worlds.weights.push_back(1.0);
    if (!weight(a, of(a.body, row), worlds.weights.back())) return false;
  }
  return worlds.run(0, there, in, weighed);
}

bool Lineages::existence(const lang::Aggregate& a, const Row& key, const std::vector<Row>& rows, const Formula& there) {
  Formula yes;
  for (const Row& row : rows)
    if (!unite(yes, of(a.body, row))) return false;
  Formula no = yes;
  if (!negate(no) || !join(yes, there) || !join(no, there)) return false;
  const bool positive = a.op == AggregateOp::exists;
  return result(a, key, {Cell{positive}}, yes) && result(a, key, {Cell{!positive}}, no);
}

bool Lineages::extremes(const lang::Aggregate& a, const Row& key, const std::vector<Row>& rows, const Formula& there) {
  const auto order = [&](const Row& x, const Row& y) { return better(program_, a, x, y, given_.symbols()); };
  const Row* sure = nullptr;  // the best that holds in every world: what is worse never is the extreme
  for (const Row& row : rows)
    if (of(a.body, row) == always() && (!sure || order(row, *sure) < 0)) sure = &row;
  std::vector<Row> left;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(left),
               [&](const Row& row) { return !sure || order(row, *sure) <= 0; });
  for (const Row& row : left) {
    Formula better_ones;
    for (const Row& other : left)
      if (order(other, row) < 0 && !unite(better_ones, of(a.body, other))) return false;
    if (!negate(better_ones) || !join(better_ones, of(a.body, row)) || !join(better_ones, there)) return false;
    if (!result(a, key, extreme_value(a, row), better_ones)) return false;
  }
  return true;
}

// Only `exact` and `proofs` weigh a tuple by its worlds; the others agree with them on a tuple that is one input.
bool Lineages::weight(const lang::Aggregate& a, const Formula& f, double& out) {
  out = 1.0;
  if (f == always()) return true;
  const bool worlds = settings_.provenance == "exact" || settings_.provenance == "proofs";
  const bool input = f.size() == 1 && f[0].size() == 1 && !denied(f[0][0]);
  if (!worlds && !input)
    return fail("how likely " + settings_.provenance + " takes the rows of `" + a.text +
                "` to be is not computed here");
  const Disjunction found = probability(f, given_.events);
  if (found.low != found.high) return fail("how likely the rows of `" + a.text + "` are takes too long to work out");
  out = found.low;
  return out > kLeast || fail("a row of `" + a.text + "` is so unlikely that rounding decides whether it is there");
}

bool Lineages::possible(RelationId relation, const std::vector<std::optional<Cell>>& args, const Literals& literals) {
  why_.clear();
  if (!given_.inputs().tags || !evaluate(relation)) return true;
  for (const Row* row : open_.matching(relation, args)) {
    Formula f = of(relation, *row);
    if (!join(f, {literals}) || !f.empty()) return true;
  }
  return false;
}

const std::vector<WeighedRow>* Lineages::group(const lang::Aggregate& a, const Row& key) {
  why_.clear();
  const GroupId id{&a, key};
  if (const auto known = groups_.find(id); known != groups_.end()) return &known->second;
  // What a record brings, and what networks said, is known by the proofs that name it, which need not name all.
  for (const auto& stratum : open_.strata(a.body))
    for (RelationId r : stratum)
      if (given_.may_learn(r, settings_.records)) {
        fail("the aggregate `" + a.text +
             "` orders or weighs facts that nothing here states: a proof names only its own");
        return nullptr;
      }
  const bool tags = given_.inputs().tags;
  if (tags ? !evaluate(a.body) : !open_.evaluate(a.body)) {
    fail(open_.why());
    return nullptr;
  }
  std::vector<WeighedRow> out;
  const bool worlds = settings_.provenance == "exact" || settings_.provenance == "proofs";
  Table& rows = open_.possible(a.body);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!in_group(key, rows[i])) continue;
    const Formula f = tags ? of(a.body, rows[i]) : always();
    if (f.empty() && worlds) continue;
    if (f.empty()) {
      fail("whether " + settings_.provenance + " has each row of `" + a.text + "` is not computed here");
      return nullptr;
    }
    WeighedRow row{rows[i], 1.0};
    if (needs_weights(a) && !weight(a, f, row.weight)) return nullptr;
    out.push_back(std::move(row));
  }
  return &(groups_[id] = std::move(out));
}

const std::vector<Told>* Lineages::outcomes(const lang::Aggregate& a, const Row& key) {
  why_.clear();
  const GroupId id{&a, key};
  if (const auto known = told_.find(id); known != told_.end()) return &known->second;
  const bool tags = given_.inputs().tags;
  if (a.domain != lang::kNone) {
    if (tags ? !evaluate(a.domain) : !open_.evaluate(a.domain)) {
      fail(open_.why());
      return nullptr;
    }
    if (tags ? of(a.domain, key).empty() : !open_.possible(a.domain).contains(key)) return &told_[id];
  }
  const auto* rows = group(a, key);
  if (!rows) return nullptr;
  if (rows->empty() && a.groups > 0 && a.domain == lang::kNone) return &told_[id];
  Draw draw{settings_.seed, static_cast<std::uint32_t>(&a - program_.aggregates.data()), {}};
  for (std::size_t c = 0; c < key.size(); ++c)
    draw.group.push_back(plain(key[c], program_.relations[a.body].columns[c].type, given_.symbols()));
  const auto found = proof::outcomes(program_, a, *rows, tags, draw, given_.symbols());
  if (!found) {
    fail("the aggregate `" + a.text + "` is not computed here");
    return nullptr;
  }
  std::vector<Told> out;
  std::map<std::uint32_t, std::uint32_t> parts;  // to groups of events
  for (const Outcome& outcome : *found) {
    out.push_back({outcome, kNoEvent});
    if (outcome.probability >= 1.0) continue;
    const auto [part, fresh] = parts.try_emplace(outcome.part, given_.events.groups);
    if (fresh) ++given_.events.groups;
    out.back().event = given_.events.add(outcome.probability, part->second);
  }
  return &(told_[id] = std::move(out));
}

}  // namespace tenfold::proof
