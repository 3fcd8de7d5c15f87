#include "media/documents/docx_numbers.h"

#include <algorithm>
#include <string_view>

namespace tenfold::media::documents {
namespace {

std::string roman(std::uint32_t n) {
  constexpr std::pair<std::uint32_t, std::string_view> kParts[] = {
      {1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"}, {90, "xc"}, {50, "l"},
      {40, "xl"},  {10, "x"},   {9, "ix"},  {5, "v"},    {4, "iv"},  {1, "i"}};
  std::string out;
  n = std::min(n, 3999u);
  for (const auto& [value, text] : kParts)
    for (; n >= value; n -= value) out += text;
  return out;
}

/// a … z, aa, bb …
std::string letters(std::uint32_t n) {
  if (n == 0) return "";
  return std::string(std::min((n - 1) / 26 + 1, 20u), static_cast<char>('a' + static_cast<char>((n - 1) % 26)));
}

std::string written(std::uint32_t n, const std::string& format) {
  std::string out = std::to_string(n);
  if (format == "lowerRoman" || format == "upperRoman") out = roman(n);
  if (format == "lowerLetter" || format == "upperLetter") out = letters(n);
  if (format == "decimalZero" && n < 10) out = "0" + out;
  if (format.starts_with("upper"))
    std::transform(out.begin(), out.end(), out.begin(), [](char c) { return c - 'a' + 'A'; });
  return out;
}

}  // namespace

std::string Numbers::next(const std::string& instance, std::uint32_t level) {
  const auto which = instances.find(instance);
  if (which == instances.end()) return "";
  const auto found = rules.find(which->second);
  if (found == rules.end() || level >= kListLevels) return "";
  const ListRule& rule = found->second;
  Count& count = counts_[which->second];
  count.at[level] = count.begun[level] ? count.at[level] + 1 : rule.levels[level].start;
  count.begun[level] = true;
  for (std::size_t deeper = level + 1; deeper < kListLevels; ++deeper) count.begun[deeper] = false;
  if (rule.levels[level].format == "bullet" || rule.levels[level].format == "none") return "";
  std::string out;
  const std::string& text = rule.levels[level].text;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%' || i + 1 == text.size() || text[i + 1] < '1' || text[i + 1] > '9') {
      out += text[i];
      continue;
    }
    const auto other = static_cast<std::size_t>(text[++i] - '1');
    const std::uint32_t n = count.begun[other] ? count.at[other] : rule.levels[other].start;
    out += written(n, rule.levels[other].format);
  }
  return out;
}

}  // namespace tenfold::media::documents
