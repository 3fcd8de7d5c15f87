// Marks at the beginning of a line: bullets, "(a)", "2.1", "Page 3 of 10".
#pragma once

#include <cstdint>
#include <string_view>

namespace tenfold::media::documents {

enum class Mark : std::uint8_t { none, bullet, number };

/// Of a line's first word: "•", "-", "(a)", "iv.", "12)", "3.2.1".
Mark list_mark(std::string_view word);

/// "1" or "*" or "†", as a footnote begins.
bool note_mark(std::string_view word);

/// "2.1 Fees" has depth 2, "ARTICLE IV" 1; 0 where a line has none.
struct Numbering {
  std::uint32_t depth = 0;
};
Numbering section_number(std::string_view line);

/// "3", "- 3 -", "Page 3 of 10", "iv".
bool page_number(std::string_view line);

bool has_letters(std::string_view text);
bool all_capitals(std::string_view text);

}  // namespace tenfold::media::documents
