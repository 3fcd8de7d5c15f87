#include "media/fhir_elements.h"

#include <charconv>
#include <cmath>

namespace tenfold::media {
namespace {

constexpr std::size_t kLongestTrouble = 500;  // what one resource may say about itself
constexpr std::size_t kQuoted = 40;           // of a value shown in it

std::string_view kind_name(char kind) {
  switch (kind) {
    case '{':
      return "an object";
    case '[':
      return "an array";
    case '"':
      return "a string";
    case 't':
    case 'f':
      return "a boolean";
    default:
      return "a number";
  }
}

bool escaped(std::string_view raw) { return raw.find('\\') != std::string_view::npos; }

/// Cut between scalars.
std::string_view beginning(std::string_view text) {
  if (text.size() <= kQuoted) return text;
  std::size_t end = kQuoted;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

void Elements::begin() {
  failed_ = false;
  trouble_.clear();
}

void Elements::fail(std::string_view where, std::string_view what) {
  if (failed_) return;
  failed_ = true;
  trouble_.clear();
  note(where, what);
}

void Elements::note(std::string_view where, std::string_view what) {
  if (trouble_.size() > kLongestTrouble) return;
  if (!trouble_.empty()) trouble_ += "; ";
  trouble_ += where;
  trouble_ += ' ';
  trouble_ += what;
}

void Elements::wrong(JsonValue value, std::string_view where, std::string_view expected) {
  std::string what = "is ";
  what += kind_name(value.kind());
  what += ", not ";
  what += expected;
  fail(where, what);
}

std::size_t Elements::index_of(std::string_view key, const std::string_view* names, std::size_t count) {
  if (escaped(key)) {
    if (!unescape(key, key_)) return kOther;
    key = key_;
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (names[i] == key) return i;
  }
  return key == "modifierExtension" ? kModifier : kOther;
}

std::string_view Elements::string(JsonValue value, std::string_view where) {
  if (!value.present()) return {};
  if (!value.is_string()) return wrong(value, where, "a string"), std::string_view();
  const std::string_view raw = value.raw();
  if (!escaped(raw)) return raw;
  if (!unescape(raw, unescaped_.emplace_back())) {
    fail(where, "has an escape that is no character (a lone surrogate, NUL or a misspelling)");
    return {};
  }
  return unescaped_.back();
}

std::optional<double> Elements::number(JsonValue value, std::string_view where) {
  if (!value.present()) return std::nullopt;
  const char kind = value.kind();
  if (kind != '-' && !(kind >= '0' && kind <= '9')) return wrong(value, where, "a number"), std::nullopt;
  const std::string_view token = value.token();
  const std::string_view digits = kind == '-' ? token.substr(1) : token;
  // from_chars would take "-inf", and "01" which JSON does not know.
  const bool odd = digits.empty() || digits[0] < '0' || digits[0] > '9' ||
                   (digits.size() > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9');
  double number = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  if (odd || end != token.data() + token.size() || (error != std::errc() && error != std::errc::result_out_of_range)) {
    fail(where, "is no number: " + std::string(beginning(token)));
    return std::nullopt;
  }
  if (error == std::errc::result_out_of_range || !std::isfinite(number)) {
    note(where, "is a number out of range: " + std::string(beginning(token)));
    return std::nullopt;
  }
  return number;
}

std::optional<bool> Elements::boolean(JsonValue value, std::string_view where) {
  if (!value.present()) return std::nullopt;
  const char kind = value.kind();
  if (kind == 't' && value.token() == "true") return true;
  if (kind == 'f' && value.token() == "false") return false;
  return wrong(value, where, "a boolean"), std::nullopt;
}

std::optional<Micros> Elements::time(JsonValue value, std::string_view where) {
  if (!value.present()) return std::nullopt;
  const std::string_view text = string(value, where);
  if (failed_) return std::nullopt;
  const std::optional<Micros> time = parse_datetime(text);
  if (!time) note(where, "is no date: " + std::string(beginning(text)));
  return time;
}

std::string_view Elements::reference(JsonValue value, std::string_view where) {
  const auto [reference] = fields(value, where, {"reference"});
  return string(reference, where);
}

Coding Elements::coding(JsonValue value, std::string_view where) {
  const auto [system, code, display] = fields(value, where, {"system", "code", "display"});
  return {string(system, where), string(code, where), string(display, where)};
}

std::string_view Elements::first_code(JsonValue value, std::string_view where) {
  std::string_view code;
  concept_codings(value, where, [&](const Coding& coding) {
    if (code.empty()) code = coding.code;
  });
  return code;
}

}  // namespace tenfold::media
