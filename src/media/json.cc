#include "media/json.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <new>

#include "base/utf8.h"

namespace tenfold::media {

struct Json::Scanner {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage;
};

Json::Json() : scanner_(std::make_unique<Scanner>()) {}
Json::~Json() = default;
Json::Json(Json&&) noexcept = default;
Json& Json::operator=(Json&&) noexcept = default;

namespace {

constexpr std::size_t kLongestExcerpt = 64 * 1024;
constexpr std::size_t kLargestText = 0xFFFFFFFFu - 64;  // offsets are 32 bits

bool blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool scalar_start(char c) { return c == '"' || (c >= '0' && c <= '9') || c == '-' || c == 't' || c == 'f' || c == 'n'; }

std::string shown(char c) {
  if (c >= 0x20 && c < 0x7F) return std::string("'") + c + "'";
  return "a character that JSON does not allow here";
}

}  // namespace

Error Json::error_at(std::size_t offset, std::string code, std::string what, std::string hint) const {
  offset = std::min(offset, text_.size());
  const std::string_view before = text_.substr(0, offset);
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  const std::size_t line_end = std::min(text_.find('\n', offset), text_.size());
  Error error{.code = std::move(code), .place = {}, .what = std::move(what), .hint = std::move(hint), .excerpt = {}};
  error.place.line = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1);
  error.place.column = static_cast<std::uint32_t>(count_scalars(before.substr(line_begin)) + 1);
  if (line_end - line_begin <= kLongestExcerpt) error.excerpt = text_.substr(line_begin, line_end - line_begin);
  return error;
}

Status Json::scan_error(int code) const {
  const std::string again = "export the record again, or check how it was copied";
  switch (code) {
    case simdjson::EMPTY:
      return error_at(0, "empty-json", "there is nothing but white space", "give a FHIR resource or Bundle");
    case simdjson::UNCLOSED_STRING:
      return error_at(text_.size(), "truncated-json", "the text ends inside a string", again);
    case simdjson::UTF8_ERROR: {
      std::size_t at = 0;
      while (at < text_.size()) {
        const Scalar scalar = first_scalar(text_.substr(at));
        if (!scalar.valid) break;
        at += scalar.bytes;
      }
      return error_at(at, "not-utf8", "the text is not UTF-8", "FHIR JSON is UTF-8: convert the file");
    }
    case simdjson::UNESCAPED_CHARS: {
      // The first control character inside a string.
      bool inside = false;
      std::size_t at = 0;
      for (; at < text_.size(); ++at) {
        const char c = text_[at];
        if (inside && c == '\\')
          ++at;
        else if (c == '"')
          inside = !inside;
        else if (inside && static_cast<unsigned char>(c) < 0x20)
          break;
      }
      return error_at(at, "malformed-json", "a control character stands unescaped in a string",
                      "a quote may be missing before it; else write it as \\n, \\t or \\u00XX");
    }
    case simdjson::MEMALLOC:
      return error_at(0, "out-of-memory", "no memory for a text of " + std::to_string(text_.size()) + " bytes",
                      "split the record");
    default:
      return error_at(0, "malformed-json", simdjson::error_message(static_cast<simdjson::error_code>(code)), again);
  }
}

Status Json::open(std::string_view text) {
  // A byte order mark is no JSON, yet Windows programs write it.
  text_ = text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text;
  count_ = 0;
  if (text_.size() > kLargestText) {
    return error_at(0, "record-too-large", "the record has " + std::to_string(text_.size()) + " bytes",
                    "split the record");
  }
  try {
    const std::size_t capacity = std::max<std::size_t>(text_.size(), 4096);
    int code = simdjson::SUCCESS;
    if (!scanner_->stage) {
      code = simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, scanner_->stage);
    } else if (scanner_->stage->capacity() < capacity) {
      // Half as much again, so that slowly growing records do not allocate each time.
      code = scanner_->stage->set_capacity(std::min(capacity + capacity / 2, kLargestText));
    }
    if (code == simdjson::SUCCESS) {
      code = scanner_->stage->stage1(reinterpret_cast<const std::uint8_t*>(text_.data()), text_.size(),
                                     simdjson::stage1_mode::regular);
    }
    if (code != simdjson::SUCCESS) return scan_error(code);
    begin_ = scanner_->stage->structural_indexes.get();
    count_ = scanner_->stage->n_structural_indexes;
    if (end_capacity_ < count_) {
      end_capacity_ = static_cast<std::size_t>(count_) + count_ / 2;
      end_.reset(new std::uint32_t[end_capacity_]);
    }
  } catch (const std::bad_alloc&) {
    end_capacity_ = 0;
    return scan_error(simdjson::MEMALLOC);
  }
  const Status status = check();
  if (!status) count_ = 0;
  return status;
}

/// One pass over the tokens: grammar, depth, and the partner of every brace. What a scalar says between its first
/// character and the next token is checked by whoever reads it.
Status Json::check() {
  std::array<std::uint32_t, kMaxDepth> open;  // positions of the braces that are open
  std::size_t depth = 0;
  bool in_object = false;
  std::uint32_t at = 0;
  const auto peek = [&] { return at < count_ ? first(at) : '\0'; };
  const auto bad = [&](std::string what) -> Status {
    if (at >= count_) {
      return error_at(text_.size(), "truncated-json",
                      "the text ends with " + std::to_string(depth) + (depth == 1 ? " brace open" : " braces open"),
                      "the file was cut off: export or copy it again");
    }
    return error_at(begin_[at], "malformed-json", std::move(what), "correct the JSON here");
  };
  while (at < count_ || depth > 0) {
    // A value begins at `at`.
    const char c = peek();
    if (c == '{' || c == '[') {
      if (depth == kMaxDepth) {
        return error_at(begin_[at], "nested-too-deep", "more than " + std::to_string(kMaxDepth) + " levels of nesting",
                        "no FHIR resource is nested like this: check what wrote the file");
      }
      open[depth++] = at;
      in_object = c == '{';
      ++at;
      if (peek() != (in_object ? '}' : ']')) {
        if (!in_object) continue;
        if (peek() != '"') return bad("expected a name in quotes or '}', found " + shown(peek()));
        if (++at; peek() != ':') return bad("expected ':' after a name, found " + shown(peek()));
        ++at;
        continue;
      }
    } else {
      if (!scalar_start(c)) return bad("expected a value, found " + shown(c));
      ++at;
    }
    // A value, or the opening of an empty container, lies behind: close what closes here.
    while (depth > 0 && peek() == (in_object ? '}' : ']')) {
      end_[open[--depth]] = at++;
      in_object = depth > 0 && first(open[depth - 1]) == '{';
    }
    if (depth == 0) {
      continue;
    }
    if (peek() != ',')
      return bad(std::string("expected ',' or '") + (in_object ? '}' : ']') + "', found " + shown(peek()));
    ++at;
    if (in_object) {
      if (peek() != '"') return bad("expected a name in quotes, found " + shown(peek()));
      if (++at; peek() != ':') return bad("expected ':' after a name, found " + shown(peek()));
      ++at;
    }
  }
  return {};
}

std::string_view JsonValue::token() const {
  const std::string_view text = json_->text_;
  const std::size_t begin = json_->begin_[at_];
  std::size_t end = at_ + 1 < json_->count_ ? json_->begin_[at_ + 1] : text.size();
  while (end > begin && blank(text[end - 1])) --end;
  return text.substr(begin, end - begin);
}

namespace {

bool read_hex(std::string_view raw, std::size_t at, std::uint32_t& value) {
  if (at + 4 > raw.size()) return false;
  value = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const char c = raw[i];
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return false;
    value = value * 16 + static_cast<std::uint32_t>(digit);
  }
  return true;
}

}  // namespace

bool unescape(std::string_view raw, std::string& to) {
  to.clear();
  for (std::size_t at = 0; at < raw.size();) {
    if (raw[at] != '\\') {
      to += raw[at++];
      continue;
    }
    if (at + 1 >= raw.size()) return false;
    constexpr std::string_view kNames = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    const std::size_t simple = kNames.find(raw[at + 1]);
    if (simple != std::string_view::npos) {
      to += kMeanings[simple];
      at += 2;
      continue;
    }
    std::uint32_t value = 0, low = 0;
    if (raw[at + 1] != 'u' || !read_hex(raw, at + 2, value) || value == 0) return false;
    at += 6;
    if (value >= 0xD800 && value < 0xDC00) {
      if (raw.substr(at, 2) != "\\u" || !read_hex(raw, at + 2, low) || low < 0xDC00 || low > 0xDFFF) return false;
      value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
      at += 6;
    }
    if (!is_scalar(value)) return false;
    append_utf8(to, value);
  }
  return true;
}

}  // namespace tenfold::media
