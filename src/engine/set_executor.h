// Runs a plan under `unit`, where a tuple is there or not: semi-naive rounds over SetRelations, rules as nested loops
// in which a step may take 64 tuples at once (set_program.h). The same answers as the row executor (join.h), which
// records firings and is what every other provenance and every proof uses.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "engine/lane_team.h"
#include "engine/set_program.h"
#include "plan/updates.h"

namespace tenfold::engine {

class SetExecutor {
 public:
  /// `check` is asked every few thousand steps and at the end of each round; an error from it ends the run.
  /// `updates`: what SetUpdate will need is kept; null when none will come.
  SetExecutor(const plan::Plan& plan, Symbols& symbols, std::function<Status(std::size_t bytes)> check,
              const plan::Updates* updates = nullptr);

  /// Rounds may use so many threads for rules of at least so many steps; answers do not depend on it.
  void set_threads(std::uint32_t threads, std::uint64_t share_from) {
    team_ = std::make_unique<LaneTeam>(threads);
    share_from_ = share_from;
  }

  /// `stated`: a fact; else what an aggregate came to.
  void add(RelationId r, std::span<const Cell> tuple, bool stated = true);
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
  /// Before the first update: views and indexes that only updates look at.
  void prepare_updates();
  /// Only facts are left, as inserted and erased so far. `rank`: what comes next keeps what another update needs.
  void forget_derived(bool rank);
  bool can_update() const { return ranked_; }
  /// Rows that rules looked at and heads that they made; where they go by blocks, one is up to 64 tuples.
  std::uint64_t steps() const { return steps_; }
  /// Tuples of all relations that rules fill.
  std::uint64_t derived() const;

 private:
  friend class SetRun;
  friend class SetRound;
  friend class SetAggregate;
  friend class SetUpdate;

  struct Trigger {
    SetRule rule;
    RelationId relation;
    bool negative;
  };

  template <class F>  // tuples that begin with the key; of relations that want_groups() prepared
  void each_of_group(RelationId r, std::size_t groups, const Id* key, F f) const;

  /// Prepares body and result for aggregate_groups(); false where only the whole aggregate can be made.
  bool want_groups(const lang::Aggregate& a);
  RowSet aggregate_groups(const lang::Aggregate& a, const RowSet& groups);

  const plan::PlanRule& rule(std::uint32_t number) const {
    return number < plan_.rules.size() ? plan_.rules[number] : updates_->rules[number - plan_.rules.size()];
  }
  void compile_updates();
  void refresh(RelationId id);
  void catch_up(const plan::Stratum& stratum);
  bool merge(const plan::Stratum& stratum, bool recursive);
  Status check();
  static constexpr const char* kOtherLane = "other-lane";  // the error of a lane that stopped because another did
  Status check_lane(std::size_t own);

  const plan::Plan& plan_;
  Symbols& symbols_;
  std::function<Status(std::size_t)> check_;
  IdCodec codec_;
  std::vector<RelationId> copy_of_;  // copies()
  std::vector<SetRelation> relations_;
  std::vector<std::vector<SetRule>> first_, recursive_;  // per stratum of the plan
  std::uint64_t rounds_ = 0;
  const plan::Updates* updates_;
  std::vector<std::vector<Trigger>> triggers_;  // per stratum
  std::vector<std::vector<SetRule>> checks_;
  std::vector<bool> by_group_;  // per aggregate: want_groups()
  bool ranked_ = false;         // rounds are kept
  std::uint32_t clock_ = 1;     // the rank of the round at hand; none is 0
  std::uint64_t steps_ = 0;
  std::unique_ptr<LaneTeam> team_ = std::make_unique<LaneTeam>(1);
  std::uint64_t share_from_ = 0;
  std::size_t bytes_before_ = 0;  // of a round on several threads
  std::atomic<bool> stopped_ = false;
};

template <class F>
void SetExecutor::each_of_group(RelationId id, std::size_t groups, const Id* key, F f) const {
  const SetRelation& r = relation(id);
  if (!r.bits()) {
    const RowIndex& index = *r.group_index(groups);
    for (std::uint32_t at = index.first(key, r.rows); at != RowSet::kNone; at = index.next(at))
      if (!r.rows.hidden(at)) f(r.rows.row(at));
    return;
  }
  const BitRows& store = r.flipped ? r.second : r.all;
  const std::uint32_t row = store.find(*key);
  if (row == BitRows::kNone) return;
  Id tuple[2] = {*key, 0};
  store.each_block(row, [&](std::uint32_t block, std::uint64_t mask) {
    for (; mask; mask &= mask - 1) {
      tuple[1] = (block << 6) | static_cast<Id>(std::countr_zero(mask));
      f(static_cast<const Id*>(tuple));
    }
  });
}

}  // namespace tenfold::engine
