#include "media/key.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace tenfold::media {
namespace {

constexpr double kLargest = 1e9;  // no page, second or pixel has a larger number

std::optional<double> number(std::string_view text) {
  double value = 0.0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0.0) || value > kLargest)
    return std::nullopt;
  return value;
}

template <class T>
std::optional<T> whole_number(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The text up to `mark`, which is taken off.
std::string_view next(std::string_view& rest, char mark) {
  const std::size_t end = std::min(rest.find(mark), rest.size());
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return out;
}

std::optional<Box> read_box(std::string_view text) {
  double sides[4];
  for (double& side : sides) {
    const auto value = number(next(text, ','));
    if (!value) return std::nullopt;
    side = *value;
  }
  if (!text.empty() || sides[2] == 0.0 || sides[3] == 0.0) return std::nullopt;
  return Box{sides[0], sides[1], sides[2], sides[3]};
}

constexpr std::string_view kReserved = "%&#";
constexpr std::string_view kDigits = "0123456789ABCDEF";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (kReserved.find(c) == std::string_view::npos)
      out += c;
    else
      out += {'%', kDigits[static_cast<unsigned char>(c) >> 4], kDigits[static_cast<unsigned char>(c) & 15]};
  }
  return out;
}

std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const std::size_t high = kDigits.find(text[i + 1]), low = kDigits.find(text[i + 2]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  return out;
}

bool read_one(std::string_view name, std::string_view text, Part& part) {
  if (name == "page" || name == "frame") {
    auto& field = name == "page" ? part.page : part.frame;
    if (field) return false;
    field = whole_number<std::uint32_t>(text);
    return field.value_or(0) > 0;
  }
  if (name == "member" && !part.member) return (part.member = unescaped(text)).has_value();
  if (name == "t" && !part.t) return (part.t = number(text)).has_value();
  if (name == "xywh" && !part.box) return (part.box = read_box(text)).has_value();
  if (name == "char" && !part.chars) {
    const auto from = whole_number<std::uint64_t>(next(text, ','));
    const auto to = whole_number<std::uint64_t>(text);
    if (!from || !to || *from > *to) return false;
    part.chars = {*from, *to};
    return true;
  }
  return false;
}

std::optional<Part> read_part(std::string_view text) {
  Part part;
  while (!text.empty()) {
    std::string_view one = next(text, '&');
    const std::string_view name = next(one, '=');
    if (!read_one(name, one, part)) return std::nullopt;
  }
  if (part.whole()) return std::nullopt;
  return part;
}

}  // namespace

Key read_key(std::string_view key) {
  const std::size_t mark = key.rfind('#');
  if (mark != std::string_view::npos)
    if (auto part = read_part(key.substr(mark + 1))) return {std::string(key.substr(0, mark)), *part};
  return {std::string(key), {}};
}

std::string write_key(std::string_view path, const Part& part) {
  std::string out;
  const auto add = [&](std::string text) { out += (out.empty() ? "#" : "&") + text; };
  if (part.member) add("member=" + escaped(*part.member));
  if (part.page) add(fmt::format("page={}", *part.page));
  if (part.frame) add(fmt::format("frame={}", *part.frame));
  if (part.t) add(fmt::format("t={}", *part.t));
  if (part.box) add(fmt::format("xywh={},{},{},{}", part.box->x, part.box->y, part.box->width, part.box->height));
  if (part.chars) add(fmt::format("char={},{}", part.chars->first, part.chars->second));
  return std::string(path) + out;
}

}  // namespace tenfold::media
