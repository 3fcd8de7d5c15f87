// $abs … $max: arithmetic that stays in the type of its arguments. What leaves the type, or is not a number, is no
// value.
#include <cmath>
#include <limits>

#include "base/rational.h"
#include "base/value_order.h"
#include "base/value_text.h"
#include "base/wide.h"
#include "modules/catalogue.h"

namespace tenfold::modules {
namespace {

/// A function of one float; fit() drops NaN and rounds to float where the type is f32.
template <double (*f)(double)>
Maybe of_float(const Call& call) {
  return fit(f(as_double(call.args[0])), call.types[0]);
}

Maybe absolute(const Call& call) {
  const Type type = call.types[0];
  if (type == Type::u128) return call.args[0];
  if (type == Type::i128) {
    const Int128 value = as_int128(call.args[0], call.symbols);
    if (value >= 0) return call.args[0];
    return -value < 0 ? std::nullopt : Maybe(cell128(-value, call.symbols));
  }
  if (type == Type::rational) {
    const bool below = rational::sign(call.args[0], call.symbols) < 0;
    return below ? rational::subtract(0, call.args[0], call.symbols) : Maybe(call.args[0]);
  }
  if (is_float(type)) return fit(std::fabs(as_double(call.args[0])), type);
  const std::int64_t value = as_int(call.args[0]);
  if (is_unsigned(type) || value >= 0) return call.args[0];
  if (value == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  return fit(-value, type);
}

Maybe sign(const Call& call) {
  const Type type = call.types[0];
  if (is_float(type)) {
    const double value = as_double(call.args[0]);
    return cell(static_cast<double>((value > 0) - (value < 0)));
  }
  if (type == Type::rational) return cell(std::int64_t{rational::sign(call.args[0], call.symbols)});
  if (is_unsigned(type)) return Cell{call.args[0] != 0};
  if (type == Type::i128) {
    const Int128 value = as_int128(call.args[0], call.symbols);
    return cell(static_cast<std::int64_t>((value > 0) - (value < 0)));
  }
  const std::int64_t value = as_int(call.args[0]);
  return cell(static_cast<std::int64_t>((value > 0) - (value < 0)));
}

template <double (*f)(double), Rounding how>
Maybe rounded(const Call& call) {
  if (call.types[0] == Type::rational) return rational::rounded(call.args[0], 0, how, call.symbols);
  return is_float(call.types[0]) ? of_float<f>(call) : Maybe(call.args[0]);
}

/// Logarithms of zero and below have no value, not even -inf: the language says so.
template <double (*f)(double)>
Maybe logarithm(const Call& call) {
  return as_double(call.args[0]) > 0 ? of_float<f>(call) : std::nullopt;
}

template <double (*f)(double, double)>
Maybe of_floats(const Call& call) {
  return fit(f(as_double(call.args[0]), as_double(call.args[1])), call.types[0]);
}

/// base^exponent by squaring, nothing on overflow. The last square may overflow harmlessly: it is not multiplied in.
template <class Integer>
std::optional<Integer> power(Integer base, std::uint32_t exponent) {
  Integer result = 1;
  bool base_overflowed = false;
  for (; exponent != 0; exponent >>= 1) {
    if ((exponent & 1) && (base_overflowed || __builtin_mul_overflow(result, base, &result))) return std::nullopt;
    base_overflowed = base_overflowed || __builtin_mul_overflow(base, base, &base);
  }
  return result;
}

Maybe integer_power(const Call& call) {
  const auto exponent = static_cast<std::uint32_t>(call.args[1]);
  const Type type = call.types[0];
  if (type == Type::u128) {
    const auto result = power<Uint128>(static_cast<Uint128>(as_int128(call.args[0], call.symbols)), exponent);
    return result ? Maybe(cell128(static_cast<Int128>(*result), call.symbols)) : std::nullopt;
  }
  if (type == Type::i128) {
    const auto result = power<Int128>(as_int128(call.args[0], call.symbols), exponent);
    return result ? Maybe(cell128(*result, call.symbols)) : std::nullopt;
  }
  if (type == Type::u64 || type == Type::usize) return power<std::uint64_t>(call.args[0], exponent);
  const auto result = power<std::int64_t>(as_int(call.args[0]), exponent);
  return result ? fit(*result, type) : std::nullopt;
}

template <bool greatest>
Maybe extreme(const Call& call) {
  Cell best = call.args[0];
  for (const Cell arg : call.args.subspan(1)) {
    const int order = compare(arg, best, call.types[0], call.symbols);
    if (greatest ? order > 0 : order < 0) best = arg;
  }
  return best;
}

// The overloads of <cmath> have no single address.
double floor_of(double x) { return std::floor(x); }
double ceil_of(double x) { return std::ceil(x); }
double exp_of(double x) { return std::exp(x); }
double exp2_of(double x) { return std::exp2(x); }
double sin_of(double x) { return std::sin(x); }
double cos_of(double x) { return std::cos(x); }
double tan_of(double x) { return std::tan(x); }
double asin_of(double x) { return std::asin(x); }
double acos_of(double x) { return std::acos(x); }
double atan_of(double x) { return std::atan(x); }
double log_of(double x) { return std::log(x); }
double log2_of(double x) { return std::log2(x); }
double atan2_of(double y, double x) { return std::atan2(y, x); }
double pow_of(double x, double y) { return std::pow(x, y); }

}  // namespace

void add_math(std::vector<Function>& list) {
  const auto add = [&](std::string_view name, const std::vector<Family>& args, Maybe (*call)(const Call&),
                       std::string_view doc) { FunctionList{list}(name, args, args[0], call, doc); };
  const auto variadic = [&](std::string_view name, Maybe (*call)(const Call&), std::string_view doc) {
    list.push_back(
        {.name = name, .args = {Family::number}, .variadic = true, .result = Family::number, .doc = doc, .call = call});
  };
  using enum Family;
  add("abs", {number}, absolute, "absolute value; none for the least integer of a type");
  add("floor", {number}, rounded<floor_of, Rounding::floor>, "greatest whole number not above");
  add("ceil", {number}, rounded<ceil_of, Rounding::ceiling>, "least whole number not below");
  add("sign", {number}, sign, "-1, 0 or 1");
  add("exp", {floating}, of_float<exp_of>, "e to the power x");
  add("exp2", {floating}, of_float<exp2_of>, "2 to the power x");
  add("sin", {floating}, of_float<sin_of>, "sine of x radians");
  add("cos", {floating}, of_float<cos_of>, "cosine of x radians");
  add("tan", {floating}, of_float<tan_of>, "tangent of x radians");
  add("asin", {floating}, of_float<asin_of>, "arc sine in radians; none outside [-1, 1]");
  add("acos", {floating}, of_float<acos_of>, "arc cosine in radians; none outside [-1, 1]");
  add("atan", {floating}, of_float<atan_of>, "arc tangent in radians");
  add("log", {floating}, logarithm<log_of>, "natural logarithm; none at or below 0");
  add("log2", {floating}, logarithm<log2_of>, "logarithm to base 2; none at or below 0");
  add("atan2", {floating, floating}, of_floats<atan2_of>, "angle of the point (x, y) in radians: $atan2(y, x)");
  add("powf", {floating, floating}, of_floats<pow_of>, "x to the power y; none where that is not real");
  add("pow", {integer, u32}, integer_power, "x to the power y; none on overflow");
  variadic("min", extreme<false>, "least argument");
  variadic("max", extreme<true>, "greatest argument");
}

}  // namespace tenfold::modules
