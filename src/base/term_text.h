// Terms as text, `Cons(1, Nil())`, and back. Neither recurs on the depth of a term.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/symbols.h"

namespace tenfold {

/// Equal parts are stored once and written every time, so a small term may have an enormous text.
constexpr std::size_t kLongestTerm = 16 << 20;

/// Cut with "…" past kLongestTerm bytes.
std::string term_text(Cell term, const Symbols& symbols);

/// Nothing where the text is no term of known constructors with fitting fields.
std::optional<Cell> parse_term(std::string_view text, Symbols& symbols);

}  // namespace tenfold
