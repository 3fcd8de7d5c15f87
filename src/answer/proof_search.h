// Chooses proofs in a graph: of each tuple that it needs one alternative, without a cycle, and for each absence the
// inputs that had to fall the way they did so that nothing derives the tuple. What is chosen is a conjunction of inputs
// that hold or do not, so its probability is a product, each input counted once.
//   best(): the cheapest alternative of every node, linear in what it visits
//   several(): best first over partial choices, bounded; says when these are all
#pragma once

#include <map>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "answer/proof_graph.h"

namespace tenfold::answer {

/// An uncertain input as the graph knows it: an alternative with an event.
struct Leaf {
  NodeId node = kNone;
  std::uint32_t alternative = 0;
};

/// Inputs taken to hold or not to; of an exclusive group at most one holds.
class Assignment {
 public:
  explicit Assignment(const provenance::Inputs& inputs) : inputs_(&inputs) {}
  /// False where it contradicts what is assigned already.
  bool affirm(provenance::Member m);
  bool deny(provenance::Member m);
  bool holds(provenance::Member m) const;
  bool fails(provenance::Member m) const;
  double probability() const;
  /// The same for equal assignments.
  std::vector<std::uint64_t> literals() const;

 private:
  const provenance::Inputs* inputs_;
  std::map<std::uint32_t, provenance::Member> chosen_;            // group to the member that holds
  std::map<std::uint32_t, std::vector<provenance::Member>> not_;  // group to members that do not
};

/// Why an uncertain tuple is absent: these inputs fail, and those tuples hold (whose absence would derive it).
struct Refutation {
  std::vector<Leaf> denied;
  std::vector<NodeId> proved;
};

struct Choice {
  std::unordered_map<NodeId, std::uint32_t> alternative;
  std::map<NodeId, Refutation> refuted;
  double probability = 1.0;
};

class ProofSearch {
 public:
  ProofSearch(ProofGraph& graph, ProofOrder order) : graph_(graph), order_(order) {}

  /// Nothing where no proof was found within the bounds.
  std::optional<Choice> best(NodeId root);
  struct Found {
    std::vector<Choice> choices;
    bool complete = false;
  };
  Found several(NodeId root, std::size_t count);

 private:
  struct State;
  struct Derivation {
    std::vector<Leaf> inputs;      // that could be denied
    std::vector<NodeId> absences;  // that could be proved instead
  };
  std::optional<Derivation> derivation(NodeId of, const Assignment& assignment,
                                       const std::unordered_map<NodeId, std::uint32_t>& proved);
  bool choose_best(NodeId root, Choice& choice, Assignment& assignment, std::vector<NodeId>& absent) const;
  bool refute(NodeId absent, Choice& choice, Assignment& assignment);
  bool blocked(const Alternative& a, const Assignment& assignment,
               const std::unordered_map<NodeId, std::uint32_t>& proved) const;
  double price(const Choice& choice) const;
  void tidy(NodeId root, Choice& choice);
  void affirm_below(NodeId from, const Choice& choice, Assignment& out) const;
  void branch(State state, std::vector<State>& out);
  void branch_node(State state, NodeId node, std::vector<State>& out);
  void branch_absence(State state, NodeId absent, std::vector<State>& out);
  bool take(State& state, NodeId node, std::uint32_t alternative) const;
  bool reaches(const State& state, NodeId from, NodeId to) const;

  ProofGraph& graph_;
  ProofOrder order_;
  std::size_t work_ = 0;  // units of work of the search under way
  bool cut_ = false;      // something was left out
  bool certain_only_ = false;
};

}  // namespace tenfold::answer
