// Random lineages, cyclic ones among them: the interval holds the truth at every size, and closes where nothing is cut.
#include "provenance/bounds.h"

#include <gtest/gtest.h>

#include <random>

#include "provenance/compile.h"
#include "provenance/variable_order.h"
#include "provenance/worlds_for_test.h"

namespace tenfold::provenance {
namespace {

// Nodes of the upper half may ask for any node of the upper half, and for the negation of those of the lower half.
Lineage random_lineage(std::mt19937& random, std::uint32_t nodes, std::uint32_t members) {
  const auto below = [&](std::uint32_t n) { return static_cast<std::uint32_t>(random() % n); };
  Lineage out;
  for (std::uint32_t v = 0; v < nodes; ++v) {
    for (std::uint32_t left = 1 + below(3); left > 0; --left) {
      out.add(premise(PremiseKind::member, below(members), below(4) == 0));
      if (below(2)) out.add(premise(PremiseKind::member, below(members)));
      const bool upper = v >= nodes / 2;
      if (below(3)) out.add(premise(PremiseKind::node, (upper ? nodes / 2 : 0) + below(nodes / 2)));
      if (upper && below(3) == 0) out.add(premise(PremiseKind::node, below(nodes / 2), true));
      out.end_alternative();
    }
    out.end_node();
  }
  return out;
}

TEST(Bounds, HoldTheTruthAndCloseOnSmallLineages) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    const Inputs inputs = worlds::random_inputs(random, 10);
    const Lineage lineage = random_lineage(random, 10, static_cast<std::uint32_t>(inputs.probability.size()));
    std::vector<std::uint32_t> roots(lineage.nodes());
    for (std::uint32_t v = 0; v < roots.size(); ++v) roots[v] = v;
    Diagrams exact(&inputs);
    const auto truth = compile(lineage, exact);
    for (const GroupOrder& order : candidate_orders(lineage, inputs, roots)) {
      int left = 40'000;  // asked about the time so often that some runs end early
      BoundLimits limits{std::size_t{1} << 22, [&] { return --left < 0; }, 1e-9};
      const auto found = bounds(lineage, inputs, roots, order, limits);
      for (std::uint32_t v = 0; v < roots.size(); ++v) {
        const double p = exact.probability(truth[v]);
        EXPECT_LE(found[v].first, p + 1e-12) << "seed " << seed << " node " << v;
        EXPECT_GE(found[v].second, p - 1e-12) << "seed " << seed << " node " << v;
        EXPECT_LE(found[v].second - found[v].first, 1e-6) << "seed " << seed << " node " << v;
      }
    }
  }
}

}  // namespace
}  // namespace tenfold::provenance
