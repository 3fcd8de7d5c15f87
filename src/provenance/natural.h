// natural: how many derivations a tuple has, up to 2^64 - 1. A fact counts as often as its tag says, once without.
// Negation asks for no derivation at all. Where derivations go round a cycle there is no end to them: as in Scallop a
// tuple then counts those that were there when it was first derived.
#pragma once

#include <cmath>
#include <limits>

#include "provenance/provenance.h"

namespace tenfold::provenance {

struct Natural {
  using Tag = std::uint64_t;
  static constexpr std::string_view kName = "natural";
  static constexpr bool kIdempotent = false;
  static constexpr bool kEndless = true;  // a cycle need not settle
  static constexpr Tag kMany = std::numeric_limits<Tag>::max();
  const Inputs* inputs;

  Tag zero() const { return 0; }
  Tag one() const { return 1; }
  Tag input(Member m) const {
    const double tag = inputs->probability[m];
    return tag >= 1.8e19 ? kMany : static_cast<Tag>(std::llround(std::min(tag, 9e18)));
  }
  Tag plus(const std::vector<Tag>& all) const {
    Tag sum = 0;
    for (Tag a : all)
      if (__builtin_add_overflow(sum, a, &sum)) return kMany;
    return sum;
  }
  Tag times(Tag a, Tag b) const {
    Tag product = 0;
    return __builtin_mul_overflow(a, b, &product) ? kMany : product;
  }
  Tag negate(Tag a) const { return a == 0; }
  bool is_zero(Tag a) const { return a == 0; }
  bool saturated(Tag before, Tag after) const { return before == after; }
  double probability(Tag a) const { return static_cast<double>(a); }
};
static_assert(Provenance<Natural>);

}  // namespace tenfold::provenance
