// How operators are written, for all that print expressions.
#pragma once

#include <string_view>

#include "lang/program.h"

namespace tenfold::lang {

/// Empty for what is no operator.
constexpr std::string_view spelling(Op op) {
  switch (op) {
    case Op::add:
      return "+";
    case Op::subtract:
    case Op::negate:
      return "-";
    case Op::multiply:
      return "*";
    case Op::divide:
      return "/";
    case Op::modulo:
      return "%";
    case Op::equal:
      return "==";
    case Op::not_equal:
      return "!=";
    case Op::less:
      return "<";
    case Op::less_equal:
      return "<=";
    case Op::greater:
      return ">";
    case Op::greater_equal:
      return ">=";
    case Op::logical_and:
      return "&&";
    case Op::logical_or:
      return "||";
    case Op::logical_xor:
      return "^";
    case Op::logical_not:
      return "!";
    default:
      return "";
  }
}

}  // namespace tenfold::lang
