// Relations that are computed, not stored: what rows a foreign predicate has where enough of its columns are known.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "lang/program.h"

namespace tenfold::proof {

/// Foreign predicates, and the terms of a constructor: that a term exists is certain, and no proof speaks of it.
bool is_computed(const lang::Relation& relation);

enum class Computed : std::uint8_t {
  done,     // every row was visited, or the visitor stopped
  waiting,  // more columns have to be known
  unknown,  // no such predicate here
};

/// Visits the rows that agree with the known columns; a visitor that returns false stops.
Computed compute(const lang::Relation& relation, std::span<const std::optional<Cell>> known, Symbols& symbols,
                 const std::function<bool(std::span<const Cell>)>& visit);

}  // namespace tenfold::proof
