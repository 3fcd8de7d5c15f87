// A relation of the set executor. Up to two columns: rows of bits (bit_rows.h), three stores a relation, all tuples,
// what the last round added (delta) and what this round adds (next); `all` does not change within a round, so a rule
// may read it while it writes. Three columns and more: one RowSet, delta a range of its rows.
#pragma once

#include <memory>

#include "engine/id_codec.h"
#include "engine/row_set.h"
#include "engine/set_upkeep.h"

namespace tenfold::engine {

/// What one of several threads adds in a round (set_lanes.cc).
struct SetLane {
  BitRows next;
  RowSet rows;
};

struct SetRelation {
  std::uint32_t arity = 0;
  std::vector<IdCodec::Kind> kinds;  // per column
  // Two columns: the column whose values are the keys of rows; the other's are the bits. One column: all bits are in
  // row 0. No column: bit 0 of row 0.
  bool flipped = false;       // rows by column 1 instead of 0 (set_program.h chooses)
  bool wants_second = false;  // keep `second`
  BitRows all, delta, next;
  BitRows second;  // `all` the other way round, where a rule looks from there

  RowSet rows;
  std::vector<RowIndex> indexes;
  std::uint32_t low = 0, high = 0;  // rows [low, high) are the delta, [0, high) are all
  bool listed = false;              // the delta is delta_rows instead
  std::vector<std::uint32_t> delta_rows;

  std::unique_ptr<SetUpkeep> upkeep;  // null when no update will come
  std::vector<SetLane> lanes;         // empty until a round runs on several threads

  bool bits() const { return arity <= 2; }
  std::uint32_t row_column() const { return flipped ? 1 : 0; }
  std::uint64_t size() const { return bits() ? all.size() : rows.in_sight(); }
  bool delta_empty() const { return bits() ? delta.size() == 0 : listed ? delta_rows.empty() : low == high; }
  std::size_t bytes() const {
    std::size_t n = all.bytes() + delta.bytes() + next.bytes() + second.bytes() + rows.bytes();
    for (const RowIndex& i : indexes) n += i.bytes();
    if (upkeep) n += upkeep->bytes();
    for (const SetLane& lane : lanes) n += lane.next.bytes() + lane.rows.bytes();
    return n;
  }

  /// The index by the first `groups` columns; null when there is none.
  const RowIndex* group_index(std::size_t groups) const {
    for (const RowIndex& i : indexes)
      if (i.columns().size() == groups && i.columns().back() + 1 == groups) return &i;
    return nullptr;
  }

  /// Row key and bit of a tuple of at most two ids.
  std::pair<Id, Id> place(const Id* tuple) const {
    if (arity == 2) return flipped ? std::pair(tuple[1], tuple[0]) : std::pair(tuple[0], tuple[1]);
    return {0, arity == 1 ? tuple[0] : 0};
  }
  void load(const Id* tuple) {
    if (!bits()) {
      rows.insert(tuple);
      return;
    }
    const auto [row, bit] = place(tuple);
    all.insert(row, bit);
  }
};

}  // namespace tenfold::engine
