// Literals of the text to cells, once their type is known.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/symbols.h"
#include "lang/lexer.h"

namespace tenfold::lang {

/// Nothing where the token is no value of the type: out of its range, or no date.
std::optional<Cell> literal_cell(Tok kind, std::string_view token, Type type, Symbols& symbols);

/// Why literal_cell gave nothing, and what to do.
struct LiteralComplaint {
  std::string code, what, hint;
};
LiteralComplaint why_not(Tok kind, std::string_view token, Type type);

}  // namespace tenfold::lang
