// Values as programs see them. Types are static, so a stored value is one 64-bit cell and its column knows the type.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace tenfold {

/// The types of the language. Nothing makes a Tensor yet: a column of that type is empty.
enum class Type : std::uint8_t {
  i8,
  i16,
  i32,
  i64,
  i128,
  isize,
  u8,
  u16,
  u32,
  u64,
  u128,
  usize,
  f32,
  f64,
  boolean,
  character,
  string,
  symbol,
  datetime,
  duration,
  entity,
  tensor,
  rational,
  money,
};

/// The type's name in the language: "i32", "String", "DateTime".
std::string_view name(Type type);

constexpr bool is_signed(Type t) { return t <= Type::isize; }
constexpr bool is_unsigned(Type t) { return t >= Type::u8 && t <= Type::usize; }
constexpr bool is_integer(Type t) { return t <= Type::usize; }
constexpr bool is_float(Type t) { return t == Type::f32 || t == Type::f64; }
constexpr bool is_number(Type t) { return t <= Type::f64 || t == Type::rational; }
/// True for the types whose cell is an interned symbol.
constexpr bool is_text(Type t) { return t == Type::string || t == Type::symbol; }

/// One stored value. Integers: two's complement, sign-extended (unsigned: zero-extended) to 64 bits. f32 and f64: the
/// bits of a double (an f32 is rounded to float first; -0 is stored as 0, NaN never). bool: 0 or 1. char: its Unicode
/// scalar value. String, Symbol: a SymbolId. DateTime: microseconds since 1970-01-01 00:00 UTC, signed.
/// i128, u128, Duration: base/wide.h. Rational, Money: base/rational.h, base/money.h. Entity: base/terms.h.
using Cell = std::uint64_t;

/// Index of an interned text; see base/symbols.h.
using SymbolId = std::uint32_t;

constexpr Cell cell(std::int64_t value) { return static_cast<Cell>(value); }
constexpr Cell cell(double value) { return std::bit_cast<Cell>(value == 0.0 ? 0.0 : value); }
constexpr std::int64_t as_int(Cell c) { return static_cast<std::int64_t>(c); }
constexpr double as_double(Cell c) { return std::bit_cast<double>(c); }
constexpr SymbolId as_symbol(Cell c) { return static_cast<SymbolId>(c); }

}  // namespace tenfold
