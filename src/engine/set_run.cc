#include "engine/set_run.h"

#include <algorithm>

#include "lang/expression.h"
#include "modules/predicates.h"

namespace tenfold::engine {
namespace {
constexpr std::uint32_t kTicks = 1 << 14;  // steps between two looks at the clock
constexpr std::uint32_t kSlow = 64;        // such steps is one through a view
constexpr std::size_t kWaiting = 64;       // heads fetched together
// From so many rows on a store no longer lies in the cache, and is fetched ahead of its use.
constexpr std::uint32_t kFarRows = 1 << 14;
constexpr std::uint32_t kAhead = 16;    // rows
constexpr std::uint32_t kLongRow = 48;  // tuples

// Evaluating it writes nothing: no text, term or wide number comes out of any part.
bool writes_nothing(const lang::Expr& e) {
  using enum lang::Op;
  if (e.op == variable || e.op == constant) return true;
  if (e.op == call || e.op == construct || e.op == is_term || e.op == field) return false;
  if (e.type != Type::boolean && IdCodec::kind(e.type) == IdCodec::Kind::wide && e.type != Type::i64 &&
      e.type != Type::u64 && e.type != Type::usize && e.type != Type::isize && e.type != Type::f64)
    return false;
  return !is_text(e.type) && std::all_of(e.args.begin(), e.args.end(), writes_nothing);
}
}  // namespace

SetRun::SetRun(SetExecutor& executor, const SetRule& rule, SetSink* sink, const SetView* view)
    : e_(executor),
      rule_(rule),
      head_(executor.relations_[rule.head]),
      sink_(sink),
      view_(view),
      registers_(rule.kinds.size(), 0),
      cells_(rule.kinds.size(), 0),
      scratch_(rule.ops.size()),
      tests_(rule.ops.size()),
      next_(&head_.next),
      prefixes_(&head_.prefixes) {
  batch_.reserve(RowSet::kBatch * rule.tuple.size());
  for (; split_ < rule_.ops.size(); ++split_) {
    const SetOp& op = rule_.ops[split_];
    if (op.kind == SetOp::Kind::scan_rows || op.kind == SetOp::Kind::probe_rows) break;
    const bool loops = op.payload == SetOp::Payload::expand || op.payload == SetOp::Payload::carry;
    if (op.kind == SetOp::Kind::scan_bits && (!op.one_row || loops)) break;
  }
}

void SetRun::take_lane(std::uint32_t lane, std::uint32_t lanes) {
  lane_ = lane;
  lanes_ = lanes;
  next_ = &head_.lanes[lane].next;
  next_rows_ = &head_.lanes[lane].rows;
  if (head_.packed) prefixes_ = &head_.lanes[lane].prefixes;
}

bool SetRun::can_share(const plan::PlanRule& rule, const SetRule& compiled) {
  return std::all_of(compiled.ops.begin(), compiled.ops.end(), [&](const SetOp& op) {
    if (op.kind == SetOp::Kind::filter) return op.simple || writes_nothing(*op.expression);
    if (op.kind == SetOp::Kind::assign && op.simple && op.expression->op != lang::Op::equal) return true;
    if (op.kind == SetOp::Kind::assign)
      return writes_nothing(*op.expression) && compiled.kinds[op.target] != IdCodec::Kind::wide;
    if (op.kind == SetOp::Kind::foreign) return false;
    if (op.kind != SetOp::Kind::range) return true;
    return std::all_of(op.outputs.begin(), op.outputs.end(), [&](const auto& output) {
      return IdCodec::kind(rule.variables[output.second].type) != IdCodec::Kind::wide;
    });
  });
}

std::uint64_t SetRun::share_of() const {
  if (split_ == rule_.ops.size()) return 0;  // one binding at most
  const SetOp& op = rule_.ops[split_];
  const SetRelation& r = relation(op.relation);
  if (op.kind == SetOp::Kind::scan_bits) return store(op.relation, op.delta, op.second).size();
  return op.delta ? r.high - r.low : r.high;
}

Status SetRun::run() {
  for (const SetOp& op : rule_.ops) {
    if (op.relation == plan::kNone || op.negative) continue;
    const SetRelation& r = relation(op.relation);
    if (op.delta ? r.delta_empty() : r.bits() ? r.all.size() == 0 : r.high == 0) return {};
  }
  divides_ = lanes_ > 1 && !long_rows();
  prefix_number_ = RowSet::kNone;
  wait_ = !sink_ && !head_.packed && (head_.all.rows() >= kFarRows || next_->rows() >= kFarRows);
  step(0);
  emit_waiting();
  flush();
  return status_;
}

// Whole rows go into heads, and they are long: to make heads is the work, and each head is made once if lanes have rows
// of their own.
bool SetRun::long_rows() const {
  if (!rule_.carried || head_.arity != 2 || rule_.row.constant) return false;
  const SetOp& op = rule_.ops[split_];
  if (op.kind != SetOp::Kind::scan_bits || op.one_row) return false;
  const BitRows& s = store(op.relation, op.delta, op.second);
  return s.size() >= std::uint64_t{kLongRow} * s.rows();
}

bool SetRun::tick() {
  ticks_ += view_ ? kSlow : 1;
  if (ticks_ % kTicks != 0) return true;
  status_ =
      lanes_ == 1 ? e_.check() : e_.check_lane((next_->bytes() + next_rows_->bytes() + prefixes_->bytes()) * lanes_);
  return status_.ok();
}

bool SetRun::step(std::size_t i) {
  if (i == rule_.ops.size()) return emit();
  const SetOp& op = rule_.ops[i];
  switch (op.kind) {
    case SetOp::Kind::scan_bits:
      return scan_bits(op, i);
    case SetOp::Kind::test_bit: {
      if (op.packed) return test_packed(op) == op.negative ? true : step(i + 1);
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
    case SetOp::Kind::range:
      return range(op, i);
    case SetOp::Kind::foreign:
      return foreign(op, i);
  }
  return true;
}

std::uint32_t SetRun::prefix_number(RelationId r, const std::vector<SetArg>& prefix) const {
  Id tuple[64];
  for (std::size_t k = 0; k < prefix.size(); ++k) tuple[k] = value(prefix[k]);
  return relation(r).prefixes.find(tuple);
}

bool SetRun::test_packed(const SetOp& op) const {
  const std::uint32_t number = prefix_number(op.relation, op.prefix);
  return number != RowSet::kNone && store(op.relation, op.delta, false).contains(number, value(op.bit_arg));
}

// Prefixes may move while deeper steps add to them: each is read before they run.
bool SetRun::scan_packed(const SetOp& op, std::size_t i) {
  const SetRelation& r = relation(op.relation);
  const BitRows& s = store(op.relation, op.delta, false);
  if (op.one_row) {
    const std::uint32_t number = prefix_number(op.relation, op.prefix);
    const std::uint32_t at = number == RowSet::kNone ? BitRows::kNone : s.find(number);
    return at == BitRows::kNone || row(op, s, at, i);
  }
  auto one = [&](std::uint32_t at) {
    const Id* tuple = r.prefixes.row(s.key(at));
    for (const auto& [column, a] : op.keys)
      if (tuple[column] != value(a)) return true;
    for (const auto& [column, variable] : op.outputs) registers_[variable] = tuple[column];
    for (const auto& [column, variable] : op.checks)
      if (tuple[column] != registers_[variable]) return true;
    return row(op, s, at, i);
  };
  if (op.index != plan::kNone) {
    const RowIndex& index = r.indexes[op.index];
    Id key[64];
    for (std::size_t k = 0; k < op.keys.size(); ++k) key[k] = value(op.keys[k].second);
    for (std::uint32_t n = index.first(key, r.prefixes); n != RowSet::kNone; n = index.next(n))
      if (const std::uint32_t at = s.find(n); at != BitRows::kNone && mine(i, at) && !one(at)) return false;
    return true;
  }
  const std::uint32_t rows = s.rows();
  const std::uint32_t chunk = std::clamp(rows / (lanes_ * 16), 1u, 64u);
  for (std::uint32_t at = 0; at < rows; ++at)
    if (mine(i, at, chunk) && !one(at)) return false;
  return true;
}

bool SetRun::scan_bits(const SetOp& op, std::size_t i) {
  if (op.packed) return scan_packed(op, i);
  const BitRows& s = store(op.relation, op.delta, op.second);
  if (op.one_row) {
    const std::uint32_t at = s.find(value(op.row_arg));
    return at == BitRows::kNone || row(op, s, at, i);
  }
  const std::uint32_t rows = s.rows();
  const std::uint32_t chunk = std::clamp(rows / (lanes_ * 16), 1u, 64u);  // of the rows that lanes take in turn
  const bool far = i == 0 && rows >= kAhead && rule_.ops.size() > 1;
  for (std::uint32_t r = 0; r < rows; ++r) {
    if (!mine(i, r, chunk)) continue;
    if (far) look_ahead(rule_.ops[1], s, r);
    registers_[op.row_arg.variable] = s.key(r);
    if (!row(op, s, r, i)) return false;
  }
  return true;
}

// The rows that the next step will look up for the keys to come.
void SetRun::look_ahead(const SetOp& op, const BitRows& s, std::uint32_t r) const {
  if (op.kind != SetOp::Kind::scan_bits || !op.one_row || op.row_arg.constant || r + kAhead >= s.rows()) return;
  if (op.row_arg.variable != rule_.ops[0].row_arg.variable) return;
  const BitRows& of = store(op.relation, op.delta, op.second);
  if (of.rows() < kFarRows) return;
  of.prefetch_key(s.key(r + kAhead));
  if (const std::uint32_t at = of.find(s.key(r + kAhead / 2)); at != BitRows::kNone) of.prefetch_row(at);
  if (const std::uint32_t at = of.find(s.key(r + kAhead / 4)); at != BitRows::kNone) of.prefetch_values(at);
}

// False: some positive test has no row, so nothing passes.
bool SetRun::find_tests(const SetOp& op, std::vector<Tests>& out) const {
  out.clear();
  for (const SetTest& t : op.tests) {
    const BitRows& s = store(t.relation, t.delta, t.second);
    const Id key = t.prefix.empty() ? value(t.row) : prefix_number(t.relation, t.prefix);
    const std::uint32_t at = !t.prefix.empty() && key == RowSet::kNone ? BitRows::kNone : s.find(key);
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
    if (!go_on || found || (op.one_row && !mine(i, block))) return;
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
  auto& tests = tests_[i];
  if (!find_tests(op, tests)) return true;
  const bool part = divides_ && op.one_row && i == split_;
  if (tests.empty() && !part) {
    carried_ = nullptr;
    whole_ = {&s, r};
    return step(i + 1);
  }
  Blocks& blocks = scratch_[i];
  blocks.clear();
  s.each_block(r, [&](std::uint32_t block, std::uint64_t mask) {
    if (part && !mine(i, block)) return;
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
  auto keep = [&](std::uint32_t block, std::uint64_t mask) {
    mask = pass(tests, block, mask);
    if (mask) blocks.push_back({block, mask});
  };
  if (carried_)
    for (const Block& b : *carried_) keep(b.number, b.mask);
  else
    whole_.store->each_block(whole_.row, keep);
  return carry_on(blocks, i);
}

// These blocks instead of those that an outer step carries.
bool SetRun::carry_on(const Blocks& blocks, std::size_t i) {
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
  const std::uint32_t begin = op.delta ? r.low : 0, end = r.high;
  const std::uint32_t chunk = std::clamp((end - begin) / (lanes_ * 16), 1u, 1024u);
  for (std::uint32_t at = begin; at < end; ++at)
    if (mine(i, at - begin, chunk) && !one(at)) return false;
  return true;
}

bool SetRun::probe_rows(const SetOp& op, std::size_t i) {
  const SetRelation& r = relation(op.relation);
  const RowIndex& index = r.indexes[op.index];
  Id key[64];
  for (std::size_t k = 0; k < op.keys.size(); ++k) key[k] = value(op.keys[k].second);
  for (std::uint32_t at = index.first(key, r.rows); at != RowSet::kNone; at = index.next(at))
    if (at < r.high && mine(i, at) && in_sight(op, at) && (!tick() || !take(op, r.rows.row(at), i))) return false;
  return true;
}

bool SetRun::test_rows(const SetOp& op, std::size_t i) {
  Id tuple[64];
  for (std::size_t k = 0; k < op.keys.size(); ++k) tuple[k] = value(op.keys[k].second);
  const SetRelation& r = relation(op.relation);
  const std::uint32_t at = r.rows.find(tuple);
  bool there = at < r.high && !r.rows.hidden(at);  // what this round adds is not there yet
  if (view_ && at != RowSet::kNone)
    there = op.negative ? view_->there(op.relation, at) : there && view_->seen(op.relation, at);
  return there == op.negative ? true : step(i + 1);
}

Cell SetRun::cell_of(const SetOp& op, std::size_t k) const {
  const lang::Expr& e = e_.rule(rule_.rule).body[op.literal].literal.args[op.keys[k].first];
  return e_.codec_.decode(value(op.keys[k].second), IdCodec::kind(e.type));
}

bool SetRun::range(const SetOp& op, std::size_t i) {
  const Cell low = cell_of(op, 0), high = cell_of(op, 1);
  const bool has_sign = is_signed(e_.rule(rule_.rule).body[op.literal].literal.args[0].type);
  const auto below = [&](Cell a, Cell b) { return has_sign ? as_int(a) < as_int(b) : a < b; };
  if (op.outputs.empty()) {
    const Cell x = cell_of(op, 2);
    return (!below(x, low) && below(x, high)) != op.negative ? step(i + 1) : true;
  }
  const VarId out = op.outputs[0].second;
  for (Cell x = low; below(x, high); ++x) {
    registers_[out] = e_.codec_.encode(x, rule_.kinds[out]);
    if (!tick() || !step(i + 1)) return false;
  }
  return true;
}

// Negated, it holds where no row fits. Plain sets take a row whatever its probability.
bool SetRun::foreign(const SetOp& op, std::size_t i) {
  const modules::Predicate& predicate = modules::predicates()[op.predicate];
  std::vector<Cell> inputs(predicate.inputs);
  for (std::uint32_t k = 0; k < predicate.inputs; ++k) inputs[k] = cell_of(op, k);
  bool some = false, go_on = true;
  auto take = [&](std::span<const Cell> row, double) {
    if (!tick()) return go_on = false;
    auto at = [&](std::uint32_t column) {
      return e_.codec_.encode(row[op.kept[column] - predicate.inputs], IdCodec::kind(op.types[op.kept[column]]));
    };
    for (std::size_t k = predicate.inputs; k < op.keys.size(); ++k)
      if (at(op.keys[k].first) != value(op.keys[k].second)) return true;
    for (const auto& [column, variable] : op.outputs) registers_[variable] = at(column);
    for (const auto& [column, variable] : op.checks)
      if (at(column) != registers_[variable]) return true;
    some = true;
    return !op.negative && (go_on = step(i + 1));
  };
  predicate.rows({inputs, op.types, e_.symbols_}, modules::RowSink(take));
  return op.negative && !some && go_on ? step(i + 1) : go_on;
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

// One after another often have the same.
Id SetRun::head_prefix() {
  bool same = prefix_number_ != RowSet::kNone;
  prefix_.resize(rule_.prefix.size());
  for (std::size_t k = 0; k < prefix_.size(); ++k) {
    const Id id = value(rule_.prefix[k]);
    same = same && prefix_[k] == id;
    prefix_[k] = id;
  }
  if (!same) prefix_number_ = prefixes_->number(prefix_.data());
  return prefix_number_;
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
  const Id row = rule_.prefix.empty() ? value(rule_.row) : head_prefix();
  if (rule_.carried) {
    if (lanes_ > 1 && !divides_ && row % lanes_ != lane_) return true;
    if (carried_) {
      emit_blocks(row, *carried_);
    } else if (!wait_) {
      emit_row(row, *whole_.store, whole_.row);
    } else {
      waiting_.emplace_back(row, whole_);
      if (waiting_.size() == kWaiting) emit_waiting();
    }
    return true;
  }
  const Id bit = value(rule_.bit);
  if (sink_) {
    sink_->bits(row, bit >> 6, std::uint64_t{1} << (bit & 63));
    return true;
  }
  if (const std::uint32_t known = known_row(row);
      known == BitRows::kNone || (head_.all.mask(known, bit >> 6) >> (bit & 63) & 1) == 0)
    next_->insert(row, bit);
  return true;
}

void SetRun::flush() {
  if (batch_.empty()) return;
  const std::size_t n = rule_.tuple.size();
  if (next_rows_)
    next_rows_->insert_batch_new(batch_.data(), batch_.size() / n, head_.rows);
  else
    head_.rows.insert_batch(batch_.data(), batch_.size() / n);
  batch_.clear();
}

// Each look misses the cache, but not one after another.
void SetRun::emit_waiting() {
  std::uint32_t known[kWaiting], next[kWaiting];
  for (const auto& [row, unused] : waiting_) {
    head_.all.prefetch_key(row);
    next_->prefetch_key(row);
  }
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    known[i] = head_.all.find(waiting_[i].first);
    next[i] = next_->find(waiting_[i].first);
    if (known[i] != BitRows::kNone) head_.all.prefetch_row(known[i]);
    if (next[i] != BitRows::kNone) next_->prefetch_row(next[i]);
  }
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    if (known[i] != BitRows::kNone) head_.all.prefetch_values(known[i]);
    if (next[i] != BitRows::kNone) next_->prefetch_values(next[i]);
  }
  for (const auto& [row, whole] : waiting_) emit_row(row, *whole.store, whole.row);
  waiting_.clear();
}

void SetRun::emit_blocks(Id row, const Blocks& blocks) {
  if (sink_) {
    for (const Block& b : blocks) sink_->bits(row, b.number, b.mask);
    return;
  }
  const std::uint32_t known = known_row(row);
  std::uint32_t next = BitRows::kNone;
  for (const Block& b : blocks) {
    const std::uint64_t fresh = b.mask & ~(known == BitRows::kNone ? 0 : head_.all.mask(known, b.number));
    if (!fresh) continue;
    if (next == BitRows::kNone) next = next_->at(row);
    next_->add(next, b.number, fresh);
  }
}

void SetRun::emit_row(Id row, const BitRows& from, std::uint32_t from_row) {
  if (sink_) {
    from.each_block(from_row, [&](std::uint32_t block, std::uint64_t mask) { sink_->bits(row, block, mask); });
    return;
  }
  const std::uint32_t known = known_row(row);
  std::uint32_t next = BitRows::kNone;
  from.each_block(from_row, [&](std::uint32_t block, std::uint64_t mask) {
    const std::uint64_t fresh = mask & ~(known == BitRows::kNone ? 0 : head_.all.mask(known, block));
    if (!fresh) return;
    if (next == BitRows::kNone) next = next_->at(row);
    next_->add(next, block, fresh);
  });
}

}  // namespace tenfold::engine
