// The quick way to read CSV: lines of numbers and text with no quote and no carriage return, which most tables are.
#pragma once

#include <optional>

#include "media/csv.h"

namespace tenfold::media {

/// The facts of a file that has only such lines; nothing where a line needs the whole grammar or holds an error, which
/// read_csv() then names. Says what read_csv() says: text may have been interned on the way, in the order of the file.
std::optional<FactTable> read_plain_csv(const CsvInput& input, Symbols& symbols);

}  // namespace tenfold::media
