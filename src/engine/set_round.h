// The rules of a stratum that run together, round after round, on as many threads as pay. A thread is a lane: it runs
// its share of each rule against what the round began with and adds to stores of its own, which are put together after
// the round. So no two threads write one row, and answers do not depend on how many there are.
#pragma once

#include "engine/set_run.h"

namespace tenfold::engine {

class SetRound {
 public:
  SetRound(SetExecutor& executor, const std::vector<SetRule>& rules);
  Status run();

 private:
  std::vector<std::size_t> worth_sharing() const;
  std::uint64_t steps(std::size_t rule) const;
  Status run_shared(const std::vector<std::size_t>& rules);
  void take_in(RelationId head);
  void take_in_bits(SetRelation& head, std::uint32_t lane);
  static void take_in_packed(SetRelation& head, SetLane& lane);
  static void take_in_rows(SetRelation& head, std::uint32_t lane);

  SetExecutor& e_;
  const std::vector<SetRule>& rules_;
  std::vector<SetRun> whole_;
  std::vector<bool> can_share_;
  std::vector<std::vector<SetRun>> shares_;  // [rule][lane], made when they are first needed
  std::vector<std::uint64_t> steps_, last_;  // of each rule: so far, and in the last round
};

/// `to` takes in all that `from` holds; the other way round for turned.
void add_all(BitRows& to, const BitRows& from, LaneTeam& team);
void add_turned(BitRows& to, const BitRows& from, LaneTeam& team);

}  // namespace tenfold::engine
