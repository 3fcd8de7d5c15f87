#include "media/documents/marks.h"

#include <algorithm>
#include <array>

namespace tenfold::media::documents {
namespace {

using namespace std::string_view_literals;

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool roman(std::string_view text) {
  return !text.empty() && text.size() <= 6 &&
         (std::all_of(text.begin(), text.end(), [](char c) { return "ivxlc"sv.find(c) != std::string_view::npos; }) ||
          std::all_of(text.begin(), text.end(), [](char c) { return "IVXLC"sv.find(c) != std::string_view::npos; }));
}

/// How many numbers stand in "3.2.1"; 0 where it is something else. Each has at most three digits: 2019 is a year.
std::uint32_t dotted(std::string_view text) {
  std::uint32_t parts = 0;
  while (!text.empty()) {
    std::size_t end = 0;
    while (end < text.size() && digit(text[end])) ++end;
    if (end == 0 || end > 3) return 0;
    ++parts;
    text.remove_prefix(end);
    if (!text.empty() && text[0] != '.') return 0;
    if (text.size() == 1) return 0;
    if (!text.empty()) text.remove_prefix(1);
  }
  return parts;
}

bool enumerator(std::string_view text) {
  return roman(text) || (text.size() == 1 && letter(text[0])) ||
         (text.size() == 2 && text[0] == text[1] && letter(text[0])) || dotted(text) > 0;
}

}  // namespace

Mark list_mark(std::string_view word) {
  constexpr std::array kBullets = {"•"sv, "◦"sv, "▪"sv, "■"sv, "●"sv, "○"sv, "‣"sv,
                                   "⁃"sv, "·"sv, "–"sv, "—"sv, "-"sv, "*"sv, "\xEF\x82\xB7"sv,
                                   "➢"sv, "✓"sv, "□"sv, "o"sv};
  if (std::find(kBullets.begin(), kBullets.end(), word) != kBullets.end()) return Mark::bullet;
  if (word.size() < 2 || word.size() > 12) return Mark::none;
  const bool opened = word.front() == '(' || word.front() == '[';
  if (opened) word.remove_prefix(1);
  const char last = word.back();
  if (last == ')' || last == ']' || (last == '.' && !opened)) {
    word.remove_suffix(1);
    return enumerator(word) ? Mark::number : Mark::none;
  }
  return !opened && dotted(word) >= 2 ? Mark::number : Mark::none;
}

bool note_mark(std::string_view word) {
  constexpr std::array kSigns = {"*"sv, "**"sv, "***"sv, "†"sv, "‡"sv, "§"sv};
  if (std::find(kSigns.begin(), kSigns.end(), word) != kSigns.end()) return true;
  if (word.starts_with('[') && word.ends_with(']')) word = word.substr(1, word.size() - 2);
  if (word.starts_with('(') && word.ends_with(')')) word = word.substr(1, word.size() - 2);
  std::size_t digits = 0;
  while (digits < word.size() && digit(word[digits])) ++digits;
  // "1" or "1The": the number is often set close to the text.
  return digits > 0 && digits <= 3 && (digits == word.size() || letter(word[digits]));
}

Numbering section_number(std::string_view line) {
  for (const std::string_view word :
       {"ARTICLE "sv, "Article "sv, "SECTION "sv, "Section "sv, "CHAPTER "sv, "Chapter "sv, "EXHIBIT "sv, "Exhibit "sv,
        "SCHEDULE "sv, "Schedule "sv, "APPENDIX "sv, "Appendix "sv, "ANNEX "sv, "Annex "sv, "PART "sv, "Part "sv}) {
    if (!line.starts_with(word)) continue;
    std::string_view number = line.substr(word.size());
    number = number.substr(0, number.find_first_of(" .:-"));
    if (std::max<std::uint32_t>(dotted(number), 0) > 0 || enumerator(number)) return {std::max(dotted(number), 1u)};
  }
  std::string_view first = line.substr(0, line.find_first_of(" \t"));
  if (first.size() == line.size()) return {};
  if (first.ends_with('.')) {
    first.remove_suffix(1);
    if (roman(first) || dotted(first) > 0) return {std::max(dotted(first), 1u)};
    return {};
  }
  return {dotted(first) >= 2 ? dotted(first) : 0};
}

bool page_number(std::string_view line) {
  while (!line.empty() && (line.front() == '-' || line.front() == ' ')) line.remove_prefix(1);
  while (!line.empty() && (line.back() == '-' || line.back() == ' ')) line.remove_suffix(1);
  for (const std::string_view word : {"Page "sv, "page "sv, "PAGE "sv})
    if (line.starts_with(word)) line.remove_prefix(word.size());
  if (const std::size_t of = line.find(" of "); of != std::string_view::npos) {
    const std::string_view total = line.substr(of + 4);
    if (total.empty() || !std::all_of(total.begin(), total.end(), digit)) return false;
    line = line.substr(0, of);
  }
  return (!line.empty() && line.size() <= 5 && std::all_of(line.begin(), line.end(), digit)) || roman(line);
}

bool has_letters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return letter(c) || (c & 0x80) != 0; });
}

bool all_capitals(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; }) &&
         std::none_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace tenfold::media::documents
