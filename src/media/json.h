// JSON as an outline: where every brace, string and number of a text begins, and where every brace ends. Nothing is
// copied and no tree is built; values are read out of the text when somebody asks. simdjson finds the places (its stage
// 1, SIMD, which also checks UTF-8), one pass over them checks the grammar and bounds the depth, and after that any
// part of the text is skipped in one step. A record of which a tenth is read costs little more than that tenth.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/base.h"

namespace tenfold::media {

class Json;

/// A place in an outline. Cheap to copy; valid until the next Json::open and while the text lives.
class JsonValue {
 public:
  JsonValue() = default;
  JsonValue(const Json* json, std::uint32_t at) : json_(json), at_(at) {}

  bool present() const { return json_ != nullptr; }
  /// The first character: '{', '[', '"', 't', 'f', 'n', '-' or a digit; 0 when not present.
  char kind() const;
  bool is_object() const { return kind() == '{'; }
  bool is_array() const { return kind() == '['; }
  bool is_string() const { return kind() == '"'; }

  /// A string between its quotes, escapes as written. Requires is_string().
  std::string_view raw() const;
  /// A number or literal as written. Requires a value that is neither string, object nor array.
  std::string_view token() const;
  /// Byte offset in the text.
  std::size_t offset() const;
  std::uint32_t position() const { return at_; }
  const Json* json() const { return json_; }

  /// Calls visit(key as written, value) for every member until visit returns false. Requires is_object().
  template <class Visit>
  void members(Visit visit) const;
  /// Calls visit(value) for every element until visit returns false. Requires is_array().
  template <class Visit>
  void elements(Visit visit) const;

 private:
  const Json* json_ = nullptr;
  std::uint32_t at_ = 0;
};

/// The outline of one text, reusable for the next: memory grows to the largest text seen (5 to 9 bytes a text byte at
/// worst, of which only what the text's structure needs is ever touched) and stays.
class Json {
 public:
  /// Deeper nesting is refused: FHIR needs about twelve levels, and a bound keeps every reader's recursion small.
  static constexpr std::size_t kMaxDepth = 64;

  Json();
  ~Json();
  Json(Json&&) noexcept;
  Json& operator=(Json&&) noexcept;

  /// Outlines a text: one JSON value, or several with white space between. The text must stay alive and unchanged.
  /// Errors (place.line, place.column set, place.file empty): empty-json, truncated-json, malformed-json,
  /// nested-too-deep, not-utf8, record-too-large, out-of-memory.
  Status open(std::string_view text);

  std::string_view text() const { return text_; }
  /// Calls visit(value) for every top-level value until visit returns false.
  template <class Visit>
  void roots(Visit visit) const;

  /// Line and column of a byte offset, with the line itself where it is not too long to show.
  Error error_at(std::size_t offset, std::string code, std::string what, std::string hint) const;

 private:
  friend class JsonValue;
  struct Scanner;

  char first(std::uint32_t at) const { return text_[begin_[at]]; }
  std::uint32_t after(std::uint32_t at) const {
    const char c = first(at);
    return (c == '{' || c == '[' ? end_[at] : at) + 1;
  }
  Status check();
  Status scan_error(int code) const;

  std::string_view text_;
  std::unique_ptr<Scanner> scanner_;
  const std::uint32_t* begin_ =
      nullptr;  // [count_] byte offset of every token; a string's is that of its opening quote
  std::uint32_t count_ = 0;
  std::unique_ptr<std::uint32_t[]> end_;  // [count_] of an opening brace: the position of the closing one; else unset
  std::size_t end_capacity_ = 0;
};

/// Decodes the escapes of a JSON string into `to`; false for an ill-formed escape, a lone surrogate or NUL.
bool unescape(std::string_view raw, std::string& to);

inline char JsonValue::kind() const { return json_ ? json_->first(at_) : '\0'; }
inline std::size_t JsonValue::offset() const { return json_->begin_[at_]; }

inline std::string_view JsonValue::raw() const {
  const std::string_view text = json_->text_;
  const std::size_t begin = json_->begin_[at_] + 1;
  // Up to the next token there are only the closing quote and white space.
  std::size_t end = at_ + 1 < json_->count_ ? json_->begin_[at_ + 1] : text.size();
  do --end;
  while (text[end] != '"');
  return text.substr(begin, end - begin);
}

template <class Visit>
void JsonValue::members(Visit visit) const {
  std::uint32_t at = at_ + 1;
  while (json_->first(at) == '"') {
    if (!visit(JsonValue(json_, at).raw(), JsonValue(json_, at + 2))) return;
    at = json_->after(at + 2);
    if (json_->first(at) == ',') ++at;
  }
}

template <class Visit>
void JsonValue::elements(Visit visit) const {
  std::uint32_t at = at_ + 1;
  while (json_->first(at) != ']') {
    if (!visit(JsonValue(json_, at))) return;
    at = json_->after(at);
    if (json_->first(at) == ',') ++at;
  }
}

template <class Visit>
void Json::roots(Visit visit) const {
  for (std::uint32_t at = 0; at < count_; at = after(at)) {
    if (!visit(JsonValue(this, at))) return;
  }
}

}  // namespace tenfold::media
