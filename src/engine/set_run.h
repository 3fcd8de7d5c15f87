// One rule of the set executor, run once over what its relations hold in this round.
#pragma once

#include "engine/set_executor.h"

namespace tenfold::engine {

/// Takes the heads of a rule instead of its relation's next round.
class SetSink {
 public:
  virtual ~SetSink() = default;
  virtual void bits(Id row, std::uint32_t block, std::uint64_t mask) = 0;  // of a head of at most two columns
  virtual void tuple(const Id* tuple) = 0;                                 // of a wider one
};

/// What a rule may see of the relations that it reads in full. What it reads as delta is seen as it is.
class SetView {
 public:
  virtual ~SetView() = default;
  /// Those bits of `mask` that a positive literal may see. `second`: the row is one of the second view.
  virtual std::uint64_t seen(RelationId r, bool second, Id row, std::uint32_t block, std::uint64_t mask) const = 0;
  /// What a literal under `not` must take as there, given what is.
  virtual std::uint64_t there(RelationId r, bool second, Id row, std::uint32_t block, std::uint64_t mask) const = 0;
  virtual bool seen(RelationId r, std::uint32_t row) const = 0;
  virtual bool there(RelationId r, std::uint32_t row) const = 0;
};

class SetRun {
 public:
  /// `sink`, `view`: null in an ordinary round; they outlive this.
  SetRun(SetExecutor& executor, const SetRule& rule, SetSink* sink = nullptr, const SetView* view = nullptr);
  /// From now on one of several runs of this rule that go on at once: run() does its share of the rule and adds to what
  /// is the lane's own. All shares together are the rule.
  void take_lane(std::uint32_t lane, std::uint32_t lanes);
  /// Whether lanes may run the rule: nothing in it interns text or numbers values.
  static bool can_share(const plan::PlanRule& rule, const SetRule& compiled);
  /// What the loop that shares divide goes over in this round, in tuples; 0 where there is no such loop.
  std::uint64_t share_of() const;

  Status run();
  /// Steps of all runs: rows looked at and heads made, up to 64 tuples each where they go by blocks.
  std::uint64_t steps() const { return ticks_; }

 private:
  struct Block {
    std::uint32_t number;
    std::uint64_t mask;
  };
  using Blocks = std::vector<Block>;
  struct Whole {  // a row that is carried as it lies in its store
    const BitRows* store;
    std::uint32_t row;
  };

  const SetRelation& relation(RelationId r) const { return e_.relations_[r]; }
  const BitRows& store(RelationId r, bool delta, bool second) const {
    const SetRelation& s = relation(r);
    return delta ? s.delta : second ? s.second : s.all;
  }
  // Whether number n of the loop of op i is this lane's; lanes take chunks in turn.
  bool mine(std::size_t i, std::uint32_t n, std::uint32_t chunk = 1) const {
    return !divides_ || i != split_ || n / chunk % lanes_ == lane_;
  }
  Id value(const SetArg& a) const { return a.constant ? a.value : registers_[a.variable]; }

  // Each returns false to stop the rule (a limit was hit).
  bool step(std::size_t i);
  bool scan_bits(const SetOp& op, std::size_t i);
  bool scan_packed(const SetOp& op, std::size_t i);
  bool test_packed(const SetOp& op) const;
  /// Of a packed relation: the number of the tuple of these; kNone when there is none.
  std::uint32_t prefix_number(RelationId r, const std::vector<SetArg>& prefix) const;
  Id head_prefix();
  /// Of `all`, for a key of next_. A lane's prefixes have numbers of their own: what is known is left out afterwards.
  std::uint32_t known_row(Id key) const { return prefixes_ == &head_.prefixes ? head_.all.find(key) : BitRows::kNone; }
  bool row(const SetOp& op, const BitRows& store, std::uint32_t row, std::size_t i);
  bool carry_row(const SetOp& op, const BitRows& store, std::uint32_t row, std::size_t i);
  bool each_bit(const SetOp& op, std::uint32_t block, std::uint64_t mask, std::size_t i);
  bool mask_carry(const SetOp& op, std::size_t i);
  bool carry_on(const Blocks& blocks, std::size_t i);
  bool scan_rows(const SetOp& op, std::size_t i);
  bool probe_rows(const SetOp& op, std::size_t i);
  bool test_rows(const SetOp& op, std::size_t i);
  bool take(const SetOp& op, const Id* tuple, std::size_t i);
  bool range(const SetOp& op, std::size_t i);
  bool foreign(const SetOp& op, std::size_t i);
  bool filter(const SetOp& op, std::size_t i);
  bool assign(const SetOp& op, std::size_t i);
  bool emit();
  void flush();
  void emit_blocks(Id row, const Blocks& blocks);
  void emit_row(Id row, const BitRows& from, std::uint32_t from_row);
  void emit_waiting();
  void look_ahead(const SetOp& op, const BitRows& store, std::uint32_t row) const;
  bool tick();
  bool long_rows() const;
  // set_view.cc: the same steps through view_.
  bool row_in_view(const SetOp& op, const BitRows& store, std::uint32_t row, std::size_t i);
  bool mask_in_view(const SetOp& op, std::size_t i);
  void pass_in_view(const std::vector<SetTest>& tests, Blocks& blocks) const;
  bool holds_in_view(const SetOp& op) const;
  bool in_sight(const SetOp& op, std::uint32_t row) const {
    return op.delta || (!relation(op.relation).rows.hidden(row) && (!view_ || view_->seen(op.relation, row)));
  }

  struct Tests {  // of one block operation: the rows that a payload is tested against
    const BitRows* store;
    std::uint32_t row;
    bool negative;
  };
  bool find_tests(const SetOp& op, std::vector<Tests>& out) const;
  static std::uint64_t pass(const std::vector<Tests>& tests, std::uint32_t block, std::uint64_t mask) {
    for (const Tests& t : tests) {
      const std::uint64_t there = t.row == BitRows::kNone ? 0 : t.store->mask(t.row, block);
      mask &= t.negative ? ~there : there;
    }
    return mask;
  }
  Cell cell_of(const SetOp& op, std::size_t key) const;  // of a range or computed predicate
  std::optional<Cell> evaluate(const SetOp& op);
  bool compare(const SetOp& op) const;

  SetExecutor& e_;
  const SetRule& rule_;
  SetRelation& head_;
  SetSink* sink_;
  const SetView* view_;
  std::vector<Id> registers_;
  std::vector<Cell> cells_;  // registers as cells, for expressions
  std::vector<Blocks> scratch_;
  std::vector<std::vector<Tests>> tests_;
  const Blocks* carried_ = nullptr;  // null: whole_ is
  Whole whole_ = {nullptr, 0};
  BitRows* next_;                // where heads of at most two columns go
  RowSet* next_rows_ = nullptr;  // a lane's own, for wider ones
  std::uint32_t lane_ = 0, lanes_ = 1;
  std::size_t split_ = 0;  // the op whose loop lanes divide
  bool divides_ = false;   // as they do in this run; else each goes over all and makes heads of its own rows alone
  std::vector<std::pair<Id, Whole>> waiting_;  // heads that are whole rows, whose memory is being fetched
  bool wait_ = false;
  RowSet* prefixes_;        // of a packed head: its own, or a lane's
  std::vector<Id> prefix_;  // of a packed head, and its number
  Id prefix_number_ = RowSet::kNone;
  std::vector<Id> batch_;  // tuples of three columns and more on their way into the head
  std::uint64_t ticks_ = 0;
  Status status_;
};

}  // namespace tenfold::engine
