// What an aggregate is worth over one group in one world, from its definition.
#pragma once

#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "lang/program.h"

namespace tenfold::proof {

using Row = std::vector<Cell>;

/// min, max, argmin, argmax: the result is one row's, and better rows must be absent.
bool extreme(lang::AggregateOp op);
/// exists, forall.
bool existential(lang::AggregateOp op);

/// A function of the set of rows alone, which results() computes. @param tags  inputs may be uncertain
bool computable(const lang::Aggregate& aggregate, bool tags);
/// Computable only over rows that are certain: it numbers, picks or weighs them by what is in other worlds as well.
bool needs_certain(const lang::Aggregate& aggregate);
/// Each of its results is one row's, by itself: sort, rank, top and the like.
bool picks(const lang::Aggregate& aggregate);

/// Those rows that give a result, with the result (without the group), of an aggregate that picks.
std::vector<std::pair<Row, Row>> picked(const lang::Program& program, const lang::Aggregate& aggregate,
                                        std::vector<Row> rows, const Symbols& symbols);

/// Negative: `a` is better than `b` under min, max, argmin or argmax; 0: they tie.
int better(const lang::Program& program, const lang::Aggregate& aggregate, std::span<const Cell> a,
           std::span<const Cell> b, const Symbols& symbols);

/// What an extreme row gives as result, without the group.
Row extreme_value(const lang::Aggregate& aggregate, std::span<const Cell> row);

/// The results (without the group) over exactly these distinct body rows of one group; several where extremes tie, none
/// where the value does not fit its type. Nothing: this aggregate is not computed here.
std::optional<std::vector<Row>> results(const lang::Program& program, const lang::Aggregate& aggregate,
                                        const std::vector<Row>& rows, const Symbols& symbols);

/// Equal, but that floats may differ by the order in which they were summed.
bool same_result(const lang::Program& program, const lang::Aggregate& aggregate, std::span<const Cell> a,
                 std::span<const Cell> b);

}  // namespace tenfold::proof
