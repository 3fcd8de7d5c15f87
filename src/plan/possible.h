// possible: a relation's tuples whatever networks say and whatever is absent, so that demand and the domain of a
// network can be computed before any network is asked, and never through a negation.
//   before  good(x) = film(x, i) and not finding(i, "no") and score(x, n)      (score: a count)
//   after   possible#good(x) = film(x, i) and possible#score(x)
// Negations and tests that cannot be made go, an aggregate keeps its groups (and what min and max pick), a network may
// say any of its labels. A column that nothing binds any more is left out. Always a superset of the relation.
#pragma once

#include <vector>

#include "plan/plan.h"

namespace tenfold::plan {

class Possible {
 public:
  /// `rules`: those to widen, guarded where nothing else binds a head. `exact[r]`: r may be read as it is.
  Possible(Plan& plan, std::vector<PlanRule> rules, std::vector<bool> exact);

  /// The literals `which` of `rule`, widened, as a body in an order that binds; fills `bound` with what they bind.
  std::vector<PlanLiteral> body(const PlanRule& rule, const std::vector<std::uint32_t>& which,
                                std::vector<bool>& bound);

 private:
  bool derived(RelationId r) const { return derived_[r]; }
  std::uint32_t network_of(RelationId r) const;
  void find_known();
  bool known_from_rules(RelationId r, std::uint32_t column);
  std::optional<PlanLiteral> widened(const PlanLiteral& literal, const std::vector<bool>& bound);
  RelationId relation(RelationId r);
  RelationId labels(std::uint32_t network);
  void fill(RelationId r, RelationId possible);
  void fill_aggregate(const lang::Aggregate& a, RelationId possible);

  Plan& plan_;
  const lang::Program& program_;
  std::vector<PlanRule> rules_;
  std::vector<bool> exact_, derived_;
  std::vector<std::vector<bool>> known_;  // per relation: columns that the widened rules bind
  std::vector<RelationId> made_, labels_;
  bool make_ = false;  // off while known_ is being found: relations are not added then
};

}  // namespace tenfold::plan
