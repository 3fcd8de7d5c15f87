// updates: the rules by which facts that come and go change what was derived (engine/set_update.h). For a rule
//   path(x, z) = edge(x, y) and path(y, z)
//   triggers  the rule by what changed of one literal: Δedge(x, y) first, then path(y, z); and so on
//   checks    the rule for heads that are in doubt: Δpath(x, z) first, then edge(x, y) and path(y, z)
// A literal under `not` triggers by what it newly does, or no longer does, exclude.
#pragma once

#include "plan/plan.h"

namespace tenfold::plan {

struct Trigger {
  Variant variant;
  std::uint32_t rule = kNone;   // index into Plan::rules: whose variant it is
  RelationId relation = kNone;  // whose change it is
  bool negative = false;        // the literal stands under `not`
};

struct StratumUpdates {
  std::vector<Trigger> triggers;
  std::vector<Variant> checks;
};

struct Updates {
  std::vector<PlanRule> rules;  // numbered from Plan::rules.size() on; variants name them as if they followed those
  std::vector<StratumUpdates> strata;
  std::vector<IndexSpec> indexes;  // for rows: those of the plan, then more
};

/// Of a plan without networks. `rows`: for the executor of rows (engine/row_update.h), which probes indexes and finds
/// what a tuple rests on in recorded firings, so that it needs no checks.
Result<Updates> make_updates(const Plan& plan, bool rows = false);

}  // namespace tenfold::plan
