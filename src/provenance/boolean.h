// bool: a tuple holds or not; a fact holds unless its tag is 0 or false. Plain sets with negation by difference. All
// laws hold.
#pragma once

#include <algorithm>

#include "provenance/provenance.h"

namespace tenfold::provenance {

struct Boolean {
  using Tag = char;  // 0 or 1; std::vector<bool> gives no references
  static constexpr std::string_view kName = "bool";
  static constexpr bool kIdempotent = true;
  const Inputs* inputs;

  Tag zero() const { return 0; }
  Tag one() const { return 1; }
  Tag input(Member m) const { return inputs->probability[m] > 0.0; }
  Tag plus(const std::vector<Tag>& all) const { return std::find(all.begin(), all.end(), 1) != all.end(); }
  Tag times(Tag a, Tag b) const { return a && b; }
  Tag negate(Tag a) const { return !a; }
  bool is_zero(Tag a) const { return !a; }
  bool saturated(Tag before, Tag after) const { return before == after; }
  double probability(Tag a) const { return a; }
};
static_assert(Provenance<Boolean>);

}  // namespace tenfold::provenance
