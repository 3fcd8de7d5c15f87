#include "answer/proof_graph.h"

#include <algorithm>
#include <cmath>
#include <queue>

#include "proof/aggregate.h"

namespace tenfold::answer {

using engine::Firing;
using engine::FiringKind;
using engine::RelationId;
using engine::Row;

namespace {

// Uncertain rows of one group of which every subset is looked at; past it, the likeliest alone that gives the value.
constexpr std::size_t kMaxOpen = 10;
// Values that the search for the likeliest subset keeps at once.
constexpr std::size_t kMaxValues = 4096;
// Ways to one text that are looked at.
constexpr std::size_t kMaxWays = 64;
constexpr double kLeast = 1e-300;

double cost_of(double probability) { return -std::log(std::max(probability, kLeast)); }

Cost operator+(const Cost& a, const Cost& b) { return {a.first + b.first, a.second + b.second}; }

}  // namespace

NodeId ProofGraph::find_or_add(RelationId relation, Row row) {
  const auto [at, fresh] = known_.try_emplace((Key{relation} << 32) | row, static_cast<NodeId>(nodes_.size()));
  if (fresh) nodes_.push_back({relation, row, 0, 0, kNone, {}});
  return at->second;
}

NodeId ProofGraph::node(RelationId relation, Row row) {
  const auto first = static_cast<NodeId>(nodes_.size());
  const NodeId wanted = find_or_add(relation, row);
  for (NodeId n = first; n < nodes_.size(); ++n) expand(n);  // grows while it goes
  if (nodes_.size() > first) solve(first);
  return wanted;
}

void ProofGraph::add(NodeId n, Alternative alternative, std::span<const Item> items) {
  alternative.first_item = static_cast<std::uint32_t>(items_.size());
  alternative.items = static_cast<std::uint32_t>(items.size());
  items_.insert(items_.end(), items.begin(), items.end());
  alternatives_.push_back(alternative);
  ++nodes_[n].alternatives;
}

void ProofGraph::expand(NodeId n) {
  nodes_[n].first_alternative = static_cast<std::uint32_t>(alternatives_.size());
  const auto [relation, row] = std::pair(nodes_[n].relation, nodes_[n].row);
  const engine::Relation& r = e_.relation(relation);
  std::uint32_t aggregated = kNone;  // its firing
  for (std::uint32_t f = r.firing(row); f != kNone; f = e_.firing(relation, f).next) {
    const Firing& firing = e_.firing(relation, f);
    switch (firing.kind) {
      case FiringKind::given:
      case FiringKind::perceived:
        add(n, {f, kNone, firing.event}, {});
        break;
      case FiringKind::rule:
        rule(n, f);
        break;
      case FiringKind::aggregate:
        if (aggregated == kNone) aggregated = f;
        break;
    }
  }
  if (aggregated != kNone)
    aggregate(n, aggregated);
  else if (given(relation, row))
    add(n, {}, {});
}

// Without doubt; a tuple may be both given and derived.
bool ProofGraph::given(RelationId relation, Row row) {
  const engine::Relation& r = e_.relation(relation);
  if (!r.certain(row)) return false;
  if (r.origin(row) != kNone || r.firing(row) == kNone) return true;
  const bool tags = e_.has_probabilities();
  const auto& facts = stated_.of(relation, r.row(row));
  return std::any_of(facts.begin(), facts.end(), [&](std::uint32_t f) {
    const lang::Fact& fact = program_.facts[f];
    return !tags || (fact.probability.value_or(1.0) == 1.0 && fact.group == lang::kNone);
  });
}

void ProofGraph::rule(NodeId n, std::uint32_t f) {
  const RelationId relation = nodes_[n].relation;
  const Firing& firing = e_.firing(relation, f);
  const plan::PlanRule& rule = e_.plan().rules[firing.source];
  const auto rows = e_.premises(relation, firing);
  std::vector<Item> items;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint32_t at = rule.premises[i];
    const lang::Literal& l = rule.body[at].literal;
    const bool negative = l.kind == lang::LiteralKind::negative;
    const bool computed =
        l.relation < program_.relations.size() && program_.relations[l.relation].kind == lang::RelationKind::foreign;
    if (rows[i] == kNone && (computed || !negative)) continue;  // an uncertain row of a predicate is an input
    items.push_back({negative, rows[i] != kNone ? find_or_add(l.relation, rows[i]) : kNone, at});
  }
  add(n, {f, kNone, firing.event}, items);
}

const std::vector<Row>& ProofGraph::group(std::uint32_t number, std::span<const Cell> key) {
  const lang::Aggregate& a = program_.aggregates[number];
  auto [at, fresh] = groups_.try_emplace(number);
  if (fresh) {
    const engine::Relation& body = e_.relation(a.body);
    for (Row r = 0; r < body.size(); ++r)
      if (e_.holds(a.body, r)) at->second[{body.row(r).begin(), body.row(r).begin() + a.groups}].push_back(r);
  }
  return at->second[{key.begin(), key.end()}];
}

// A row that was picked comes with its result; an event that was made stands by itself, however likely its row is.
void ProofGraph::outcome(NodeId n, std::uint32_t number, std::uint32_t f, NodeId domain) {
  const Firing& firing = e_.firing(nodes_[n].relation, f);
  const lang::Aggregate& a = program_.aggregates[number];
  std::vector<Item> items;
  if (domain != kNone) items.push_back({false, domain, kNone});
  const bool made = proof::makes_events(a) && e_.has_probabilities() && (firing.event != kNone || certain(n));
  if (!made)
    for (Row r : e_.premises(nodes_[n].relation, firing)) items.push_back({false, find_or_add(a.body, r), kNone});
  add(n, {f, number, firing.event}, items);
}

// string_join<all>: the rows that were joined to this text, each way to choose them.
void ProofGraph::texts(NodeId n, std::uint32_t number, NodeId domain, const std::vector<Row>& rows) {
  const lang::Aggregate& a = program_.aggregates[number];
  std::vector<proof::WeighedRow> weighed;
  for (Row r : rows) weighed.push_back({{e_.relation(a.body).row(r).begin(), e_.relation(a.body).row(r).end()}});
  const auto all = proof::outcomes(program_, a, std::move(weighed), e_.has_probabilities(), {}, symbols_);
  if (!all) return;
  const Cell text = e_.relation(nodes_[n].relation).row(nodes_[n].row).back();
  std::size_t ways = 0;
  for (const proof::Outcome& one : *all) {
    if (one.value.back() != text) continue;
    if (++ways > kMaxWays) {
      cut_ = true;
      return;
    }
    std::vector<Row> in;
    for (const proof::Row& row : one.rows) in.push_back(e_.relation(a.body).find(row));
    world(n, number, domain, in, {});
  }
}

void ProofGraph::aggregate(NodeId n, std::uint32_t f) {
  const std::uint32_t number = e_.firing(nodes_[n].relation, f).source;
  const lang::Aggregate& a = program_.aggregates[number];
  const auto tuple = e_.relation(nodes_[n].relation).row(nodes_[n].row);
  const auto key = tuple.first(a.groups);
  NodeId domain = kNone;
  if (a.domain != lang::kNone)
    if (const Row at = e_.relation(a.domain).find(key); at != kNone) domain = find_or_add(a.domain, at);
  if (proof::picks(a) || proof::makes_events(a)) return outcome(n, number, f, domain);
  const std::vector<Row> rows = group(number, key);
  const bool certain = std::all_of(rows.begin(), rows.end(), [&](Row r) { return e_.relation(a.body).certain(r); });
  if (a.one_world && !certain)  // all that may be is counted, whatever is: there is nothing to rest on
    add(n, {kNone, number, kNone}, {});
  else if (proof::looks_at_all(a) && !a.one_world)
    texts(n, number, domain, rows);
  else if (proof::extreme(a.op))
    extreme_worlds(n, number, domain, rows);
  else if (certain && !proof::existential(a.op))
    world(n, number, domain, rows, {});
  else
    subset_worlds(n, number, domain, rows);
}

void ProofGraph::world(NodeId n, std::uint32_t number, NodeId domain, const std::vector<Row>& in,
                       const std::vector<Row>& out) {
  const RelationId body = program_.aggregates[number].body;
  std::vector<Item> items;
  if (domain != kNone) items.push_back({false, domain, kNone});
  for (Row r : in) items.push_back({false, find_or_add(body, r), kNone});
  for (Row r : out) items.push_back({true, find_or_add(body, r), kNone});
  add(n, {kNone, number, kNone}, items);
}

// A row with the value holds, and no better one does.
void ProofGraph::extreme_worlds(NodeId n, std::uint32_t number, NodeId domain, const std::vector<Row>& rows) {
  const lang::Aggregate& a = program_.aggregates[number];
  const engine::Relation& body = e_.relation(a.body);
  const auto value = e_.relation(nodes_[n].relation).row(nodes_[n].row).subspan(a.groups);
  for (Row r : rows) {
    const proof::Row gives = proof::extreme_value(a, body.row(r));
    if (!std::equal(gives.begin(), gives.end(), value.begin(), value.end())) continue;
    std::vector<Row> better;
    bool beaten = false;
    for (Row other : rows) {
      if (proof::better(program_, a, body.row(other), body.row(r), e_.symbols()) >= 0) continue;
      better.push_back(other);
      beaten = beaten || body.certain(other);
    }
    if (!beaten) world(n, number, domain, {r}, better);
  }
}

bool ProofGraph::gives(NodeId n, const lang::Aggregate& a, const std::vector<Row>& in) const {
  std::vector<proof::Row> rows;
  std::vector<double> weights;
  for (Row r : in) {
    rows.emplace_back(e_.relation(a.body).row(r).begin(), e_.relation(a.body).row(r).end());
    weights.push_back(e_.probability(a.body, r));
  }
  const auto value = e_.relation(nodes_[n].relation).row(nodes_[n].row).subspan(a.groups);
  const auto found = proof::results(program_, a, rows, symbols_, weights);
  return found && std::any_of(found->begin(), found->end(),
                              [&](const proof::Row& row) { return proof::same_result(program_, a, row, value); });
}

void ProofGraph::subset_worlds(NodeId n, std::uint32_t number, NodeId domain, const std::vector<Row>& rows) {
  const lang::Aggregate& a = program_.aggregates[number];
  const engine::Relation& body = e_.relation(a.body);
  std::vector<Row> certain, open;
  for (Row r : rows) (body.certain(r) ? certain : open).push_back(r);
  if (proof::existential(a.op)) {
    const bool some =
        (e_.relation(nodes_[n].relation).row(nodes_[n].row).back() != 0) == (a.op == lang::AggregateOp::exists);
    if (!some && certain.empty()) world(n, number, domain, {}, open);
    for (Row r : rows)
      if (some) world(n, number, domain, {r}, {});
    return;
  }
  if (open.size() > kMaxOpen) return best_subset(n, number, domain, certain, open);
  for (std::size_t bits = 0; bits < (std::size_t{1} << open.size()); ++bits) {
    std::vector<Row> in = certain, out;
    for (std::size_t i = 0; i < open.size(); ++i) ((bits >> i & 1) ? in : out).push_back(open[i]);
    if (gives(n, a, in)) world(n, number, domain, in, out);
  }
}

// Row by row, of each value reached so far the likeliest way to it.
void ProofGraph::best_subset(NodeId n, std::uint32_t number, NodeId domain, const std::vector<Row>& certain,
                             const std::vector<Row>& open) {
  cut_ = true;
  const lang::Aggregate& a = program_.aggregates[number];
  const engine::Relation& body = e_.relation(a.body);
  struct Way {
    double cost = 0.0;
    std::vector<bool> in;
  };
  std::map<proof::Row, Way> reached;
  const auto value_of = [&](const std::vector<bool>& in) {
    std::vector<proof::Row> rows;
    std::vector<double> weights;
    const auto take = [&](Row r) {
      rows.emplace_back(body.row(r).begin(), body.row(r).end());
      weights.push_back(e_.probability(a.body, r));
    };
    std::for_each(certain.begin(), certain.end(), take);
    for (std::size_t i = 0; i < in.size(); ++i)
      if (in[i]) take(open[i]);
    const auto found = proof::results(program_, a, rows, symbols_, weights);
    return found && found->size() == 1 ? std::optional(found->front()) : std::nullopt;
  };
  reached[value_of({}).value_or(proof::Row{})] = {};
  for (std::size_t i = 0; i < open.size() && reached.size() <= kMaxValues; ++i) {
    const double p = e_.probability(a.body, open[i]);
    std::map<proof::Row, Way> next;
    for (const auto& [value, way] : reached)
      for (const bool taken : {false, true}) {
        Way longer{way.cost + cost_of(taken ? p : 1.0 - p), way.in};
        longer.in.push_back(taken);
        auto [at, fresh] = next.try_emplace(value_of(longer.in).value_or(proof::Row{}), longer);
        if (!fresh && longer.cost < at->second.cost) at->second = longer;
      }
    reached = std::move(next);
  }
  const auto wanted = e_.relation(nodes_[n].relation).row(nodes_[n].row).subspan(a.groups);
  for (const auto& [value, way] : reached) {
    if (way.in.size() != open.size() || !proof::same_result(program_, a, value, wanted)) continue;
    std::vector<Row> in = certain, out;
    for (std::size_t i = 0; i < open.size(); ++i) (way.in[i] ? in : out).push_back(open[i]);
    world(n, number, domain, in, out);
  }
}

Cost ProofGraph::own_cost(const Alternative& a) const {
  double unlikely = a.event == kNone ? 0.0 : cost_of(e_.inputs().probability[a.event]), steps = 1.0;
  for (const Item& item : items(a)) {
    if (!item.negative) continue;
    steps += 1.0;
    if (item.node != kNone)
      unlikely += cost_of(1.0 - e_.probability(nodes_[item.node].relation, nodes_[item.node].row));
  }
  return order_ == ProofOrder::likeliest ? Cost{unlikely, steps} : Cost{steps, unlikely};
}

// Nodes from `first` on; those before are solved, and rest on none of these.
void ProofGraph::solve(NodeId first) {
  struct Use {
    NodeId node;
    std::uint32_t alternative;
  };
  const auto base = nodes_[first].first_alternative;
  std::vector<Cost> cost(alternatives_.size() - base);
  std::vector<std::uint32_t> waiting(alternatives_.size() - base, 0);
  std::vector<std::vector<Use>> users(nodes_.size() - first);
  using Entry = std::pair<Cost, std::pair<NodeId, std::uint32_t>>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  for (NodeId n = first; n < nodes_.size(); ++n) {
    for (std::uint32_t i = 0; i < nodes_[n].alternatives; ++i) {
      const std::uint32_t a = nodes_[n].first_alternative + i;
      cost[a - base] = own_cost(alternatives_[a]);
      for (const Item& item : items(alternatives_[a])) {
        if (item.negative) continue;
        if (item.node >= first) {
          users[item.node - first].push_back({n, i});
          ++waiting[a - base];
        } else if (nodes_[item.node].best == kNone) {
          ++waiting[a - base];  // for ever
        } else {
          cost[a - base] = cost[a - base] + nodes_[item.node].cost;
        }
      }
      if (waiting[a - base] == 0) queue.push({cost[a - base], {n, i}});
    }
  }
  while (!queue.empty()) {
    const auto [price, way] = queue.top();
    queue.pop();
    Node& node = nodes_[way.first];
    if (node.best != kNone) continue;
    node.best = way.second;
    node.cost = price;
    for (const Use& use : users[way.first - first]) {
      const std::uint32_t a = nodes_[use.node].first_alternative + use.alternative - base;
      cost[a] = cost[a] + price;
      if (--waiting[a] == 0 && nodes_[use.node].best == kNone) queue.push({cost[a], {use.node, use.alternative}});
    }
  }
}

}  // namespace tenfold::answer
