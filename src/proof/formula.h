// Formulas over inputs: a disjunction of conjunctions, none of which follows from another. Empty: never. One that is
// empty: always. Each operation says nothing where its result is too long to go on with.
#pragma once

#include <optional>

#include "proof/events.h"

namespace tenfold::proof {

using Formula = std::vector<Literals>;  // sorted

inline Formula always() { return {{}}; }

/// Adds a conjunction. False where that changes nothing.
bool add(Formula& formula, Literals one);
std::optional<Formula> either(const Formula& a, const Formula& b);
std::optional<Formula> both(const Formula& a, const Formula& b, const Events& events);
std::optional<Formula> negation(const Formula& a, const Events& events);

}  // namespace tenfold::proof
