// Documents that flow, DOCX and HTML: a decoder gives a sequence of events, and read_markup makes a page of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "media/documents/document.h"

namespace tenfold::media::documents {

struct MarkupEvent {
  enum class What : std::uint8_t {
    block,  // begins one of `kind` and `level`, and ends the one before; a table's text stands in cells
    row,    // of a table
    cell,   // `level` is its column, from 1
    text,   // blanks in it end words
    line_break,
    link,  // `text` is the target
    link_end,
    end,    // of a block
    field,  // `name` and `text`
  };
  What what;
  Kind kind = Kind::paragraph;
  std::uint32_t level = 0;
  std::string text;
  std::string name;
};

using Events = std::vector<MarkupEvent>;

/// What the module libtenfold_markup.so exports as "tenfold_read_html" and "tenfold_read_docx" (libxml2; libarchive).
/// The HTML is UTF-8. `limit` is how many bytes a DOCX may unpack to; afterwards how many are left.
/// Errors: damaged-docx, expands-too-much, too-deep.
using ReadHtml = void (*)(std::string_view html, Events& events);
using ReadDocx = void (*)(std::string_view zip, std::uint64_t& limit, std::uint32_t nesting, Events& events,
                          Error& error);

Page read_markup(const Events& events);

/// A page of HTML in any encoding; `charset` as a mail states it. Errors: no-module.
Result<Events> read_html(std::string_view bytes, std::string charset = "");

/// Of events that are fields: title, the rest, and what reads as a moment.
Properties properties_of(const Events& events);

}  // namespace tenfold::media::documents
