#include "lang/lexer.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "base/utf8.h"
#include "base/value_text.h"

namespace tenfold::lang {
namespace {

const std::unordered_map<std::string_view, Tok>& words() {
  static const std::unordered_map<std::string_view, Tok> table = [] {
    std::unordered_map<std::string_view, Tok> t = {
        {"true", Tok::k_true},     {"false", Tok::k_false},   {"bound", Tok::k_bound}, {"free", Tok::k_free},
        {"and", Tok::k_and},       {"or", Tok::k_or},         {"not", Tok::k_not},     {"implies", Tok::k_implies},
        {"where", Tok::k_where},   {"if", Tok::k_if},         {"then", Tok::k_then},   {"else", Tok::k_else},
        {"exists", Tok::k_exists}, {"forall", Tok::k_forall}, {"case", Tok::k_case},   {"in", Tok::k_in},
        {"is", Tok::k_is},         {"new", Tok::k_new},       {"as", Tok::k_as},       {"import", Tok::k_import},
        {"extern", Tok::k_extern}, {"type", Tok::k_type},     {"const", Tok::k_const}, {"rel", Tok::k_rel},
        {"relation", Tok::k_rel},  {"query", Tok::k_query},   {"_", Tok::wildcard}};
    for (std::string_view type :
         {"i8",    "i16", "i32", "i64",  "i128", "isize",  "u8",     "u16",      "u32",      "u64",    "u128",
          "usize", "f32", "f64", "bool", "char", "String", "Symbol", "DateTime", "Duration", "Entity", "Tensor"})
      t.emplace(type, Tok::type_name);
    return t;
  }();
  return table;
}

struct Operator {
  std::string_view text;
  Tok kind;
};

// The first that matches is taken, so the longer of two with one start comes first.
constexpr std::array kOperators = {
    Operator{"..=", Tok::range_inclusive},
    Operator{"..", Tok::range},
    Operator{":-", Tok::define},
    Operator{":=", Tok::reduce_assign},
    Operator{"::", Tok::double_colon},
    Operator{"<:", Tok::subtype},
    Operator{"<=", Tok::less_equal},
    Operator{">=", Tok::greater_equal},
    Operator{"==", Tok::equal},
    Operator{"!=", Tok::not_equal},
    Operator{"=>", Tok::fat_arrow},
    Operator{"->", Tok::arrow},
    Operator{"/\\", Tok::wedge},
    Operator{"\\/", Tok::vee},
    Operator{"&&", Tok::and_and},
    Operator{"||", Tok::or_or},
    Operator{"=", Tok::assign},
    Operator{"(", Tok::left_paren},
    Operator{")", Tok::right_paren},
    Operator{"[", Tok::left_bracket},
    Operator{"]", Tok::right_bracket},
    Operator{"{", Tok::left_brace},
    Operator{"}", Tok::right_brace},
    Operator{";", Tok::semicolon},
    Operator{":", Tok::colon},
    Operator{",", Tok::comma},
    Operator{".", Tok::dot},
    Operator{"$", Tok::dollar},
    Operator{"@", Tok::at},
    Operator{"~", Tok::tilde},
    Operator{"^", Tok::caret},
    Operator{"<", Tok::less},
    Operator{">", Tok::greater},
    Operator{"+", Tok::plus},
    Operator{"-", Tok::minus},
    Operator{"*", Tok::star},
    Operator{"/", Tok::slash},
    Operator{"%", Tok::percent},
    Operator{"!", Tok::bang},
    Operator{"?", Tok::question},
    Operator{"|", Tok::bar},
};

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool digit(char c) { return c >= '0' && c <= '9'; }
bool word(char c) { return letter(c) || digit(c) || c == '_'; }

class Lexer {
 public:
  Lexer(const Sources& sources, std::uint32_t file, Diagnostics& diagnostics)
      : text_(sources.text(file)), file_(file), diagnostics_(diagnostics) {}

  std::vector<Token> run() {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") at_ = 3;  // a byte order mark that an editor left
    while (skip_blank()) token();
    const auto size = static_cast<std::uint32_t>(text_.size());
    tokens_.push_back({Tok::end, {file_, size, size}});
    return std::move(tokens_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void add(Tok kind, std::size_t length) {
    tokens_.push_back({kind, span(length)});
    at_ += length;
  }
  Span span(std::size_t length) const {
    return {file_, static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(at_ + length)};
  }
  void complain(std::size_t length, std::string what, std::string hint) {
    diagnostics_.error("syntax", span(length), std::move(what), std::move(hint));
  }

  /// False at the end of the text.
  bool skip_blank() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        ++at_;
      } else if (c == '/' && peek(1) == '/') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == '/' && peek(1) == '*') {
        const std::size_t close = text_.find("*/", at_ + 2);
        if (close == std::string_view::npos) complain(2, "this comment never ends", "close it with */");
        at_ = close == std::string_view::npos ? text_.size() : close + 2;
      } else {
        return true;
      }
    }
    return false;
  }

  void token() {
    const char c = peek();
    if ((c == 's' || c == 't' || c == 'd') && peek(1) == '"') return marked_string(c);
    if (letter(c) || c == '_') return name();
    if (digit(c) || (c == '-' && digit(peek(1)) && !after_operand())) return number();
    if (c == '"') return string();
    if (c == '\'') return character();
    const std::string_view rest = text_.substr(at_);
    if (rest.substr(0, 4) == "&str") {
      complain(4, "`&str` is not a type of programs", "write String");
      return add(Tok::type_name, 4);
    }
    for (const Operator& op : kOperators)
      if (op.text[0] == c && rest.substr(0, op.text.size()) == op.text) return add(op.kind, op.text.size());
    stray(rest);
  }

  /// A minus after an operand subtracts; elsewhere it is the sign of the number that follows it.
  bool after_operand() const {
    if (tokens_.empty()) return false;
    switch (tokens_.back().kind) {
      case Tok::name:
      case Tok::type_name:
      case Tok::wildcard:
      case Tok::integer:
      case Tok::real:
      case Tok::string:
      case Tok::character:
      case Tok::symbol:
      case Tok::datetime:
      case Tok::duration:
      case Tok::k_true:
      case Tok::k_false:
      case Tok::right_paren:
      case Tok::right_bracket:
        return true;
      default:
        return false;
    }
  }

  void name() {
    std::size_t length = 1;
    while (word(peek(length))) ++length;
    const std::string_view text = text_.substr(at_, length);
    const auto known = words().find(text);
    if (known != words().end()) return add(known->second, length);
    if (text[0] == '_')
      complain(length, ticked(text) + " is no name: names begin with a letter", "drop the underscore");
    add(Tok::name, length);
  }

  void number() {
    std::size_t length = peek() == '-' ? 1 : 0;
    while (digit(peek(length))) ++length;
    if (peek(length) != '.' || !digit(peek(length + 1))) {
      if (!letter(peek(length)) && peek(length) != '_') return add(Tok::integer, length);
      std::size_t whole = length;
      while (word(peek(whole))) ++whole;
      complain(whole, ticked(text_.substr(at_, whole)) + " is neither a number nor a name",
               "numbers are written 12, 1.5 or 1.5e-3; names begin with a letter");
      return add(Tok::integer, length), void(at_ += whole - length);
    }
    ++length;
    while (digit(peek(length))) ++length;
    if (peek(length) == 'e') {
      std::size_t digits = length + 1;
      if (peek(digits) == '-') ++digits;
      if (digit(peek(digits))) {
        while (digit(peek(digits))) ++digits;
        length = digits;
      }
    }
    add(Tok::real, length);
  }

  /// s"…", t"…", d"…": no escapes.
  void marked_string(char mark) {
    const std::size_t close = text_.find('"', at_ + 2);
    if (close == std::string_view::npos) return unterminated(2, "\"");
    add(mark == 's' ? Tok::symbol : mark == 't' ? Tok::datetime : Tok::duration, close + 1 - at_);
    check_utf8();
  }

  void string() {
    const bool triple = text_.substr(at_, 3) == "\"\"\"";
    const std::string_view quote = triple ? "\"\"\"" : "\"";
    std::size_t end = at_ + quote.size();
    while (end < text_.size() && (text_[end] != '"' || text_.substr(end, quote.size()) != quote))
      end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size()) return unterminated(quote.size(), quote);
    add(Tok::string, end + quote.size() - at_);
    check_utf8();
  }

  void character() {
    std::size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != '\'' && text_[end] != '\n') end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size() || text_[end] != '\'') return unterminated(1, "'");
    const std::string value = unescape(text_.substr(at_ + 1, end - at_ - 1));
    if (count_scalars(value) != 1) {
      complain(end + 1 - at_, "a character literal holds exactly one character",
               value.empty() ? "write a character between the quotes" : "use \"…\" for text");
    }
    add(Tok::character, end + 1 - at_);
    check_utf8();
  }

  void unterminated(std::size_t length, std::string_view quote) {
    complain(length, "this text never ends", "close it with " + std::string(quote));
    add(Tok::broken, std::min(text_.find('\n', at_), text_.size()) - at_);
  }

  void check_utf8() {
    const Span s = tokens_.back().span;
    if (!valid_utf8(text_.substr(s.begin, s.end - s.begin)))
      diagnostics_.error("syntax", s, "this text is not valid UTF-8", "save the file as UTF-8");
  }

  /// Runs of stray characters are one error.
  void stray(std::string_view rest) {
    const Scalar first = first_scalar(rest);
    std::size_t length = first.bytes;
    while (length < rest.size() && static_cast<unsigned char>(rest[length]) >= 0x80) ++length;
    if (static_cast<unsigned char>(rest[0]) < 0x80) length = 1;
    if (!valid_utf8(rest.substr(0, length)))
      complain(length, "this is not valid UTF-8", "save the file as UTF-8");
    else if (rest[0] == '&' || rest[0] == '\\')
      complain(length, "unexpected " + ticked(rest.substr(0, length)), "write `and`, or `&&` between Boolean values");
    else
      complain(length, "unexpected " + ticked(is_control(first.value) ? "control character" : rest.substr(0, length)),
               "names are made of the letters a to z, digits and underscores; other text goes between quotes");
    add(Tok::broken, length);
  }

  std::string_view text_;
  std::uint32_t file_;
  Diagnostics& diagnostics_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> lex(const Sources& sources, std::uint32_t file, Diagnostics& diagnostics) {
  return Lexer(sources, file, diagnostics).run();
}

std::string unescape(std::string_view body) { return unescaped(body); }

std::string_view literal_body(Tok kind, std::string_view token) {
  if (kind == Tok::symbol || kind == Tok::datetime || kind == Tok::duration) return token.substr(2, token.size() - 3);
  const bool triple = kind == Tok::string && token.size() >= 6 && token.substr(0, 3) == "\"\"\"";
  return triple ? token.substr(3, token.size() - 6) : token.substr(1, token.size() - 2);
}

std::string_view text(Tok kind) {
  switch (kind) {
    case Tok::end:
      return "the end of the text";
    case Tok::name:
      return "a name";
    case Tok::type_name:
      return "a type";
    case Tok::wildcard:
      return "`_`";
    case Tok::integer:
    case Tok::real:
      return "a number";
    case Tok::string:
      return "a string";
    case Tok::character:
      return "a character";
    case Tok::symbol:
      return "a symbol";
    case Tok::datetime:
      return "a date";
    case Tok::duration:
      return "a duration";
    default:
      break;
  }
  static const std::array<std::string, 128> names = [] {
    std::array<std::string, 128> n;
    for (const Operator& op : kOperators) n[static_cast<std::size_t>(op.kind)] = ticked(op.text);
    for (const auto& [word, tok] : words())
      if (tok != Tok::type_name && word != "relation") n[static_cast<std::size_t>(tok)] = ticked(word);
    return n;
  }();
  return names[static_cast<std::size_t>(kind)];
}

}  // namespace tenfold::lang
