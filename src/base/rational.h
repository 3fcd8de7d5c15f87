// Exact fractions of any size, one cell each, so that equal cells are equal numbers: whole numbers of 63 bits and small
// fractions (amounts in cents, say) are in the cell itself, all others are interned text that the cell points to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/wide.h"

namespace tenfold {

/// How what lies between two neighbours is rounded; the names are those of IEEE 754 and of General Decimal Arithmetic.
enum class Rounding : std::uint8_t { half_even, half_up, half_down, up, down, ceiling, floor };

/// "half-even", "half-up" (a tie away from zero), "half-down", "up" (away from zero), "down", "ceiling", "floor".
std::optional<Rounding> rounding_named(std::string_view name);

namespace rational {

/// Past this many bits above or below the bar a result is no value, so that a rule that squares in a loop ends.
inline constexpr std::size_t kMaxBits = 1u << 16;

/// Zero is cell 0 and one is cell 1.
Cell of(Int128 value, Symbols& symbols);
/// The exact value of a double; nothing for infinities.
std::optional<Cell> of(double value, Symbols& symbols);

/// Nothing past kMaxBits, and for a division by zero.
std::optional<Cell> add(Cell a, Cell b, Symbols& symbols);
std::optional<Cell> subtract(Cell a, Cell b, Symbols& symbols);
std::optional<Cell> multiply(Cell a, Cell b, Symbols& symbols);
std::optional<Cell> divide(Cell a, Cell b, Symbols& symbols);
/// a - b · trunc(a / b), with the sign of a.
std::optional<Cell> remainder(Cell a, Cell b, Symbols& symbols);
/// Nothing for a power of more than kMaxBits, and for 0 to a power below 0.
std::optional<Cell> power(Cell a, std::int64_t exponent, Symbols& symbols);
/// Of whole numbers, not below 0; nothing for fractions.
std::optional<Cell> gcd(Cell a, Cell b, Symbols& symbols);

int compare(Cell a, Cell b, const Symbols& symbols);
int sign(Cell a, const Symbols& symbols);
Cell numerator(Cell a, Symbols& symbols);
Cell denominator(Cell a, Symbols& symbols);

/// To a multiple of 10^-places; nothing when places is not in [-1000, 1000].
std::optional<Cell> rounded(Cell a, std::int64_t places, Rounding how, Symbols& symbols);

/// The nearest double, ties to even.
double to_double(Cell a, const Symbols& symbols);
/// Towards zero; nothing where that has more than 128 bits.
std::optional<Int128> to_int128(Cell a, const Symbols& symbols);

/// A decimal number where it ends ("0.1", "-12"), else a fraction ("1/3").
std::string text(Cell a, const Symbols& symbols);
/// With exactly that many decimals ("12.30"); `a` is a multiple of 10^-places.
std::string fixed(Cell a, std::size_t places, const Symbols& symbols);
/// "12", "-0.10", "1.5e-3", "1/3"; nothing when malformed or past kMaxBits.
std::optional<Cell> parse(std::string_view text, Symbols& symbols);

}  // namespace rational
}  // namespace tenfold
