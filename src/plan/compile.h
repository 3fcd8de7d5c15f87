// compile: a rule with its join order to the steps of its nested loops, once in full and once for each literal whose
// relation grows in the rule's own stratum (semi-naive). Asks for the indexes that the steps probe.
#pragma once

#include "plan/order.h"
#include "plan/plan.h"

namespace tenfold::plan {

/// Fills the variants of every stratum and plan.indexes.
Status compile_steps(Plan& plan, const OrderContext& context);

/// The steps of one rule in its order, `delta` read as what changed, whatever its stratum. `indexes` gets those that
/// they probe beyond what it has; null for executors that choose indexes themselves: no step names one.
std::vector<Step> compile_delta(const Plan& plan, const PlanRule& rule, std::uint32_t delta,
                                std::vector<IndexSpec>* indexes);

}  // namespace tenfold::plan
