// Plain text, and bytes in any encoding as UTF-8.
#pragma once

#include <string>
#include <string_view>

#include "media/documents/document.h"

namespace tenfold::media::documents {

/// UTF-8 with line breaks as "\n", no mark of byte order, and U+FFFD for what is no character. By its byte-order mark,
/// else `charset` (as a mail or page states it; "" where nothing does), else UTF-8 if it is that, else a guess.
/// Errors: no-module.
Result<std::string> decode_text(std::string_view bytes, std::string charset = "");

/// Paragraphs between empty lines, list items by their marks, headings by standing alone and being short. The text is
/// kept as it is, so that char= counts in the file (RFC 5147: a line break is one character).
Page read_text(std::string text);

/// At most as much text as its words and places have room for within the memory that there may be.
constexpr std::uint64_t largest_text(const Limits& limits) { return limits.memory_bytes / 32; }

}  // namespace tenfold::media::documents
