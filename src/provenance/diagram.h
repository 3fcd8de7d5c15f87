// Many-valued decision diagrams: formulas over exclusive groups, one variable a group, as shared canonical nodes. Two
// formulas are equal exactly when their edges are, which makes saturation on a cycle one comparison; probabilities are
// kept at the nodes. A node branches on which member of its group holds: the members that differ from all the others
// are listed, the others (and "none of them") share one branch. Negation is a bit of the edge. Source: Bryant,
// "Graph-Based Algorithms for Boolean Function Manipulation", 1986; Srinivasan et al., "Algorithms for Discrete
// Function Manipulation", ICCAD 1990. No operation recurses: a diagram may be as deep as the program has facts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/large_pages.h"
#include "provenance/provenance.h"

namespace tenfold::provenance {

class Diagrams {
 public:
  /// 2 * node + (negated ? 1 : 0).
  using Edge = std::uint32_t;
  static constexpr Edge kTrue = 0, kFalse = 1;
  /// What a formula is whose diagram did not fit. `false and unknown` is still false.
  static constexpr Edge kUnknown = 0xFFFFFFFEu;
  /// A group that leaves less than this to "none of them" leaves nothing: a thousandth of the 1e-9 that answers
  /// promise, and more than the rounding of a sum of probabilities.
  static constexpr double kNothing = 1e-12;

  /// `inputs` outlives this. All members of a group must be there before its first literal is made.
  explicit Diagrams(const Inputs* inputs);
  /// Formulas alone: a circuit will weigh them, and probability() and shrink() mean nothing.
  void leave_unweighed() { weighs_ = false; }

  Edge literal(Member m);
  Edge conjoin(Edge a, Edge b);
  Edge disjoin(Edge a, Edge b) { return negate(conjoin(negate(a), negate(b))); }
  Edge any(std::vector<Edge> all);
  Edge every(std::vector<Edge> all);
  static Edge negate(Edge a) { return a == kUnknown ? a : a ^ 1u; }
  double probability(Edge a) const {
    if (a == kUnknown) return 0.5;
    const double p = nodes_[a >> 1].probability;
    return a & 1u ? 1.0 - p : p;
  }

  /// Groups come into the order of variables when first named, here or by literal(): earlier is nearer the root.
  void place(std::uint32_t group);
  /// d probability(a) / d probability(m), added to gradient[m] times `scale`, for every member m below `a`.
  void add_gradient(Edge a, double scale, std::vector<double>& gradient) const;

  /// Operations give kUnknown once more than this is held, or `expired` (asked now and then) says so.
  void limit(std::size_t bytes, std::function<bool()> expired);
  /// Less room than limit() gave, for an attempt.
  void tighten(std::size_t bytes) { most_bytes_ = bytes; }
  std::size_t most_bytes() const { return most_bytes_; }
  bool expired() const { return expired_ && expired_(); }
  bool exceeded() const { return exceeded_; }
  void forgive() { exceeded_ = false; }
  std::size_t bytes() const;
  std::size_t nodes() const { return nodes_.size(); }
  /// branch(member, edge) for each listed member of a node, then otherwise(edge).
  template <class OnBranch, class OnOtherwise>
  void visit(std::uint32_t node, OnBranch branch, OnOtherwise otherwise) const {
    const Node& n = nodes_[node];
    for (std::uint32_t i = n.branches; i < n.branches + n.count; ++i) branch(pool_[i].member, pool_[i].to);
    otherwise(n.otherwise);
  }
  /// Of the first group that `a` asks about; the constants lie below all.
  std::uint32_t level(Edge a) const { return a == kUnknown ? 0 : nodes_[a >> 1].level; }
  std::size_t size(Edge a) const;  // nodes below it
  void clear();                    // keeps memory
  /// At most about `most` nodes: those that weigh least become true (`up`: the result follows from `a`) or false (it
  /// implies `a`).
  Edge shrink(Edge a, std::size_t most, bool up);
  /// Forgets all nodes but those below `roots`, which get new numbers.
  void keep_only(std::vector<Edge>& roots);

 private:
  struct Branch {
    Member member;
    Edge to;
    bool operator==(const Branch&) const = default;
  };
  struct Node {
    std::uint32_t level;
    Edge otherwise;  // never negated, so that a formula and its negation share their nodes
    std::uint32_t branches, count;
    double probability;
  };
  struct Frame {
    Edge a, b;
    std::uint32_t level;
    std::uint32_t at_a, end_a, at_b, end_b;  // branches still to be joined
    Edge otherwise_a, otherwise_b, otherwise;
    Member member;       // whose branch is under way; kNoMember: the shared one
    std::uint32_t made;  // where its branches begin in made_
  };
  struct Cached {
    Edge a = kTrue, b = kTrue, result = kTrue;
  };
  struct Group {
    std::uint32_t level = kUnplaced;
    Member first = 0;
    double rest = 1.0;  // of no member
    std::uint32_t members = 0;
  };
  static constexpr std::uint32_t kUnplaced = 0xFFFFFFFFu;
  static constexpr Member kNoMember = 0xFFFFFFFFu;

  void below(Edge a, std::vector<std::uint32_t>& nodes);
  void learn_groups();
  bool simple(Edge a, Edge b, Edge& result) const;
  bool cached(Edge a, Edge b, Edge& result) const;
  void remember(Edge a, Edge b, Edge result);
  Frame frame(Edge a, Edge b) const;
  bool next(Frame& f, Edge& a, Edge& b) const;
  Edge make(std::uint32_t level, Edge otherwise, std::span<Branch> branches);
  void grow_table();
  std::uint64_t hash(const Node& n) const;
  bool over_budget();

  const Inputs* inputs_;
  LargeVector<Node> nodes_;
  LargeVector<Branch> pool_;
  LargeVector<std::uint32_t> table_;
  LargeVector<Cached> cache_;
  std::vector<std::uint32_t> mark_;  // of below(): the call that saw a node last
  std::uint32_t marks_ = 0;
  std::vector<Frame> frames_;
  std::vector<Branch> made_;
  std::vector<Group> groups_;
  std::size_t known_members_ = 0;
  std::uint32_t levels_ = 0;
  std::vector<std::uint32_t> group_at_;
  std::size_t most_bytes_ = 0;
  std::function<bool()> expired_;
  std::uint32_t ticks_ = 0;
  bool exceeded_ = false;
  bool weighs_ = true;
};

}  // namespace tenfold::provenance
