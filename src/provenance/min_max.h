// minmaxprob: a proof is as strong as its weakest fact, a tuple as its best proof. Tag in [0, 1]. All semiring laws
// hold; it is the fuzzy (Gödel) reading and no probability: `a and not a` with 0.4 is 0.4.
#pragma once

#include <algorithm>

#include "provenance/provenance.h"

namespace tenfold::provenance {

struct MinMax {
  using Tag = double;
  static constexpr std::string_view kName = "minmaxprob";
  static constexpr bool kIdempotent = true;
  const Inputs* inputs;

  Tag zero() const { return 0.0; }
  Tag one() const { return 1.0; }
  Tag input(Member m) const { return inputs->probability[m]; }
  Tag plus(const std::vector<Tag>& all) const { return all.empty() ? 0.0 : *std::max_element(all.begin(), all.end()); }
  Tag times(Tag a, Tag b) const { return std::min(a, b); }
  Tag negate(Tag a) const { return 1.0 - a; }
  bool is_zero(Tag a) const { return a == 0.0; }
  // Exact: max and min only ever return one of their arguments, so a round cannot creep.
  bool saturated(Tag before, Tag after) const { return before == after; }
  double probability(Tag a) const { return a; }
};
static_assert(Provenance<MinMax>);

}  // namespace tenfold::provenance
