// Finds the names of a table in free text: `term(r, name)` for each whole-word occurrence in `code_text(r, text)`, the
// longest name first and none inside another. What a name stands for is the table's and the rules' business.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/base.h"

namespace tenfold::answer {

class Terms {
 public:
  /// Names are matched without regard to case, hyphens and punctuation counting as gaps between words.
  explicit Terms(const std::vector<std::string>& names);

  /// Names found in `text`, in its order, once each, as they stand in the table.
  std::vector<std::string_view> find(std::string_view text) const;
  bool empty() const { return names_.empty(); }

 private:
  std::unordered_map<std::string, std::string> names_;  // words with one blank between to the name
  std::size_t longest_ = 0;                             // words
};

}  // namespace tenfold::answer
