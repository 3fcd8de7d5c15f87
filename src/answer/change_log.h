// Facts that were inserted and erased after the first answer, in order; and what a fresh evaluation has to start from.
#pragma once

#include <deque>
#include <functional>
#include <unordered_map>
#include <vector>

#include "engine/engine.h"

namespace tenfold::answer {

class ChangeLog {
 public:
  /// A copy is kept. `table.types` are those of the relation.
  void add(lang::RelationId relation, bool insert, FactTable table);
  bool has_new() const { return handed_out_ < entries_.size(); }
  /// What came since take_new() was last called; the tables live as long as this and no clear().
  std::vector<engine::Change> take_new();
  void clear();

  /// Those facts of `table`, which was there before all changes, that no change erased.
  FactTable kept(lang::RelationId relation, const FactTable& table) const { return kept(relation, table, 0); }
  bool erased(lang::RelationId relation, std::span<const Cell> row) const { return erased_after(relation, row, 0); }
  /// Calls f(relation, table) for each table of `before` and each that was inserted, in order, without what was erased
  /// later.
  void each(const std::vector<std::pair<lang::RelationId, FactTable>>& before,
            const std::function<void(lang::RelationId, const FactTable&)>& f) const;

 private:
  struct Hash {
    std::size_t operator()(const std::vector<Cell>& row) const;
  };
  struct Entry {
    lang::RelationId relation;
    bool insert;
    FactTable table;
  };
  FactTable kept(lang::RelationId relation, const FactTable& table, std::size_t since) const;
  bool erased_after(lang::RelationId relation, std::span<const Cell> row, std::size_t since) const;

  std::deque<Entry> entries_;
  std::size_t handed_out_ = 0;
  // Per relation and tuple: the last entry that erased it, counted from 1.
  std::unordered_map<lang::RelationId, std::unordered_map<std::vector<Cell>, std::size_t, Hash>> erased_;
};

}  // namespace tenfold::answer
