#include "base/text_template.h"

#include <algorithm>

namespace tenfold {
namespace {

bool named(std::string_view name) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && letter(name[0]) &&
         std::all_of(name.begin(), name.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

Error bad(std::size_t at, std::size_t size, std::string what) {
  return {"bad-template",
          {"", 1, static_cast<std::uint32_t>(at + 1), static_cast<std::uint32_t>(size)},
          std::move(what),
          "write {name} for a value, and {{ or }} for a brace",
          ""};
}

}  // namespace

Result<TextTemplate> TextTemplate::parse(std::string_view text) {
  TextTemplate out;
  Part plain;
  const auto keep = [&](std::size_t at) {
    plain.size = at - plain.at;
    if (!plain.text.empty()) out.parts_.push_back(plain);
    plain = {};
  };
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if ((c == '{' || c == '}') && at + 1 < text.size() && text[at + 1] == c) {
      plain.text += c;
      ++at;
    } else if (c == '}') {
      return bad(at, 1, "a brace closes here that none opened");
    } else if (c == '{') {
      const std::size_t end = text.find('}', at);
      if (end == std::string_view::npos) return bad(at, 1, "a brace opens here that none closes");
      const std::string_view name = text.substr(at + 1, end - at - 1);
      if (!named(name)) return bad(at, end - at + 1, "`" + std::string(name) + "` is no name");
      keep(at);
      out.parts_.push_back({std::string(name), true, at, end - at + 1});
      at = end;
      plain.at = end + 1;
    } else {
      plain.text += c;
    }
  }
  keep(text.size());
  return out;
}

bool TextTemplate::has_holes() const {
  return std::any_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.hole; });
}

const TextTemplate::Part* TextTemplate::stranger(const std::vector<std::string>& names) const {
  const auto at = std::find_if(parts_.begin(), parts_.end(), [&](const Part& part) {
    return part.hole && std::find(names.begin(), names.end(), part.text) == names.end();
  });
  return at == parts_.end() ? nullptr : &*at;
}

std::string TextTemplate::fill(
    const std::function<std::string_view(std::string_view name, std::size_t at)>& value) const {
  std::string out;
  for (const Part& part : parts_) out += part.hole ? value(part.text, out.size()) : std::string_view(part.text);
  return out;
}

}  // namespace tenfold
