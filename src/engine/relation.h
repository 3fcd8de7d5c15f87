// A set of tuples of one arity, append-only, with row numbers that stay: row-major cells, one hash table over all
// columns, and hash indexes over some of them that catch up with the rows when asked.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/large_pages.h"
#include "tenfold/value.h"

namespace tenfold::engine {

using Row = std::uint32_t;
constexpr std::uint32_t kNone = 0xFFFFFFFFu;

/// Mixes cells into a hash. Dense ids with linear probing cluster under a plain multiplication, hence the shifts.
std::uint64_t hash_cells(std::span<const Cell> cells);

class Relation {
 public:
  explicit Relation(std::uint32_t arity = 0) : arity_(arity) {}

  std::uint32_t arity() const { return arity_; }
  Row size() const { return size_; }
  std::span<const Cell> row(Row r) const { return {cells_.data() + std::size_t{r} * arity_, arity_}; }

  /// The row that holds `tuple`, and whether it is new. `tuple` may not point into this relation.
  std::pair<Row, bool> insert(std::span<const Cell> tuple);
  /// kNone when absent.
  Row find(std::span<const Cell> tuple) const;

  bool certain(Row r) const { return certain_[r]; }
  void set_certain(Row r, bool is = true) { certain_[r] = is; }
  /// Head of the list of firings that derived a row; kNone when none was recorded.
  std::uint32_t firing(Row r) const { return r < firing_.size() ? firing_[r] : kNone; }
  void set_firing(Row r, std::uint32_t firing);
  /// False for a row that an update took away, or that stands for a tuple that a rule found absent (derivations.h): it
  /// is neither certain nor derived.
  bool there(Row r) const { return certain_[r] || firing(r) != kNone; }
  bool has_firings() const { return !firing_.empty(); }
  /// Where a given row came from; kNone when it was derived or the program states it.
  SymbolId origin(Row r) const { return r < origin_.size() ? origin_[r] : kNone; }
  void set_origin(Row r, SymbolId origin);

  void clear();  // keeps memory
  std::size_t bytes() const;

 private:
  void grow();

  std::uint32_t arity_;
  Row size_ = 0;
  LargeVector<Cell> cells_;
  LargeVector<Row> slots_;
  std::vector<bool> certain_;
  LargeVector<std::uint32_t> firing_;
  std::vector<SymbolId> origin_;
};

/// Rows of one relation by the values of some columns: a chain a key, newest first.
class Index {
 public:
  explicit Index(std::vector<std::uint32_t> columns = {}) : columns_(std::move(columns)) {}

  /// Takes in the rows that came since the last call.
  void catch_up(const Relation& relation);
  /// The newest row whose columns equal `key` (in the order of columns()); next() gives the others. kNone ends.
  Row first(std::span<const Cell> key, const Relation& relation) const;
  Row next(Row r) const { return next_[r]; }
  const std::vector<std::uint32_t>& columns() const { return columns_; }
  void clear();

 private:
  bool same_key(Row r, std::span<const Cell> key, const Relation& relation) const;
  void grow(const Relation& relation);

  std::vector<std::uint32_t> columns_;
  LargeVector<Row> slots_;  // newest row of each key
  LargeVector<Row> next_;
  std::size_t keys_ = 0;
};

}  // namespace tenfold::engine
