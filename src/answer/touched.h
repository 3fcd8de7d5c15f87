// What a refused input can touch: the tuples that could hold, be missing or have another probability, had the network
// said something of that input. An over-approximation by rules alone, in the manner of a Datalog may-analysis: each
// rule that reads a touched tuple, whatever else it needs of networks, touches its head, with the values that its body
// fixes without them. What is left untouched has the same answer whatever the refused inputs show.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "engine/engine.h"

namespace tenfold::answer {

/// A value a column, or nothing where any can stand.
using Pattern = std::vector<std::optional<Cell>>;

class Touched {
 public:
  using Input = std::pair<std::uint32_t, std::vector<Cell>>;  // of which network

  /// The evaluation must have ended. Facts that networks had no part in are read there, but those of `narrowed`
  /// relations, which may lack what only another answer would have asked for.
  Touched(const engine::Evaluation& evaluation, const std::vector<bool>& narrowed, std::span<const Input> refused);

  /// The tuples of a relation that refused inputs can touch, by number of the input in `refused`.
  using Patterns = std::map<Pattern, std::set<std::uint32_t>>;
  const Patterns& of(engine::RelationId relation) const { return reached_[relation]; }
  /// Whatever refused inputs show, the relation can only get more tuples and likelier ones.
  bool only_grows(engine::RelationId relation) const { return !turned_[relation]; }

 private:
  void mark(std::span<const Input> refused);
  void trace();
  void pass_on(engine::RelationId relation, const Pattern& pattern);
  void join(const lang::Rule& rule, std::vector<bool> joined, Pattern bound);
  void add(engine::RelationId relation, Pattern pattern);
  bool fixes(const lang::Literal& literal) const;

  const engine::Evaluation& e_;
  const lang::Program& program_;
  const std::vector<bool>& narrowed_;
  std::vector<bool> uncertain_;  // by relation: hangs on a network that refused something
  std::vector<bool> turned_;     // and does so by way of a negation or an aggregate
  std::map<std::pair<engine::RelationId, std::vector<std::uint32_t>>, engine::Index> indexes_;
  std::vector<Patterns> reached_;                             // by relation
  std::vector<std::pair<engine::RelationId, Pattern>> open_;  // of the input at hand, to be passed on
  std::uint32_t input_ = 0;
  std::size_t steps_ = 0;
};

/// Patterns of one query, to be looked up by row.
class TouchedRows {
 public:
  /// `rivals`: what one row is decided to be hangs on all that differ from it in the last column alone.
  TouchedRows(Touched::Patterns patterns, std::size_t columns, bool rivals);
  TouchedRows(TouchedRows&&) = default;

  /// The inputs that can touch a row, ascending.
  std::vector<std::uint32_t> inputs(std::span<const Cell> row) const;
  /// Calls `join(a, b)` for inputs that may touch one row; enough of them to connect all that do, and some that do not.
  void connect(const std::function<void(std::uint32_t, std::uint32_t)>& join) const;
  /// Patterns that none of the others takes in, with the inputs of those that they take in.
  const Touched::Patterns& widest() const { return patterns_; }

 private:
  Touched::Patterns patterns_;
  std::size_t column_ = 0;  // rows are looked up by it: the one that most patterns fix
  std::map<std::optional<Cell>, std::vector<Touched::Patterns::const_iterator>> by_value_;
};

}  // namespace tenfold::answer
