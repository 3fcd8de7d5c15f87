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
  Status run();

 private:
  struct Block {
    std::uint32_t number;
    std::uint64_t mask;
  };
  using Blocks = std::vector<Block>;

  const SetRelation& relation(RelationId r) const { return e_.relations_[r]; }
  const BitRows& store(RelationId r, bool delta, bool second) const {
    const SetRelation& s = relation(r);
    return delta ? s.delta : second ? s.second : s.all;
  }
  Id value(const SetArg& a) const { return a.constant ? a.value : registers_[a.variable]; }

  // Each returns false to stop the rule (a limit was hit).
  bool step(std::size_t i);
  bool scan_bits(const SetOp& op, std::size_t i);
  bool row(const SetOp& op, const BitRows& store, std::uint32_t row, std::size_t i);
  bool carry_row(const SetOp& op, const BitRows& store, std::uint32_t row, std::size_t i);
  bool each_bit(const SetOp& op, std::uint32_t block, std::uint64_t mask, std::size_t i);
  bool mask_carry(const SetOp& op, std::size_t i);
  bool scan_rows(const SetOp& op, std::size_t i);
  bool probe_rows(const SetOp& op, std::size_t i);
  bool test_rows(const SetOp& op, std::size_t i);
  bool take(const SetOp& op, const Id* tuple, std::size_t i);
  bool foreign(const SetOp& op, std::size_t i);
  bool filter(const SetOp& op, std::size_t i);
  bool assign(const SetOp& op, std::size_t i);
  bool emit();
  void flush();
  void emit_blocks(Id row, const Blocks& blocks);
  void emit_row(Id row, const BitRows& from, std::uint32_t from_row);
  bool tick();
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
  const Blocks* carried_ = nullptr;
  std::vector<Id> batch_;  // tuples of three columns and more on their way into the head
  std::uint32_t ticks_ = 0;
  Status status_;
};

}  // namespace tenfold::engine
