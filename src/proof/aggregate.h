// What an aggregate is worth over one group in one world, from its definition.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "lang/program.h"

namespace tenfold::proof {

using Row = std::vector<Cell>;

/// min, max, argmin, argmax: the result is one row's, and better rows must be absent.
bool extreme(lang::AggregateOp op);
/// exists, forall.
bool existential(lang::AggregateOp op);

/// normalize, softmax, disjunct: each result is an event of its own, exclusive with the others of its group.
bool makes_events(const lang::Aggregate& aggregate);
/// sort, rank, top, uniform and the like: each result is one row's, and comes with it.
bool picks(const lang::Aggregate& aggregate);
/// weighted_sum and weighted_avg: a row counts as much as it is likely.
bool weighs(const lang::Aggregate& aggregate);
/// Its results hang on which rows some world has and how likely they are, not on one world alone: what outcomes() says.
bool looks_at_all(const lang::Aggregate& aggregate);

/// A row of a group that some world has.
struct WeighedRow {
  Row row;
  double weight = 1.0;  // its probability
};

/// One result of an aggregate that looks at all rows.
struct Outcome {
  Row value;                 // without the group
  std::vector<Row> rows;     // these have to hold
  double probability = 1.0;  // of its own event; 1: it has none
  std::uint32_t part = 0;    // events of one part exclude one another
};

/// How uniform and categorical draw.
struct Draw {
  std::uint64_t seed = 0;
  std::uint32_t number = 0;        // of the aggregate in the program
  std::vector<std::string> group;  // as text
};

/// Nothing where it has too many or they cannot be told. @param tags  inputs may be uncertain
std::optional<std::vector<Outcome>> outcomes(const lang::Program& program, const lang::Aggregate& aggregate,
                                             std::vector<WeighedRow> rows, bool tags, const Draw& draw,
                                             Symbols& symbols);

/// Negative: `a` is better than `b` under min, max, argmin or argmax; 0: they tie.
int better(const lang::Program& program, const lang::Aggregate& aggregate, std::span<const Cell> a,
           std::span<const Cell> b, const Symbols& symbols);

/// What an extreme row gives as result, without the group.
Row extreme_value(const lang::Aggregate& aggregate, std::span<const Cell> row);

/// The results (without the group) over exactly these distinct body rows of one group; several where extremes tie, none
/// where the value does not fit its type. Nothing: it cannot be told here. `weights`: of the rows, for those that weigh
/// them; none are all 1.
std::optional<std::vector<Row>> results(const lang::Program& program, const lang::Aggregate& aggregate,
                                        const std::vector<Row>& rows, Symbols& symbols,
                                        const std::vector<double>& weights = {});

/// Equal, but that floats may differ by the order in which they were summed.
bool same_result(const lang::Program& program, const lang::Aggregate& aggregate, std::span<const Cell> a,
                 std::span<const Cell> b);

}  // namespace tenfold::proof
