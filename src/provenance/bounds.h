// Where a diagram does not fit: one that says less and one that says more, both small. Each node of the lineage gets a
// pair low => node => high; a diagram that outgrows its size gives up the branches that weigh least, to false below and
// to true above. Negation swaps the two. On a cycle any round of `low` is sound; `high` is sound once a round adds
// nothing to it. A larger size brings the two together.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "provenance/lineage.h"

namespace tenfold::provenance {

struct BoundLimits {
  std::size_t bytes = 0;
  std::function<bool()> expired;
  double narrow = 1e-4;  // an interval of this width is left alone
};

/// For each root an interval that its probability lies in; [0, 1] at worst.
std::vector<std::pair<double, double>> bounds(const Lineage& lineage, const Inputs& inputs,
                                              std::span<const std::uint32_t> roots,
                                              const std::vector<std::uint32_t>& group_order, const BoundLimits& limits);

}  // namespace tenfold::provenance
