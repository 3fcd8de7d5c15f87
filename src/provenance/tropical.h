// tropical, realtropical: the least cost of deriving a tuple. A fact costs its tag, nothing without; alternatives take
// the cheaper, conjunctions add. tropical rounds costs to whole numbers. Negation asks that there is no derivation.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "provenance/provenance.h"

namespace tenfold::provenance {

template <bool kWhole>
struct LeastCost {
  using Tag = double;  // infinity: not derivable
  static constexpr std::string_view kName = kWhole ? "tropical" : "realtropical";
  static constexpr bool kIdempotent = true;
  static constexpr double kNever = std::numeric_limits<double>::infinity();
  const Inputs* inputs;

  Tag zero() const { return kNever; }
  Tag one() const { return 0.0; }
  Tag input(Member m) const { return kWhole ? std::round(inputs->probability[m]) : inputs->probability[m]; }
  Tag plus(const std::vector<Tag>& all) const {
    return all.empty() ? kNever : *std::min_element(all.begin(), all.end());
  }
  Tag times(Tag a, Tag b) const { return a + b; }
  Tag negate(Tag a) const { return a == kNever ? 0.0 : kNever; }
  bool is_zero(Tag a) const { return a == kNever; }
  // Costs are not negative, so each round can only bring what a shorter derivation could not.
  bool saturated(Tag before, Tag after) const { return before == after; }
  double probability(Tag a) const { return a; }
};
using Tropical = LeastCost<true>;
using RealTropical = LeastCost<false>;
static_assert(Provenance<Tropical> && Provenance<RealTropical>);

}  // namespace tenfold::provenance
