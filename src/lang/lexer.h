// Text to tokens. A token is a kind and a span; literals are decoded where they are used. Errors do not stop the lexer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lang/source.h"

namespace tenfold::lang {

enum class Tok : std::uint8_t {
  end,
  name,
  type_name,
  wildcard,
  integer,
  real,
  string,
  character,
  symbol,
  datetime,
  duration,
  k_true,
  k_false,
  k_bound,
  k_free,
  k_and,
  k_or,
  k_not,
  k_implies,
  k_where,
  k_if,
  k_then,
  k_else,
  k_exists,
  k_forall,
  k_case,
  k_in,
  k_is,
  k_new,
  k_as,
  k_import,
  k_extern,
  k_type,
  k_const,
  k_rel,
  k_query,
  assign,
  define,         // `=` and `:-`
  reduce_assign,  // `:=`
  left_paren,
  right_paren,
  left_bracket,
  right_bracket,
  left_brace,
  right_brace,
  semicolon,
  colon,
  double_colon,
  comma,
  dot,
  subtype,
  dollar,
  arrow,
  at,
  range,
  range_inclusive,
  wedge,
  vee,
  tilde,
  fat_arrow,
  and_and,
  or_or,
  caret,  // wedge: /\, vee: \/
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  plus,
  minus,
  star,
  slash,
  percent,
  bang,
  question,
  bar,
  broken,  // the lexer reported it
};

struct Token {
  Tok kind = Tok::end;
  Span span;
};

/// Always ends with Tok::end. Tokens that are malformed are reported and left out.
std::vector<Token> lex(const Sources& sources, std::uint32_t file, Diagnostics& diagnostics);

/// What a kind looks like, for messages: "`:=`", "a name".
std::string_view text(Tok kind);

/// The characters that a string or character literal stands for; escapes are replaced in one pass. An escape that the
/// language does not have stays as it is.
std::string unescape(std::string_view body);

/// The text between the quotes of a string, character, symbol, date-time or duration token, before escapes.
std::string_view literal_body(Tok kind, std::string_view token);

}  // namespace tenfold::lang
