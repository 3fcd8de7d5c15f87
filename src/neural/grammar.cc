#include "neural/grammar.h"

#include <algorithm>
#include <set>

#include "base/utf8.h"

namespace tenfold::neural {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxItems = 200'000;  // after repetitions were written out
constexpr std::uint32_t kMaxRepeat = 10'000;
constexpr std::size_t kMaxNesting = 200;    // of groups
constexpr std::size_t kMaxStates = 16'384;  // about 1.2 KiB each
constexpr std::size_t kMaxStacks = 10'000;  // of one state

struct Range {
  char32_t low, high;
};

/// A set of scalar values as alternatives of byte sequences, each byte from a range: UTF-8 cut where lengths change.
/// Source: Russ Cox, "Regular Expression Matching in the Wild", 2010.
using Bytes = std::vector<std::pair<unsigned char, unsigned char>>;

void split(char32_t low, char32_t high, std::vector<Bytes>& out) {
  for (const char32_t last : {0x7Fu, 0x7FFu, 0xFFFFu}) {
    if (low <= last && high > last) {
      split(low, last, out);
      return split(last + 1, high, out);
    }
  }
  if (high > 0x7F) {
    for (int i = 1; i < 4; ++i) {
      const char32_t mask = (1u << 6 * i) - 1;
      if ((low & ~mask) == (high & ~mask)) break;
      if ((low & mask) != 0) {
        split(low, low | mask, out);
        return split((low | mask) + 1, high, out);
      }
      if ((high & mask) != mask) {
        split(low, (high & ~mask) - 1, out);
        return split(high & ~mask, high, out);
      }
    }
  }
  std::string from, to;
  append_utf8(from, low);
  append_utf8(to, high);
  Bytes bytes;
  for (std::size_t i = 0; i < from.size(); ++i) {
    bytes.emplace_back(static_cast<unsigned char>(from[i]), static_cast<unsigned char>(to[i]));
  }
  out.push_back(std::move(bytes));
}

/// Surrogates are no characters.
void encode(char32_t low, char32_t high, std::vector<Bytes>& out) {
  if (low < 0xD800) split(low, std::min<char32_t>(high, 0xD7FF), out);
  if (high > 0xDFFF) split(std::max<char32_t>(low, 0xE000), high, out);
}

}  // namespace

/// Reads the notation. The first thing that is wrong is kept.
class GrammarReader {
 public:
  GrammarReader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  Result<Grammar> run() {
    if (text_.size() > kMaxBytes) fail(0, "the grammar is larger than 1 MiB", "make it smaller");
    skip(true);
    while (ok() && at_ < text_.size()) read_rule();
    if (ok()) check();
    if (!ok()) return *error_;
    out_.root_ = names_.at("root");
    out_.states_.emplace_back();  // dead
    out_.states_[0].to.fill(0);
    return std::move(out_);
  }

 private:
  using Item = Grammar::Item;
  using Sequence = std::vector<Item>;

  bool ok() const { return !error_; }
  void fail(std::size_t at, std::string what, std::string hint) {
    if (error_) return;
    const std::string_view before = text_.substr(0, at);
    const auto line = static_cast<std::uint32_t>(1 + std::count(before.begin(), before.end(), '\n'));
    const std::size_t start = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    const std::size_t end = std::min(text_.size(), text_.find('\n', start));
    error_ = Error{"bad-grammar",
                   {file_, line, static_cast<std::uint32_t>(count_scalars(text_.substr(start, at - start)) + 1), 1},
                   std::move(what),
                   std::move(hint),
                   std::string(text_.substr(start, end - start))};
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }
  /// Blanks and comments, line breaks too if they do not end anything here.
  void skip(bool lines) {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else if (c == ' ' || c == '\t' || (lines && (c == '\n' || c == '\r'))) {
        ++at_;
      } else {
        return;
      }
    }
  }
  static bool in_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  }
  std::string name() {
    const std::size_t from = at_;
    while (at_ < text_.size() && in_name(text_[at_])) ++at_;
    return std::string(text_.substr(from, at_ - from));
  }

  std::uint32_t rule_of(const std::string& name, std::size_t at) {
    const auto [found, fresh] = names_.try_emplace(name, static_cast<std::uint32_t>(out_.rules_.size()));
    if (fresh) add_rule(at);
    return found->second;
  }
  std::uint32_t add_rule(std::size_t at) {
    out_.rules_.emplace_back();
    places_.push_back(at);
    return static_cast<std::uint32_t>(out_.rules_.size() - 1);
  }
  void add_alternative(std::uint32_t rule, const Sequence& sequence) {
    out_.rules_[rule].alternatives.push_back(static_cast<std::uint32_t>(out_.items_.size()));
    out_.items_.insert(out_.items_.end(), sequence.begin(), sequence.end());
    out_.items_.emplace_back();
    if (out_.items_.size() > kMaxItems) fail(at_, "the grammar is too large", "repeat less: {m,n} is written out");
  }
  Item bytes(const std::bitset<256>& set) {
    const auto [found, fresh] = set_ids_.try_emplace(set.to_string(), static_cast<std::uint32_t>(out_.sets_.size()));
    if (fresh) out_.sets_.push_back(set);
    return {Item::Kind::bytes, found->second};
  }
  static Item call(std::uint32_t rule) { return {Item::Kind::rule, rule}; }

  void read_rule() {
    const std::size_t at = at_;
    const std::string rule = name();
    if (rule.empty()) return fail(at, "a rule is expected", "write name ::= …");
    skip(false);
    if (!take("::=")) return fail(at_, "`::=` is expected after the name of a rule", "write " + rule + " ::= …");
    const std::uint32_t id = rule_of(rule, at);
    if (!out_.rules_[id].alternatives.empty()) return fail(at, "a second rule `" + rule + "`", "rename one of the two");
    skip(true);
    read_alternatives(id, 0);
    if (!ok()) return;
    if (at_ < text_.size() && text_[at_] != '\n' && text_[at_] != '\r') {
      return fail(at_, "the rule `" + rule + "` should have ended here", "begin the next rule on a line of its own");
    }
    skip(true);
  }

  void read_alternatives(std::uint32_t rule, std::size_t depth) {
    if (depth > kMaxNesting) return fail(at_, "groups are nested too deep", "name inner groups as rules");
    while (ok()) {
      add_alternative(rule, read_sequence(depth));
      if (!take("|")) return;
      skip(true);
    }
  }

  Sequence read_sequence(std::size_t depth) {
    Sequence out;
    while (ok() && at_ < text_.size()) {
      const std::size_t from = out.size();
      const char c = peek();
      if (c == '"') {
        literal(out);
      } else if (c == '[') {
        scalar_class(out);
      } else if (c == '.') {
        ++at_;
        out.push_back(scalars({{0, 0x10FFFF}}));
      } else if (c == '(') {
        const std::size_t open = at_++;
        skip(true);
        const std::uint32_t rule = add_rule(open);
        read_alternatives(rule, depth + 1);
        if (ok() && !take(")")) fail(open, "a bracket opens here that none closes", "close the group with )");
        out.push_back(call(rule));
      } else if (in_name(c)) {
        const std::size_t at = at_;
        const std::string rule = name();
        // The next rule: this one ends in a name and the line break was taken for a blank within a group.
        out.push_back(call(rule_of(rule, at)));
        uses_.try_emplace(out.back().value, at);
      } else if (c == '<' || c == '!') {
        fail(at_, "tokens cannot be named here: a grammar is of text", "write the text that the token stands for");
      } else {
        break;
      }
      skip(depth > 0);
      while (ok() && repeated(out, from)) skip(depth > 0);
    }
    return out;
  }

  bool repeated(Sequence& out, std::size_t from) {
    std::uint32_t least = 0, most = kNoMost;
    const std::size_t at = at_;
    if (take("*")) {
    } else if (take("+")) {
      least = 1;
    } else if (take("?")) {
      most = 1;
    } else if (take("{")) {
      least = number();
      skip(false);
      most = least;
      if (take(",")) {
        skip(false);
        most = peek() == '}' ? kNoMost : number();
        skip(false);
      }
      if (!take("}")) fail(at, "this repetition does not read {m}, {m,} or {m,n}", "write it so");
      if (most < least) fail(at, "this repetition ends before it begins", "write {m,n} with m at most n");
    } else {
      return false;
    }
    Sequence what(out.begin() + static_cast<std::ptrdiff_t>(from), out.end());
    out.resize(from);
    repeat(what, least, most, at, out);
    return true;
  }

  // x{2,4} is x x (x (x)?)?, and x{2,} is x x R with R ::= x R | nothing.
  void repeat(const Sequence& what, std::uint32_t least, std::uint32_t most, std::size_t at, Sequence& out) {
    Item unit = what.size() == 1 ? what[0] : Item{};
    if (what.size() != 1) {
      const std::uint32_t rule = add_rule(at);
      add_alternative(rule, what);
      unit = call(rule);
    }
    out.insert(out.end(), least, unit);
    if (most == kNoMost) {
      const std::uint32_t rule = add_rule(at);
      add_alternative(rule, {unit, call(rule)});
      add_alternative(rule, {});
      out.push_back(call(rule));
    } else if (most > least) {
      std::uint32_t inner = add_rule(at);
      add_alternative(inner, {unit});
      add_alternative(inner, {});
      for (std::uint32_t i = least + 1; i < most && ok(); ++i) {
        const std::uint32_t outer = add_rule(at);
        add_alternative(outer, {unit, call(inner)});
        add_alternative(outer, {});
        inner = outer;
      }
      out.push_back(call(inner));
    }
  }

  std::uint32_t number() {
    std::uint32_t value = 0;
    const std::size_t at = at_;
    while (peek() >= '0' && peek() <= '9' && value <= kMaxRepeat)
      value = value * 10 + static_cast<std::uint32_t>(text_[at_++] - '0');
    if (at == at_ || value > kMaxRepeat) fail(at, "a number up to 10000 is expected", "write {m}, {m,} or {m,n}");
    return value;
  }

  /// One character of a literal or class.
  char32_t scalar() {
    const std::size_t at = at_;
    const Scalar first = first_scalar(text_.substr(at_));
    at_ += first.bytes;
    if (!first.valid) fail(at, "this is no UTF-8", "save the grammar as UTF-8");
    if (first.value != U'\\') return first.value;
    const char c = peek();
    ++at_;
    switch (c) {
      case 'n':
        return U'\n';
      case 'r':
        return U'\r';
      case 't':
        return U'\t';
      case '\\':
      case '"':
      case '[':
      case ']':
        return static_cast<char32_t>(c);
      case 'x':
        return hex(2, at);
      case 'u':
        return hex(4, at);
      case 'U':
        return hex(8, at);
      default:
        fail(at, "there is no such escape", R"(there are \n \r \t \\ \" \[ \] \xHH \uHHHH and \UHHHHHHHH)");
        return 0;
    }
  }
  char32_t hex(int digits, std::size_t at) {
    std::uint64_t value = 0;
    for (int i = 0; i < digits; ++i, ++at_) {
      const char c = peek();
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) {
        fail(at, "hexadecimal digits are missing", "write " + std::to_string(digits) + " of them");
        return 0;
      }
      value = value * 16 + static_cast<std::uint64_t>(digit);
    }
    if (!is_scalar(value)) fail(at, "there is no such character", "write one up to 10FFFF that is no surrogate");
    return static_cast<char32_t>(value);
  }

  void literal(Sequence& out) {
    const std::size_t open = at_++;
    std::string text;
    while (ok() && peek() != '"') {
      if (at_ >= text_.size() || peek() == '\n')
        return fail(open, "a text opens here that none closes", "close it with \"");
      append_utf8(text, scalar());
    }
    ++at_;
    // A group of its own, so that what is repeated is the whole text.
    if (text.size() == 1) {
      out.push_back(bytes(one(static_cast<unsigned char>(text[0]))));
      return;
    }
    Sequence sequence;
    for (const char c : text) sequence.push_back(bytes(one(static_cast<unsigned char>(c))));
    const std::uint32_t rule = add_rule(open);
    add_alternative(rule, sequence);
    out.push_back(call(rule));
  }
  static std::bitset<256> one(unsigned char byte) {
    std::bitset<256> set;
    set.set(byte);
    return set;
  }

  void scalar_class(Sequence& out) {
    const std::size_t open = at_++;
    const bool inverted = take("^");
    std::vector<Range> ranges;
    while (ok() && peek() != ']') {
      if (at_ >= text_.size()) return fail(open, "a class opens here that none closes", "close it with ]");
      const std::size_t at = at_;
      Range range{scalar(), 0};
      range.high = range.low;
      if (peek() == '-' && at_ + 1 < text_.size() && text_[at_ + 1] != ']') {
        ++at_;
        range.high = scalar();
      }
      if (range.high < range.low) fail(at, "this range ends before it begins", "write the lower end first");
      ranges.push_back(range);
    }
    ++at_;
    if (!ok()) return;
    std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.low < b.low; });
    if (inverted) {
      std::vector<Range> rest;
      char32_t from = 0;
      for (const Range& range : ranges) {
        if (range.low > from) rest.push_back({from, range.low - 1});
        from = std::max<char32_t>(from, range.high + 1);
      }
      if (from <= 0x10FFFF) rest.push_back({from, 0x10FFFF});
      ranges = std::move(rest);
    }
    if (ranges.empty()) return fail(open, "this class has no character", "name one at least");
    out.push_back(scalars(ranges));
  }

  Item scalars(const std::vector<Range>& ranges) {
    std::vector<Bytes> sequences;
    for (const Range& range : ranges) encode(range.low, range.high, sequences);
    std::bitset<256> single;
    for (const Bytes& sequence : sequences)
      if (sequence.size() == 1)
        for (unsigned b = sequence[0].first; b <= sequence[0].second; ++b) single.set(b);
    if (std::all_of(sequences.begin(), sequences.end(), [](const Bytes& s) { return s.size() == 1; }))
      return bytes(single);
    // Sequences that end alike are one alternative: lead bytes together, continuation bytes being the same.
    std::map<std::vector<std::pair<unsigned char, unsigned char>>, std::bitset<256>> tails;
    for (const Bytes& sequence : sequences) {
      if (sequence.size() == 1) continue;
      auto& lead = tails[{sequence.begin() + 1, sequence.end()}];
      for (unsigned b = sequence[0].first; b <= sequence[0].second; ++b) lead.set(b);
    }
    const std::uint32_t rule = add_rule(at_);
    if (single.any()) add_alternative(rule, {bytes(single)});
    for (const auto& [tail, lead] : tails) {
      Sequence sequence = {bytes(lead)};
      for (const auto& [low, high] : tail) {
        std::bitset<256> set;
        for (unsigned b = low; b <= high; ++b) set.set(b);
        sequence.push_back(bytes(set));
      }
      add_alternative(rule, sequence);
    }
    return call(rule);
  }

  // ---- what is written, as a whole ----

  template <class Holds>
  bool any_alternative(std::uint32_t rule, Holds holds) const {
    return std::any_of(out_.rules_[rule].alternatives.begin(), out_.rules_[rule].alternatives.end(),
                       [&](std::uint32_t at) {
                         for (; out_.items_[at].kind != Item::Kind::end; ++at)
                           if (!holds(out_.items_[at])) return false;
                         return true;
                       });
  }
  template <class Holds>
  std::vector<bool> least_fixpoint(Holds holds) const {
    std::vector<bool> known(out_.rules_.size(), false);
    for (bool changed = true; changed;) {
      changed = false;
      for (std::uint32_t r = 0; r < known.size(); ++r) {
        if (known[r] || !any_alternative(r, [&](const Item& item) { return holds(item, known); })) continue;
        known[r] = changed = true;
      }
    }
    return known;
  }

  void check() {
    if (!names_.contains("root")) return fail(0, "there is no rule `root`", "call what is said as a whole root");
    for (const auto& [name, rule] : names_) {
      if (!out_.rules_[rule].alternatives.empty()) continue;
      return fail(uses_.contains(rule) ? uses_.at(rule) : 0, "there is no rule `" + name + "`",
                  "write " + name + " ::= …");
    }
    const auto ends = least_fixpoint([](const Item& item, const std::vector<bool>& known) {
      return item.kind == Item::Kind::bytes || known[item.value];
    });
    for (std::uint32_t r = 0; r < ends.size(); ++r)
      if (!ends[r]) return fail(places_[r], "this can never end: each way goes through it again", "add a way out");
    const auto empty = least_fixpoint([](const Item& item, const std::vector<bool>& known) {
      return item.kind == Item::Kind::rule && known[item.value];
    });
    left_recursion(empty);
  }

  // Rules that a rule may begin with, at once or after what may be empty: none may reach itself.
  void left_recursion(const std::vector<bool>& empty) {
    std::vector<std::set<std::uint32_t>> begins(out_.rules_.size());
    for (std::uint32_t r = 0; r < begins.size(); ++r)
      for (std::uint32_t at : out_.rules_[r].alternatives)
        for (; out_.items_[at].kind == Item::Kind::rule; ++at) {
          begins[r].insert(out_.items_[at].value);
          if (!empty[out_.items_[at].value]) break;
        }
    enum : char { fresh, open, done };
    std::vector<char> state(begins.size(), fresh);
    for (std::uint32_t from = 0; from < begins.size(); ++from) {
      if (state[from] != fresh) continue;
      std::vector<std::pair<std::uint32_t, std::set<std::uint32_t>::const_iterator>> path = {
          {from, begins[from].begin()}};
      state[from] = open;
      while (!path.empty()) {
        auto& [rule, next] = path.back();
        if (next == begins[rule].end()) {
          state[rule] = done;
          path.pop_back();
          continue;
        }
        const std::uint32_t to = *next++;
        if (state[to] == open)
          return fail(places_[to], "this begins with itself, so that reading it never ends",
                      "begin it with something else");
        if (state[to] == done) continue;
        state[to] = open;
        path.emplace_back(to, begins[to].begin());
      }
    }
  }

  static constexpr std::uint32_t kNoMost = 0xFFFFFFFFu;
  std::string_view text_;
  const std::string& file_;
  std::size_t at_ = 0;
  std::map<std::string, std::uint32_t> names_;
  std::map<std::uint32_t, std::size_t> uses_;
  std::vector<std::size_t> places_;
  std::map<std::string, std::uint32_t> set_ids_;
  Grammar out_;
  std::optional<Error> error_;
};

Result<Grammar> Grammar::parse(std::string_view gbnf, const std::string& file) {
  return GrammarReader(gbnf, file).run();
}

// Goes into rules until bytes are on top. No rule begins with itself, so that ends.
void Grammar::expand(Stack stack, std::vector<Stack>& out, bool& accepts, std::size_t& budget) const {
  while (!stack.empty() && items_[stack.back()].kind == Item::Kind::end) stack.pop_back();
  if (stack.empty()) {
    accepts = true;
    return;
  }
  const Item item = items_[stack.back()];
  if (item.kind == Item::Kind::bytes) {
    out.push_back(std::move(stack));
    return;
  }
  // Coming back to nothing is not kept: a list that goes on by calling itself at its end needs no deeper stack.
  if (items_[++stack.back()].kind == Item::Kind::end) stack.pop_back();
  for (const std::uint32_t alternative : rules_[item.value].alternatives) {
    if (budget == 0) return;
    --budget;
    Stack deeper = stack;
    deeper.push_back(alternative);
    expand(std::move(deeper), out, accepts, budget);
  }
}

Grammar::State Grammar::intern(std::vector<Stack> stacks, bool accepts) {
  std::sort(stacks.begin(), stacks.end());
  stacks.erase(std::unique(stacks.begin(), stacks.end()), stacks.end());
  if (stacks.empty() && !accepts) return kDead;
  const auto [found, fresh] = known_.try_emplace({stacks, accepts}, static_cast<State>(states_.size()));
  if (!fresh) return found->second;
  if (states_.size() >= kMaxStates) {
    known_.erase(found);
    exhausted_ = true;
    return kDead;
  }
  Automaton state;
  for (const Stack& stack : stacks) state.bytes |= sets_[items_[stack.back()].value];
  state.stacks = std::move(stacks);
  state.accepts = accepts;
  state.to.fill(-1);
  states_.push_back(std::move(state));
  return static_cast<State>(states_.size() - 1);
}

Grammar::State Grammar::start() {
  if (!start_) {
    std::vector<Stack> stacks;
    bool accepts = false;
    std::size_t budget = kMaxStacks;
    for (const std::uint32_t alternative : rules_[root_].alternatives) expand({alternative}, stacks, accepts, budget);
    exhausted_ = exhausted_ || budget == 0;
    start_ = intern(std::move(stacks), accepts);
  }
  return *start_;
}

Grammar::State Grammar::next(State from, unsigned char byte) {
  if (const std::int32_t known = states_[from].to[byte]; known >= 0) return static_cast<State>(known);
  std::vector<Stack> stacks;
  bool accepts = false;
  std::size_t budget = kMaxStacks;
  for (const Stack& stack : states_[from].stacks) {
    if (!sets_[items_[stack.back()].value].test(byte)) continue;
    Stack after = stack;
    ++after.back();
    expand(std::move(after), stacks, accepts, budget);
  }
  exhausted_ = exhausted_ || budget == 0;
  const State to = intern(std::move(stacks), accepts);
  states_[from].to[byte] = static_cast<std::int32_t>(to);
  return to;
}

std::optional<unsigned char> Grammar::must_follow(State state) const {
  const std::bitset<256>& bytes = states_[state].bytes;
  if (states_[state].accepts || bytes.count() != 1) return std::nullopt;
  for (unsigned b = 0; b < 256; ++b)
    if (bytes.test(b)) return static_cast<unsigned char>(b);
  return std::nullopt;
}

bool Grammar::matches(std::string_view text) {
  State state = start();
  for (const char c : text) state = next(state, static_cast<unsigned char>(c));
  return state != kDead && accepts(state);
}

}  // namespace tenfold::neural
