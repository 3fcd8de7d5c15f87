// A relation of the set executor. Up to two columns: rows of bits (bit_rows.h), three stores a relation, all tuples,
// what the last round added (delta) and what this round adds (next); `all` does not change within a round, so a rule
// may read it while it writes. Three columns and more: one RowSet, delta a range of its rows; or, where rules can give
// one column by blocks (set_layout.cc), rows of that column's bits, a row for each tuple of the other columns.
#pragma once

#include <algorithm>
#include <memory>

#include "engine/id_codec.h"
#include "engine/row_set.h"
#include "engine/set_upkeep.h"

namespace tenfold::engine {

/// What one of several threads adds in a round (lane_team.h).
struct SetLane {
  BitRows next;
  RowSet rows;
  RowSet prefixes;  // of a packed relation: the keys of `next` are their numbers
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

  // Three columns and more as bits: those of bit_column. The keys of rows are numbers of `prefixes`, tuples of the
  // other columns in their order.
  bool packed = false;
  std::uint32_t bit_column = 0;
  RowSet prefixes;

  RowSet rows;
  std::vector<RowIndex> indexes;    // over `prefixes` when packed
  std::uint32_t low = 0, high = 0;  // rows [low, high) are the delta, [0, high) are all
  bool listed = false;              // the delta is delta_rows instead
  std::vector<std::uint32_t> delta_rows;

  std::unique_ptr<SetUpkeep> upkeep;  // null when no update will come
  std::vector<SetLane> lanes;         // empty until a round runs on several threads

  bool bits() const { return arity <= 2 || packed; }
  std::uint32_t row_column() const { return flipped ? 1 : 0; }
  std::uint64_t size() const { return bits() ? all.size() : rows.in_sight(); }
  bool delta_empty() const { return bits() ? delta.size() == 0 : listed ? delta_rows.empty() : low == high; }
  std::size_t bytes() const {
    std::size_t n = all.bytes() + delta.bytes() + next.bytes() + second.bytes() + rows.bytes() + prefixes.bytes();
    for (const RowIndex& i : indexes) n += i.bytes();
    if (upkeep) n += upkeep->bytes();
    for (const SetLane& lane : lanes) n += lane.next.bytes() + lane.rows.bytes() + lane.prefixes.bytes();
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
  /// Of a packed relation.
  std::uint32_t prefix_number(const Id* tuple) {
    Id others[64];
    std::copy_n(tuple, bit_column, others);
    std::copy(tuple + bit_column + 1, tuple + arity, others + bit_column);
    return prefixes.number(others);
  }
  /// The other way: what a row of bits has in common, into the columns around bit_column.
  void spread(std::uint32_t row, Id* tuple) const {
    const Id* others = prefixes.row(all.key(row));
    std::copy_n(others, bit_column, tuple);
    std::copy(others + bit_column, others + arity - 1, tuple + bit_column + 1);
  }
  void load(const Id* tuple) {
    if (packed) {
      all.insert(prefix_number(tuple), tuple[bit_column]);
      return;
    }
    if (!bits()) {
      rows.insert(tuple);
      return;
    }
    const auto [row, bit] = place(tuple);
    all.insert(row, bit);
  }
  /// Indexes know what there is.
  void catch_up() {
    for (RowIndex& index : indexes) index.catch_up(packed ? prefixes : rows);
  }

  /// Calls f(const Id* tuple) for each tuple in sight, in no particular but always the same order.
  template <class F>
  void each(F f) const {
    if (!bits()) {
      for (std::uint32_t at = 0; at < rows.size(); ++at)
        if (!rows.hidden(at)) f(rows.row(at));
      return;
    }
    Id tuple[64] = {};
    const std::uint32_t bit = packed ? bit_column : arity == 2 ? 1 - row_column() : 0;
    for (std::uint32_t row = 0; row < all.rows(); ++row) {
      if (packed)
        spread(row, tuple);
      else
        tuple[row_column()] = all.key(row);
      all.each_block(row, [&](std::uint32_t block, std::uint64_t mask) {
        for (; mask; mask &= mask - 1) {
          tuple[bit] = (block << 6) | static_cast<Id>(std::countr_zero(mask));
          f(static_cast<const Id*>(tuple));
        }
      });
    }
  }
};

}  // namespace tenfold::engine
