// How an error looks to a person: place, what, the line with a caret under the place, what to do.
#include "tenfold/result.h"

#include <algorithm>
#include <string_view>

#include "base/utf8.h"

namespace tenfold {
namespace {

constexpr std::uint32_t kTab = 4;     // columns between tab stops in a shown line
constexpr std::size_t kWindow = 140;  // scalars of a long line that are shown
constexpr std::size_t kBefore = 60;   // of these, before the place

/// Copies text without what a terminal would obey; line breaks and tabs stay.
std::string tame(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Scalar scalar = first_scalar(text);
    const bool hidden = is_control(scalar.value) && scalar.value != '\n' && scalar.value != '\t';
    append_utf8(out, hidden ? kReplacement : scalar.value);
    text.remove_prefix(scalar.bytes);
  }
  return out;
}

/// A source line as shown, and the columns its caret begins at and spans.
struct Shown {
  std::string line;
  std::size_t caret = 0, span = 0;
};

/// Expands tabs and counts wide characters, so that the caret stands right in any terminal; of a very long line only
/// the neighbourhood of the place is shown. `column` counts scalars from 1; one past the end is the end of the line.
Shown show(std::string_view line, std::size_t column, std::size_t length) {
  const std::size_t begin = column == 0 ? 0 : column - 1, end = begin + std::max<std::size_t>(length, 1);
  const std::size_t first = begin > kBefore + 20 ? begin - kBefore : 0;
  Shown shown;
  std::size_t at = 0, columns = 0;
  if (first > 0) shown.line = "…", columns = 1;
  shown.caret = columns;
  for (; !line.empty() && at < first + kWindow; ++at) {
    const Scalar scalar = first_scalar(line);
    line.remove_prefix(scalar.bytes);
    if (at < first) continue;
    std::size_t width = 0;
    if (scalar.value == '\t') {
      width = kTab - columns % kTab;
      shown.line.append(width, ' ');
    } else {
      const char32_t visible = is_control(scalar.value) ? kReplacement : scalar.value;
      width = terminal_columns(visible);
      append_utf8(shown.line, visible);
    }
    columns += width;
    if (at < begin) shown.caret = columns;
    if (at >= begin && at < end) shown.span += width;
  }
  if (!line.empty()) shown.line += "…";
  shown.span = std::max<std::size_t>(shown.span, 1);
  return shown;
}

}  // namespace

std::string render(const Error& error) {
  const Place& place = error.place;
  std::string out;
  if (!place.file.empty()) {
    out += tame(place.file);
    if (place.line != 0) out += ":" + std::to_string(place.line);
    if (place.line != 0 && place.column != 0) out += ":" + std::to_string(place.column);
    out += ": ";
  }
  out += "error: " + tame(error.what) + "\n";
  if (place.line != 0 && !error.excerpt.empty()) {
    const std::string number = std::to_string(place.line);
    const std::string margin(number.size() < 5 ? 5 - number.size() : 0, ' ');
    const Shown shown = show(error.excerpt, place.column, place.length);
    out += margin + number + " | " + shown.line + "\n";
    if (place.column != 0) {
      out += std::string(margin.size() + number.size(), ' ') + " | " + std::string(shown.caret, ' ') +
             std::string(shown.span, '^') + "\n";
    }
  }
  if (!error.hint.empty()) out += "  do: " + tame(error.hint) + "\n";
  return out;
}

}  // namespace tenfold
