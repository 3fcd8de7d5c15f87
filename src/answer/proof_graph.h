// Why the tuples of an evaluation are there, as a graph: a node a tuple, an alternative each way to derive it. Nodes
// are made for what is asked and all that it may rest on, and each knows its cheapest alternative (Knuth, "A
// generalization of Dijkstra's algorithm", IPL 6(1), 1977): likeliest, or fewest steps. Read proof_search.h next.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

#include "answer/stated_facts.h"
#include "engine/engine.h"
#include "tenfold/proof.h"

namespace tenfold::answer {

using NodeId = std::uint32_t;
constexpr std::uint32_t kNone = engine::kNone;

/// One premise: a tuple that holds, or (negative) one that does not. `node` is kNone for a tuple that is nowhere.
struct Item {
  bool negative = false;
  NodeId node = kNone;
  std::uint32_t literal = kNone;  // of the plan's rule; kNone for the rows of an aggregate
};

/// One way to derive a tuple. Without a firing: it is given, and certain.
struct Alternative {
  std::uint32_t firing = kNone;
  std::uint32_t aggregate = kNone;   // index into Program::aggregates
  provenance::Member event = kNone;  // the uncertain input, or the event of a tagged rule
  std::uint32_t first_item = 0, items = 0;
};

/// What choosing an alternative costs, all that it rests on included; the second decides among equals.
struct Cost {
  double first = 0.0, second = 0.0;
  friend auto operator<=>(const Cost&, const Cost&) = default;
};

struct Node {
  engine::RelationId relation;
  engine::Row row;
  std::uint32_t first_alternative = 0, alternatives = 0;
  std::uint32_t best = kNone;  // index into the node's alternatives; kNone: cannot be derived
  Cost cost;
};

class ProofGraph {
 public:
  /// `symbols` are those of the evaluation, and may grow.
  ProofGraph(const engine::Evaluation& evaluation, Symbols& symbols, ProofOrder order)
      : e_(evaluation), program_(*evaluation.plan().program), symbols_(symbols), order_(order), stated_(program_) {}

  /// The node of a row, with all that it may rest on.
  NodeId node(engine::RelationId relation, engine::Row row);

  const Node& operator[](NodeId n) const { return nodes_[n]; }
  std::span<const Alternative> alternatives(NodeId n) const {
    return {alternatives_.data() + nodes_[n].first_alternative, nodes_[n].alternatives};
  }
  std::span<const Item> items(const Alternative& a) const { return {items_.data() + a.first_item, a.items}; }
  const engine::Firing& firing(NodeId n, const Alternative& a) const { return e_.firing(nodes_[n].relation, a.firing); }
  bool certain(NodeId n) const { return e_.relation(nodes_[n].relation).certain(nodes_[n].row); }
  std::size_t size() const { return nodes_.size(); }
  /// An aggregate could have come about in more ways than were looked at.
  bool cut() const { return cut_; }
  /// An alternative's own cost, without what it rests on.
  Cost own_cost(const Alternative& a) const;
  const engine::Evaluation& evaluation() const { return e_; }
  const lang::Program& program() const { return program_; }
  StatedFacts& stated() { return stated_; }

 private:
  using Key = std::uint64_t;
  NodeId find_or_add(engine::RelationId relation, engine::Row row);
  void expand(NodeId n);
  bool given(engine::RelationId relation, engine::Row row);
  void rule(NodeId n, std::uint32_t firing);
  void aggregate(NodeId n, std::uint32_t firing);
  void outcome(NodeId n, std::uint32_t number, std::uint32_t firing, NodeId domain);
  void texts(NodeId n, std::uint32_t number, NodeId domain, const std::vector<engine::Row>& rows);
  void world(NodeId n, std::uint32_t number, NodeId domain, const std::vector<engine::Row>& in,
             const std::vector<engine::Row>& out);
  void extreme_worlds(NodeId n, std::uint32_t number, NodeId domain, const std::vector<engine::Row>& rows);
  void subset_worlds(NodeId n, std::uint32_t number, NodeId domain, const std::vector<engine::Row>& rows);
  void best_subset(NodeId n, std::uint32_t number, NodeId domain, const std::vector<engine::Row>& certain,
                   const std::vector<engine::Row>& open);
  bool gives(NodeId n, const lang::Aggregate& a, const std::vector<engine::Row>& in) const;
  const std::vector<engine::Row>& group(std::uint32_t number, std::span<const Cell> key);
  void add(NodeId n, Alternative alternative, std::span<const Item> items);
  void solve(NodeId first);

  const engine::Evaluation& e_;
  const lang::Program& program_;
  Symbols& symbols_;
  ProofOrder order_;
  StatedFacts stated_;
  std::vector<Node> nodes_;
  std::vector<Alternative> alternatives_;
  std::vector<Item> items_;
  std::unordered_map<Key, NodeId> known_;
  std::map<std::uint32_t, std::map<std::vector<Cell>, std::vector<engine::Row>>> groups_;  // per aggregate
  bool cut_ = false;
};

}  // namespace tenfold::answer
