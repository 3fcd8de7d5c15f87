// A set of tuples of three columns and more: ids row after row in order of arrival, a hash table over all columns, and
// chains over some columns that catch up when asked. A round's delta is a range of rows.
#pragma once

#include <span>

#include "engine/bit_rows.h"

namespace tenfold::engine {

class RowSet {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFu;
  explicit RowSet(std::uint32_t arity = 0) : arity_(arity) {}

  std::uint32_t size() const { return size_; }
  const Id* row(std::uint32_t r) const { return cells_.data() + std::size_t{r} * arity_; }
  /// kNone when absent.
  std::uint32_t find(const Id* tuple) const;
  /// In sight.
  bool contains(const Id* tuple) const {
    const std::uint32_t row = find(tuple);
    return row != kNone && !hidden(row);
  }
  /// `tuple` may not point into this set. True when it is new.
  bool insert(const Id* tuple) {
    const std::uint32_t before = size_;
    return number(tuple) == before;
  }
  /// The row that holds `tuple`, made when there is none.
  std::uint32_t number(const Id* tuple);
  /// `n` tuples one after another, at most kBatch: their slots are fetched together, as each would miss the cache
  /// alone.
  static constexpr std::size_t kBatch = 128;
  void insert_batch(const Id* tuples, std::size_t n);
  /// The same without those that `known` holds, a set of equal arity that is only read.
  void insert_batch_new(const Id* tuples, std::size_t n, const RowSet& known);
  /// Forgets all and keeps memory.
  void clear();
  std::size_t bytes() const {
    return cells_.capacity() * sizeof(Id) + slots_.capacity() * sizeof(std::uint64_t) + hidden_.capacity();
  }

  // Updates take rows out of sight; numbers of rows stay. An equal tuple that is inserted while its row is hidden is
  // noted as returned, and stays hidden until show().
  bool hidden(std::uint32_t r) const { return r < hidden_.size() && hidden_[r]; }
  void hide(std::uint32_t r);
  void show(std::uint32_t r);
  /// Rows in sight.
  std::uint32_t in_sight() const { return size_ - hidden_rows_; }
  std::vector<std::uint32_t>& returned() { return returned_; }

  static std::uint64_t hash(const Id* ids, std::size_t n) {
    std::uint64_t h = 0x9E3779B97F4A7C15u;
    for (std::size_t i = 0; i < n; ++i) {
      h = (h ^ ids[i]) * 0xD6E8FEB86659FD93u;
      h ^= h >> 32;
    }
    return h;
  }

 private:
  void grow();
  bool holds(std::uint64_t slot, const Id* tuple, std::uint64_t hash) const;
  std::uint32_t number(const Id* tuple, std::uint64_t hash);
  std::uint32_t find(const Id* tuple, std::uint64_t hash) const;
  std::uint32_t arity_;
  std::uint32_t size_ = 0;
  std::vector<Id> cells_;
  int shift_ = 64;                    // from a hash to its slot
  std::vector<std::uint64_t> slots_;  // high half of the hash, then row + 1; 0 where free
  std::uint32_t found(std::uint32_t row) {
    if (hidden(row) && hidden_[row] == 1) {
      hidden_[row] = 2;
      returned_.push_back(row);
    }
    return row;
  }
  std::vector<std::uint8_t> hidden_;  // 1, or 2 when an equal tuple came back; may be shorter than the rows
  std::uint32_t hidden_rows_ = 0;
  std::vector<std::uint32_t> returned_;
};

/// Rows of a RowSet by the values of some columns, newest first.
class RowIndex {
 public:
  explicit RowIndex(std::vector<std::uint32_t> columns = {}) : columns_(std::move(columns)) {}
  const std::vector<std::uint32_t>& columns() const { return columns_; }
  void catch_up(const RowSet& set);
  /// `key` in the order of columns().
  std::uint32_t first(const Id* key, const RowSet& set) const;
  std::uint32_t next(std::uint32_t row) const { return next_[row]; }
  std::size_t bytes() const { return (slots_.capacity() + next_.capacity()) * 4; }

 private:
  bool same(std::uint32_t row, const Id* key, const RowSet& set) const;
  void grow(const RowSet& set);
  std::vector<std::uint32_t> columns_;
  std::vector<std::uint32_t> slots_;  // newest row of each key
  std::vector<std::uint32_t> next_;
  std::size_t keys_ = 0;
};

}  // namespace tenfold::engine
