#include "engine/set_run.h"

#include <algorithm>

#include "lang/expression.h"

namespace tenfold::engine {
namespace {
constexpr std::uint32_t kTicks = 1 << 14;  // steps between two looks at the clock
constexpr std::uint32_t kSlow = 64;        // such steps is one through a view
}

SetRun::SetRun(SetExecutor& executor, const SetRule& rule, SetSink* sink, const SetView* view)
    : e_(executor),
      rule_(rule),
      head_(executor.relations_[rule.head]),
      sink_(sink),
      view_(view),
      registers_(rule.kinds.size(), 0),
      cells_(rule.kinds.size(), 0),
      scratch_(rule.ops.size()),
      tests_(rule.ops.size()) {
  batch_.reserve(RowSet::kBatch * rule.tuple.size());
}

Status SetRun::run() {
  for (const SetOp& op : rule_.ops) {
    if (op.relation == plan::kNone || op.negative) continue;
    const SetRelation& r = relation(op.relation);
    if (op.delta ? r.delta_empty() : r.bits() ? r.all.size() == 0 : r.high == 0) return {};
  }
  step(0);
  flush();
  return status_;
}

bool SetRun::tick() {
  ticks_ += view_ ? kSlow : 1;
  if (ticks_ % kTicks != 0) return true;
  status_ = e_.check();
  return status_.ok();
}

bool SetRun::step(std::size_t i) {
  if (i == rule_.ops.size()) return emit();
  const SetOp& op = rule_.ops[i];
  switch (op.kind) {
    case SetOp::Kind::scan_bits:
      return scan_bits(op, i);
    case SetOp::Kind::test_bit: {
      if (view_) return holds_in_view(op) == op.negative ? true : step(i + 1);
      const BitRows& s = store(op.relation, op.delta, false);
      return s.contains(value(op.row_arg), value(op.bit_arg)) == op.negative ? true : step(i + 1);
    }
    case SetOp::Kind::mask_carry:
      return mask_carry(op, i);
    case SetOp::Kind::scan_rows:
      return scan_rows(op, i);
    case SetOp::Kind::probe_rows:
      return probe_rows(op, i);
    case SetOp::Kind::test_rows:
      return test_rows(op, i);
    case SetOp::Kind::filter:
      return filter(op, i);
    case SetOp::Kind::assign:
      return assign(op, i);
    case SetOp::Kind::foreign:
      return foreign(op, i);
  }
  return true;
}

bool SetRun::scan_bits(const SetOp& op, std::size_t i) {
  const BitRows& s = store(op.relation, op.delta, op.second);
  if (op.one_row) {
    const std::uint32_t at = s.find(value(op.row_arg));
    return at == BitRows::kNone || row(op, s, at, i);
  }
  const std::uint32_t rows = s.rows();
  for (std::uint32_t r = 0; r < rows; ++r) {
    registers_[op.row_arg.variable] = s.key(r);
    if (!row(op, s, r, i)) return false;
  }
  return true;
}

// False: some positive test has no row, so nothing passes.
bool SetRun::find_tests(const SetOp& op, std::vector<Tests>& out) const {
  out.clear();
  for (const SetTest& t : op.tests) {
    const BitRows& s = store(t.relation, t.delta, t.second);
    const std::uint32_t at = s.find(value(t.row));
    if (at == BitRows::kNone && !t.negative) return false;
    if (at != BitRows::kNone) out.push_back({&s, at, t.negative});
  }
  return true;
}

bool SetRun::row(const SetOp& op, const BitRows& s, std::uint32_t r, std::size_t i) {
  if (!tick()) return false;
  if (view_) return row_in_view(op, s, r, i);
  if (op.payload == SetOp::Payload::known || op.payload == SetOp::Payload::same) {
    const Id bit = op.payload == SetOp::Payload::same ? s.key(r) : value(op.bit_arg);
    return (s.mask(r, bit >> 6) >> (bit & 63) & 1) == 0 || step(i + 1);
  }
  if (op.payload == SetOp::Payload::carry) return carry_row(op, s, r, i);
  auto& tests = tests_[i];
  if (!find_tests(op, tests)) return true;
  // Deeper steps only write to `next` stores, so the row may be read while they run.
  bool go_on = true, found = false;
  s.each_block(r, [&](std::uint32_t block, std::uint64_t mask) {
    if (!go_on || found) return;
    mask = pass(tests, block, mask);
    if (mask == 0) return;
    if (op.payload == SetOp::Payload::exists)
      found = true;
    else
      go_on = each_bit(op, block, mask, i);
  });
  return found ? step(i + 1) : go_on;
}

bool SetRun::each_bit(const SetOp& op, std::uint32_t block, std::uint64_t mask, std::size_t i) {
  Id& target = registers_[op.bit_arg.variable];
  for (; mask; mask &= mask - 1) {
    target = (block << 6) | static_cast<Id>(std::countr_zero(mask));
    if (!step(i + 1)) return false;
  }
  return true;
}

bool SetRun::carry_row(const SetOp& op, const BitRows& s, std::uint32_t r, std::size_t i) {
  if (i + 1 == rule_.ops.size() && op.tests.empty()) {
    emit_row(head_.arity == 2 ? value(rule_.row) : 0, s, r);
    return true;
  }
  auto& tests = tests_[i];
  if (!find_tests(op, tests)) return true;
  Blocks& blocks = scratch_[i];
  blocks.clear();
  s.each_block(r, [&](std::uint32_t block, std::uint64_t mask) {
    mask = pass(tests, block, mask);
    if (mask) blocks.push_back({block, mask});
  });
  if (blocks.empty()) return true;
  carried_ = &blocks;
  return step(i + 1);
}

bool SetRun::mask_carry(const SetOp& op, std::size_t i) {
  if (view_) return mask_in_view(op, i);
  auto& tests = tests_[i];
  if (!find_tests(op, tests)) return true;
  if (tests.empty()) return step(i + 1);
  Blocks& blocks = scratch_[i];
  blocks.clear();
  for (const Block& b : *carried_)
    if (const std::uint64_t mask = pass(tests, b.number, b.mask)) blocks.push_back({b.number, mask});
  if (blocks.empty()) return true;
  const Blocks* outer = carried_;
  carried_ = &blocks;
  const bool go_on = step(i + 1);
  carried_ = outer;
  return go_on;
}

bool SetRun::take(const SetOp& op, const Id* tuple, std::size_t i) {
  for (const auto& [column, variable] : op.outputs) registers_[variable] = tuple[column];
  for (const auto& [column, variable] : op.checks)
    if (tuple[column] != registers_[variable]) return true;
  return step(i + 1);
}

// Rows may move while deeper steps insert into the same set: each is copied out before it is used.
bool SetRun::scan_rows(const SetOp& op, std::size_t i) {
  const SetRelation& r = relation(op.relation);
  auto one = [&](std::uint32_t at) {
    const Id* tuple = r.rows.row(at);
    bool fits = true;
    for (const auto& [column, a] : op.keys) fits = fits && tuple[column] == value(a);
    return !fits || !in_sight(op, at) || (tick() && take(op, tuple, i));
  };
  if (op.delta && r.listed) return std::all_of(r.delta_rows.begin(), r.delta_rows.end(), one);
  const std::uint32_t end = r.high;
  for (std::uint32_t at = op.delta ? r.low : 0; at < end; ++at)
    if (!one(at)) return false;
  return true;
}

bool SetRun::probe_rows(const SetOp& op, std::size_t i) {
  const SetRelation& r = relation(op.relation);
  const RowIndex& index = r.indexes[op.index];
  Id key[64];
  for (std::size_t k = 0; k < op.keys.size(); ++k) key[k] = value(op.keys[k].second);
  for (std::uint32_t at = index.first(key, r.rows); at != RowSet::kNone; at = index.next(at))
    if (at < r.high && in_sight(op, at) && (!tick() || !take(op, r.rows.row(at), i))) return false;
  return true;
}

bool SetRun::test_rows(const SetOp& op, std::size_t i) {
  Id tuple[64];
  for (std::size_t k = 0; k < op.keys.size(); ++k) tuple[k] = value(op.keys[k].second);
  const SetRelation& r = relation(op.relation);
  const std::uint32_t at = r.rows.find(tuple);
  bool there = at < r.high && !r.rows.hidden(at);  // what this round adds is not there yet
  if (view_ && at != RowSet::kNone) there = op.negative ? view_->there(op.relation, at) : there && view_->seen(op.relation, at);
  return there == op.negative ? true : step(i + 1);
}

bool SetRun::foreign(const SetOp& op, std::size_t i) {
  auto cell_of = [&](std::size_t k) {
    const lang::Expr& e = e_.rule(rule_.rule).body[op.foreign].literal.args[op.keys[k].first];
    return e_.codec_.decode(value(op.keys[k].second), IdCodec::kind(e.type));
  };
  const std::int64_t low = as_int(cell_of(0)), high = as_int(cell_of(1));
  if (op.outputs.empty()) {
    const std::int64_t x = as_int(cell_of(2));
    return (low <= x && x < high) != op.negative ? step(i + 1) : true;
  }
  const VarId out = op.outputs[0].second;
  for (std::int64_t x = low; x < high; ++x) {
    registers_[out] = e_.codec_.encode(cell(x), rule_.kinds[out]);
    if (!tick() || !step(i + 1)) return false;
  }
  return true;
}

std::optional<Cell> SetRun::evaluate(const SetOp& op) {
  for (VarId v : op.reads) cells_[v] = e_.codec_.decode(registers_[v], rule_.kinds[v]);
  return lang::evaluate(*op.expression, cells_, e_.symbols_);
}

bool SetRun::compare(const SetOp& op) const {
  const Id a = value(op.left), b = value(op.right);
  if (op.expression->op == lang::Op::equal) return a == b;
  if (op.expression->op == lang::Op::not_equal) return a != b;
  const std::int64_t x = as_int(e_.codec_.decode(a, op.number)), y = as_int(e_.codec_.decode(b, op.number));
  switch (op.expression->op) {
    case lang::Op::less:
      return x < y;
    case lang::Op::less_equal:
      return x <= y;
    case lang::Op::greater:
      return x > y;
    default:
      return x >= y;
  }
}

bool SetRun::filter(const SetOp& op, std::size_t i) {
  if (op.simple) return compare(op) ? step(i + 1) : true;
  const auto truth = evaluate(op);
  return truth && *truth ? step(i + 1) : true;
}

bool SetRun::assign(const SetOp& op, std::size_t i) {
  if (op.simple && (op.expression->op == lang::Op::add || op.expression->op == lang::Op::subtract)) {
    const std::int64_t a = as_int(e_.codec_.decode(value(op.left), op.number)),
                       b = as_int(e_.codec_.decode(value(op.right), op.number));
    const std::int64_t sum = op.expression->op == lang::Op::add ? a + b : a - b;
    registers_[op.target] = static_cast<Id>(std::clamp(sum, op.least, op.most));
    return step(i + 1);
  }
  const auto found = evaluate(op);
  if (!found) return true;
  registers_[op.target] = e_.codec_.encode(*found, rule_.kinds[op.target]);
  return step(i + 1);
}

bool SetRun::emit() {
  if (!tick()) return false;
  if (!head_.bits()) {
    for (const SetArg& a : rule_.tuple) batch_.push_back(value(a));
    if (sink_) {
      sink_->tuple(batch_.data());
      batch_.clear();
      return true;
    }
    if (batch_.size() == RowSet::kBatch * rule_.tuple.size()) flush();
    return true;
  }
  const Id row = value(rule_.row);
  if (rule_.carried) {
    emit_blocks(row, *carried_);
    return true;
  }
  const Id bit = value(rule_.bit);
  if (sink_) {
    sink_->bits(row, bit >> 6, std::uint64_t{1} << (bit & 63));
    return true;
  }
  if (!head_.all.contains(row, bit)) head_.next.insert(row, bit);
  return true;
}

void SetRun::flush() {
  if (!batch_.empty()) head_.rows.insert_batch(batch_.data(), batch_.size() / rule_.tuple.size());
  batch_.clear();
}

void SetRun::emit_blocks(Id row, const Blocks& blocks) {
  if (sink_) {
    for (const Block& b : blocks) sink_->bits(row, b.number, b.mask);
    return;
  }
  const std::uint32_t known = head_.all.find(row);
  std::uint32_t next = BitRows::kNone;
  for (const Block& b : blocks) {
    const std::uint64_t fresh = b.mask & ~(known == BitRows::kNone ? 0 : head_.all.mask(known, b.number));
    if (!fresh) continue;
    if (next == BitRows::kNone) next = head_.next.at(row);
    head_.next.add(next, b.number, fresh);
  }
}

void SetRun::emit_row(Id row, const BitRows& from, std::uint32_t from_row) {
  if (sink_) {
    from.each_block(from_row, [&](std::uint32_t block, std::uint64_t mask) { sink_->bits(row, block, mask); });
    return;
  }
  const std::uint32_t known = head_.all.find(row);
  std::uint32_t next = BitRows::kNone;
  from.each_block(from_row, [&](std::uint32_t block, std::uint64_t mask) {
    const std::uint64_t fresh = mask & ~(known == BitRows::kNone ? 0 : head_.all.mask(known, block));
    if (!fresh) return;
    if (next == BitRows::kNone) next = head_.next.at(row);
    head_.next.add(next, block, fresh);
  });
}

}  // namespace tenfold::engine
