// stratify: groups relations into strata, each computed after all that it reads. Relations that depend on each other
// share one; a negation, an aggregate or a network may not sit inside such a cycle (a network may, positively).
#pragma once

#include <optional>

#include "plan/plan.h"

namespace tenfold::plan {

/// Fills plan.strata with relations, rules, aggregates and networks. Returns the literal (rule, body index) of a
/// negative edge inside a cycle if there is one; demand.cc then asks for less.
struct NegativeCycle {
  RelationId from, to;
  Place place;
};
std::optional<NegativeCycle> stratify(Plan& plan);

}  // namespace tenfold::plan
