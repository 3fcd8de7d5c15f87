// compile: a rule with its join order to the steps of its nested loops, once in full and once for each literal whose
// relation grows in the rule's own stratum (semi-naive). Asks for the indexes that the steps probe.
#pragma once

#include "plan/order.h"
#include "plan/plan.h"

namespace tenfold::plan {

/// Fills the variants of every stratum and plan.indexes.
Status compile_steps(Plan& plan, const OrderContext& context);

}  // namespace tenfold::plan
