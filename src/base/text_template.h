// A text with holes: "Which drug does this name? {text}". A brace that is meant as one is written twice: {{ and }}.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "tenfold/result.h"

namespace tenfold {

class TextTemplate {
 public:
  struct Part {
    std::string text;  // as it stands; of a hole its name
    bool hole = false;
    std::size_t at = 0;    // where it began, in bytes
    std::size_t size = 0;  // with its braces
  };

  /// Errors: "bad-template"; the column of the place is one more than the offset in `text`.
  static Result<TextTemplate> parse(std::string_view text);

  const std::vector<Part>& parts() const { return parts_; }
  bool has_holes() const;
  /// The first hole that has none of the names; null where there is none.
  const Part* stranger(const std::vector<std::string>& names) const;
  /// Each hole is filled with what `value` says of its name and of where it is in what is made, in bytes; that is not
  /// read for holes again.
  std::string fill(const std::function<std::string_view(std::string_view name, std::size_t at)>& value) const;

 private:
  std::vector<Part> parts_;
};

}  // namespace tenfold
