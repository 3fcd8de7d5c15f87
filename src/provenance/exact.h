// exact: a tuple's tag is its whole lineage, as a decision diagram over one many-valued variable a group (diagram.h).
// The probability is the weight of the worlds whose least model has the tuple. A Boolean algebra: every law holds.
#pragma once

#include <memory>

#include "provenance/diagram.h"

namespace tenfold::provenance {

struct Exact {
  using Tag = Diagrams::Edge;
  static constexpr std::string_view kName = "exact";
  static constexpr bool kIdempotent = true;
  explicit Exact(const Inputs* inputs) : diagrams(std::make_shared<Diagrams>(inputs)) {}
  std::shared_ptr<Diagrams> diagrams;

  Tag zero() const { return Diagrams::kFalse; }
  Tag one() const { return Diagrams::kTrue; }
  Tag input(Member m) const { return diagrams->literal(m); }
  Tag plus(const std::vector<Tag>& all) const { return diagrams->any(all); }
  Tag times(Tag a, Tag b) const { return diagrams->conjoin(a, b); }
  Tag negate(Tag a) const { return Diagrams::negate(a); }
  bool is_zero(Tag a) const { return a == Diagrams::kFalse; }
  bool saturated(Tag before, Tag after) const { return before == after; }
  void clear() { diagrams->clear(); }
  double probability(Tag a) const { return diagrams->probability(a); }
};
static_assert(Provenance<Exact>);

}  // namespace tenfold::provenance
