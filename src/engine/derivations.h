// The firings of an evaluation the other way round: which of them read a row, and which row each made. Kept where facts
// will come and go (row_update.h); then every firing is recorded, those of certain tuples as well, each once.
#pragma once

#include <unordered_map>
#include <vector>

#include "engine/firings.h"
#include "plan/plan.h"

namespace tenfold::engine {

class Derivations {
 public:
  using RelationId = lang::RelationId;

  explicit Derivations(const plan::Plan& plan)
      : plan_(plan), uses_(plan.relations.size()), stated_(plan.relations.size()) {}

  /// A new firing of a rule. `read`: the row that each literal of its body read; kNone for what is no atom.
  void add(std::uint32_t firing, std::uint32_t rule, Row head, std::span<const Row> read);
  /// Links what was recorded so far; from then on add() does.
  void turn(const Firings& firings);
  bool turned() const { return turned_; }

  /// Whether this rule has fired on these rows. Once turned.
  bool has(const Firings& firings, std::uint32_t rule, std::span<const Row> read) const;
  /// A firing that no longer holds; it stays in its place.
  void kill(std::uint32_t firing);
  bool dead(std::uint32_t firing) const { return firing < dead_.size() && dead_[firing]; }
  std::size_t killed() const { return killed_; }

  Row head(std::uint32_t firing) const { return head_[firing]; }
  /// By literal of the rule's body.
  std::span<const Row> read(const Firings& firings, std::uint32_t firing) const {
    return {rows_.data() + first_[firing], plan_.rules[firings[firing].source].body.size()};
  }
  /// Calls f(firing) for each that reads the row. Once turned; f may not add firings.
  template <class F>
  void each_use(RelationId r, Row row, F f) const {
    if (row >= uses_[r].size()) return;
    for (std::uint32_t u = uses_[r][row]; u != kNone; u = next_[u])
      if (!dead_[owner_[u]]) f(owner_[u]);
  }

  /// Certain because a fact says so.
  bool stated(RelationId r, Row row) const { return row < stated_[r].size() && stated_[r][row]; }
  void set_stated(RelationId r, Row row, bool is) {
    if (stated_[r].size() <= row) stated_[r].resize(row + 1, false);
    stated_[r][row] = is;
  }

  std::size_t bytes() const;
  void clear();

 private:
  static std::uint64_t key(std::uint32_t rule, std::span<const Row> read);
  void link(std::uint32_t firing, std::uint32_t rule);

  const plan::Plan& plan_;
  bool turned_ = false;
  std::size_t killed_ = 0;
  // Per firing; kNone for those of no rule.
  std::vector<Row> head_;
  std::vector<std::uint32_t> first_;  // into rows_
  std::vector<bool> dead_;
  LargeVector<Row> rows_;
  std::vector<LargeVector<std::uint32_t>> uses_;  // per relation and row: the newest place in rows_ that reads it
  LargeVector<std::uint32_t> next_, owner_;       // per place in rows_: the one before, and whose it is
  std::unordered_map<std::uint64_t, std::uint32_t> by_key_;  // the newest firing
  std::vector<std::uint32_t> same_key_;                      // per firing: the one before
  std::vector<std::vector<bool>> stated_;
};

}  // namespace tenfold::engine
