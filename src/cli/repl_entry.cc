#include "cli/repl_entry.h"

#include <algorithm>
#include <array>

#include "lang/parser.h"

namespace tenfold::cli {
namespace {

using lang::Tok;

bool joins(Tok last) {
  static constexpr std::array kJoining = {
      Tok::k_and,  Tok::k_or,       Tok::k_not,    Tok::k_implies,     Tok::k_where,  Tok::k_if,   Tok::k_then,
      Tok::k_else, Tok::k_case,     Tok::k_in,     Tok::k_is,          Tok::k_new,    Tok::k_as,   Tok::k_import,
      Tok::k_type, Tok::k_const,    Tok::k_rel,    Tok::k_query,       Tok::assign,   Tok::define, Tok::reduce_assign,
      Tok::comma,  Tok::colon,      Tok::subtype,  Tok::double_colon,  Tok::wedge,    Tok::vee,    Tok::tilde,
      Tok::minus,  Tok::fat_arrow,  Tok::and_and,  Tok::or_or,         Tok::caret,    Tok::equal,  Tok::not_equal,
      Tok::less,   Tok::less_equal, Tok::greater,  Tok::greater_equal, Tok::plus,     Tok::star,   Tok::slash,
      Tok::bar,    Tok::percent,    Tok::k_extern, Tok::k_exists,      Tok::k_forall, Tok::range,  Tok::range_inclusive,
      Tok::dot,    Tok::question,   Tok::bang,     Tok::arrow,         Tok::dollar,   Tok::at,     Tok::semicolon};
  return std::find(kJoining.begin(), kJoining.end(), last) != kJoining.end();
}

bool opens_item(Tok kind) {
  return kind == Tok::k_rel || kind == Tok::k_type || kind == Tok::k_query || kind == Tok::k_const ||
         kind == Tok::k_import || kind == Tok::k_extern;
}

// A long text or a comment whose end has not come.
bool open_text(std::string_view entry) {
  for (std::size_t i = 0; i < entry.size(); ++i) {
    const std::string_view rest = entry.substr(i);
    std::string_view end;
    if (rest.starts_with("//"))
      end = "\n";
    else if (rest.starts_with("/*"))
      end = "*/";
    else if (rest.starts_with("\"\"\""))
      end = "\"\"\"";
    if (!end.empty()) {
      const std::size_t at = entry.find(end, i + std::max<std::size_t>(2, end.size()));
      if (at == std::string_view::npos) return end != "\n";
      i = at + end.size() - 1;
    } else if (entry[i] == '"') {
      for (++i; i < entry.size() && entry[i] != '"'; ++i)
        if (entry[i] == '\\') ++i;
    }
  }
  return false;
}

struct Shape {
  int depth = 0;  // of brackets
  bool item = false, attribute = false;
  Tok last = Tok::end;
};

Shape shape(std::string_view entry) {
  lang::Sources sources;
  lang::Diagnostics ignored(sources);
  Shape shape;
  for (const lang::Token& token : lang::lex(sources, sources.add("", std::string(entry)), ignored)) {
    if (token.kind == Tok::end) break;
    const Tok last = shape.last = token.kind;
    shape.depth += last == Tok::left_paren || last == Tok::left_brace || last == Tok::left_bracket;
    shape.depth -= last == Tok::right_paren || last == Tok::right_brace || last == Tok::right_bracket;
    shape.item = shape.item || opens_item(last);
    shape.attribute = shape.attribute || last == Tok::at;
  }
  return shape;
}

}  // namespace

bool needs_next_line(std::string_view entry) {
  if (open_text(entry)) return true;
  const Shape s = shape(entry);
  return s.attribute && !s.item;
}

bool is_complete(std::string_view entry) {
  if (needs_next_line(entry)) return false;
  const Shape s = shape(entry);
  return s.depth <= 0 && !joins(s.last);
}

bool begins_item(std::string_view line) {
  const std::size_t at = line.find_first_not_of(" \t");
  if (at == std::string_view::npos) return false;
  line.remove_prefix(at);
  if (line[0] == ':' && line.size() > 1 && std::isalpha(static_cast<unsigned char>(line[1]))) return true;
  if (line[0] == '@') return true;
  for (std::string_view word : {"rel", "relation", "type", "query", "const", "import", "extern"})
    if (line.starts_with(word) && (line.size() == word.size() || line[word.size()] == ' ' || line[word.size()] == '\t'))
      return true;
  return false;
}

Split without_queries(const std::string& entry) {
  lang::Sources sources;
  lang::Diagnostics ignored(sources);
  const lang::syntax::File file = lang::parse(sources, sources.add("", entry), ignored);
  Split split{entry, false};
  for (const lang::syntax::Item& item : file.items) {
    if (!std::holds_alternative<lang::syntax::Query>(item.what)) continue;
    split.asks = true;
    for (std::size_t i = item.span.begin; i < item.span.end && i < split.kept.size(); ++i)
      if (split.kept[i] != '\n') split.kept[i] = ' ';
  }
  return split;
}

}  // namespace tenfold::cli
