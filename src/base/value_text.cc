#include "base/value_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>

#include "base/date_forms.h"
#include "base/duration.h"
#include "base/money.h"
#include "base/term_text.h"
#include "base/utf8.h"
#include "base/wide.h"

namespace tenfold {
namespace {

// In the order of `Type`.
constexpr std::array<std::string_view, 24> kNames = {
    "i8",  "i16", "i32",  "i64",  "i128",   "isize",  "u8",       "u16",      "u32",    "u64",    "u128",     "usize",
    "f32", "f64", "bool", "char", "String", "Symbol", "DateTime", "Duration", "Entity", "Tensor", "Rational", "Money"};

/// Shortest digits that read back, laid out without an exponent from 1e-7 up to 1e21 (as JSON writers commonly do),
/// so that ordinary figures read as people write them and huge ones stay short.
template <class Float>
std::string shortest(Float value) {
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  if (value == 0) return "0";
  std::array<char, 64> buffer;
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  std::string out;
  if (text.front() == '-') out += '-', text.remove_prefix(1);
  const std::size_t e = text.find('e');
  std::string digits(1, text.front());
  if (e > 2) digits += text.substr(2, e - 2);
  const bool minus = text[e + 1] == '-';
  int exponent = 0;
  std::from_chars(text.data() + e + 2, text.data() + text.size(), exponent);
  if (minus) exponent = -exponent;
  const int count = static_cast<int>(digits.size());
  if (exponent < -7 || exponent >= 21) {
    out += digits[0];
    if (count > 1) out += "." + digits.substr(1);
    return out + "e" + std::to_string(exponent);
  }
  if (exponent < 0) return out + "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + digits;
  if (count <= exponent + 1) return out + digits + std::string(static_cast<std::size_t>(exponent + 1 - count), '0');
  const auto whole = static_cast<std::size_t>(exponent + 1);
  return out + digits.substr(0, whole) + "." + digits.substr(whole);
}

/// The text with the language's escapes; other control characters, which a terminal would obey, as \u{…}.
std::string escaped(std::string_view text, char quote) {
  std::string out;
  while (!text.empty()) {
    const Scalar scalar = first_scalar(text);
    text.remove_prefix(scalar.bytes);
    switch (scalar.value) {
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\0':
        out += "\\0";
        break;
      case '\\':
        out += "\\\\";
        break;
      default:
        if (scalar.value == static_cast<char32_t>(quote)) {
          out += '\\', out += quote;
        } else if (is_control(scalar.value)) {
          std::array<char, 8> hex;
          const auto end =
              std::to_chars(hex.data(), hex.data() + hex.size(), static_cast<std::uint32_t>(scalar.value), 16).ptr;
          out += "\\u{" + std::string(hex.data(), end) + "}";
        } else {
          append_utf8(out, scalar.value);
        }
    }
  }
  return out;
}

std::string integer128_text(Int128 value, bool is_signed) {
  const bool minus = is_signed && value < 0;
  auto rest = minus ? -static_cast<Uint128>(value) : static_cast<Uint128>(value);
  std::string digits;
  do digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  while ((rest /= 10) != 0);
  return minus ? "-" + digits : digits;
}

std::optional<Cell> parse_integer128(std::string_view text, Type type, Symbols& symbols) {
  const bool minus = text.starts_with('-');
  if (minus) text.remove_prefix(1);
  if (text.empty() || (minus && type == Type::u128)) return std::nullopt;
  Uint128 value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    if (__builtin_mul_overflow(value, Uint128{10}, &value) ||
        __builtin_add_overflow(value, static_cast<Uint128>(c - '0'), &value))
      return std::nullopt;
  }
  const Uint128 least = Uint128{1} << 127;  // as a size
  if (type == Type::i128 && (minus ? value > least : value >= least)) return std::nullopt;
  return cell128(static_cast<Int128>(minus ? -value : value), symbols);
}

std::string character_text(Cell cell) {
  std::string out;
  append_utf8(out, static_cast<char32_t>(cell));
  return out;
}

/// "2020-01-31 08:30:00.5 UTC", as Scallop prints it.
std::string spoken_datetime(Micros time) {
  std::string text = datetime_text(time);
  if (text.back() == 'Z') {
    text.pop_back();
    text[text.find('T')] = ' ';
    return text + " UTC";
  }
  return text + " 00:00:00 UTC";
}

struct Bounds {
  std::int64_t least, most;
};

/// Of the integer types whose values all fit in 64 bits with a sign; u64 and usize up to what does.
Bounds bounds(Type type) {
  switch (type) {
    case Type::i8:
      return {-128, 127};
    case Type::i16:
      return {-32768, 32767};
    case Type::i32:
      return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    case Type::u8:
      return {0, 255};
    case Type::u16:
      return {0, 65535};
    case Type::u32:
      return {0, std::numeric_limits<std::uint32_t>::max()};
    case Type::u64:
    case Type::usize:
      return {0, std::numeric_limits<std::int64_t>::max()};
    default:
      return {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()};
  }
}

/// All of the text must be the number. A leading plus is accepted.
template <class Number>
std::optional<Number> whole(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Cell> parse_integer(std::string_view text, Type type) {
  if (type == Type::u64 || type == Type::usize) {
    const auto value = whole<std::uint64_t>(text);
    return value ? std::optional<Cell>(*value) : std::nullopt;
  }
  const auto value = whole<std::int64_t>(text);
  return value ? fit(*value, type) : std::nullopt;
}

/// Without an exponent, which the language cannot read: the shortest digits with zeros before or after.
template <class Float>
std::string digits(Float value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "NaN" : value < 0 ? "-inf" : "inf";
  std::array<char, 40> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::scientific).ptr;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t e = text.find('e');
  const bool negative = text[0] == '-';
  std::string all;
  for (const char c : text.substr(0, e))
    if (c >= '0' && c <= '9') all += c;
  int exponent = 0;
  const char* from = text.data() + e + (text[e + 1] == '+' ? 2 : 1);
  std::from_chars(from, text.data() + text.size(), exponent);
  const int count = static_cast<int>(all.size());
  if (exponent < 0)
    all = "0." + std::string(static_cast<std::size_t>(-exponent - 1), '0') + all;
  else if (exponent + 1 >= count)
    all += std::string(static_cast<std::size_t>(exponent + 1 - count), '0');
  else
    all.insert(static_cast<std::size_t>(exponent) + 1, ".");
  return (negative ? "-" : "") + all;
}

}  // namespace

std::string_view name(Type type) { return kNames[static_cast<std::size_t>(type)]; }

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  return shortest(value);
}

std::string plain(Cell cell, Type type, const Symbols& symbols) {
  if (type == Type::i128 || type == Type::u128) return integer128_text(as_int128(cell, symbols), type == Type::i128);
  if (type == Type::duration) return duration_text(as_duration(cell, symbols));
  if (type == Type::entity) return term_text(cell, symbols);
  if (type == Type::rational) return rational::text(cell, symbols);
  if (type == Type::money) return money_text(as_money(cell, symbols), symbols);
  if (is_unsigned(type)) return std::to_string(cell);
  if (is_integer(type)) return std::to_string(as_int(cell));
  if (type == Type::f32) return shortest(static_cast<float>(as_double(cell)));
  if (type == Type::f64) return number_text(as_double(cell));
  if (type == Type::boolean) return cell ? "true" : "false";
  if (type == Type::character) return character_text(cell);
  if (type == Type::datetime) return datetime_text(as_int(cell));
  if (is_text(type)) return std::string(symbols.text(as_symbol(cell)));
  return std::to_string(cell);
}

std::string literal(Cell cell, Type type, const Symbols& symbols) {
  if (type == Type::f32) return digits(static_cast<float>(as_double(cell)));
  if (type == Type::f64) return digits(as_double(cell));
  if (type == Type::string) return "\"" + escaped(symbols.text(as_symbol(cell)), '"') + "\"";
  if (type == Type::symbol) return "s\"" + escaped(symbols.text(as_symbol(cell)), '"') + "\"";
  if (type == Type::character) return "'" + escaped(character_text(cell), '\'') + "'";
  if (type == Type::datetime) return "t\"" + spoken_datetime(as_int(cell)) + "\"";
  if (type == Type::duration) return "d\"" + plain(cell, type, symbols) + "\"";
  return plain(cell, type, symbols);
}

std::optional<Cell> parse_plain(std::string_view text, Type type, Symbols& symbols) {
  if (is_text(type)) {
    if (!valid_utf8(text)) return std::nullopt;
    return Cell{symbols.intern(text)};
  }
  if (text.empty()) return std::nullopt;
  if (type == Type::i128 || type == Type::u128) return parse_integer128(text, type, symbols);
  if (is_integer(type)) return parse_integer(text, type);
  if (type == Type::f32) {  // read as float at once: rounding twice could miss by a bit
    const auto value = whole<float>(text);
    return value ? fit(static_cast<double>(*value), type) : std::nullopt;
  }
  if (type == Type::f64) {
    const auto value = whole<double>(text);
    return value ? fit(*value, type) : std::nullopt;
  }
  if (type == Type::boolean) {
    if (text == "true") return Cell{1};
    if (text == "false") return Cell{0};
    return std::nullopt;
  }
  if (type == Type::character) {
    const Scalar scalar = first_scalar(text);
    if (!scalar.valid || scalar.bytes != text.size()) return std::nullopt;
    return Cell{scalar.value};
  }
  if (type == Type::datetime) {
    const auto time = parse_date_form(text);
    return time ? std::optional<Cell>(cell(*time)) : std::nullopt;
  }
  if (type == Type::duration) {
    const auto duration = parse_duration(text);
    return duration ? std::optional<Cell>(cell_of(*duration, symbols)) : std::nullopt;
  }
  if (type == Type::entity) return parse_term(text, symbols);
  if (type == Type::rational) return rational::parse(text, symbols);
  if (type == Type::money) {
    const auto money = parse_money(text, symbols);
    return money ? std::optional<Cell>(cell_of(*money, symbols)) : std::nullopt;
  }
  return std::nullopt;
}

std::string unescaped(std::string_view body) {
  std::string out;
  out.reserve(body.size());
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\' || i + 1 == body.size()) {
      out += body[i];
      continue;
    }
    switch (body[++i]) {
      case 't':
        out += '\t';
        break;
      case 'r':
        out += '\r';
        break;
      case 'n':
        out += '\n';
        break;
      case '0':
        out += '\0';
        break;
      case '"':
      case '\'':
      case '\\':
        out += body[i];
        break;
      default:
        (out += '\\') += body[i];
    }
  }
  return out;
}

std::optional<Cell> fit(std::int64_t value, Type type) {
  if (type == Type::i128 || type == Type::u128) {
    constexpr std::int64_t kMost = (std::int64_t{1} << 62) - 1;  // beyond, a value is kept beside its cell
    const bool fits = value <= kMost && value >= (type == Type::u128 ? 0 : -kMost - 1);
    return fits ? std::optional<Cell>(cell(value)) : std::nullopt;
  }
  if (is_integer(type)) {
    const Bounds range = bounds(type);
    if (value < range.least || value > range.most) return std::nullopt;
    return cell(value);
  }
  if (type == Type::f32) return cell(static_cast<double>(static_cast<float>(value)));
  if (type == Type::f64) return cell(static_cast<double>(value));
  if (type == Type::boolean && (value == 0 || value == 1)) return cell(value);
  if (type == Type::character && value >= 0 && is_scalar(static_cast<std::uint64_t>(value))) return cell(value);
  if (type == Type::datetime) return cell(value);
  return std::nullopt;
}

std::optional<Cell> fit(double value, Type type) {
  if (std::isnan(value)) return std::nullopt;
  // An infinity is kept, also one that rounding to float makes: IEEE arithmetic, as the language has it.
  if (type == Type::f32) return cell(static_cast<double>(static_cast<float>(value)));
  if (type == Type::f64) return cell(value);
  if (!is_integer(type) || value != std::floor(value)) return std::nullopt;
  constexpr double kTwo63 = 9223372036854775808.0;
  if (value >= -kTwo63 && value < kTwo63) return fit(static_cast<std::int64_t>(value), type);
  if ((type == Type::u64 || type == Type::usize) && value >= kTwo63 && value < 2 * kTwo63)
    return static_cast<Cell>(value);
  return std::nullopt;
}

}  // namespace tenfold
