// What may be said, byte by byte: a grammar in GBNF, the notation of llama.cpp, read and checked before anything runs.
//
//   root   ::= "{\"drug\": " string ", \"mg\": " [0-9]{1,4} "}"
//   string ::= "\"" [^"\\]* "\""
//
// Rules over bytes are the states of a pushdown automaton; each set of stacks that a text leads to is one state here,
// made when it is first reached and kept, so that a byte costs one look-up from then on. Source: the notation is that
// of llama.cpp, grammars/README.md.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"

namespace tenfold::neural {

/// Not thread-safe: states are made as they are reached.
class Grammar {
 public:
  /// `file` names it in errors. Errors: "bad-grammar" with line and column: a mistake in the notation, a rule that is
  /// not there, one that begins with itself, one that never ends.
  static Result<Grammar> parse(std::string_view gbnf, const std::string& file);

  using State = std::uint32_t;
  static constexpr State kDead = 0;  // nothing that begins so can be said
  State start();
  State next(State state, unsigned char byte);
  /// What was said up to here may end.
  bool accepts(State state) const { return states_[state].accepts; }
  /// The bytes that may come next; from each of them some end can be reached.
  const std::bitset<256>& may_follow(State state) const { return states_[state].bytes; }
  /// The one byte that must come next; none where several may, or where all may end.
  std::optional<unsigned char> must_follow(State state) const;
  bool matches(std::string_view text);
  /// More states were needed than are kept: what was dead may only have been too much.
  bool exhausted() const { return exhausted_; }

 private:
  friend class GrammarReader;
  // An alternative of a rule is a run of items in `items_`, closed by an end.
  struct Item {
    enum class Kind : std::uint8_t { end, bytes, rule };
    Kind kind = Kind::end;
    std::uint32_t value = 0;  // index into sets_ or rules_
  };
  struct Rule {
    std::vector<std::uint32_t> alternatives;  // where each begins in items_
  };
  using Stack = std::vector<std::uint32_t>;  // items to go on with, the next last
  struct Automaton {
    std::vector<Stack> stacks;  // each has bytes on top; sorted, distinct
    std::bitset<256> bytes;
    bool accepts = false;
    std::array<std::int32_t, 256> to;  // -1: not known yet
  };

  Grammar() = default;
  void expand(Stack stack, std::vector<Stack>& out, bool& accepts, std::size_t& budget) const;
  State intern(std::vector<Stack> stacks, bool accepts);

  std::vector<Item> items_;
  std::vector<Rule> rules_;
  std::vector<std::bitset<256>> sets_;
  std::uint32_t root_ = 0;
  std::vector<Automaton> states_;
  std::map<std::pair<std::vector<Stack>, bool>, State> known_;
  std::optional<State> start_;
  bool exhausted_ = false;
};

}  // namespace tenfold::neural
