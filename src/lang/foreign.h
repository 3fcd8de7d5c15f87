// What the engine brings along: aggregates and predicates that it computes, evaluated yet or not.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lang/syntax.h"

namespace tenfold::lang {

/// A predicate that no rule may define: range, string_chars, ….
bool foreign_predicate(std::string_view name);

/// The aggregate of that name, if it is evaluated.
std::optional<AggregateOp> aggregate_op(std::string_view name);

/// Names of aggregates that parse and are refused: avg, sort, top, ….
bool known_aggregate(std::string_view name);

/// All names of aggregates that are evaluated, for hints.
std::vector<std::string> aggregate_names();

/// How many values an aggregate gives, by its form; nothing when it is not evaluated.
std::optional<std::size_t> result_columns(const syntax::Aggregate& aggregate);

}  // namespace tenfold::lang
