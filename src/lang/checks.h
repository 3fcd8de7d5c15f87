// What a typed program must fulfil before it is run: every variable gets a value, and no conclusion rests on its own
// negation.
#pragma once

#include "lang/draft.h"

namespace tenfold::lang {

/// Before types are known: constants that are no value of their declared type, goals; variables that stand once, in a
/// negation, become wildcards.
void check_early(Unit& unit);

/// Every variable of every rule is bound: by a positive atom whose inputs are bound, or by an equation. Reports those
/// that are not, and inputs of networks and of `bound` columns that nothing gives.
void check_grounding(Unit& unit, const Program& program);

/// No relation depends on its own negation or on an aggregate of itself.
void check_strata(Unit& unit, const Program& program);

}  // namespace tenfold::lang
