// Relations that are computed, not stored: what rows a foreign predicate has where enough of its columns are known.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "lang/program.h"

namespace tenfold::proof {

/// Foreign predicates, and the terms of a constructor: that a term exists is certain, and no proof speaks of it.
bool is_computed(const lang::Relation& relation);

bool is_foreign(const lang::Relation& relation);
/// Foreign, and its rows may be uncertain (soft_lt): each is then an input of its own, told apart by its values.
bool is_uncertain(const lang::Relation& relation);

enum class Computed : std::uint8_t {
  done,     // every row was visited, or the visitor stopped
  waiting,  // more columns have to be known
  unknown,  // no such predicate here
};

/// Visits the rows that agree with the known columns; a visitor that returns false stops.
Computed compute(const lang::Relation& relation, std::span<const std::optional<Cell>> known, Symbols& symbols,
                 const std::function<bool(std::span<const Cell>)>& visit);

/// The rows of an uncertain predicate, with how likely they are.
Computed compute_weighed(const lang::Relation& relation, std::span<const std::optional<Cell>> known, Symbols& symbols,
                         const std::function<bool(std::span<const Cell>, double)>& visit);

/// As compute() for the terms that a program makes, which the table of symbols need not hold (or holds more than).
using TermRows = std::function<Computed(lang::RelationId relation, std::span<const std::optional<Cell>> known,
                                        const std::function<bool(std::span<const Cell>)>& visit)>;

}  // namespace tenfold::proof
