// An amount in a currency, exact. Amounts of two currencies are never added, compared in size or divided by each other.
#pragma once

#include <array>

#include "base/rational.h"

namespace tenfold {

struct Money {
  Cell amount;                   // a Rational
  std::array<char, 3> currency;  // as ISO 4217 writes it
  friend bool operator==(const Money&, const Money&) = default;
};

Money as_money(Cell cell, const Symbols& symbols);
Cell cell_of(const Money& money, Symbols& symbols);

/// Decimals of the smallest unit that a currency has (EUR 2, JPY 0, KWD 3); nothing for what ISO 4217 gives none (gold)
/// or does not list. Source: ISO 4217 list one, as in Debian's iso-codes 4.15, with XCG and ZWG, which came after.
std::optional<std::uint32_t> minor_digits(std::array<char, 3> currency);
/// "EUR"; nothing for what is no code of ISO 4217.
std::optional<std::array<char, 3>> currency_named(std::string_view code);

/// "12.50 EUR": with the decimals of the currency at least.
std::string money_text(const Money& money, const Symbols& symbols);
/// Reads "12.50 EUR", "EUR 12.50".
std::optional<Money> parse_money(std::string_view text, Symbols& symbols);

}  // namespace tenfold
