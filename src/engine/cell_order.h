// The order of values: numbers and times by value, text by its bytes (which is by its characters), false before true.
#pragma once

#include "base/symbols.h"
#include "tenfold/value.h"

namespace tenfold::engine {

/// Below, at or above zero as x is below, equal to or above y.
int compare_cells(Type type, Cell x, Cell y, const Symbols& symbols);

}  // namespace tenfold::engine
