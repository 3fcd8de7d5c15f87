#include "answer/terms.h"

#include <algorithm>

namespace tenfold::answer {
namespace {

// Bytes beyond ASCII belong to words, so accented names match themselves.
bool in_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || (c & 0x80) != 0; }

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < text.size();) {
    if (!in_word(text[i])) {
      ++i;
      continue;
    }
    std::string word;
    for (; i < text.size() && in_word(text[i]); ++i)
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(text[i])));
    out.push_back(std::move(word));
  }
  return out;
}

std::string join(const std::vector<std::string>& all, std::size_t from, std::size_t count) {
  std::string out = all[from];
  for (std::size_t i = 1; i < count; ++i) out += " " + all[from + i];
  return out;
}

}  // namespace

Terms::Terms(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const std::vector<std::string> parts = words(name);
    if (parts.empty()) continue;
    names_.emplace(join(parts, 0, parts.size()), name);
    longest_ = std::max(longest_, parts.size());
  }
}

std::vector<std::string_view> Terms::find(std::string_view text) const {
  const std::vector<std::string> all = words(text);
  std::vector<std::string_view> out;
  for (std::size_t i = 0; i < all.size();) {
    std::size_t step = 1;
    for (std::size_t count = std::min(longest_, all.size() - i); count > 0; --count) {
      const auto at = names_.find(join(all, i, count));
      if (at == names_.end()) continue;
      if (std::find(out.begin(), out.end(), at->second) == out.end()) out.push_back(at->second);
      step = count;
      break;
    }
    i += step;
  }
  return out;
}

}  // namespace tenfold::answer
