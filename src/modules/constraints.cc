#include "modules/constraints.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tenfold::modules {
namespace {

constexpr std::size_t kLongest = 64 << 10;  // bytes of text
constexpr std::size_t kMostVariables = 1000, kMostTerms = 50'000, kMostValues = 1000;
constexpr int kDeepest = 100;

bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool digit(char c) { return c >= '0' && c <= '9'; }

/// Reads statements by recursive descent. The first complaint stays.
class Reader {
 public:
  Reader(Problem& problem, std::string_view text) : p_(problem), text_(text) {}

  std::optional<Complaint> statements() {
    if (text_.size() > kLongest) return complain("this problem is longer than 65536 bytes", "split it");
    for (;;) {
      while (take(";") || take("\n")) {
      }
      if (at_end()) break;
      if (!statement()) return complaint_;
      if (!at_end() && !take(";") && !take("\n")) return complain("expected the end of the statement", "write ; here");
    }
    return std::nullopt;
  }

  std::variant<std::uint32_t, Complaint> whole(bool boolean) {
    if (text_.size() > kLongest) return *complain("this expression is longer than 65536 bytes", "split it");
    const auto term = expression();
    if (!term) return *complaint_;
    if (!at_end()) return *complain("expected the end", "one expression is read");
    const Sort sort = p_.terms[*term].sort;
    if (boolean ? sort != Sort::boolean : !number(sort))
      return *complain(boolean ? "this is no condition" : "this is no number", "");
    return *term;
  }

 private:
  using Maybe = std::optional<std::uint32_t>;

  static bool number(Sort sort) { return sort == Sort::whole || sort == Sort::real; }

  // ---- characters ----

  void skip() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (c == ' ' || c == '\t' || c == '\r' || (c == '\n' && open_ > 0)) {
        ++at_;
      } else {
        return;
      }
    }
  }

  bool at_end() { return skip(), at_ == text_.size(); }

  /// A mark, or a word that is not the start of a longer one.
  bool take(std::string_view word) {
    skip();
    const std::string_view left = text_.substr(at_);
    if (!left.starts_with(word)) return false;
    if (letter(word[0]) && left.size() > word.size() && (letter(left[word.size()]) || digit(left[word.size()])))
      return false;
    at_ += word.size();
    return true;
  }

  std::string_view name() {
    skip();
    std::size_t end = at_;
    if (end < text_.size() && letter(text_[end]))
      while (end < text_.size() && (letter(text_[end]) || digit(text_[end]))) ++end;
    return text_.substr(std::exchange(at_, end), end - at_);
  }

  std::optional<Complaint> complain(std::string what, std::string hint) {
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    if (!complaint_)
      complaint_ = Complaint{what + " (line " + std::to_string(line) + " of the problem, before `" +
                                 std::string(text_.substr(at_, 20)) + "`)",
                             std::move(hint)};
    return complaint_;
  }
  Maybe fail(std::string what, std::string hint) { return complain(std::move(what), std::move(hint)), std::nullopt; }

  // ---- declarations ----

  bool statement() {
    const std::size_t start = at_;
    std::vector<std::string> names;
    do names.emplace_back(name());
    while (!names.back().empty() && take(","));
    if (!names.back().empty() && take(":")) return declare(names);
    at_ = start;
    const Maybe term = expression();
    if (!term) return false;
    if (p_.terms[*term].sort != Sort::boolean) return complain("this is no condition", "compare it: x + y = 3"), false;
    p_.required.push_back(*term);
    return true;
  }

  bool declare(const std::vector<std::string>& names) {
    Variable made;
    if (take("bool")) {
      made.sort = Sort::boolean;
    } else if (take("int")) {
      made.sort = Sort::whole;
    } else if (take("real")) {
      made.sort = Sort::real;
    } else if (take("{")) {
      ++open_;
      made.sort = Sort::choice;
      do {
        const std::string value(name());
        if (value.empty()) return complain("expected the name of a value", "write {red, green}"), false;
        if (p_.variable_of.contains(value)) return complain("`" + value + "` is a variable", "rename one"), false;
        const auto [known, fresh] = p_.name_of.try_emplace(value, static_cast<std::uint32_t>(p_.names.size()));
        made.values.push_back(known->second);
        if (fresh) p_.names.push_back(value);
        if (made.values.size() > kMostValues) return complain("more than 1000 values", ""), false;
      } while (take(","));
      --open_;
      if (!take("}")) return complain("expected }", "write {red, green}"), false;
    } else {
      made.sort = Sort::whole;
      const auto least = bound(), most = least && take("..") ? bound() : std::nullopt;
      if (!most) return complain("expected a domain", "write 1..5, {red, green}, bool, int or real"), false;
      made.least = rational::text(*least, p_.numbers), made.most = rational::text(*most, p_.numbers);
    }
    for (const std::string& one : names) {
      if (p_.variable_of.contains(one) || p_.name_of.contains(one))
        return complain("`" + one + "` is declared already", "rename one"), false;
      if (p_.variables.size() >= kMostVariables)
        return complain("more than 1000 variables", "split the problem"), false;
      p_.variable_of[one] = static_cast<std::uint32_t>(p_.variables.size());
      made.name = one;
      p_.variables.push_back(made);
    }
    return true;
  }

  std::optional<Cell> bound() {
    const bool minus = take("-");
    const auto value = digits(false);
    return value && minus ? rational::subtract(0, *value, p_.numbers) : value;
  }

  std::optional<Cell> digits(bool decimals) {
    skip();
    std::size_t end = at_;
    while (end < text_.size() && digit(text_[end])) ++end;
    if (decimals && end > at_ && end + 1 < text_.size() && text_[end] == '.' && digit(text_[end + 1]))
      for (++end; end < text_.size() && digit(text_[end]);) ++end;
    if (end == at_) return std::nullopt;
    return rational::parse(text_.substr(std::exchange(at_, end), end - at_), p_.numbers);
  }

  // ---- expressions ----

  Maybe made(Op op, Sort sort, std::vector<std::uint32_t> args) {
    if (p_.terms.size() >= kMostTerms) return fail("this problem is too large", "split it");
    return p_.add({.op = op, .sort = sort, .args = std::move(args)});
  }

  bool conditions(std::uint32_t a, std::uint32_t b) {
    if (p_.terms[a].sort == Sort::boolean && p_.terms[b].sort == Sort::boolean) return true;
    return complain("and, or, not, => and <=> stand between conditions", "compare numbers: x < 3"), false;
  }

  Maybe expression() {
    if (++depth_ > kDeepest) return fail("brackets are nested too deeply", "give a part a name");
    Maybe left = implication();
    while (left && take("<=>")) {
      const Maybe right = implication();
      if (!right || !conditions(*left, *right)) return std::nullopt;
      left = made(Op::equal, Sort::boolean, {*left, *right});
    }
    --depth_;
    return left;
  }

  Maybe implication() {
    std::vector<std::uint32_t> chain;
    do {
      const Maybe next = disjunction();
      if (!next || (!chain.empty() && !conditions(chain.back(), *next))) return std::nullopt;
      chain.push_back(*next);
    } while (take("=>"));
    Maybe out = chain.back();
    for (std::size_t i = chain.size() - 1; out && i-- > 0;) out = made(Op::implies, Sort::boolean, {chain[i], *out});
    return out;
  }

  Maybe disjunction() {
    return joined("or", Op::either, [&] { return conjunction(); });
  }
  Maybe conjunction() {
    return joined("and", Op::both, [&] { return negation(); });
  }

  template <class Part>
  Maybe joined(std::string_view word, Op op, Part part) {
    std::vector<std::uint32_t> parts;
    do {
      const Maybe next = part();
      if (!next || (!parts.empty() && !conditions(parts.back(), *next))) return std::nullopt;
      parts.push_back(*next);
    } while (take(word));
    return parts.size() == 1 ? parts[0] : made(op, Sort::boolean, parts);
  }

  Maybe negation() {
    int times = 0;
    while (take("not")) ++times;
    const Maybe inner = comparison();
    if (!inner || times == 0) return inner;
    if (!conditions(*inner, *inner)) return std::nullopt;
    return times % 2 == 0 ? inner : Maybe(p_.negated(*inner));
  }

  Maybe comparison() {
    const Maybe left = sum();
    if (!left) return std::nullopt;
    struct Sign {
      std::string_view text;
      Op op;
      bool swapped, negated;
    };
    constexpr std::array kSigns = {Sign{"!=", Op::equal, false, true},      Sign{"<=", Op::less_equal, false, false},
                                   Sign{">=", Op::less_equal, true, false}, Sign{"=", Op::equal, false, false},
                                   Sign{"<", Op::less, false, false},       Sign{">", Op::less, true, false}};
    skip();
    const std::string_view here = text_.substr(at_);
    if (here.starts_with("<=>") || here.starts_with("=>")) return left;
    for (const Sign& sign : kSigns) {
      if (!take(sign.text)) continue;
      if (sign.text == "=") take("=");  // == is = too
      const Maybe right = sum();
      if (!right || !comparable(*left, *right, sign.op)) return std::nullopt;
      const Maybe term =
          made(sign.op, Sort::boolean, sign.swapped ? std::vector{*right, *left} : std::vector{*left, *right});
      return term && sign.negated ? Maybe(p_.negated(*term)) : term;
    }
    return left;
  }

  bool comparable(std::uint32_t a, std::uint32_t b, Op op) {
    const Sort x = p_.terms[a].sort, y = p_.terms[b].sort;
    if (number(x) && number(y)) return true;
    if (x == y && op == Op::equal) return true;
    if (x == y) return complain("only numbers have an order", "use = or !="), false;
    return complain("the two sides are of different kinds", "compare numbers with numbers, values with values"), false;
  }

  Maybe sum() {
    Maybe left = product();
    while (left) {
      const Op op = take("+") ? Op::add : here("-") && take("-") ? Op::subtract : Op::truth;
      if (op == Op::truth) return left;
      const Maybe right = product();
      left = right ? combine(op, *left, *right) : std::nullopt;
    }
    return left;
  }

  bool here(std::string_view word) { return skip(), text_.substr(at_).starts_with(word); }

  Maybe product() {
    Maybe left = unary();
    while (left) {
      const bool times = take("*");
      if (!times && !take("/")) return left;
      const Maybe right = unary();
      if (!right) return std::nullopt;
      if (times) {
        left = combine(Op::multiply, *left, *right);
        continue;
      }
      const Term& by = p_.terms[*right];
      if (by.op != Op::number || by.value == 0) return fail("a divisor is a number other than 0", "");
      const auto inverse = rational::divide(1, by.value, p_.numbers);
      const Maybe factor = inverse ? constant(*inverse) : fail("this number is too large", "");
      left = factor ? combine(Op::multiply, *left, *factor) : std::nullopt;
    }
    return left;
  }

  Maybe unary() {
    bool minus = false;
    while (here("-")) take("-"), minus = !minus;
    const Maybe inner = primary();
    if (!inner || !minus) return inner;
    const Maybe factor = constant(cell(std::int64_t{-1}));
    return factor ? combine(Op::multiply, *factor, *inner) : std::nullopt;
  }

  Maybe constant(Cell value) {
    const bool whole = rational::denominator(value, p_.numbers) == 1;
    const Maybe term = made(Op::number, whole ? Sort::whole : Sort::real, {});
    if (term) p_.terms[*term].value = value, p_.terms[*term].digits = rational::text(value, p_.numbers);
    return term;
  }

  Maybe combine(Op op, std::uint32_t a, std::uint32_t b) {
    const Term &x = p_.terms[a], &y = p_.terms[b];
    if (!number(x.sort) || !number(y.sort)) return fail("only numbers are added and multiplied", "");
    if (x.op == Op::number && y.op == Op::number) {
      const auto value = op == Op::add        ? rational::add(x.value, y.value, p_.numbers)
                         : op == Op::subtract ? rational::subtract(x.value, y.value, p_.numbers)
                                              : rational::multiply(x.value, y.value, p_.numbers);
      return value ? constant(*value) : fail("this number is too large", "");
    }
    if (op == Op::multiply && x.op != Op::number && y.op != Op::number)
      return fail("a product of two unknowns is not linear", "one factor is a number");
    const bool whole = x.sort == Sort::whole && y.sort == Sort::whole;
    return made(op, whole ? Sort::whole : Sort::real, {a, b});
  }

  Maybe primary() {
    skip();
    if (at_ < text_.size() && digit(text_[at_])) {
      const auto value = digits(true);
      return value ? constant(*value) : fail("this number is too large", "");
    }
    if (take("(")) {
      ++open_;
      const Maybe inner = expression();
      --open_;
      if (!inner) return std::nullopt;
      return take(")") ? inner : fail("expected )", "close the bracket");
    }
    const std::size_t start = at_;
    const std::string word(name());
    if (word.empty()) return fail("expected a number, a name or a bracket", "");
    if (word == "true" || word == "false") {
      const Maybe term = made(Op::truth, Sort::boolean, {});
      if (term) p_.terms[*term].index = word == "true";
      return term;
    }
    if (here("(")) return function(word, start);
    if (const auto v = p_.variable_of.find(word); v != p_.variable_of.end()) {
      const Maybe term = made(Op::variable, p_.variables[v->second].sort, {});
      if (term) p_.terms[*term].index = v->second;
      return term;
    }
    const auto value = p_.name_of.find(word);
    if (value == p_.name_of.end()) {
      at_ = start;
      return fail("nothing is called `" + word + "`", "declare it: " + word + ": 1..5");
    }
    const Maybe term = made(Op::choice, Sort::choice, {});
    if (term) p_.terms[*term].index = value->second;
    return term;
  }

  Maybe function(const std::string& word, std::size_t start) {
    take("(");
    ++open_;
    std::vector<std::uint32_t> args;
    do {
      const Maybe arg = expression();
      if (!arg) return std::nullopt;
      args.push_back(*arg);
    } while (take(","));
    --open_;
    if (!take(")")) return fail("expected )", "close the bracket");
    const auto all = [&](auto holds) {
      return std::all_of(args.begin(), args.end(), [&](std::uint32_t a) { return holds(p_.terms[a].sort); });
    };
    const auto is = [](Sort wanted) { return [wanted](Sort sort) { return sort == wanted; }; };
    if (word == "distinct" && (all(number) || all(is(Sort::choice)))) return made(Op::distinct, Sort::boolean, args);
    if (word == "count" && all(is(Sort::boolean))) return count(args);
    if ((word == "min" || word == "max") && all(number)) return extreme(args, word == "max");
    if (word == "abs" && args.size() == 1 && all(number)) return absolute(args[0]);
    if (word == "if" && args.size() == 3 && p_.terms[args[0]].sort == Sort::boolean) {
      const Sort x = p_.terms[args[1]].sort, y = p_.terms[args[2]].sort;
      if (x == y) return made(Op::condition, x, args);
      if (number(x) && number(y)) return made(Op::condition, Sort::real, args);
    }
    at_ = start;
    return fail("there is no such `" + word + "(…)`",
                "there are distinct, count, min, max, abs of numbers, and if(condition, a, b)");
  }

  Maybe count(const std::vector<std::uint32_t>& args) {
    const Maybe one = constant(1), none = constant(0);
    Maybe total = none;
    for (const std::uint32_t arg : args) {
      const Maybe step = one && none ? made(Op::condition, Sort::whole, {arg, *one, *none}) : std::nullopt;
      total = step && total ? combine(Op::add, *total, *step) : std::nullopt;
    }
    return total;
  }

  Maybe extreme(const std::vector<std::uint32_t>& args, bool greatest) {
    Maybe best = args[0];
    for (std::size_t i = 1; best && i < args.size(); ++i) {
      const Maybe less = made(Op::less, Sort::boolean, {*best, args[i]});
      if (!less) return std::nullopt;
      const bool whole = p_.terms[*best].sort == Sort::whole && p_.terms[args[i]].sort == Sort::whole;
      best = made(Op::condition, whole ? Sort::whole : Sort::real,
                  greatest ? std::vector{*less, args[i], *best} : std::vector{*less, *best, args[i]});
    }
    return best;
  }

  Maybe absolute(std::uint32_t arg) {
    const Maybe zero = constant(0), minus = constant(cell(std::int64_t{-1}));
    const Maybe below = zero && minus ? made(Op::less, Sort::boolean, {arg, *zero}) : std::nullopt;
    const Maybe turned = below ? combine(Op::multiply, *minus, arg) : std::nullopt;
    return turned ? made(Op::condition, p_.terms[arg].sort, {*below, *turned, arg}) : std::nullopt;
  }

  Problem& p_;
  std::string_view text_;
  std::size_t at_ = 0;
  int open_ = 0;  // brackets, within which a line end is a blank
  int depth_ = 0;
  std::optional<Complaint> complaint_;
};

}  // namespace

std::uint32_t Problem::add(Term term) {
  terms.push_back(std::move(term));
  return static_cast<std::uint32_t>(terms.size() - 1);
}

std::uint32_t Problem::negated(std::uint32_t term) { return add({.op = Op::opposite, .args = {term}}); }

std::optional<Complaint> Problem::read(std::string_view text) { return Reader(*this, text).statements(); }

std::variant<std::uint32_t, Complaint> Problem::expression(std::string_view text, bool boolean) {
  return Reader(*this, text).whole(boolean);
}

}  // namespace tenfold::modules
