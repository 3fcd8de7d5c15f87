// In which order a diagram asks about the groups decides whether it fits. Three ways to order them, the likeliest
// first.
#pragma once

#include <vector>

#include "provenance/lineage.h"

namespace tenfold::provenance {

using GroupOrder = std::vector<std::uint32_t>;

/// The groups in the order in which derivation meets them: what is needed for early rounds first, and within a round
/// as a reader meets it who follows the premises from the roots down. For layered graphs this is breadth first from the
/// facts, which keeps diagrams as narrow as the graph.
GroupOrder order_of_derivation(const Lineage& lineage, const Inputs& inputs, std::span<const std::uint32_t> roots);

/// Distinct orders: of derivation; as that reader meets them, whatever the round; and both pulled together by FORCE
/// (Aloul, Markov, Sakallah, "FORCE: a fast and easy-to-implement variable-ordering heuristic", GLSVLSI 2003). By the
/// number of nodes that a cut between neighbours divides, least first.
std::vector<GroupOrder> candidate_orders(const Lineage& lineage, const Inputs& inputs,
                                         std::span<const std::uint32_t> roots);

}  // namespace tenfold::provenance
