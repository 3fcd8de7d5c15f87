// $convert and $convert_of. A unit becomes a fraction of small whole numbers, a power of ten and its dimensions, so
// that 100 mg/dL is 1 g/L to the last bit: value · numerator / denominator first, then one exact power of ten.
#include "modules/units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <string>

#include "base/value_text.h"
#include "modules/analytes.h"
#include "modules/catalogue.h"

namespace tenfold::modules {
namespace {

constexpr std::size_t kLongestUnit = 64;
constexpr int kMaxPower = 9, kMaxTens = 40;

// Arbitrary units ([IU], [pH]) and what must not be mixed with its neighbours have dimensions of their own.
enum Dimension : std::size_t {
  length,
  mass,
  amount,
  seconds,
  kelvin,
  equivalents,
  osmoles,
  iu,
  body_surface,
  ph,
  kDimensions
};
using Dimensions = std::array<int, kDimensions>;

struct Unit {
  double numerator = 1, denominator = 1;
  int tens = 0;  // power of ten
  Dimensions dimensions{};
  bool amount_ratio = false;  // mol over mol: the amounts cancelled, and it is still not a percentage
};

struct Atom {
  std::string_view code;
  bool metric;  // takes prefixes
  double numerator, denominator;
  int tens;
  Dimensions dimensions;
};

constexpr Dimensions of(Dimension dimension, int power = 1) {
  Dimensions d{};
  d[dimension] = power;
  return d;
}
constexpr Dimensions of(int metres, int grams, int secs) {
  Dimensions d{};
  d[length] = metres, d[mass] = grams, d[seconds] = secs;
  return d;
}
constexpr Dimensions kCatalysis = [] {
  Dimensions d = of(amount);
  d[seconds] = -1;
  return d;
}();

// Sources: UCUM 2.1, tables 2 to 5; the pound, ounce, inch and foot are exact by the international agreement of 1959.
// U, the enzyme unit, is 1 umol/min. m[Hg] is 133.322 kPa.
constexpr std::array kAtoms = {
    Atom{"m", true, 1, 1, 0, of(length)},
    Atom{"[in_i]", false, 254, 1, -4, of(length)},
    Atom{"[ft_i]", false, 3048, 1, -4, of(length)},
    Atom{"L", true, 1, 1, -3, of(length, 3)},
    Atom{"l", true, 1, 1, -3, of(length, 3)},
    Atom{"g", true, 1, 1, 0, of(mass)},
    Atom{"mcg", false, 1, 1, -6, of(mass)},
    Atom{"[lb_av]", false, 45359237, 1, -5, of(mass)},
    Atom{"[oz_av]", false, 28349523125, 1, -9, of(mass)},
    Atom{"mol", true, 1, 1, 0, of(amount)},
    Atom{"eq", true, 1, 1, 0, of(equivalents)},
    Atom{"Eq", true, 1, 1, 0, of(equivalents)},
    Atom{"osm", true, 1, 1, 0, of(osmoles)},
    Atom{"U", true, 1, 60, -6, kCatalysis},
    Atom{"kat", true, 1, 1, 0, kCatalysis},
    Atom{"[IU]", true, 1, 1, 0, of(iu)},
    Atom{"[iU]", true, 1, 1, 0, of(iu)},
    Atom{"IU", true, 1, 1, 0, of(iu)},
    Atom{"s", true, 1, 1, 0, of(seconds)},
    Atom{"min", false, 60, 1, 0, of(seconds)},
    Atom{"h", false, 3600, 1, 0, of(seconds)},
    Atom{"d", false, 86400, 1, 0, of(seconds)},
    Atom{"wk", false, 604800, 1, 0, of(seconds)},
    Atom{"mo", false, 2629800, 1, 0, of(seconds)},
    Atom{"a", false, 31557600, 1, 0, of(seconds)},
    Atom{"K", true, 1, 1, 0, of(kelvin)},
    Atom{"Pa", true, 1, 1, 3, of(-1, 1, -2)},
    Atom{"m[Hg]", true, 133322, 1, 3, of(-1, 1, -2)},
    Atom{"mmHg", false, 133322, 1, 0, of(-1, 1, -2)},
    Atom{"[pH]", false, 1, 1, 0, of(ph)},
    Atom{"%", false, 1, 1, -2, {}},
};

struct Prefix {
  std::string_view code;
  int tens;
};
// UCUM 2.1, table 1. Deca comes before deci's d, so that the longer code is tried first.
constexpr std::array kPrefixes = {
    Prefix{"da", 1},      Prefix{"d", -1},      Prefix{"c", -2}, Prefix{"m", -3},  Prefix{"u", -6},
    Prefix{"\u00B5", -6}, Prefix{"\u03BC", -6}, Prefix{"n", -9}, Prefix{"p", -12}, Prefix{"f", -15},
    Prefix{"h", 2},       Prefix{"k", 3},       Prefix{"M", 6},  Prefix{"G", 9},   Prefix{"T", 12},
};

/// Spellings of "per 1.73 square metres of body surface" that records carry; the longest first.
constexpr std::array<std::string_view, 8> kBodySurface = {"{1.73_m2}", "{1.73 m2}", "{1.73m2}", "[1.73_m2]",
                                                          "1.73.m2",   "1.73_m2",   "1.73 m2",  "1.73m2"};

class Parser {
 public:
  explicit Parser(std::string_view text) : left_(text) {}

  /// term := ["/"] component (("." | "/") component)*
  std::optional<Unit> parse() {
    int direction = take("/") ? -1 : 1;
    do {
      if (!component(direction)) return std::nullopt;
      if (left_.empty()) return finish();
      direction = left_.front() == '/' ? -1 : 1;
    } while (take("/") || take("."));
    return std::nullopt;
  }

 private:
  bool take(std::string_view word) {
    if (!left_.starts_with(word)) return false;
    left_.remove_prefix(word.size());
    return true;
  }

  /// component := body surface | annotation | number | 10*power | [prefix] atom [power] [annotation]
  bool component(int direction) {
    for (const std::string_view spelling : kBodySurface)
      if (take(spelling)) return unit_.dimensions[body_surface] += direction, true;
    if (left_.starts_with('{')) return annotation();
    if (take("10*") || take("10^")) return ten(direction);
    if (!left_.empty() && left_.front() >= '0' && left_.front() <= '9') return number(direction) && annotation();
    return symbol(direction) && annotation();
  }

  /// "{…}" or nothing.
  bool annotation() {
    if (!left_.starts_with('{')) return true;
    const std::size_t end = left_.find('}');
    if (end == std::string_view::npos) return false;
    left_.remove_prefix(end + 1);
    return true;
  }

  bool ten(int direction) {
    const auto power = signed_power(kMaxTens);
    if (!power || *power == 0) return false;
    unit_.tens += direction * *power;
    return annotation();
  }

  /// A whole number of at most six digits.
  bool number(int direction) {
    double value = 0;
    std::size_t digits = 0;
    for (; !left_.empty() && left_.front() >= '0' && left_.front() <= '9'; ++digits) {
      value = value * 10 + (left_.front() - '0');
      left_.remove_prefix(1);
    }
    (direction > 0 ? unit_.numerator : unit_.denominator) *= value;
    return digits <= 6 && value > 0;
  }

  /// [+|-]digits; 1 when there is none.
  std::optional<int> signed_power(int most) {
    const bool minus = left_.starts_with('-');
    const bool sign = take("-") || take("+");
    int power = 0, digits = 0;
    for (; digits < 3 && !left_.empty() && left_.front() >= '0' && left_.front() <= '9'; ++digits) {
      power = power * 10 + (left_.front() - '0');
      left_.remove_prefix(1);
    }
    if (digits == 0) return sign ? std::nullopt : std::optional<int>(1);
    if (power > most) return std::nullopt;
    return minus ? -power : power;
  }

  /// The longest atom that the text begins with, and its prefix: "min" is a minute and not a milli-inch.
  bool symbol(int direction) {
    const Atom* best = nullptr;
    int tens = 0;
    std::size_t size = 0;
    const auto consider = [&](const Atom& atom, std::string_view prefix, int prefix_tens) {
      const std::size_t total = prefix.size() + atom.code.size();
      if (total <= size || !left_.substr(prefix.size()).starts_with(atom.code)) return;
      best = &atom, tens = prefix_tens, size = total;
    };
    for (const Atom& atom : kAtoms) consider(atom, "", 0);
    for (const Prefix& prefix : kPrefixes) {
      if (!left_.starts_with(prefix.code)) continue;
      for (const Atom& atom : kAtoms)
        if (atom.metric) consider(atom, prefix.code, prefix.tens);
    }
    if (best == nullptr) return false;
    left_.remove_prefix(size);
    const auto power = signed_power(kMaxPower);
    return power && *power != 0 && multiply(*best, tens, direction * *power);
  }

  bool multiply(const Atom& atom, int prefix_tens, int power) {
    for (int i = 0; i < std::abs(power); ++i) {
      (power > 0 ? unit_.numerator : unit_.denominator) *= atom.numerator;
      (power > 0 ? unit_.denominator : unit_.numerator) *= atom.denominator;
    }
    unit_.tens += (atom.tens + prefix_tens) * power;
    for (std::size_t i = 0; i < kDimensions; ++i) unit_.dimensions[i] += atom.dimensions[i] * power;
    if (atom.dimensions[amount] != 0) (power > 0 ? amount_above_ : amount_below_) = true;
    return std::isfinite(unit_.numerator) && std::isfinite(unit_.denominator);
  }

  Unit finish() {
    unit_.amount_ratio = amount_above_ && amount_below_ && unit_.dimensions[amount] == 0;
    return unit_;
  }

  std::string_view left_;
  Unit unit_;
  bool amount_above_ = false, amount_below_ = false;
};

std::optional<Unit> parse_unit(std::string_view text) {
  if (text.empty() || text.size() > kLongestUnit) return std::nullopt;
  return Parser(text).parse();
}

/// value · 10^tens. Powers up to 22 are exact in a double; dividing keeps the rest exact where multiplying would not.
double times_ten(double value, int tens) {
  for (; tens > 22; tens -= 22) value *= 1e22;
  for (; tens < -22; tens += 22) value /= 1e22;
  double power = 1;
  for (int i = std::abs(tens); i > 0; --i) power *= 10;
  return tens < 0 ? value / power : value * power;
}

std::optional<double> finite(double value) { return std::isfinite(value) ? std::optional(value) : std::nullopt; }

std::optional<double> scale(double value, const Unit& from, const Unit& to) {
  const double above = from.numerator * to.denominator, below = from.denominator * to.numerator;
  return finite(times_ten(above == below ? value : value * above / below, from.tens - to.tens));
}

/// Temperatures have different zeros, so they convert alone and never inside a larger unit.
struct Temperature {
  std::string_view code;
  double zero;                    // what 0 Cel reads on this scale
  double numerator, denominator;  // degrees of this scale in 1 Cel
};
constexpr std::array kTemperatures = {Temperature{"Cel", 0, 1, 1}, Temperature{"[degF]", 32, 9, 5},
                                      Temperature{"K", 273.15, 1, 1}};

const Temperature* temperature(std::string_view code) {
  const auto at = std::ranges::find(kTemperatures, code, &Temperature::code);
  return at == kTemperatures.end() ? nullptr : &*at;
}

std::optional<double> convert_temperature(double value, const Temperature& from, const Temperature& to) {
  if (&from == &to) return value;
  const double celsius = (value - from.zero) * from.denominator / from.numerator;
  return finite(celsius * to.numerator / to.denominator + to.zero);
}

bool is_a1c(std::string_view analyte) {
  std::string folded(analyte.substr(0, 64));
  for (char& c : folded)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return folded == "hemoglobin a1c" || folded == "haemoglobin a1c" || folded == "hba1c";
}

/// NGSP % = 0.09148 · IFCC mmol/mol + 2.152. Source: Hoelzel et al., "IFCC reference system for measurement of
/// hemoglobin A1c in human blood and the national standardization schemes", Clinical Chemistry 50 (2004) 166-174.
std::optional<double> convert_a1c(double value, const Unit& from, const Unit& to) {
  const Unit percent{.tens = -2}, per_mille{.tens = -3, .amount_ratio = true};
  const Dimensions none{};
  if (from.dimensions != none || to.dimensions != none) return std::nullopt;
  const auto in = scale(value, from, from.amount_ratio ? per_mille : percent);
  if (!in || from.amount_ratio == to.amount_ratio) return in ? scale(value, from, to) : in;
  return from.amount_ratio ? scale(0.09148 * *in + 2.152, percent, to) : scale((*in - 2.152) / 0.09148, per_mille, to);
}

}  // namespace

std::optional<double> convert(double value, std::string_view from, std::string_view to) {
  if (!std::isfinite(value)) return std::nullopt;
  const Temperature* warm = temperature(from);
  const Temperature* cold = temperature(to);
  if (warm && cold) return convert_temperature(value, *warm, *cold);
  const auto source = parse_unit(from), target = parse_unit(to);
  if (!source || !target || source->dimensions != target->dimensions) return std::nullopt;
  if (source->amount_ratio != target->amount_ratio) return std::nullopt;
  return scale(value, *source, *target);
}

std::optional<double> convert_of(std::string_view analyte, double value, std::string_view from, std::string_view to) {
  if (const auto plain = convert(value, from, to)) return plain;
  const auto source = parse_unit(from), target = parse_unit(to);
  if (!std::isfinite(value) || !source || !target) return std::nullopt;
  if (is_a1c(analyte)) return convert_a1c(value, *source, *target);
  const auto known = find_analyte(analyte);
  if (!known) return std::nullopt;

  // Written in moles, g is 1/M mol and eq is 1/z mol: what moved from one column to another is one factor each.
  Dimensions moved{};
  for (std::size_t i = 0; i < kDimensions; ++i) moved[i] = source->dimensions[i] - target->dimensions[i];
  const int grams = moved[mass], moles = moved[amount], eqs = moved[equivalents];
  if (grams + moles + eqs != 0 || std::max({std::abs(grams), std::abs(moles), std::abs(eqs)}) != 1) return std::nullopt;
  if (eqs != 0 && known->valence == 0) return std::nullopt;
  moved[mass] = moved[amount] = moved[equivalents] = 0;
  if (moved != Dimensions{}) return std::nullopt;

  Unit adjusted = *source;
  if (grams > 0) adjusted.denominator *= known->molar_mass;
  if (grams < 0) adjusted.numerator *= known->molar_mass;
  if (eqs > 0) adjusted.denominator *= known->valence;
  if (eqs < 0) adjusted.numerator *= known->valence;
  return scale(value, adjusted, *target);
}

namespace {

using Maybe = std::optional<Cell>;

std::string_view text(const Call& call, std::size_t i) { return call.symbols.text(as_symbol(call.args[i])); }
Maybe number(std::optional<double> value) { return value ? fit(*value, Type::f64) : std::nullopt; }

Maybe call_convert(const Call& call) { return number(convert(as_double(call.args[0]), text(call, 1), text(call, 2))); }
Maybe call_convert_of(const Call& call) {
  return number(convert_of(text(call, 0), as_double(call.args[1]), text(call, 2), text(call, 3)));
}

}  // namespace

void add_units(std::vector<Function>& list) {
  using F = Family;
  list.push_back({.name = "convert",
                  .args = {F::f64, F::text, F::text},
                  .result = F::f64,
                  .doc = "a value from one UCUM unit to another; none when the dimensions differ",
                  .call = call_convert});
  list.push_back({.name = "convert_of",
                  .args = {F::text, F::f64, F::text, F::text},
                  .result = F::f64,
                  .doc = "the same for a named analyte, also between mass, moles and equivalents",
                  .call = call_convert_of});
}

}  // namespace tenfold::modules
