// Facts that come and go, carried through what was derived from them without starting over. A stratum at a time, each
// handing what it lost and gained to the next:
//   1. what may have lost its last firing: heads of firings that read something gone. By rank of the round that first
//      derived them, lowest first: a tuple stands while some firing reads only what stands and has a lower rank
//      (of the stratum's own relations); what does not stand is gone, and puts its own heads in doubt;
//   2. what is gone but has a firing all the same, of higher rank, comes back with a new one;
//   3. what is new gives rise to more, by semi-naive rounds as in the first run.
// Deleting and rederiving without ranks overdeletes nearly all of a closure in one big component (Motik et al., AIJ
// 2019, compare ways to avoid that). An aggregate whose body changed is made again. Exact: the same tuples as a fresh
// run.
#pragma once

#include <map>

#include "engine/set_run.h"

namespace tenfold::engine {

/// Code of the error by which an update says that starting over is likely to be faster.
inline constexpr const char* kGivenUp = "update-given-up";

struct SetChange {
  RelationId relation;
  bool insert;                  // else erase
  std::span<const Cell> tuple;  // erased: a stated fact; what rules derive all the same stays
};

class SetUpdate final : SetSink, SetView {
 public:
  /// `aggregate` fills the emptied result of one aggregate (index into Program::aggregates).
  /// `gives_up`: where a stratum loses much of what it has.
  SetUpdate(SetExecutor& executor, std::function<Status(std::uint32_t)> aggregate, bool gives_up);
  /// An error, from the executor's check, leaves the facts as changed and all else undefined: forget_derived() and run.
  Status run(std::span<const SetChange> changes);
  /// Of the facts alone, to be followed by forget_derived().
  void change(std::span<const SetChange> changes);

 private:
  struct Piece {
    RelationId relation;
    Id row;
    std::uint32_t block;
    std::uint64_t mask;
  };
  struct Doubts {  // of one rank
    std::vector<Piece> pieces;
    std::vector<std::pair<RelationId, std::uint32_t>> rows;
  };

  void bits(Id row, std::uint32_t block, std::uint64_t mask) override;
  void tuple(const Id* tuple) override;
  std::uint64_t seen(RelationId r, bool second, Id row, std::uint32_t block, std::uint64_t mask) const override;
  std::uint64_t there(RelationId r, bool second, Id row, std::uint32_t block, std::uint64_t mask) const override;
  bool seen(RelationId r, std::uint32_t row) const override;
  bool there(RelationId r, std::uint32_t row) const override;

  SetRelation& relation(RelationId r) { return e_.relations_[r]; }
  const SetUpkeep& upkeep(RelationId r) const { return *e_.relations_[r].upkeep; }
  bool changed(RelationId r) const { return upkeep(e_.copy_of_[r]).changed(); }

  void change(const SetChange& c);
  void change_tuple(SetRelation& r, const Id* ids, bool insert);
  void change_given(RelationId r, const Id* ids, bool insert);
  void add_bits(SetRelation& r, Id row, std::uint32_t block, std::uint64_t mask);
  void take_bits(SetRelation& r, Id row, std::uint32_t block, std::uint64_t mask);
  void look_back(SetRelation& r);
  void put_back(SetRelation& r, const BitRows& bits, const std::vector<std::uint32_t>& rows);
  void put_away(SetRelation& r, const BitRows& bits, const std::vector<std::uint32_t>& rows);
  void look_ahead(SetRelation& r);

  Status stratum(std::size_t s);
  Status renew(const lang::Aggregate& a, std::uint32_t number);
  RowSet touched_groups(const lang::Aggregate& a);
  void renew_groups(const lang::Aggregate& a, const RowSet& groups);
  bool may_lose(std::size_t s) const;
  Status lose(std::size_t s);
  void doubt_erased(const plan::Stratum& stratum);
  Status judge(std::size_t s, const Doubts& doubts);
  void lay_before(const Doubts& doubts);
  void settle();
  Status gain(std::size_t s);
  void insert_given(const plan::Stratum& stratum);
  bool merge(const plan::Stratum& stratum);
  Status run_by(SetRun& run, RelationId changed, bool gone);

  enum class Mode : std::uint8_t { doubt, keep };

  SetExecutor& e_;
  std::function<Status(std::uint32_t)> aggregate_;
  bool gives_up_;
  std::map<RelationId, std::vector<Id>> stated_, withdrawn_;  // of derived relations, tuple after tuple
  std::vector<bool> inside_;                                  // relations that grow within the stratum at hand
  std::vector<RelationId> looked_back_;                       // shown as they were before the update
  bool recursive_ = false;
  Mode mode_ = Mode::doubt;
  RelationId head_ = plan::kNone;
  std::uint32_t rank_ = 0;            // being judged
  std::uint64_t lost_ = 0, had_ = 0;  // tuples of the stratum's relations
  std::map<std::uint32_t, Doubts> doubts_;
  std::map<RelationId, BitRows> kept_;
  std::map<RelationId, std::vector<bool>> kept_rows_;
};

}  // namespace tenfold::engine
