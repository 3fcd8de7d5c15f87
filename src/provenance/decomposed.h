// Lineages that need no diagram: the premises of each alternative share no group, and the alternatives of each node
// exclude one another or share no group either. Then probabilities are sums of products over the lineage itself, and
// it is a d-DNNF (Darwiche, "On the tractable counting of theory models", 2001). Most parsers and chains are so: two
// readings of one text differ in some symbol.
#pragma once

#include <optional>
#include <vector>

#include "provenance/canonical.h"

namespace tenfold::provenance {

class Decomposed {
 public:
  /// Nothing where the lineage is not known to be so; the search for it is bounded.
  static std::optional<Decomposed> of(const OwnLineage& part);
  /// probability[m] of each member; values of the roots come out in order.
  void evaluate(std::span<const double> probability, std::vector<double>& values) const;

 private:
  // A node is one less the product over its clusters of one less their sum; an alternative is a product.
  struct Node {
    std::uint32_t number, clusters;
  };
  std::vector<Node> nodes_;                  // premises first
  std::vector<std::uint32_t> clusters_;      // alternatives in each
  std::vector<std::uint32_t> alternatives_;  // factors in each
  std::vector<std::uint32_t> factors_;       // place << 1 | negated; members first, then nodes
  std::vector<std::uint32_t> roots_;
  std::size_t members_ = 0;
  mutable std::vector<double> values_;
};

}  // namespace tenfold::provenance
