#include "neural/weights.h"

#include <toml++/toml.h>

#include <algorithm>
#include <set>

namespace tenfold::neural {
namespace {

bool plain(std::string_view name) {
  return !name.empty() && name.size() <= 200 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '-' || c == '_'; });
}

bool hexadecimal(std::string_view text) {
  return text.size() == 64 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

}  // namespace

std::string of_part(std::string_view pattern, unsigned part) {
  std::string out(pattern);
  const std::string n = std::to_string(part);
  for (const auto& [mark, value] : {std::pair{std::string("{nn}"), n.size() < 2 ? "0" + n : n}, {"{n}", n}})
    for (std::size_t at = 0; (at = out.find(mark, at)) != std::string::npos; at += value.size())
      out.replace(at, mark.size(), value);
  return out;
}

Result<std::map<std::string, Weights>> parse_weights(std::string_view text, const std::string& path) {
  toml::table root;
  try {
    root = toml::parse(text, path);
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    return Error{
        "malformed-toml", {path, at.line, at.column, 1}, std::string(error.description()), "correct the file", ""};
  }
  static const std::set<std::string, std::less<>> kKeys = {"about", "file", "package", "member",  "parts",
                                                           "url",   "size", "sha256",  "licence", "licence_text"};
  std::map<std::string, Weights> all;
  for (const auto& [key, node] : root) {
    const auto begin = node.source().begin;
    const auto bad = [&](std::string what) {
      return Error{"bad-weights", {path, begin.line, begin.column, 1}, std::move(what), "see src/neural/weights.h", ""};
    };
    const toml::table* table = node.as_table();
    if (!table) return bad("`" + std::string(key.str()) + "` is no table");
    for (const auto& [name, value] : *table)
      if (!kKeys.contains(name.str())) return bad("there is no key `" + std::string(name.str()) + "`");
    const auto get = [&](const char* name) { return (*table)[name].value_or(std::string()); };
    Weights weights{std::string(key.str()),
                    get("about"),
                    get("file"),
                    get("package"),
                    get("member"),
                    get("url"),
                    1,
                    0,
                    get("sha256"),
                    get("licence"),
                    get("licence_text"),
                    {path, begin.line, begin.column, 1}};
    const auto parts = (*table)["parts"].value_or(std::int64_t{1}), size = (*table)["size"].value_or(std::int64_t{0});
    if (parts < 1 || parts > 999 || size < 0) return bad("`parts` or `size` is no such number");
    weights.parts = static_cast<unsigned>(parts);
    weights.size = static_cast<std::uint64_t>(size);
    if (!plain(weights.name) || !plain(weights.file)) return bad("a name is made of letters, digits, . - and _");
    if (weights.package.empty() == weights.url.empty()) return bad("it needs a package or a url, and not both");
    if (!weights.package.empty() && weights.member.empty()) return bad("a package needs a member");
    if (!hexadecimal(weights.sha256)) return bad("`sha256` must be 64 lower-case hexadecimal digits");
    if (weights.licence.empty()) return bad("it needs a licence");
    all.emplace(weights.name, std::move(weights));
  }
  return all;
}

}  // namespace tenfold::neural
