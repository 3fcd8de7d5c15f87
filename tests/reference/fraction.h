// Fractions and amounts of money as the definitions have them: two whole numbers, and a currency. Small: what does not
// fit 128 bits is nothing.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "base/value_text.h"
#include "base/wide.h"

namespace tenfold::reference {

struct Fraction {
  Int128 above = 0, below = 1;  // in lowest terms, below > 0
  std::string currency;         // of an amount

  static std::optional<Fraction> of(Int128 above, Int128 below, std::string currency) {
    if (below == 0) return std::nullopt;
    if (below < 0) above = -above, below = -below;
    Int128 a = above < 0 ? -above : above, b = below;
    while (b != 0) a = std::exchange(b, a % b);
    return Fraction{above / a, below / a, std::move(currency)};
  }

  friend std::optional<Fraction> operator+(const Fraction& x, const Fraction& y) {
    Int128 left = 0, right = 0, above = 0, below = 0;
    if (x.currency != y.currency || __builtin_mul_overflow(x.above, y.below, &left) ||
        __builtin_mul_overflow(y.above, x.below, &right) || __builtin_add_overflow(left, right, &above) ||
        __builtin_mul_overflow(x.below, y.below, &below))
      return std::nullopt;
    return of(above, below, x.currency);
  }
  friend std::optional<Fraction> operator*(const Fraction& x, const Fraction& y) {
    Int128 above = 0, below = 0;
    if (__builtin_mul_overflow(x.above, y.above, &above) || __builtin_mul_overflow(x.below, y.below, &below))
      return std::nullopt;
    return of(above, below, x.currency + y.currency);
  }
  /// By currency, then amount.
  friend int compare(const Fraction& x, const Fraction& y) {
    if (x.currency != y.currency) return x.currency < y.currency ? -1 : 1;
    const Int128 left = x.above * y.below, right = y.above * x.below;
    return left < right ? -1 : right < left ? 1 : 0;
  }
};

/// "-1.5", "1/3", "2.50 EUR".
inline Fraction fraction_of(Cell cell, Type type, const Symbols& symbols) {
  Int128 above = 0, below = 1, *digits = &above;
  bool minus = false, decimals = false;
  std::string currency;
  for (const char c : plain(cell, type, symbols)) {
    if (c == '-')
      minus = true;
    else if (c == '/')
      digits = &below, below = 0;
    else if (c == '.')
      decimals = true;
    else if (c >= '0' && c <= '9')
      *digits = *digits * 10 + (c - '0'), below *= decimals ? 10 : 1;
    else if (c != ' ')
      currency += c;
  }
  return *Fraction::of(minus ? -above : above, below, currency);
}

inline std::optional<Cell> cell_of(const Fraction& f, Type type, Symbols& symbols) {
  const auto digits = [&](Int128 value) { return plain(cell128(value, symbols), Type::i128, symbols); };
  return parse_plain(digits(f.above) + "/" + digits(f.below) + (f.currency.empty() ? "" : " " + f.currency), type,
                     symbols);
}

}  // namespace tenfold::reference
