#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace tenfold {
namespace {

struct Range {
  char32_t first, last;
};

// Coarse blocks are enough to keep a caret in place. Sources: Unicode 15 EastAsianWidth.txt (W and F), and the general
// categories Mn, Me and Cf of UnicodeData.txt.
constexpr std::array kWide = {
    Range{0x1100, 0x115F},   Range{0x2E80, 0x303E},   Range{0x3041, 0x33FF},   Range{0x3400, 0x4DBF},
    Range{0x4E00, 0x9FFF},   Range{0xA000, 0xA4CF},   Range{0xA960, 0xA97F},   Range{0xAC00, 0xD7A3},
    Range{0xF900, 0xFAFF},   Range{0xFE30, 0xFE6F},   Range{0xFF01, 0xFF60},   Range{0xFFE0, 0xFFE6},
    Range{0x1F300, 0x1F64F}, Range{0x1F680, 0x1F6FF}, Range{0x1F900, 0x1F9FF}, Range{0x20000, 0x3FFFD},
};
constexpr std::array kZero = {
    Range{0x0300, 0x036F}, Range{0x1AB0, 0x1AFF}, Range{0x1DC0, 0x1DFF}, Range{0x200B, 0x200F}, Range{0x2060, 0x2064},
    Range{0x20D0, 0x20FF}, Range{0x3099, 0x309A}, Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xFEFF, 0xFEFF},
};

template <std::size_t n>
bool among(const std::array<Range, n>& ranges, char32_t scalar) {
  return std::ranges::any_of(ranges, [&](const Range& r) { return scalar >= r.first && scalar <= r.last; });
}

/// Length of the run of ASCII at the start, eight bytes a step.
std::size_t ascii_prefix(std::string_view text) {
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, 8);
    if (word & 0x8080808080808080u) break;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

}  // namespace

Scalar first_scalar(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  std::uint32_t bytes = 0;
  char32_t value = 0, least = 0;
  if ((lead & 0xE0) == 0xC0) {
    bytes = 2, value = lead & 0x1Fu, least = 0x80;
  } else if ((lead & 0xF0) == 0xE0) {
    bytes = 3, value = lead & 0x0Fu, least = 0x800;
  } else if ((lead & 0xF8) == 0xF0) {
    bytes = 4, value = lead & 0x07u, least = 0x10000;
  }
  if (bytes == 0 || text.size() < bytes) return {};
  for (std::uint32_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    value = (value << 6) | (byte(i) & 0x3Fu);
  }
  if (value < least || !is_scalar(value)) return {};
  return {value, bytes, true};
}

bool valid_utf8(std::string_view text) {
  for (text.remove_prefix(ascii_prefix(text)); !text.empty(); text.remove_prefix(ascii_prefix(text))) {
    const Scalar scalar = first_scalar(text);
    if (!scalar.valid) return false;
    text.remove_prefix(scalar.bytes);
  }
  return true;
}

std::size_t count_scalars(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    const std::size_t ascii = ascii_prefix(text);
    count += ascii;
    text.remove_prefix(ascii);
    if (text.empty()) break;
    text.remove_prefix(first_scalar(text).bytes);
    ++count;
  }
  return count;
}

std::size_t scalar_offset(std::string_view text, std::size_t n) {
  std::size_t at = 0;
  for (; n > 0; --n) {
    if (at == text.size()) return std::string_view::npos;
    at += first_scalar(text.substr(at)).bytes;
  }
  return at;
}

void append_utf8(std::string& to, char32_t scalar) {
  if (!is_scalar(scalar)) scalar = kReplacement;
  const auto put = [&](char32_t byte) { to += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (scalar < 0x80) {
    put(scalar);
  } else if (scalar < 0x800) {
    put(0xC0 | (scalar >> 6));
    put(0x80 | (scalar & 0x3F));
  } else if (scalar < 0x10000) {
    put(0xE0 | (scalar >> 12));
    put(0x80 | ((scalar >> 6) & 0x3F));
    put(0x80 | (scalar & 0x3F));
  } else {
    put(0xF0 | (scalar >> 18));
    put(0x80 | ((scalar >> 12) & 0x3F));
    put(0x80 | ((scalar >> 6) & 0x3F));
    put(0x80 | (scalar & 0x3F));
  }
}

std::uint32_t terminal_columns(char32_t scalar) {
  if (scalar < 0x300) return 1;
  if (among(kZero, scalar)) return 0;
  return among(kWide, scalar) ? 2 : 1;
}

}  // namespace tenfold
