// The one order of values, and what a value is whatever ids its texts and terms got. Neither recurs on the depth of a
// term: a list of a million elements is compared as any other value.
#pragma once

#include <cstdint>
#include <span>

#include "base/symbols.h"
#include "tenfold/value.h"

namespace tenfold {

/// Negative, 0 or positive. Texts by their bytes, false before true, durations by months and then time, money by
/// currency and then amount, terms by constructor in the order of declaration and then by fields. 0 only for equal
/// cells.
int compare(Cell a, Cell b, Type type, const Symbols& symbols);
/// Of rows of as many cells as there are types, the first column first.
int compare(std::span<const Cell> a, std::span<const Cell> b, std::span<const Type> types, const Symbols& symbols);

/// 64 bits, the same in every process and on every machine.
std::uint64_t content(Cell cell, Type type, const Symbols& symbols);

/// The term with these fields; its constructor was declared in the root of `symbols`.
Cell make_term(ConstructorId constructor, std::span<const Cell> args, Symbols& symbols);

}  // namespace tenfold
