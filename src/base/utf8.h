// UTF-8: reading scalar by scalar, checking, writing, and the width of a character on a terminal.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tenfold {

constexpr char32_t kReplacement = 0xFFFD;

/// One Unicode scalar value at the start of a text and the bytes it took. Ill-formed input (overlong, surrogate, cut
/// off, over U+10FFFF) is one byte long, reads as U+FFFD and is not `valid`.
struct Scalar {
  char32_t value = kReplacement;
  std::uint32_t bytes = 1;
  bool valid = false;
};

/// Requires a text that is not empty.
Scalar first_scalar(std::string_view text);

bool valid_utf8(std::string_view text);

/// Number of scalar values; an ill-formed byte counts as one.
std::size_t count_scalars(std::string_view text);

/// Byte offset of the n-th scalar value, counting from 0; npos when the text is shorter. n = count gives text.size().
std::size_t scalar_offset(std::string_view text, std::size_t n);

/// U+FFFD stands for what is no scalar value.
void append_utf8(std::string& to, char32_t scalar);

constexpr bool is_scalar(std::uint64_t value) { return value < 0xD800 || (value > 0xDFFF && value <= 0x10FFFF); }

/// C0, C1 and DEL: never sent to a terminal as they are.
constexpr bool is_control(char32_t scalar) { return scalar < 0x20 || (scalar >= 0x7F && scalar < 0xA0); }

/// Columns a character takes on a terminal: 0 (combining), 1 or 2 (East Asian wide, emoji).
std::uint32_t terminal_columns(char32_t scalar);

}  // namespace tenfold
