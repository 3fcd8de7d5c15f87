// Aggregates over one finished relation, a group at a time. Over certain rows the result is a value; over uncertain
// ones a distribution, and no world is enumerated: count, sum, avg and string_join by one pass over the values reached
// so far (aggregate_fold.cc), min and max by a sweep from the best value down, exists by complement. Members of an
// exclusive group are alternatives of one step. Equal values do not exclude one another. What orders, picks or draws
// rows is in aggregate_pick.cc.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <vector>

#include "engine/engine.h"

namespace tenfold::engine {

class Aggregation {
 public:
  /// `only`: of these groups alone; outlives this.
  Aggregation(Evaluation& evaluation, const lang::Aggregate& aggregate, std::uint32_t number,
              const Relation* only = nullptr);
  Status run();

 private:
  using Key = std::vector<Cell>;
  using Rows = std::span<const Row>;  // of the body
  /// How far a fold has come: two cells of a total, and how many rows or how much weight it has.
  using Partial = std::array<Cell, 3>;
  struct Reached {
    Partial partial;
    std::size_t tag;
  };
  /// Rows that exclude one another: one of `options` holds, or none.
  struct Option {
    provenance::Member member;
    std::size_t tag;
    std::vector<Row> rows;
  };
  struct Block {
    std::uint32_t group;  // kNone: a row by itself
    std::vector<Option> options;
    bool certain = false;
  };

  // aggregate.cc
  void collect_groups();
  Status group(const Key& key, std::span<Row> rows);
  Status certain(const Key& key, std::span<Row> rows);
  Status uncertain(const Key& key, std::span<Row> rows);
  void existence(const Key& key, Rows rows);
  void first_level(const Key& key, Rows rows);
  void extreme(const Key& key, Rows rows);
  void put(const Key& key, const Key& value, Rows rows, bool is_certain, std::size_t tag,
           provenance::Member event = kNone);
  std::size_t tag_of(Row row);
  int compare_vars(Row a, Row b) const;
  bool before(Row a, Row b) const;  // by all columns
  /// By all columns, or by the vars and then by all columns; `largest` first turns the order of the vars around.
  void sort_rows(std::span<Row> rows) const;
  void sort_by_vars(std::span<Row> rows, bool largest) const;
  template <class Before>
  void sort_by_key(std::span<Row> rows, std::size_t column, std::uint64_t flip, Before before) const;
  std::uint64_t sort_key(Row row, std::size_t column) const;
  Key value_of(Row row, bool args, bool vars) const;
  bool largest() const;
  bool is_extreme() const;

  // aggregate_fold.cc
  Partial start() const;
  std::optional<Partial> step(const Partial& partial, Row row);
  std::optional<Cell> finish(const Partial& partial);
  double weight(Row row) const { return e_.probability(a_.body, row); }
  Status certain_fold(const Key& key, std::span<Row> rows);
  Status fold(const Key& key, Rows rows);
  Status add_block(const Block& block, std::vector<Reached>& reached);
  Status settle(std::vector<Reached>& next, std::vector<Reached>& reached);
  std::vector<Block> blocks(Rows rows);
  provenance::Member sole_member(RelationId r, Row row, int depth = 0) const;
  Status join_all(const Key& key, Rows rows);
  Cell joined(Rows rows);

  // aggregate_pick.cc
  bool picks() const;
  Status pick(const Key& key, std::span<Row> rows);
  void numbered(const Key& key, Rows rows);
  void sort_by_weight(std::span<Row> rows, bool ascending) const;
  std::vector<std::size_t> draw(const Key& key, Rows rows) const;
  Status exclusive(const Key& key, Rows rows, std::vector<double> weights);
  Status disjoint(const Key& key, Rows rows);

  Evaluation& e_;
  const lang::Aggregate& a_;
  std::uint32_t number_;
  const Relation* only_;
  const Relation& body_;
  std::vector<Type> types_;  // of the body
  Type result_type_;         // of the last column of the result
  Relation keys_;            // of the groups
  std::vector<std::uint32_t> first_;
  std::vector<Row> rows_;  // group g has rows_[first_[g]] to rows_[first_[g + 1]]
  bool group_certain_ = true;
};

}  // namespace tenfold::engine
