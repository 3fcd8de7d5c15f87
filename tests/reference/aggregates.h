// What one group of an aggregate gives, from section 4 of the language. In one world tags are 0 or 1.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "reference/reference.h"

namespace tenfold::reference {

/// How tags combine: addmultprob, or minmaxprob, which over 0 and 1 is plain logic.
struct Algebra {
  bool sums = false;
  double times(double a, double b) const { return sums ? a * b : std::min(a, b); }
  double plus(const std::vector<double>& all) const {
    double total = 0.0;
    for (double a : all) total = sums ? total + a : std::max(total, a);
    return std::min(total, 1.0);
  }
};

struct AggregateRow {
  Tuple cells;    // groups, args, vars
  double tag;     // in this world, or of this provenance
  double weight;  // probability over all worlds; 1 where tags are ignored
};

struct AggregateGroup {
  std::vector<AggregateRow> rows;  // all that exist in some world
  std::function<void(const Tuple& value, double tag)> put;
  /// Tag of one of the alternatives of a new exclusive event, a number for each of the group; none where tags are
  /// ignored.
  std::function<double(std::size_t part, const std::vector<double>& alternatives, std::size_t which)> choose;
};

/// False where the definitions leave the answer open: rows are drawn, weights that decide are equal up to rounding, or
/// those made exclusive sum to more than one.
bool aggregate_values(const lang::Program& program, const lang::Aggregate& a, const Algebra& algebra, Symbols& symbols,
                      AggregateGroup& group);

}  // namespace tenfold::reference
