// $string_… $substring $format $hash $number_text. All offsets and lengths count Unicode scalar values. A text that
// would grow past kLongest is no value, so that a rule that doubles a text in a loop ends.
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "base/term_text.h"
#include "base/utf8.h"
#include "base/value_order.h"
#include "base/value_text.h"
#include "modules/catalogue.h"
#include "modules/letter_case.h"

namespace tenfold::modules {
namespace {

constexpr std::size_t kLongest = 16 << 20;  // bytes

Maybe made(const Call& call, std::string_view result) {
  if (result.size() > kLongest) return std::nullopt;
  return Cell{call.symbols.intern(result)};
}

Maybe length(const Call& call) { return Cell{count_scalars(text(call, 0))}; }

Maybe char_at(const Call& call) {
  const std::string_view in = text(call, 0);
  const std::size_t at = scalar_offset(in, call.args[1]);
  if (at >= in.size()) return std::nullopt;  // npos too
  return Cell{first_scalar(in.substr(at)).value};
}

/// $substring(s, begin, end): begin included, end excluded; without end, to the end of s.
Maybe substring(const Call& call) {
  const std::string_view in = text(call, 0);
  const std::size_t begin = scalar_offset(in, call.args[1]);
  if (begin == std::string_view::npos) return std::nullopt;
  if (call.args.size() == 2) return made(call, in.substr(begin));
  if (call.args[2] < call.args[1]) return std::nullopt;
  const std::size_t size = scalar_offset(in.substr(begin), call.args[2] - call.args[1]);
  if (size == std::string_view::npos) return std::nullopt;
  return made(call, in.substr(begin, size));
}

Maybe index_of(const Call& call) {
  const std::string_view in = text(call, 0);
  const std::size_t at = in.find(text(call, 1));
  if (at == std::string_view::npos) return std::nullopt;
  return Cell{count_scalars(in.substr(0, at))};
}

Maybe concat(const Call& call) {
  std::string out;
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    if (out.size() + text(call, i).size() > kLongest) return std::nullopt;
    out += text(call, i);
  }
  return made(call, out);
}

template <char32_t (*f)(char32_t)>
Maybe letters(const Call& call) {
  std::string out;
  for (std::string_view in = text(call, 0); !in.empty();) {
    const Scalar scalar = first_scalar(in);
    append_utf8(out, f(scalar.value));
    in.remove_prefix(scalar.bytes);
  }
  return made(call, out);
}

Maybe trim(const Call& call) {
  std::string_view in = text(call, 0);
  while (!in.empty() && is_space(first_scalar(in).value)) in.remove_prefix(first_scalar(in).bytes);
  std::size_t end = 0;  // of the last character that is no blank
  for (std::size_t at = 0; at < in.size();) {
    const Scalar scalar = first_scalar(in.substr(at));
    at += scalar.bytes;
    if (!is_space(scalar.value)) end = at;
  }
  return made(call, in.substr(0, end));
}

/// All occurrences, from the left, not overlapping. An empty pattern occurs before every character and at the end.
Maybe replace(const Call& call) {
  std::string_view in = text(call, 0);
  const std::string_view pattern = text(call, 1), by = text(call, 2);
  std::string out;
  while (out.size() <= kLongest) {
    if (pattern.empty()) {
      out += by;
      if (in.empty()) return made(call, out);
      const std::uint32_t bytes = first_scalar(in).bytes;
      out += in.substr(0, bytes);
      in.remove_prefix(bytes);
      continue;
    }
    const std::size_t at = in.find(pattern);
    out += in.substr(0, at);
    if (at == std::string_view::npos) return made(call, out);
    out += by;
    in.remove_prefix(at + pattern.size());
  }
  return std::nullopt;
}

/// As Scallop's $format writes a value: text without quotes, a time as in t"…".
std::string displayed(Cell cell, Type type, const Symbols& symbols) {
  if (type != Type::datetime) return plain(cell, type, symbols);
  const std::string quoted = literal(cell, type, symbols);
  return quoted.substr(2, quoted.size() - 3);
}

Maybe format(const Call& call) {
  std::string_view in = text(call, 0);
  std::string out;
  for (std::size_t i = 1; i < call.args.size(); ++i) {
    const std::size_t at = in.find("{}");
    if (at == std::string_view::npos) return std::nullopt;
    out += in.substr(0, at);
    out += displayed(call.args[i], call.types[i], call.symbols);
    in.remove_prefix(at + 2);
    if (out.size() > kLongest) return std::nullopt;
  }
  if (in.find("{}") != std::string_view::npos) return std::nullopt;
  out += in;
  return made(call, out);
}

/// Whether cells of the type are their values, wherever they are: others may point into a table.
bool is_value(Type type) {
  return (is_number(type) && type != Type::i128 && type != Type::u128 && type != Type::rational) ||
         type == Type::boolean || type == Type::character || type == Type::datetime;
}

/// FNV-1a over type and value, finished with MurmurHash3's fmix64: the same in every process and on every machine.
/// Sources: draft-eastlake-fnv-17; A. Appleby, MurmurHash3 (public domain).
Maybe hash(const Call& call) {
  std::uint64_t h = 0xcbf29ce484222325u;
  const auto byte = [&](std::uint64_t b) { h = (h ^ (b & 0xFF)) * 0x100000001b3u; };
  const auto word = [&](std::uint64_t w) {
    for (int shift = 0; shift < 64; shift += 8) byte(w >> shift);
  };
  for (std::size_t i = 0; i < call.args.size(); ++i) {
    byte(static_cast<std::uint64_t>(call.types[i]));
    if (is_text(call.types[i])) {
      const std::string_view value = text(call, i);
      word(value.size());
      for (const char c : value) byte(static_cast<unsigned char>(c));
    } else {
      word(is_value(call.types[i]) ? call.args[i] : content(call.args[i], call.types[i], call.symbols));
    }
  }
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
  return h ^ (h >> 33);
}

Maybe entity(const Call& call) { return parse_term(text(call, 0), call.symbols); }

/// Nothing makes a tensor yet, so these are never called with one.
Maybe of_tensors(const Call&) { return std::nullopt; }

/// $number_text(x, digits): rounded to that many decimals (at most 15), half to even on the exact binary value.
Maybe number_with_digits(const Call& call) {
  const double value = as_double(call.args[0]);
  const auto digits = static_cast<std::uint32_t>(call.args[1]);
  if (digits > 15 || !std::isfinite(value)) return std::nullopt;
  std::array<char, 400> buffer;  // 309 digits, sign, point, 15 decimals
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, std::chars_format::fixed,
                                 static_cast<int>(digits))
                       .ptr;
  std::string_view out(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  if (out.starts_with('-') && out.find_first_of("123456789") == std::string_view::npos) out.remove_prefix(1);
  return made(call, out);
}

}  // namespace

void add_text(std::vector<Function>& list) {
  using F = Family;
  const FunctionList add(list);
  add("string_length", {F::text}, F::usize, length, "number of characters");
  add("string_char_at", {F::text, F::usize}, F::character, char_at, "character at an offset from 0; none past the end");
  list.push_back({.name = "substring",
                  .args = {F::text, F::usize, F::usize},
                  .optional = 1,
                  .result = F::text,
                  .doc = "from begin up to, not with, end; none when out of range",
                  .call = substring});
  add("string_index_of", {F::text, F::text}, F::usize, index_of,
      "offset of the first occurrence, in characters; none when absent");
  list.push_back({.name = "string_concat",
                  .args = {F::text},
                  .variadic = true,
                  .result = F::text,
                  .doc = "all arguments one after another",
                  .call = concat});
  add("string_upper", {F::text}, F::text, letters<upper>, "in capitals");
  add("string_lower", {F::text}, F::text, letters<lower>, "in small letters");
  add("string_trim", {F::text}, F::text, trim, "without blanks at both ends");
  add("string_replace", {F::text, F::text, F::text}, F::text, replace,
      "every occurrence of the second replaced by the third");
  list.push_back({.name = "format",
                  .args = {F::text, F::any},
                  .variadic = true,
                  .optional = 1,
                  .result = F::text,
                  .doc = "each {} filled by the next argument; none when their numbers differ",
                  .call = format});
  list.push_back({.name = "hash",
                  .args = {F::any},
                  .variadic = true,
                  .result = F::u64,
                  .doc = "64 bits, the same on every machine",
                  .call = hash});
  add("parse_entity", {F::text}, F::entity, entity,
      "the term that a text writes; none when it is no term of the program's types");
  add("dot", {F::tensor, F::tensor}, F::tensor, of_tensors, "product of two tensors");
  add("dim", {F::tensor}, F::usize, of_tensors, "number of dimensions of a tensor");
  add("number_text", {F::f64, F::u32}, F::text, number_with_digits, "a number with that many decimals, at most 15");
}

}  // namespace tenfold::modules
