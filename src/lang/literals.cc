#include "lang/literals.h"

#include "base/date_forms.h"
#include "base/utf8.h"
#include "base/value_text.h"
#include "lang/source.h"

namespace tenfold::lang {
namespace {

std::string range_text(Type type) {
  switch (type) {
    case Type::i8:
      return "-128 to 127";
    case Type::i16:
      return "-32768 to 32767";
    case Type::i32:
      return "-2147483648 to 2147483647";
    case Type::u8:
      return "0 to 255";
    case Type::u16:
      return "0 to 65535";
    case Type::u32:
      return "0 to 4294967295";
    case Type::u64:
    case Type::usize:
      return "0 to 18446744073709551615";
    case Type::i128:
      return "-2^127 to 2^127 - 1";
    case Type::u128:
      return "0 to 2^128 - 1";
    default:
      return "-9223372036854775808 to 9223372036854775807";
  }
}

}  // namespace

std::optional<Cell> literal_cell(Tok kind, std::string_view token, Type type, Symbols& symbols) {
  switch (kind) {
    case Tok::integer:
    case Tok::real:
      if (!is_number(type) || (kind == Tok::real && !is_float(type) && type != Type::rational)) return std::nullopt;
      return parse_plain(token, type, symbols);
    case Tok::k_true:
      return Cell{1};
    case Tok::k_false:
      return Cell{0};
    case Tok::string:
      return Cell{symbols.intern(unescape(literal_body(kind, token)))};
    case Tok::symbol:
      return Cell{symbols.intern(literal_body(kind, token))};
    case Tok::character: {
      const std::string value = unescape(literal_body(kind, token));
      return Cell{value.empty() ? 0 : first_scalar(value).value};  // the lexer reported what is no single character
    }
    case Tok::datetime: {
      const auto time = parse_date_form(literal_body(kind, token));
      return time ? std::optional<Cell>(cell(*time)) : std::nullopt;
    }
    case Tok::duration:
      return parse_plain(literal_body(kind, token), Type::duration, symbols);
    default:
      return std::nullopt;
  }
}

LiteralComplaint why_not(Tok kind, std::string_view token, Type type) {
  const std::string shown = ticked(token.substr(0, 40));
  if (kind == Tok::datetime)
    return {"date", shown + " is no date", "write t\"2020-01-31\" or t\"2020-01-31 08:30:00\", in UTC"};
  if (kind == Tok::duration)
    return {"duration", shown + " is no duration",
            "write d\"1h30m\", d\"2 weeks\" or d\"1y2M\": m is minutes, M months"};
  if (is_float(type) || type == Type::rational)
    return {"out-of-range", shown + " is too large for " + std::string(name(type)), "write a smaller number"};
  return {"out-of-range", shown + " does not fit into " + std::string(name(type)) + ": " + range_text(type),
          "declare the column with a wider type, such as i64"};
}

}  // namespace tenfold::lang
