// What a compiled formula is once its diagram is made: nodes to be summed in order, for any probabilities of its
// inputs. One compilation serves all problems of one shape.
#pragma once

#include <vector>

#include "provenance/diagram.h"

namespace tenfold::provenance {

class Circuit {
 public:
  Circuit() = default;
  Circuit(const Diagrams& diagrams, std::span<const Diagrams::Edge> roots);

  std::size_t roots() const { return roots_.size(); }
  bool is_false(std::size_t root) const { return roots_[root] == Diagrams::kFalse; }
  std::size_t size() const { return nodes_.size(); }
  /// probability[m] of each member; values of the roots come out in order.
  void evaluate(std::span<const double> probability, std::vector<double>& values) const;
  /// After evaluate() with the same probabilities: adds d root / d member, times `scale`, to gradient[m].
  void add_gradient(std::size_t root, double scale, std::span<const double> probability,
                    std::vector<double>& gradient) const;

 private:
  struct Branch {
    Member member;
    Diagrams::Edge to;
  };
  struct Node {
    Diagrams::Edge otherwise;
    std::uint32_t branches, count;
  };
  double value(Diagrams::Edge e) const {
    const double p = values_[e >> 1];
    return e & 1u ? 1.0 - p : p;
  }

  std::vector<Node> nodes_;  // children before parents; node 0 is the constant true
  std::vector<Branch> pool_;
  std::vector<Diagrams::Edge> roots_;
  mutable std::vector<double> values_;
};

}  // namespace tenfold::provenance
