// addmultprob: alternatives add (clamped at 1), conjunctions multiply. A probability only where alternatives are
// disjoint and conjuncts independent; `e or e` with 0.5 is 1. Clamping breaks distributivity. On a cycle the tag is the
// least solution of its equations, approached to kTolerance.
#pragma once

#include <algorithm>
#include <cmath>

#include "provenance/provenance.h"

namespace tenfold::provenance {

struct AddMult {
  using Tag = double;
  static constexpr std::string_view kName = "addmultprob";
  static constexpr bool kIdempotent = false;
  // A thousandth of the 1e-9 that answers promise: a cycle contracts, so what is left to add is of the last step's
  // size.
  static constexpr double kTolerance = 1e-12;
  const Inputs* inputs;

  Tag zero() const { return 0.0; }
  Tag one() const { return 1.0; }
  Tag input(Member m) const { return inputs->probability[m]; }
  Tag plus(std::vector<Tag> all) const {
    std::sort(all.begin(), all.end());  // floating sums depend on order, answers must not
    double sum = 0.0;
    for (double a : all) sum += a;
    return std::min(sum, 1.0);
  }
  Tag times(Tag a, Tag b) const { return a * b; }
  Tag negate(Tag a) const { return 1.0 - a; }
  bool is_zero(Tag a) const { return a == 0.0; }
  bool saturated(Tag before, Tag after) const { return std::abs(before - after) <= kTolerance; }
  double probability(Tag a) const { return a; }
};
static_assert(Provenance<AddMult>);

}  // namespace tenfold::provenance
