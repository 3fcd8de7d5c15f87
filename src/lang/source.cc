#include "lang/source.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "base/utf8.h"

namespace tenfold::lang {

std::uint32_t Sources::add(std::string name, std::string text) {
  auto file = std::make_unique<File>();
  file->name = std::move(name);
  file->text = std::move(text);
  file->lines.push_back(0);
  for (std::size_t at = 0; (at = file->text.find('\n', at)) != std::string::npos;)
    file->lines.push_back(static_cast<std::uint32_t>(++at));
  files_.push_back(std::move(file));
  return static_cast<std::uint32_t>(files_.size() - 1);
}

std::uint32_t Sources::line_of(const File& file, std::uint32_t offset) const {
  const auto next = std::upper_bound(file.lines.begin(), file.lines.end(), offset);
  return static_cast<std::uint32_t>(next - file.lines.begin() - 1);
}

Place Sources::place(Span span) const {
  const File& file = *files_[span.file];
  const std::string_view text = file.text;
  const std::uint32_t line = line_of(file, span.begin);
  if (line != file.last_line) {
    file.last_line = line;
    file.last_offset = file.lines[line];
    file.last_column = 1;
  }
  const auto [from, to] = std::minmax(file.last_offset, span.begin);
  const auto between = static_cast<std::uint32_t>(count_scalars(text.substr(from, to - from)));
  file.last_column = span.begin < file.last_offset ? file.last_column - between : file.last_column + between;
  file.last_offset = span.begin;

  std::string_view marked = text.substr(span.begin, span.end - span.begin);
  marked = marked.substr(0, marked.find_first_of("\r\n"));
  const auto length = static_cast<std::uint32_t>(count_scalars(marked));
  return {file.name, line + 1, file.last_column, std::max(length, 1u)};
}

std::string Sources::excerpt(Span span) const {
  const File& file = *files_[span.file];
  const std::uint32_t start = file.lines[line_of(file, span.begin)];
  const std::string_view rest = std::string_view(file.text).substr(start);
  const std::string_view line = rest.substr(0, rest.find_first_of("\r\n"));
  // A thousand errors in a line of megabytes must not copy it a thousand times.
  constexpr std::size_t kLongest = 65536, kAfter = 256;
  if (line.size() <= kLongest) return std::string(line);
  const std::size_t shown = span.begin - start + kAfter;
  if (shown > kLongest) return {};
  return std::string(
      line.substr(0, scalar_offset(line.substr(0, shown + 4), count_scalars(line.substr(0, shown)) - 1)));
}

std::string Sources::where_text(Span span, Span near) const {
  const std::string line = std::to_string(line_of(*files_[span.file], span.begin) + 1);
  return span.file == near.file ? "on line " + line : "in " + name(span.file) + ":" + line;
}

Error Diagnostics::make(std::string_view code, Span span, std::string what, std::string hint) const {
  return {std::string(code), sources_.place(span), std::move(what), std::move(hint), sources_.excerpt(span)};
}

void Diagnostics::error(std::string_view code, Span span, std::string what, std::string hint) {
  if (!full()) errors_.push_back(make(code, span, std::move(what), std::move(hint)));
}

void Diagnostics::warning(std::string_view code, Span span, std::string what, std::string hint) {
  if (warnings_.size() < kKept) warnings_.push_back(make(code, span, std::move(what), std::move(hint)));
}

void Diagnostics::error_at(Error error) {
  if (!full()) errors_.push_back(std::move(error));
}

std::vector<Error> Diagnostics::in_order(const std::vector<Error>& errors, std::size_t limit) const {
  std::map<std::string, std::size_t, std::less<>> order;
  for (std::uint32_t i = 0; i < sources_.size(); ++i) order.emplace(sources_.name(i), i);
  auto key = [&](const Error& e) {
    const auto file = order.find(e.place.file);
    return std::tuple(file == order.end() ? sources_.size() : file->second, e.place.line, e.place.column);
  };
  std::vector<const Error*> pointers;
  for (const Error& e : errors) pointers.push_back(&e);
  std::stable_sort(pointers.begin(), pointers.end(), [&](auto* a, auto* b) { return key(*a) < key(*b); });
  std::vector<Error> out;
  for (const Error* e : pointers) {
    if (out.size() >= limit) break;
    const bool repeat = std::any_of(
        out.begin(), out.end(), [&](const Error& known) { return known.place == e->place && known.what == e->what; });
    if (!repeat) out.push_back(*e);
  }
  return out;
}

std::vector<Error> Diagnostics::sorted(std::size_t limit) const { return in_order(errors_, limit); }
std::vector<Error> Diagnostics::warnings() const { return in_order(warnings_, kKept); }

std::string ticked(std::string_view text) { return "`" + std::string(text) + "`"; }

namespace {

/// Optimal string alignment distance: edits and swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i)
    for (std::size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[a.size()][b.size()];
}

}  // namespace

std::string closest(std::string_view name, const std::vector<std::string>& candidates) {
  if (name.size() > 64) return {};
  // A third of the letters may be wrong: more than that is another word.
  std::size_t best = std::max<std::size_t>(1, name.size() / 3) + 1;
  std::string found;
  for (const std::string& candidate : candidates) {
    const std::size_t difference =
        candidate.size() > name.size() ? candidate.size() - name.size() : name.size() - candidate.size();
    if (difference >= best || candidate == name) continue;
    const std::size_t d = distance(name, candidate);
    if (d < best && d < std::max(name.size(), candidate.size())) {
      best = d;
      found = candidate;
    }
  }
  return found;
}

std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates, std::string otherwise) {
  const std::string near = closest(name, candidates);
  return near.empty() ? otherwise : "did you mean " + ticked(near) + "?";
}

}  // namespace tenfold::lang
