// Facts that come and go in an evaluation on rows, with their tags. A stratum at a time, each handing what changed to
// the next:
//   1. touched is what a changed fact states, what has a firing that reads a changed row of a lower stratum, and all
//      that rests on these within the stratum;
//   2. of what is touched, a tuple is there if a fact says so, or a firing whose premises are there, from the facts up,
//      so that no cycle holds itself up. New rows and lost certainties make rules fire anew (plan/updates.h), which
//      touches more. In the same way it is known which tuples are certain;
//   3. firings and tuples that no longer hold are taken out, and the tags of what was touched are made again. What is
//      as certain as before is no change to the next stratum.
// No rule is joined for what goes: recorded firings say what rests on it (derivations.h). The groups of an aggregate
// whose rows changed are made again. The same tuples and tags as a fresh run.
#pragma once

#include <vector>

#include "engine/join.h"
#include "engine/slice.h"
#include "plan/updates.h"

namespace tenfold::engine {

class RowUpdate {
 public:
  /// Of an evaluation that has finished.
  RowUpdate(Evaluation& evaluation, const plan::Updates& updates);
  /// An error leaves everything undefined: reset().
  Status run(std::span<const Change> changes);

 private:
  using Mark = std::uint8_t;
  // Of a touched row: what it was, and what it is known to be by now.
  static constexpr Mark kTouched = 1, kWasThere = 2, kWasCertain = 4, kThere = 8, kCertain = 16, kChanged = 32;

  struct Rows {
    std::vector<Mark> marks;  // per row; may be shorter
    std::vector<Row> touched;
  };

  Mark known(TupleRef t) const {
    const auto& marks = rows_[t.relation].marks;
    return t.row < marks.size() ? marks[t.row] : Mark{0};
  }
  Mark& mark(TupleRef t) { return rows_[t.relation].marks[t.row]; }  // of a touched row
  bool there(TupleRef t) const;
  bool certain(TupleRef t) const;
  template <class F>
  void each_firing(TupleRef t, F f) const;
  template <class F>
  void each_head(TupleRef t, F f) const;

  Status change(const Change& c);
  void touch(TupleRef t);
  void close();
  Status judge(const std::vector<RelationId>& relations, const plan::StratumUpdates* updates,
               const std::vector<std::uint32_t>& aggregates);
  void touch_readers();
  Status renew(std::uint32_t number);
  Status fire(const plan::StratumUpdates& updates, bool within);
  void raise(TupleRef t);
  void settle();
  void settle_certain();
  template <class F>
  bool all_read(std::uint32_t firing, F f) const;
  bool stated_certain(TupleRef t) const;
  bool stated(TupleRef t) const;
  bool holds(std::uint32_t firing) const;
  bool is_certain(std::uint32_t firing) const;
  void prune();

  Evaluation& e_;
  Derivations& d_;
  const plan::Updates& updates_;
  std::vector<Rows> rows_;               // per relation
  std::vector<bool> inside_;             // relations of the stratum at hand
  std::vector<bool> aggregated_;         // results of aggregates
  std::vector<TupleRef> mine_;           // touched rows of the stratum at hand
  std::size_t closed_ = 0;               // of these: what rests on them is touched as well
  bool judging_ = false;                 // what is touched from here on only gains
  std::vector<TupleRef> raised_;         // there, and their readers not yet looked at
  std::vector<std::vector<Row>> risen_;  // per relation: there now and not before, not yet fired on
};

}  // namespace tenfold::engine
