// Values of 128 bits in a cell of 64: integers that fit into 63 bits as they are, larger ones and durations as pairs of
// the term table. A value has one cell, so that equal cells are equal values.
#pragma once

#include <cstdint>

#include "base/symbols.h"
#include "tenfold/value.h"

namespace tenfold {

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;

/// The value of an i128 cell, or the bits of a u128 cell.
Int128 as_int128(Cell cell, const Symbols& symbols);
Cell cell128(Int128 value, Symbols& symbols);

/// Months and a time span, kept apart: a month has no fixed length.
struct Duration {
  std::int64_t months = 0;
  std::int64_t micros = 0;
  friend bool operator==(const Duration&, const Duration&) = default;
};

Duration as_duration(Cell cell, const Symbols& symbols);
Cell cell_of(Duration duration, Symbols& symbols);

}  // namespace tenfold
