#include "lang/expression.h"

#include <cmath>
#include <limits>

#include "base/duration.h"
#include "base/money.h"
#include "base/term_text.h"
#include "base/value_order.h"
#include "base/value_text.h"
#include "modules/modules.h"

namespace tenfold::lang {
namespace {

using Maybe = std::optional<Cell>;

struct Limits {
  std::int64_t least, most;
};

Limits limits(Type type) {
  const auto signed_bits = [](int bits) {
    return Limits{-(std::int64_t{1} << (bits - 1)), (std::int64_t{1} << (bits - 1)) - 1};
  };
  switch (type) {
    case Type::i8:
      return signed_bits(8);
    case Type::i16:
      return signed_bits(16);
    case Type::i32:
      return signed_bits(32);
    case Type::u8:
      return {0, 0xFF};
    case Type::u16:
      return {0, 0xFFFF};
    case Type::u32:
      return {0, 0xFFFFFFFF};
    default:
      return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  }
}

bool wide_unsigned(Type t) { return t == Type::u64 || t == Type::usize; }
bool is_128(Type t) { return t == Type::i128 || t == Type::u128; }

using Wide = Int128;  // any sum or product of two 64-bit integers

Wide widen(Cell c, Type type) { return wide_unsigned(type) ? static_cast<Wide>(c) : static_cast<Wide>(as_int(c)); }

Wide least(Type type) { return wide_unsigned(type) ? 0 : limits(type).least; }
Wide most(Type type) {
  return wide_unsigned(type) ? static_cast<Wide>(std::numeric_limits<std::uint64_t>::max()) : limits(type).most;
}

Cell narrow(Wide value) { return static_cast<Cell>(value); }

/// `+` and `-` saturate, a product or quotient out of range has no value.
template <class Integer>
std::optional<Integer> arithmetic128(Op op, Integer x, Integer y, Integer least, Integer most) {
  Integer result = 0;
  switch (op) {
    case Op::add:
      if (!__builtin_add_overflow(x, y, &result)) return result;
      return y > 0 ? most : least;
    case Op::subtract:
      if (!__builtin_sub_overflow(x, y, &result)) return result;
      return least == 0 || y > 0 ? least : most;
    case Op::multiply:
      return __builtin_mul_overflow(x, y, &result) ? std::nullopt : std::optional<Integer>(result);
    default:
      if (y == 0 || (least != 0 && x == least && y == static_cast<Integer>(-1))) return std::nullopt;
      return op == Op::divide ? x / y : x % y;
  }
}

Maybe integer128(Op op, Cell a, Cell b, Type type, Symbols& symbols) {
  const Int128 x = as_int128(a, symbols), y = as_int128(b, symbols);
  if (type == Type::u128) {
    const auto result = arithmetic128<Uint128>(op, static_cast<Uint128>(x), static_cast<Uint128>(y), 0, ~Uint128{0});
    return result ? Maybe(cell128(static_cast<Int128>(*result), symbols)) : std::nullopt;
  }
  const auto greatest = static_cast<Int128>(~Uint128{0} >> 1);
  const auto result = arithmetic128<Int128>(op, x, y, -greatest - 1, greatest);
  return result ? Maybe(cell128(*result, symbols)) : std::nullopt;
}

Maybe integer(Op op, Cell a, Cell b, Type type) {
  const Wide x = widen(a, type), y = widen(b, type);
  Wide result = 0;
  switch (op) {
    case Op::add:
      result = x + y;
      break;
    case Op::subtract:
      result = x - y;
      break;
    case Op::multiply:
      result = x * y;
      if (result < least(type) || result > most(type)) return std::nullopt;
      break;
    default:
      if (y == 0) return std::nullopt;
      result = op == Op::divide ? x / y : x % y;
      if (result > most(type)) return std::nullopt;
  }
  return narrow(std::min(std::max(result, least(type)), most(type)));
}

Maybe floating(Op op, Cell a, Cell b, Type type) {
  const double x = as_double(a), y = as_double(b);
  switch (op) {
    case Op::add:
      return fit(x + y, type);
    case Op::subtract:
      return fit(x - y, type);
    case Op::multiply:
      return fit(x * y, type);
    case Op::divide:
      return fit(x / y, type);
    default:
      return fit(std::fmod(x, y), type);
  }
}

Maybe kept(std::optional<Duration> duration, Symbols& symbols) {
  return duration ? Maybe(cell_of(*duration, symbols)) : std::nullopt;
}

/// DateTime and Duration with each other, and durations with whole numbers.
Maybe of_times(Op op, Cell a, Type left, Cell b, Type right, Symbols& symbols) {
  if (left == Type::duration && right == Type::i32) {
    const Duration d = as_duration(a, symbols);
    return kept(op == Op::multiply ? times(d, as_int(b)) : divided(d, as_int(b)), symbols);
  }
  if (left == Type::datetime && right == Type::datetime) {
    Duration between;
    if (__builtin_sub_overflow(as_int(a), as_int(b), &between.micros)) return std::nullopt;
    return cell_of(between, symbols);
  }
  if (right == Type::datetime) std::swap(a, b), std::swap(left, right);
  const auto by = op == Op::subtract ? minus(as_duration(b, symbols)) : as_duration(b, symbols);
  if (!by) return std::nullopt;
  if (left == Type::duration) return kept(plus(as_duration(a, symbols), *by), symbols);
  const auto time = moved(as_int(a), *by);
  return time ? Maybe(cell(*time)) : std::nullopt;
}

Maybe exact(Op op, Cell a, Cell b, Symbols& symbols) {
  switch (op) {
    case Op::add:
      return rational::add(a, b, symbols);
    case Op::subtract:
      return rational::subtract(a, b, symbols);
    case Op::multiply:
      return rational::multiply(a, b, symbols);
    case Op::divide:
      return rational::divide(a, b, symbols);
    default:
      return rational::remainder(a, b, symbols);
  }
}

/// Amounts of one currency with each other, and with numbers.
Maybe of_money(Op op, Cell a, Type left, Cell b, Type right, Symbols& symbols) {
  if (left != Type::money) std::swap(a, b), std::swap(left, right);  // a number times an amount
  Money money = as_money(a, symbols);
  if (right == Type::money) {
    const Money other = as_money(b, symbols);
    if (other.currency != money.currency) return std::nullopt;
    b = other.amount;
  }
  const Maybe result = exact(op, money.amount, b, symbols);
  if (!result || (op == Op::divide && right == Type::money)) return result;
  money.amount = *result;
  return cell_of(money, symbols);
}

bool holds(Op op, int order) {
  switch (op) {
    case Op::equal:
      return order == 0;
    case Op::not_equal:
      return order != 0;
    case Op::less:
      return order < 0;
    case Op::less_equal:
      return order <= 0;
    case Op::greater:
      return order > 0;
    default:
      return order >= 0;
  }
}

/// Integers keep the low bits.
Cell truncated(Cell c, Type to) {
  switch (to) {
    case Type::i8:
      return cell(static_cast<std::int64_t>(static_cast<std::int8_t>(c)));
    case Type::i16:
      return cell(static_cast<std::int64_t>(static_cast<std::int16_t>(c)));
    case Type::i32:
      return cell(static_cast<std::int64_t>(static_cast<std::int32_t>(c)));
    case Type::u8:
      return c & 0xFF;
    case Type::u16:
      return c & 0xFFFF;
    case Type::u32:
      return c & 0xFFFFFFFF;
    default:
      return c;
  }
}

/// Towards zero, saturating.
Maybe from_double(double value, Type to, Symbols& symbols) {
  if (is_float(to)) return fit(value, to);
  if (std::isnan(value)) return std::nullopt;
  if (is_128(to)) {
    constexpr double kTwo127 = 170141183460469231731687303715884105728.0;
    const auto ones = ~Uint128{0};
    if (to == Type::u128) {
      const Uint128 whole = value <= 0 ? 0 : value >= 2 * kTwo127 ? ones : static_cast<Uint128>(value);
      return cell128(static_cast<Int128>(whole), symbols);
    }
    const auto greatest = static_cast<Int128>(ones >> 1);
    return cell128(value <= -kTwo127  ? -greatest - 1
                   : value >= kTwo127 ? greatest
                                      : static_cast<Int128>(value),
                   symbols);
  }
  const double whole = std::trunc(value);
  if (whole <= static_cast<double>(least(to))) return narrow(least(to));
  if (whole >= static_cast<double>(most(to))) return narrow(most(to));
  return narrow(static_cast<Wide>(whole));
}

/// Of a fraction, towards zero; nothing where that is out of range.
Maybe whole_of(Cell fraction, Type to, Symbols& symbols) {
  if (is_128(to)) {  // an Int128 cannot say all of them: their digits do
    const Maybe whole = rational::rounded(fraction, 0, Rounding::down, symbols);
    return whole ? parse_plain(rational::text(*whole, symbols), to, symbols) : std::nullopt;
  }
  const auto value = rational::to_int128(fraction, symbols);
  return !value || *value < least(to) || *value > most(to) ? std::nullopt : Maybe(narrow(*value));
}

Maybe cast(Cell c, Type from, Type to, Symbols& symbols) {
  if (from == to) return c;
  if (to == Type::string && is_text(from)) return c;
  if (to == Type::string) {
    // As the language writes it, without what stands around a literal.
    const std::string text = from == Type::datetime ? literal(c, from, symbols) : plain(c, from, symbols);
    if (text.size() > kLongestTerm) return std::nullopt;
    return Cell{symbols.intern(from == Type::datetime ? std::string_view(text).substr(2, text.size() - 3) : text)};
  }
  if (from == Type::rational) {
    if (is_float(to)) return fit(rational::to_double(c, symbols), to);
    return whole_of(c, to, symbols);
  }
  if (from == Type::string) return parse_plain(symbols.text(as_symbol(c)), to, symbols);
  if (from == Type::character) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::int64_t>(c - '0');
    return is_float(to) ? fit(static_cast<double>(digit), to) : Maybe(cell(digit));  // a Rational too
  }
  if (is_float(from) && to == Type::rational) return rational::of(as_double(c), symbols);
  if (is_float(from)) return from_double(as_double(c), to, symbols);
  const Int128 value = is_128(from) ? as_int128(c, symbols) : widen(c, from);
  if (to == Type::rational) {
    const bool above = from == Type::u128 && value < 0;  // past what an Int128 can say
    return above ? parse_plain(plain(c, from, symbols), to, symbols) : Maybe(rational::of(value, symbols));
  }
  if (is_float(to))
    return fit(from == Type::u128 ? static_cast<double>(static_cast<Uint128>(value)) : static_cast<double>(value), to);
  return is_128(to) ? cell128(value, symbols) : truncated(static_cast<Cell>(value), to);
}

class Evaluator {
 public:
  Evaluator(std::span<const Cell> registers, Symbols& symbols) : registers_(registers), symbols_(symbols) {}

  Maybe value(const Expr& e) {
    switch (e.op) {
      case Op::variable:
        return registers_[e.variable];
      case Op::constant:
        return e.constant;
      case Op::conditional: {
        const Maybe condition = value(e.args[0]);
        if (!condition) return std::nullopt;
        return value(*condition ? e.args[1] : e.args[2]);
      }
      case Op::call:
        return call(e);
      case Op::construct:
        return construct(e);
      default:
        break;
    }
    const Maybe a = operand(e.args[0]);
    if (!a) return std::nullopt;
    if (e.args.size() == 1) return unary(e, *a);
    const Maybe b = operand(e.args[1]);
    if (!b) return std::nullopt;
    return binary(e, *a, *b);
  }

 private:
  Maybe operand(const Expr& e) {
    if (e.op == Op::variable) return registers_[e.variable];
    if (e.op == Op::constant) return e.constant;
    return value(e);
  }

  Maybe unary(const Expr& e, Cell a) {
    switch (e.op) {
      case Op::cast:
        return cast(a, e.args[0].type, e.type, symbols_);
      case Op::logical_not:
        return Cell{!a};
      case Op::is_term:
        return Cell{symbols_.terms().constructor_of(static_cast<TermId>(a)) == e.function};
      case Op::field: {
        const auto term = static_cast<TermId>(a);
        if (symbols_.terms().constructor_of(term) != e.function) return std::nullopt;
        return symbols_.terms().args(term)[e.constant];
      }
      default:
        if (e.type == Type::duration) return kept(minus(as_duration(a, symbols_)), symbols_);
        if (e.type == Type::money)
          return of_money(Op::multiply, a, e.type, cell(std::int64_t{-1}), Type::rational, symbols_);
        return is_float(e.type) ? fit(-as_double(a), e.type) : arithmetic(Op::subtract, 0, a, e.type, symbols_);
    }
  }

  // Integers of a word whose result fits are most of what rules compute.
  static Maybe of_words(Op op, Type type, Cell a, Cell b) {
    const std::int64_t x = as_int(a), y = as_int(b);
    switch (op) {
      case Op::equal:
        return Cell{x == y};
      case Op::not_equal:
        return Cell{x != y};
      case Op::less:
        return Cell{x < y};
      case Op::less_equal:
        return Cell{x <= y};
      case Op::greater:
        return Cell{x > y};
      case Op::greater_equal:
        return Cell{x >= y};
      default:
        break;
    }
    std::int64_t result = 0;
    const bool over = op == Op::add        ? __builtin_add_overflow(x, y, &result)
                      : op == Op::subtract ? __builtin_sub_overflow(x, y, &result)
                      : op == Op::multiply ? __builtin_mul_overflow(x, y, &result)
                                           : true;
    if (over || (type == Type::i32 && result != static_cast<std::int32_t>(result))) return std::nullopt;
    return cell(result);
  }

  Maybe binary(const Expr& e, Cell a, Cell b) {
    const Type of = e.args[0].type;
    if ((of == Type::i32 || of == Type::i64 || of == Type::isize) && of == e.args[1].type)
      if (const Maybe word = of_words(e.op, of, a, b)) return word;
    switch (e.op) {
      case Op::logical_and:
        return a & b;
      case Op::logical_or:
        return a | b;
      case Op::logical_xor:
        return a ^ b;
      case Op::equal:
      case Op::not_equal:
      case Op::less:
      case Op::less_equal:
      case Op::greater:
      case Op::greater_equal:
        if (of == Type::money && e.op != Op::equal && e.op != Op::not_equal &&
            as_money(a, symbols_).currency != as_money(b, symbols_).currency)
          return std::nullopt;
        return Cell{holds(e.op, compare(a, b, e.args[0].type, symbols_))};
      default:
        break;
    }
    if (is_text(e.type)) {
      std::string joined(symbols_.text(as_symbol(a)));
      joined += symbols_.text(as_symbol(b));
      return Cell{symbols_.intern(joined)};
    }
    const Type left = e.args[0].type, right = e.args[1].type;
    if (left == Type::tensor || right == Type::tensor) return std::nullopt;
    if (left == Type::money || right == Type::money) return of_money(e.op, a, left, b, right, symbols_);
    if (!is_number(left) || !is_number(right)) return of_times(e.op, a, left, b, right, symbols_);
    return arithmetic(e.op, a, b, e.type, symbols_);
  }

  Maybe construct(const Expr& e) {
    std::vector<Cell> fields;
    for (const Expr& arg : e.args) {
      const Maybe v = value(arg);
      if (!v) return std::nullopt;
      fields.push_back(*v);
    }
    return make_term(e.function, fields, symbols_);
  }

  Maybe call(const Expr& e) {
    std::vector<Cell> cells;
    std::vector<Type> types;
    for (const Expr& arg : e.args) {
      const Maybe v = value(arg);
      if (!v) return std::nullopt;
      cells.push_back(*v);
      types.push_back(arg.type);
    }
    return modules::functions()[e.function].call({cells, types, e.type, symbols_});
  }

  std::span<const Cell> registers_;
  Symbols& symbols_;
};

Expr operation(Op op, Expr a, Expr b, Type type) {
  Expr e;
  e.op = op;
  e.type = type;
  e.place = a.place;
  e.args.push_back(std::move(a));
  e.args.push_back(std::move(b));
  return e;
}

/// `e` with `value` in place of a variable.
Expr replaced(const Expr& e, VarId variable, const Expr& value) {
  if (e.op == Op::variable) return e.variable == variable ? value : e;
  Expr out = e;
  for (Expr& arg : out.args) arg = replaced(arg, variable, value);
  return out;
}

/// Integers saturate, so going back need not arrive: x + 1 == 0 has no solution in usize. `found` where it solves
/// side == value, else no value (a division by zero).
Expr checked(const Expr& side, const Expr& value, VarId variable, Expr found) {
  Expr zero;
  zero.type = found.type;
  Expr nothing = operation(Op::divide, zero, zero, found.type);
  Expr solves = operation(Op::equal, replaced(side, variable, found), value, Type::boolean);
  Expr e;
  e.op = Op::conditional;
  e.type = found.type;
  e.place = side.place;
  e.args = {std::move(solves), std::move(found), std::move(nothing)};
  return e;
}

/// `side == value` solved for the one unbound variable of `side`, going down through + and - of numbers.
std::optional<Assignment> solve(const Expr& side, const Expr& value, const std::vector<bool>& bound) {
  Expr found = value;
  for (const Expr* at = &side;;) {
    if (at->op == Op::variable) {
      if (bound[at->variable]) return std::nullopt;
      const bool exact = at == &side || is_float(at->type) || at->type == Type::rational;
      if (!exact) found = checked(side, value, at->variable, std::move(found));
      return Assignment{at->variable, std::move(found)};
    }
    if ((at->op != Op::add && at->op != Op::subtract) || !is_number(at->type)) return std::nullopt;
    const Expr &left = at->args[0], &right = at->args[1];
    const bool left_known = ready(left, bound);
    if (left_known == ready(right, bound)) return std::nullopt;
    if (at->op == Op::add)
      found = operation(Op::subtract, std::move(found), left_known ? left : right, at->type);
    else if (left_known)
      found = operation(Op::subtract, left, std::move(found), at->type);
    else
      found = operation(Op::add, std::move(found), right, at->type);
    at = left_known ? &right : &left;
  }
}

}  // namespace

std::optional<Cell> arithmetic(Op op, Cell a, Cell b, Type type, Symbols& symbols) {
  if (is_float(type)) return floating(op, a, b, type);
  if (type == Type::rational) return exact(op, a, b, symbols);
  if (type == Type::money) return of_money(op, a, type, b, type, symbols);
  return is_128(type) ? integer128(op, a, b, type, symbols) : integer(op, a, b, type);
}

std::optional<Cell> share(Cell whole, Type type, std::uint64_t n, Symbols& symbols) {
  const Cell parts = rational::of(static_cast<Int128>(n), symbols);
  if (type == Type::money) return of_money(Op::divide, whole, type, parts, Type::rational, symbols);
  return rational::divide(whole, parts, symbols);
}

double probability(Cell tag, Type type, const Symbols& symbols) {
  if (is_float(type)) return as_double(tag);
  return type == Type::rational ? rational::to_double(tag, symbols) : static_cast<double>(as_int(tag));
}

std::optional<Cell> evaluate(const Expr& expr, std::span<const Cell> registers, Symbols& symbols) {
  return Evaluator(registers, symbols).value(expr);
}

bool ready(const Expr& expr, const std::vector<bool>& bound) {
  if (expr.op == Op::variable) return bound[expr.variable];
  for (const Expr& arg : expr.args)
    if (!ready(arg, bound)) return false;
  return true;
}

std::optional<Assignment> assignment(const Expr& condition, const std::vector<bool>& bound) {
  if (condition.op != Op::equal) return std::nullopt;
  const Expr &left = condition.args[0], &right = condition.args[1];
  const bool left_known = ready(left, bound), right_known = ready(right, bound);
  if (left_known == right_known) return std::nullopt;
  return left_known ? solve(right, left, bound) : solve(left, right, bound);
}

}  // namespace tenfold::lang
