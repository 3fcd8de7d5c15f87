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
  /// To the fixpoint of one stratum, whose aggregates have been put into its relations.
  Status run(const plan::Stratum& stratum);

  std::uint64_t size(RelationId r) const { return relations_[r].size(); }
  /// Calls f(tuple) for each tuple, in no particular but always the same order; false stops.
  void each(RelationId r, const std::function<bool(std::span<const Cell>)>& f) const;

  const SetRelation& relation(RelationId r) const { return relations_[r]; }
  const IdCodec& codec() const { return codec_; }
  std::size_t bytes() const;
  std::uint64_t rounds() const { return rounds_; }

 private:
  friend class SetRun;

  void catch_up(const plan::Stratum& stratum);
  bool merge(const plan::Stratum& stratum, bool recursive);
  Status check();

  const plan::Plan& plan_;
  Symbols& symbols_;
  std::function<Status(std::size_t)> check_;
  IdCodec codec_;
  std::vector<SetRelation> relations_;
  std::vector<std::vector<SetRule>> first_, recursive_;  // per stratum of the plan
  std::uint64_t rounds_ = 0;
};

}  // namespace tenfold::engine
