// What stands behind an @: known names, their arguments, what they may be put on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lang/draft.h"

namespace tenfold::lang {

/// What an item's attributes say, as far as it was understood.
struct ItemAttributes {
  bool hidden = false;
  std::string source;  // @source("…")
  std::vector<FileInput> files;
  const syntax::Attribute* file = nullptr;
  std::string demand;  // @demand("bf")
  const syntax::Attribute* demanded = nullptr;
  std::string network, refusal, exact;
  std::vector<std::string> labels;
  const syntax::Attribute* networked = nullptr;
  std::string media, media_relation;  // @media("document", name="word")
  const syntax::Attribute* read = nullptr;
  /// Of @network: what a language model is asked, and how it may answer.
  struct Text {
    std::string value;
    Span span;
    std::uint32_t body = 0;  // offset of the text in the file; 0 where escapes make offsets differ
  };
  std::optional<Text> prompt, answer, schema, grammar;
  const syntax::Attribute* refused = nullptr;
  const syntax::Attribute* exacted = nullptr;
};

/// Reports attributes that are unknown, malformed, or not meant for this kind of item.
ItemAttributes read_attributes(Unit& unit, const syntax::Item& item);

}  // namespace tenfold::lang
