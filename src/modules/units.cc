// $convert and $convert_of. A unit becomes a fraction of small whole numbers, a power of ten and its dimensions, so
// that 100 mg/dL is 1 g/L to the last bit: value · numerator / denominator first, then one exact power of ten.
#include "modules/units.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string>
#include <unordered_map>

#include "base/rational.h"
#include "base/value_text.h"
#include "modules/analytes.h"
#include "modules/catalogue.h"
#include "modules/ucum.h"

namespace tenfold::modules {
namespace {

constexpr std::size_t kLongestUnit = 64;
constexpr int kMaxPower = 9, kMaxTens = 40, kDeepest = 8;

// Base units, and what must not be mixed with its neighbours. All arbitrary units ([CFU], [USP'U]) share one dimension,
// in which each adds a number of its own.
enum Dimension : std::size_t {
  length,
  mass,
  amount,
  seconds,
  kelvin,
  charge,
  luminosity,
  angle,
  equivalents,
  osmoles,
  iu,
  body_surface,
  ph,
  arbitrary,
  kDimensions
};
using Dimensions = std::array<int, kDimensions>;

/// A factor as two whole numbers, doubles for speed and the same exactly as long as they fit.
struct Unit {
  double numerator = 1, denominator = 1;
  Uint128 above = 1, below = 1;
  bool exact = true;  // above and below did not overflow
  int tens = 0;       // power of ten
  int pis = 0;        // power of pi
  Dimensions dimensions{};
  bool amount_ratio = false;  // mol over mol: the amounts cancelled, and it is still not a percentage

  /// times · number, or over it when power is below 0; |power| times.
  void scale(std::uint64_t number, int power) {
    for (int i = 0; i < std::abs(power); ++i) {
      (power > 0 ? numerator : denominator) *= static_cast<double>(number);
      exact = exact && !__builtin_mul_overflow(power > 0 ? above : below, Uint128{number}, power > 0 ? &above : &below);
    }
  }
};

struct BaseUnit {
  std::string_view code;
  bool metric;
  Dimension dimension;
};

// mol counts by itself here and not as 6.02214076e23, eq and osm apart from it, and [pH] alone.
constexpr std::array kBaseUnits = {
    BaseUnit{"m", true, length},       BaseUnit{"g", true, mass},      BaseUnit{"mol", true, amount},
    BaseUnit{"s", true, seconds},      BaseUnit{"K", true, kelvin},    BaseUnit{"C", true, charge},
    BaseUnit{"cd", true, luminosity},  BaseUnit{"rad", true, angle},   BaseUnit{"eq", true, equivalents},
    BaseUnit{"Eq", true, equivalents}, BaseUnit{"osm", true, osmoles}, BaseUnit{"[IU]", true, iu},
    BaseUnit{"[iU]", true, iu},        BaseUnit{"IU", true, iu},       BaseUnit{"[pH]", false, ph},
};

/// Spellings outside UCUM.
constexpr std::array kSpellings = {DerivedUnit{"mcg", false, 1, 0, "ug"}, DerivedUnit{"mmHg", false, 1, 0, "mm[Hg]"}};

struct Prefix {
  std::string_view code;
  int tens;
  std::uint64_t number = 1;
};
// UCUM, table 1. Deca comes before deci's d, so that the longer code is tried first.
constexpr std::array kPrefixes = {
    Prefix{"da", 1},          Prefix{"d", -1},
    Prefix{"c", -2},          Prefix{"m", -3},
    Prefix{"u", -6},          Prefix{"\u00B5", -6},
    Prefix{"\u03BC", -6},     Prefix{"n", -9},
    Prefix{"p", -12},         Prefix{"f", -15},
    Prefix{"a", -18},         Prefix{"z", -21},
    Prefix{"y", -24},         Prefix{"h", 2},
    Prefix{"k", 3},           Prefix{"M", 6},
    Prefix{"G", 9},           Prefix{"T", 12},
    Prefix{"P", 15},          Prefix{"E", 18},
    Prefix{"Z", 21},          Prefix{"Y", 24},
    Prefix{"Ki", 0, 1 << 10}, Prefix{"Mi", 0, 1 << 20},
    Prefix{"Gi", 0, 1 << 30}, Prefix{"Ti", 0, std::uint64_t{1} << 40},
};

/// Spellings of "per 1.73 square metres of body surface" that records carry; the longest first.
constexpr std::array<std::string_view, 8> kBodySurface = {"{1.73_m2}", "{1.73 m2}", "{1.73m2}", "[1.73_m2]",
                                                          "1.73.m2",   "1.73_m2",   "1.73 m2",  "1.73m2"};

/// What a code without prefix stands for.
struct Atom {
  Unit unit;
  bool metric = false;
};
using Atoms = std::unordered_map<std::string_view, Atom>;

class Parser {
 public:
  Parser(std::string_view text, const Atoms& atoms) : left_(text), atoms_(atoms) {}

  std::optional<Unit> parse() {
    if (!term(1) || !left_.empty()) return std::nullopt;
    unit_.amount_ratio = amount_above_ && amount_below_ && unit_.dimensions[amount] == 0;
    return unit_;
  }

 private:
  bool take(std::string_view word) {
    if (!left_.starts_with(word)) return false;
    left_.remove_prefix(word.size());
    return true;
  }

  /// term := ["/"] component (("." | "/") component)*
  bool term(int sign) {
    if (++depth_ > kDeepest) return false;
    int direction = take("/") ? -sign : sign;
    for (;;) {
      if (!component(direction)) return false;
      if (left_.empty() || left_.front() == ')') return --depth_, true;
      direction = left_.front() == '/' ? -sign : sign;
      if (!take("/") && !take(".")) return false;
    }
  }

  /// component := body surface | annotation | "(" term ")" | number | 10*power | [prefix] atom [power] [annotation]
  bool component(int direction) {
    for (const std::string_view spelling : kBodySurface)
      if (take(spelling)) return unit_.dimensions[body_surface] += direction, true;
    if (left_.starts_with('{')) return annotation();
    if (take("(")) return term(direction) && take(")") && annotation();
    if (take("10*") || take("10^")) return ten(direction);
    if (take("[pi]")) return unit_.pis += direction, annotation();
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
    std::uint64_t value = 0;
    std::size_t digits = 0;
    for (; !left_.empty() && left_.front() >= '0' && left_.front() <= '9'; ++digits) {
      if (digits < 7) value = value * 10 + static_cast<std::uint64_t>(left_.front() - '0');
      left_.remove_prefix(1);
    }
    unit_.scale(value, direction);
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

  /// Up to what can follow a code; what stands in square brackets belongs to it.
  std::string_view code() {
    std::size_t end = 0;
    for (bool inside = false; end < left_.size(); ++end) {
      const char c = left_[end];
      if (c == '[' || c == ']') inside = c == '[';
      if (!inside && (std::string_view("./(){}+-").find(c) != std::string_view::npos || (c >= '0' && c <= '9'))) break;
    }
    const std::string_view found = left_.substr(0, end);
    left_.remove_prefix(end);
    return found;
  }

  /// A code as it is, or else after a prefix: "min" is a minute and not a milli-inch.
  bool symbol(int direction) {
    const std::string_view text = code();
    const auto plain = atoms_.find(text);
    const Atom* atom = plain == atoms_.end() ? nullptr : &plain->second;
    const Prefix* prefix = nullptr;
    for (std::size_t i = 0; !atom && i < kPrefixes.size(); ++i) {
      if (!text.starts_with(kPrefixes[i].code)) continue;
      const auto found = atoms_.find(text.substr(kPrefixes[i].code.size()));
      if (found != atoms_.end() && found->second.metric) atom = &found->second, prefix = &kPrefixes[i];
    }
    if (!atom) return false;
    const auto power = signed_power(kMaxPower);
    return power && *power != 0 && multiply(atom->unit, prefix, direction * *power);
  }

  bool multiply(const Unit& by, const Prefix* prefix, int power) {
    for (int i = 0; i < std::abs(power); ++i) {
      (power > 0 ? unit_.numerator : unit_.denominator) *= by.numerator;
      (power > 0 ? unit_.denominator : unit_.numerator) *= by.denominator;
      Uint128 &up = power > 0 ? unit_.above : unit_.below, &down = power > 0 ? unit_.below : unit_.above;
      unit_.exact = unit_.exact && by.exact && !__builtin_mul_overflow(up, by.above, &up) &&
                    !__builtin_mul_overflow(down, by.below, &down);
    }
    unit_.tens += (by.tens + (prefix ? prefix->tens : 0)) * power;
    if (prefix) unit_.scale(prefix->number, power);
    unit_.pis += by.pis * power;
    for (std::size_t i = 0; i < kDimensions; ++i) unit_.dimensions[i] += by.dimensions[i] * power;
    if (by.dimensions[amount] != 0) (power > 0 ? amount_above_ : amount_below_) = true;
    return std::isfinite(unit_.numerator) && std::isfinite(unit_.denominator);
  }

  std::string_view left_;
  const Atoms& atoms_;
  Unit unit_;
  int depth_ = 0;
  bool amount_above_ = false, amount_below_ = false;
};

/// Each is defined by units that stand before it.
const Atoms& atoms() {
  static const Atoms all = [] {
    Atoms made;
    for (const BaseUnit& base : kBaseUnits) {
      Unit unit;
      unit.dimensions[base.dimension] = 1;
      made[base.code] = {unit, base.metric};
    }
    for (std::size_t i = 0; i < kArbitraryUnits.size(); ++i) {
      Unit unit;
      // Far apart, so that no product of few others looks the same.
      unit.dimensions[arbitrary] = static_cast<int>(((i + 1) * 2654435761u >> 10 & 0x3FFFFFu) | 1u);
      made[kArbitraryUnits[i]] = {unit, false};
    }
    const auto derive = [&](const DerivedUnit& derived) {
      auto unit = derived.unit.empty() ? Unit{} : Parser(derived.unit, made).parse();
      if (!unit) return;  // the test of all codes would say so
      unit->scale(derived.number, 1);
      unit->tens += derived.tens;
      unit->amount_ratio = false;
      made[derived.code] = {*unit, derived.metric};
    };
    for (const DerivedUnit& derived : kDerivedUnits) derive(derived);
    for (const DerivedUnit& derived : kSpellings) derive(derived);
    return made;
  }();
  return all;
}

std::optional<Unit> parse_unit(std::string_view text) {
  if (text.empty() || text.size() > kLongestUnit) return std::nullopt;
  return Parser(text, atoms()).parse();
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
  const double round = std::pow(std::numbers::pi, from.pis - to.pis);
  return finite(times_ten(above == below ? value : value * above / below, from.tens - to.tens) * round);
}

/// Temperatures have different zeros, so they convert alone and never inside a larger unit.
struct Temperature {
  std::string_view code;
  double zero;                    // what 0 Cel reads on this scale
  double numerator, denominator;  // degrees of this scale in 1 Cel
  std::string_view exact_zero;
};
constexpr std::array kTemperatures = {
    Temperature{"Cel", 0, 1, 1, "0"}, Temperature{"[degF]", 32, 9, 5, "32"}, Temperature{"K", 273.15, 1, 1, "273.15"},
    Temperature{"[degR]", 491.67, 9, 5, "491.67"}, Temperature{"[degRe]", 0, 4, 5, "0"}};

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

std::optional<Cell> convert_exact(Cell value, std::string_view from, std::string_view to, Symbols& symbols) {
  const auto whole = [&](Uint128 n) {
    return n >> 127 ? std::nullopt : std::optional(rational::of(static_cast<Int128>(n), symbols));
  };
  const auto times = [&](std::optional<Cell> a, std::optional<Cell> b) {
    return a && b ? rational::multiply(*a, *b, symbols) : std::nullopt;
  };
  const auto over = [&](std::optional<Cell> a, std::optional<Cell> b) {
    return a && b ? rational::divide(*a, *b, symbols) : std::nullopt;
  };
  const Temperature* warm = temperature(from);
  const Temperature* cold = temperature(to);
  if (warm && cold) {
    const auto count = [](double n) { return cell(static_cast<std::int64_t>(n)); };
    const auto celsius = rational::subtract(value, *rational::parse(warm->exact_zero, symbols), symbols);
    const auto above = times(celsius, rational::divide(count(warm->denominator), count(warm->numerator), symbols));
    const auto found = times(above, rational::divide(count(cold->numerator), count(cold->denominator), symbols));
    return found ? rational::add(*found, *rational::parse(cold->exact_zero, symbols), symbols) : std::nullopt;
  }
  const auto source = parse_unit(from), target = parse_unit(to);
  if (!source || !target || source->dimensions != target->dimensions) return std::nullopt;
  if (source->amount_ratio != target->amount_ratio || source->pis != target->pis) return std::nullopt;
  if (!source->exact || !target->exact) return std::nullopt;
  const auto factor =
      over(times(whole(source->above), whole(target->below)), times(whole(source->below), whole(target->above)));
  return times(times(value, factor), rational::power(10, std::int64_t{source->tens} - target->tens, symbols));
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

Maybe number(std::optional<double> value) { return value ? fit(*value, Type::f64) : std::nullopt; }

Maybe call_convert_exact(const Call& call) {
  return convert_exact(call.args[0], text(call, 1), text(call, 2), call.symbols);
}

Maybe call_convert(const Call& call) { return number(convert(as_double(call.args[0]), text(call, 1), text(call, 2))); }
Maybe call_convert_of(const Call& call) {
  return number(convert_of(text(call, 0), as_double(call.args[1]), text(call, 2), text(call, 3)));
}

}  // namespace

void add_units(std::vector<Function>& list) {
  using enum Family;
  const FunctionList add(list);
  add("convert", {f64, text, text}, f64, call_convert,
      "a value from one UCUM unit to another; none when the dimensions differ");
  add("convert_exact", {rational, text, text}, rational, call_convert_exact,
      "the same without rounding; none where pi would remain");
  add("convert_of", {text, f64, text, text}, f64, call_convert_of,
      "the same for a named analyte, also between mass, moles and equivalents");
}

}  // namespace tenfold::modules
