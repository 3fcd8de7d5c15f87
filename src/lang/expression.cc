#include "lang/expression.h"

#include <cmath>
#include <limits>

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

__extension__ using Wide = __int128;  // any sum or product of two 64-bit integers

Wide widen(Cell c, Type type) { return wide_unsigned(type) ? static_cast<Wide>(c) : static_cast<Wide>(as_int(c)); }

Wide least(Type type) { return wide_unsigned(type) ? 0 : limits(type).least; }
Wide most(Type type) {
  return wide_unsigned(type) ? static_cast<Wide>(std::numeric_limits<std::uint64_t>::max()) : limits(type).most;
}

Cell narrow(Wide value) { return static_cast<Cell>(value); }

/// `+` and `-` saturate, a product or quotient out of range has no value.
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

int compare(Cell a, Cell b, Type type, const Symbols& symbols) {
  auto order = [](auto x, auto y) { return x < y ? -1 : x > y ? 1 : 0; };
  if (is_float(type)) return order(as_double(a), as_double(b));
  if (is_text(type)) return a == b ? 0 : order(symbols.text(as_symbol(a)), symbols.text(as_symbol(b)));
  if (is_signed(type) || type == Type::datetime) return order(as_int(a), as_int(b));
  return order(a, b);
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
Maybe from_double(double value, Type to) {
  if (is_float(to)) return fit(value, to);
  if (std::isnan(value)) return std::nullopt;
  const double whole = std::trunc(value);
  if (whole <= static_cast<double>(least(to))) return narrow(least(to));
  if (whole >= static_cast<double>(most(to))) return narrow(most(to));
  return narrow(static_cast<Wide>(whole));
}

Maybe cast(Cell c, Type from, Type to, Symbols& symbols) {
  if (from == to) return c;
  if (to == Type::string && is_text(from)) return c;
  if (to == Type::string) return Cell{symbols.intern(plain(c, from, symbols))};
  if (from == Type::string) return parse_plain(symbols.text(as_symbol(c)), to, symbols);
  if (from == Type::character) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::int64_t>(c - '0');
    return is_float(to) ? fit(static_cast<double>(digit), to) : Maybe(cell(digit));
  }
  if (is_float(from)) return from_double(as_double(c), to);
  if (is_float(to)) return fit(static_cast<double>(widen(c, from)), to);
  return truncated(c, to);
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
      default:
        break;
    }
    const Maybe a = value(e.args[0]);
    if (!a) return std::nullopt;
    if (e.args.size() == 1) return unary(e, *a);
    const Maybe b = value(e.args[1]);
    if (!b) return std::nullopt;
    return binary(e, *a, *b);
  }

 private:
  Maybe unary(const Expr& e, Cell a) {
    switch (e.op) {
      case Op::cast:
        return cast(a, e.args[0].type, e.type, symbols_);
      case Op::logical_not:
        return Cell{!a};
      default:
        return is_float(e.type) ? fit(-as_double(a), e.type) : integer(Op::subtract, 0, a, e.type);
    }
  }

  Maybe binary(const Expr& e, Cell a, Cell b) {
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
        return Cell{holds(e.op, compare(a, b, e.args[0].type, symbols_))};
      default:
        break;
    }
    if (is_text(e.type)) {
      std::string joined(symbols_.text(as_symbol(a)));
      joined += symbols_.text(as_symbol(b));
      return Cell{symbols_.intern(joined)};
    }
    return is_float(e.type) ? floating(e.op, a, b, e.type) : integer(e.op, a, b, e.type);
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
      const bool exact = at == &side || is_float(at->type);
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
