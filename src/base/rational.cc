#include "base/rational.h"

#include <gmpxx.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace tenfold {
namespace {

// The top two bits of a cell: equal in a whole number that is there itself; 10 in front of a small fraction, with 40
// bits of numerator and 22 of denominator; 01 in front of a symbol "numerator/denominator", both in hexadecimal.
constexpr Cell kSmall = Cell{2} << 62, kText = Cell{1} << 62;
constexpr int kBelow = 22;
constexpr std::int64_t kMostWhole = (std::int64_t{1} << 62) - 1;
constexpr std::int64_t kMostAbove = (std::int64_t{1} << 39) - 1, kMostBelow = (std::int64_t{1} << kBelow) - 1;
constexpr std::int64_t kMostPlaces = 1000, kMostExponent = 10'000;

bool is_large(Cell c) { return (c >> 62) == 1; }

struct Fraction {
  Int128 above = 0, below = 1;
};

Fraction small(Cell c) {
  if ((c >> 62) != 2) return {as_int(c), 1};
  return {as_int(c << 2) >> (kBelow + 2), static_cast<std::int64_t>(c & kMostBelow)};
}

mpz_class whole(Int128 value) {
  const Uint128 size = value < 0 ? -static_cast<Uint128>(value) : static_cast<Uint128>(value);
  const std::array<std::uint64_t, 2> words = {static_cast<std::uint64_t>(size), static_cast<std::uint64_t>(size >> 64)};
  mpz_class out;
  mpz_import(out.get_mpz_t(), words.size(), -1, sizeof words[0], 0, 0, words.data());
  return value < 0 ? mpz_class(-out) : out;
}

std::optional<Int128> narrow(const mpz_class& value) {
  if (mpz_sizeinbase(value.get_mpz_t(), 2) > 127) return std::nullopt;
  std::array<std::uint64_t, 2> words = {0, 0};
  mpz_export(words.data(), nullptr, -1, sizeof words[0], 0, 0, value.get_mpz_t());
  const auto size = static_cast<Int128>((static_cast<Uint128>(words[1]) << 64) | words[0]);
  return sgn(value) < 0 ? -size : size;
}

mpq_class large(Cell c, const Symbols& symbols) {
  if (!is_large(c)) {
    const Fraction f = small(c);
    return mpq_class(whole(f.above), whole(f.below));
  }
  const std::string_view text = symbols.text(as_symbol(c));
  const std::size_t bar = text.find('/');
  return mpq_class(mpz_class(std::string(text.substr(0, bar)), 16), mpz_class(std::string(text.substr(bar + 1)), 16));
}

std::size_t bits(const mpz_class& value) { return mpz_sizeinbase(value.get_mpz_t(), 2); }

/// A fraction in lowest terms, where the cell itself has room for it.
std::optional<Cell> in_cell(Int128 above, Int128 below) {
  const auto within = [](Int128 value, std::int64_t most) { return value >= -most && value <= most; };
  if (below == 1 && within(above, kMostWhole)) return cell(static_cast<std::int64_t>(above));
  if (below == 1 || below > kMostBelow || !within(above, kMostAbove)) return std::nullopt;
  return kSmall | ((cell(static_cast<std::int64_t>(above)) << kBelow) & (kText - 1)) | static_cast<Cell>(below);
}

/// Of a fraction in lowest terms.
std::optional<Cell> kept(const mpq_class& value, Symbols& symbols) {
  const mpz_class &above = value.get_num(), &below = value.get_den();
  if (std::max(bits(above), bits(below)) > rational::kMaxBits) return std::nullopt;
  if (const auto n = narrow(above), d = narrow(below); n && d)
    if (const auto inside = in_cell(*n, *d)) return inside;
  return kText | symbols.intern(above.get_str(16) + "/" + below.get_str(16));
}

Int128 common_divisor(Int128 a, Int128 b) {
  if (a < 0) a = -a;
  while (b != 0) {
    if ((a >> 63) == 0 && (b >> 63) == 0) {  // of a word each, where division is quick
      auto x = static_cast<std::uint64_t>(a), y = static_cast<std::uint64_t>(b);
      while (y != 0) x = std::exchange(y, x % y);
      return x;
    }
    a = std::exchange(b, a % b);
  }
  return a;
}

/// below > 0.
std::optional<Cell> kept(Int128 above, Int128 below, Symbols& symbols) {
  if (below != 1) {
    const Int128 divisor = common_divisor(above, below);
    above /= divisor, below /= divisor;
  }
  if (const auto inside = in_cell(above, below)) return inside;
  return kept(mpq_class(whole(above), whole(below)), symbols);
}

mpz_class ten_to(std::size_t power) {
  mpz_class out;
  mpz_ui_pow_ui(out.get_mpz_t(), 10, power);
  return out;
}

/// How many decimals a fraction has; nothing where they do not end.
std::optional<std::size_t> decimals(const mpz_class& below) {
  mpz_class rest;
  const std::size_t twos = mpz_scan1(below.get_mpz_t(), 0);
  const std::size_t fives = mpz_remove(rest.get_mpz_t(), below.get_mpz_t(), mpz_class(5).get_mpz_t());
  if (bits(rest) != twos + 1) return std::nullopt;  // a power of two is left, and no more
  return std::max(twos, fives);
}

std::string with_point(const mpz_class& scaled, std::size_t places) {
  std::string digits = mpz_class(abs(scaled)).get_str();
  if (digits.size() <= places) digits.insert(0, places + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - places, ".");
  return sgn(scaled) < 0 ? "-" + digits : digits;
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<Rounding> rounding_named(std::string_view name) {
  constexpr std::array<std::string_view, 7> kNames = {"half-even", "half-up", "half-down", "up",
                                                      "down",      "ceiling", "floor"};
  const auto at = std::find(kNames.begin(), kNames.end(), name);
  if (at == kNames.end()) return std::nullopt;
  return static_cast<Rounding>(at - kNames.begin());
}

namespace rational {

Cell of(Int128 value, Symbols& symbols) { return *kept(value, 1, symbols); }

std::optional<Cell> of(double value, Symbols& symbols) {
  if (!std::isfinite(value)) return std::nullopt;
  return kept(mpq_class(value), symbols);
}

// Cells that hold their number have at most 62 bits above and 22 below the bar, or 62 and 1: every sum and product of
// two such parts, and the sum of two products, fits into 127.
std::optional<Cell> add(Cell a, Cell b, Symbols& symbols) {
  if (is_large(a) || is_large(b)) return kept(mpq_class(large(a, symbols) + large(b, symbols)), symbols);
  const Fraction x = small(a), y = small(b);
  return kept(x.above * y.below + y.above * x.below, x.below * y.below, symbols);
}

std::optional<Cell> subtract(Cell a, Cell b, Symbols& symbols) {
  if (is_large(a) || is_large(b)) return kept(mpq_class(large(a, symbols) - large(b, symbols)), symbols);
  const Fraction x = small(a), y = small(b);
  return kept(x.above * y.below - y.above * x.below, x.below * y.below, symbols);
}

std::optional<Cell> multiply(Cell a, Cell b, Symbols& symbols) {
  if (is_large(a) || is_large(b)) return kept(mpq_class(large(a, symbols) * large(b, symbols)), symbols);
  const Fraction x = small(a), y = small(b);
  return kept(x.above * y.above, x.below * y.below, symbols);
}

std::optional<Cell> divide(Cell a, Cell b, Symbols& symbols) {
  if (b == 0) return std::nullopt;
  if (is_large(a) || is_large(b)) return kept(mpq_class(large(a, symbols) / large(b, symbols)), symbols);
  const Fraction x = small(a), y = small(b);
  const Int128 above = x.above * y.below, below = x.below * y.above;
  return below < 0 ? kept(-above, -below, symbols) : kept(above, below, symbols);
}

std::optional<Cell> remainder(Cell a, Cell b, Symbols& symbols) {
  if (b == 0) return std::nullopt;
  const mpq_class x = large(a, symbols), y = large(b, symbols);
  const mpq_class quotient = x / y;
  const mpz_class times = quotient.get_num() / quotient.get_den();  // of GMP's integers: towards zero
  return kept(mpq_class(x - y * times), symbols);
}

std::optional<Cell> power(Cell a, std::int64_t exponent, Symbols& symbols) {
  if (a == 0 && exponent < 0) return std::nullopt;
  if (a == 0 || a == 1) return exponent == 0 ? Cell{1} : a;
  const mpq_class x = large(a, symbols);
  const auto times = exponent < 0 ? 0 - static_cast<std::uint64_t>(exponent) : static_cast<std::uint64_t>(exponent);
  // A number of b bits is at least 2^(b - 1), so its power has at least (b - 1) · times bits.
  const std::size_t most = std::max(bits(x.get_num()), bits(x.get_den())) - 1;
  if (most == 0) return times % 2 == 0 ? Cell{1} : a;  // minus one
  if (times > kMaxBits / most) return std::nullopt;
  mpz_class above, below;
  mpz_pow_ui(above.get_mpz_t(), x.get_num_mpz_t(), times);
  mpz_pow_ui(below.get_mpz_t(), x.get_den_mpz_t(), times);
  mpq_class out = exponent < 0 ? mpq_class(below, above) : mpq_class(above, below);
  out.canonicalize();
  return kept(out, symbols);
}

std::optional<Cell> gcd(Cell a, Cell b, Symbols& symbols) {
  const mpq_class x = large(a, symbols), y = large(b, symbols);
  if (x.get_den() != 1 || y.get_den() != 1) return std::nullopt;
  return kept(mpq_class(::gcd(x.get_num(), y.get_num())), symbols);
}

int compare(Cell a, Cell b, const Symbols& symbols) {
  if (a == b) return 0;
  if (is_large(a) || is_large(b)) return cmp(large(a, symbols), large(b, symbols));
  const Fraction x = small(a), y = small(b);
  const Int128 left = x.above * y.below, right = y.above * x.below;
  return left < right ? -1 : 1;
}

int sign(Cell a, const Symbols& symbols) { return compare(a, 0, symbols); }

Cell numerator(Cell a, Symbols& symbols) { return *kept(mpq_class(large(a, symbols).get_num()), symbols); }
Cell denominator(Cell a, Symbols& symbols) { return *kept(mpq_class(large(a, symbols).get_den()), symbols); }

std::optional<Cell> rounded(Cell a, std::int64_t places, Rounding how, Symbols& symbols) {
  if (places < -kMostPlaces || places > kMostPlaces) return std::nullopt;
  const mpq_class x = large(a, symbols);
  const mpz_class scale = ten_to(static_cast<std::size_t>(std::abs(places)));
  mpz_class above = x.get_num(), below = x.get_den();
  (places > 0 ? above : below) *= scale;
  mpz_class down, rest;
  mpz_fdiv_qr(down.get_mpz_t(), rest.get_mpz_t(), above.get_mpz_t(), below.get_mpz_t());
  if (rest != 0) {
    const int half = cmp(mpz_class(rest * 2), below);
    const bool negative = sgn(above) < 0, odd = mpz_odd_p(down.get_mpz_t());
    const bool next = how == Rounding::ceiling     ? true
                      : how == Rounding::floor     ? false
                      : how == Rounding::up        ? !negative
                      : how == Rounding::down      ? negative
                      : half != 0                  ? half > 0
                      : how == Rounding::half_even ? odd
                      : how == Rounding::half_up   ? !negative
                                                   : negative;
    if (next) ++down;
  }
  mpq_class out = places > 0 ? mpq_class(down, scale) : mpq_class(mpz_class(down * scale));
  out.canonicalize();
  return kept(out, symbols);
}

double to_double(Cell a, const Symbols& symbols) {
  const mpq_class x = large(a, symbols);
  if (sgn(x) == 0) return 0;
  // 64 bits of the quotient, or as many as a double has so close to zero and two more; the last one says whether
  // anything follows. Rounding happens once, in the conversion or in ldexp.
  const auto size = static_cast<std::int64_t>(bits(x.get_num())) - static_cast<std::int64_t>(bits(x.get_den()));
  const std::int64_t shift = std::min<std::int64_t>(63 - size, 1076);
  mpz_class above = abs(x.get_num()), below = x.get_den(), quotient, rest;
  (shift > 0 ? above : below) <<= static_cast<std::size_t>(std::abs(shift));
  mpz_fdiv_qr(quotient.get_mpz_t(), rest.get_mpz_t(), above.get_mpz_t(), below.get_mpz_t());
  const auto digits = static_cast<std::uint64_t>(*narrow(quotient)) | (rest != 0 ? 1u : 0u);
  const double value = std::ldexp(static_cast<double>(digits), static_cast<int>(-shift));
  return sgn(x) < 0 ? -value : value;
}

std::optional<Int128> to_int128(Cell a, const Symbols& symbols) {
  if (!is_large(a)) return small(a).above / small(a).below;
  const mpq_class x = large(a, symbols);
  return narrow(x.get_num() / x.get_den());
}

std::string text(Cell a, const Symbols& symbols) {
  if (!is_large(a) && (a >> 62) != 2) return std::to_string(as_int(a));
  const mpq_class x = large(a, symbols);
  const auto places = decimals(x.get_den());
  if (!places) return x.get_str();
  return with_point(x.get_num() * ten_to(*places) / x.get_den(), *places);
}

std::string fixed(Cell a, std::size_t places, const Symbols& symbols) {
  const mpq_class x = large(a, symbols);
  return with_point(x.get_num() * ten_to(places) / x.get_den(), places);
}

std::optional<Cell> parse(std::string_view text, Symbols& symbols) {
  constexpr std::size_t kLongest = 2 * kMaxBits;  // digits: more than kMaxBits can be, and a fraction of two such
  if (text.size() > kLongest) return std::nullopt;
  const bool minus = text.starts_with('-');
  if (minus || text.starts_with('+')) text.remove_prefix(1);
  mpq_class value;
  if (const std::size_t bar = text.find('/'); bar != std::string_view::npos) {
    const std::string_view above = text.substr(0, bar), below = text.substr(bar + 1);
    if (!all_digits(above) || !all_digits(below)) return std::nullopt;
    value = mpq_class(mpz_class(std::string(above), 10), mpz_class(std::string(below), 10));
    if (value.get_den() == 0) return std::nullopt;
  } else {
    std::int64_t exponent = 0;
    if (const std::size_t e = text.find_first_of("eE"); e != std::string_view::npos) {
      const char *begin = text.data() + e + 1, *end = text.data() + text.size();
      const bool plus = begin != end && *begin == '+', below = begin != end && *begin == '-';
      begin += plus;
      if (!all_digits({begin + below, end})) return std::nullopt;
      if (std::from_chars(begin, end, exponent).ec != std::errc{}) return std::nullopt;
      constexpr auto kFurthest = static_cast<std::int64_t>(kLongest) + kMostExponent;  // decimals are taken off below
      if (exponent > kFurthest || exponent < -kFurthest) return std::nullopt;
      text = text.substr(0, e);
    }
    std::string digits(text);
    if (const std::size_t point = text.find('.'); point != std::string_view::npos) {
      digits.erase(point, 1);
      if (point == 0 || point + 1 == text.size()) return std::nullopt;
      exponent -= static_cast<std::int64_t>(text.size() - point - 1);
    }
    if (!all_digits(digits)) return std::nullopt;
    if (exponent > kMostExponent || exponent < -static_cast<std::int64_t>(kLongest)) return std::nullopt;
    mpz_class above(digits, 10), below(1);
    (exponent > 0 ? above : below) *= ten_to(static_cast<std::size_t>(std::abs(exponent)));
    value = mpq_class(above, below);
  }
  value.canonicalize();
  return kept(minus ? mpq_class(-value) : value, symbols);
}

}  // namespace rational
}  // namespace tenfold
