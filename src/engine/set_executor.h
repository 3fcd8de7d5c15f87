// Runs a plan under `unit`, where a tuple is there or not: semi-naive rounds over SetRelations, rules as nested loops in
// which a step may take 64 tuples at once (set_program.h). The same answers as the row executor (join.h), which records
// firings and is what every other provenance and every proof uses.
#pragma once

#include <functional>

#include "engine/set_program.h"

namespace tenfold::engine {

class SetExecutor {
 public:
  /// `check` is asked every few thousand steps and at the end of each round; an error from it ends the run.
  SetExecutor(const plan::Plan& plan, Symbols& symbols, std::function<Status(std::size_t bytes)> check);

  void add(RelationId r, std::span<const Cell> tuple);
  /// Many tuples one after another; in the order of their ids, so that a row is filled while it is in the cache.
  void load(RelationId r, std::span<const Cell> tuples);
  /// To the fixpoint of one stratum, whose aggregates have been put into its relations.
  Status run(const plan::Stratum& stratum);

  /// Fills the aggregate's result from its finished body; false when this executor does not do this aggregate.
  bool aggregate(const lang::Aggregate& a);

  std::uint64_t size(RelationId r) const { return relation(r).size(); }
  /// Calls f(tuple) for each tuple, in no particular but always the same order.
  void each(RelationId r, const std::function<void(std::span<const Cell>)>& f) const;

  const SetRelation& relation(RelationId r) const { return relations_[copy_of_[r]]; }
  const IdCodec& codec() const { return codec_; }
  std::size_t bytes() const;
  std::uint64_t rounds() const { return rounds_; }

 private:
  friend class SetRun;
  friend class SetAggregate;

  template <class F>
  void each_ids(RelationId r, F f) const;  // f(const Id* tuple), in the same order as each()

  void catch_up(const plan::Stratum& stratum);
  bool merge(const plan::Stratum& stratum, bool recursive);
  Status check();

  const plan::Plan& plan_;
  Symbols& symbols_;
  std::function<Status(std::size_t)> check_;
  IdCodec codec_;
  std::vector<SetRelation> relations_;
  std::vector<RelationId> copy_of_;  // copies()
  std::vector<std::vector<SetRule>> first_, recursive_;  // per stratum of the plan
  std::uint64_t rounds_ = 0;
};

template <class F>
void SetExecutor::each_ids(RelationId id, F f) const {
  const SetRelation& r = relation(id);
  if (!r.bits()) {
    for (std::uint32_t at = 0; at < r.rows.size(); ++at) f(r.rows.row(at));
    return;
  }
  Id tuple[2] = {0, 0};
  const std::uint32_t row_column = r.row_column(), bit_column = r.arity == 2 ? 1 - row_column : 0;
  for (std::uint32_t row = 0; row < r.all.rows(); ++row) {
    tuple[row_column] = r.all.key(row);
    r.all.each_block(row, [&](std::uint32_t block, std::uint64_t mask) {
      for (; mask; mask &= mask - 1) {
        tuple[bit_column] = (block << 6) | static_cast<Id>(std::countr_zero(mask));
        f(static_cast<const Id*>(tuple));
      }
    });
  }
}

}  // namespace tenfold::engine
