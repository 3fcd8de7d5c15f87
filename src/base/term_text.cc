#include "base/term_text.h"

#include "base/utf8.h"
#include "base/value_order.h"
#include "base/value_text.h"

namespace tenfold {

std::string term_text(Cell term, const Symbols& symbols) {
  struct Open {
    TermId term;
    std::size_t next;  // field
  };
  const Terms& terms = symbols.terms();
  std::string out;
  std::vector<Open> open;
  const auto begin = [&](TermId t) {
    out += terms.constructor(terms.constructor_of(t)).name + "(";
    open.push_back({t, 0});
  };
  begin(static_cast<TermId>(term));
  while (!open.empty()) {
    if (out.size() > kLongestTerm) return out + "…";
    Open& top = open.back();
    const auto args = terms.args(top.term);
    if (top.next == args.size()) {
      out += ')';
      open.pop_back();
      continue;
    }
    const std::size_t field = top.next++;
    if (field > 0) out += ", ";
    const Type type = terms.constructor(terms.constructor_of(top.term)).fields[field];
    if (type == Type::entity)
      begin(static_cast<TermId>(args[field]));
    else
      out += literal(args[field], type, symbols);
  }
  return out;
}

namespace {

class TermReader {
 public:
  TermReader(std::string_view text, Symbols& symbols) : left_(text), symbols_(symbols) {}

  std::optional<Cell> run() {
    if (!begin()) return std::nullopt;
    for (;;) {
      blank();
      Open& top = open_.back();
      if (top.args.size() == fields(top).size()) {
        take(',');  // one may trail
        blank();
        if (!take(')')) return std::nullopt;
        const Cell made = make_term(top.constructor, top.args, symbols_);
        open_.pop_back();
        if (open_.empty()) {
          blank();
          return left_.empty() ? std::optional<Cell>(made) : std::nullopt;
        }
        open_.back().args.push_back(made);
        continue;
      }
      if (!top.args.empty() && !take(',')) return std::nullopt;
      blank();
      const Type type = fields(top)[top.args.size()];
      if (type == Type::entity) {
        if (!begin()) return std::nullopt;
      } else {
        const auto value = scalar(type);
        if (!value) return std::nullopt;
        top.args.push_back(*value);
      }
    }
  }

 private:
  struct Open {
    ConstructorId constructor;
    std::vector<Cell> args;
  };

  const std::vector<Type>& fields(const Open& open) const {
    return symbols_.terms().constructor(open.constructor).fields;
  }

  void blank() {
    while (!left_.empty() && (left_[0] == ' ' || left_[0] == '\t' || left_[0] == '\n' || left_[0] == '\r'))
      left_.remove_prefix(1);
  }
  bool take(char c) {
    if (!left_.starts_with(c)) return false;
    left_.remove_prefix(1);
    return true;
  }

  bool begin() {
    blank();
    const std::size_t end = left_.find_first_of("(,) \t\r\n");
    if (end == 0 || end == std::string_view::npos) return false;
    const auto constructor = symbols_.terms().find(left_.substr(0, end));
    left_.remove_prefix(end);
    blank();
    if (!constructor || !take('(')) return false;
    open_.push_back({*constructor, {}});
    return true;
  }

  std::optional<Cell> scalar(Type type) {
    if (is_text(type) || type == Type::character || type == Type::datetime || type == Type::duration)
      return quoted(type);
    const std::size_t end = std::min(left_.find_first_of(",) \t\r\n"), left_.size());
    const auto value = parse_plain(left_.substr(0, end), type, symbols_);
    left_.remove_prefix(end);
    return value;
  }

  std::optional<Cell> quoted(Type type) {
    const char mark = type == Type::symbol ? 's' : type == Type::datetime ? 't' : type == Type::duration ? 'd' : '\0';
    if (mark && !take(mark)) return std::nullopt;
    const char quote = type == Type::character ? '\'' : '"';
    if (!take(quote)) return std::nullopt;
    std::size_t end = 0;
    while (end < left_.size() && left_[end] != quote) end += left_[end] == '\\' ? 2 : 1;
    if (end >= left_.size()) return std::nullopt;
    const std::string text = unescaped(left_.substr(0, end));
    left_.remove_prefix(end + 1);
    return parse_plain(text, type, symbols_);
  }

  std::string_view left_;
  Symbols& symbols_;
  std::vector<Open> open_;
};

}  // namespace

std::optional<Cell> parse_term(std::string_view text, Symbols& symbols) { return TermReader(text, symbols).run(); }

}  // namespace tenfold
