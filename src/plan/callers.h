// callers: a relation that only its callers bind is given to each of them as a relation of its own, for programs where
// what one caller asks depends, through an aggregate or a negation, on what another was answered.
//   before  n(c) = c := count(y: p(3, y))       q(y) = n(c) and p(c, y)      no strata: p is asked for what p counts to
//   after   n(c) = c := count(y: p1(3, y))      q(y) = n(c) and p2(c, y)     p1 and p2 have the rules of p
// Same answer: a copy's rules keep their number in the text, so that events of tagged rules are the same events. Such
// a program always has strata then, for a cycle that is left would be one of the program's own.
#pragma once

#include <functional>

#include "plan/plan.h"

namespace tenfold::plan {

/// As make_plan(). Where that says `demand-cycle`, `program` gets the copies, under the same names and hidden, if it
/// may: relations that are asked for themselves, or have facts, stay one, and then the error stays as well.
/// @param given  may facts from outside be given to this relation?
Result<Plan> make_plan_for_callers(lang::Program& program, const Options& options,
                                   const std::function<bool(RelationId)>& given);

}  // namespace tenfold::plan
