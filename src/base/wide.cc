#include "base/wide.h"

namespace tenfold {
namespace {
// The top two bits of a cell: equal in an integer that is there itself, 01 in front of a pair's id.
constexpr Cell kPairMark = Cell{1} << 62;
}  // namespace

Int128 as_int128(Cell c, const Symbols& symbols) {
  if ((c >> 62) != 1) return as_int(c);
  const auto [high, low] = symbols.terms().pair(static_cast<TermId>(c & 0xFFFFFFFFu));
  return static_cast<Int128>((static_cast<Uint128>(high) << 64) | low);
}

Cell cell128(Int128 value, Symbols& symbols) {
  constexpr std::int64_t kMost = (std::int64_t{1} << 62) - 1;
  if (value >= -kMost - 1 && value <= kMost) return cell(static_cast<std::int64_t>(value));
  const auto bits = static_cast<Uint128>(value);
  return kPairMark | symbols.terms().pair(static_cast<std::uint64_t>(bits >> 64), static_cast<std::uint64_t>(bits));
}

Duration as_duration(Cell c, const Symbols& symbols) {
  const auto [months, micros] = symbols.terms().pair(static_cast<TermId>(c));
  return {as_int(months), as_int(micros)};
}

Cell cell_of(Duration duration, Symbols& symbols) {
  return symbols.terms().pair(cell(duration.months), cell(duration.micros));
}

}  // namespace tenfold
