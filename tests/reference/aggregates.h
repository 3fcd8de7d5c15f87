// What one group of an aggregate gives, from section 4 of the language. In one world tags are 0 or 1.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "reference/reference.h"

namespace tenfold::reference {

enum class Either : std::uint8_t { largest, sum_to_one, independent, sum, least };
enum class Both : std::uint8_t { least, product, sum };

/// How tags combine. The default is minmaxprob, which over 0 and 1 is plain logic.
struct Algebra {
  Either either = Either::largest;
  Both both = Both::least;
  bool asks_whether = false;  // `not` is one where there is no derivation at all, else zero

  bool costs() const { return either == Either::least; }
  double zero() const { return costs() ? HUGE_VAL : 0.0; }
  double one() const { return both == Both::sum ? 0.0 : 1.0; }
  double negate(double a) const { return asks_whether ? (a == zero() ? one() : zero()) : 1.0 - a; }
  double times(double a, double b) const {
    return both == Both::product ? a * b : both == Both::sum ? a + b : std::min(a, b);
  }
  double plus(const std::vector<double>& all) const {
    double total = zero();
    for (double a : all) {
      switch (either) {
        case Either::largest:
          total = std::max(total, a);
          break;
        case Either::least:
          total = std::min(total, a);
          break;
        case Either::independent:
          total = 1.0 - (1.0 - total) * (1.0 - a);
          break;
        default:
          total += a;
      }
    }
    return either == Either::sum ? total : costs() ? total : std::min(total, 1.0);
  }
  /// Rounds creep towards what a cycle means, instead of reaching it.
  bool creeps() const { return either == Either::sum_to_one || either == Either::independent; }
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
  /// ignored or are costs or counts.
  std::function<double(std::size_t part, const std::vector<double>& alternatives, std::size_t which)> choose;
};

/// False where the definitions leave the answer open: rows are drawn, weights that decide are equal up to rounding, or
/// those made exclusive sum to more than one.
bool aggregate_values(const lang::Program& program, const lang::Aggregate& a, const Algebra& algebra, Symbols& symbols,
                      AggregateGroup& group);

}  // namespace tenfold::reference
