// How values are written for people and for files, and read back.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/symbols.h"
#include "tenfold/value.h"

namespace tenfold {

/// As the language prints it: strings in double quotes with escapes, symbols as s"…", floats shortest.
std::string literal(Cell cell, Type type, const Symbols& symbols);

/// As a file cell: strings raw, floats with 17 significant digits at most (shortest that reads back), dates ISO 8601,
/// terms as the language writes them.
std::string plain(Cell cell, Type type, const Symbols& symbols);

/// Reads what plain() writes; nothing when the text is no value of the type or is out of its range.
std::optional<Cell> parse_plain(std::string_view text, Type type, Symbols& symbols);

/// The characters that a quoted text stands for; escapes are replaced in one pass. An escape that the language does not
/// have stays as it is.
std::string unescaped(std::string_view body);

/// A finite double as text, shortest form that reads back to the same value, without a trailing ".0".
std::string number_text(double value);

/// Brings a value into the range of its type: floats rounded to float for f32, integers checked.
/// Nothing when out of range or NaN, or where a cell would not do (128-bit integers past 62 bits).
std::optional<Cell> fit(std::int64_t value, Type type);
std::optional<Cell> fit(double value, Type type);

}  // namespace tenfold
