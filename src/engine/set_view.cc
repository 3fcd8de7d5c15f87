// The steps of a rule of the set executor that sees only a part of what its relations hold (set_run.h): an update's
// checks.
#include "engine/set_run.h"

namespace tenfold::engine {

void SetRun::pass_in_view(const std::vector<SetTest>& tests, Blocks& blocks) const {
  for (const SetTest& t : tests) {
    if (blocks.empty()) return;
    const BitRows& s = store(t.relation, t.delta, t.second);
    const Id row = value(t.row);
    const std::uint32_t at = s.find(row);
    if (at == BitRows::kNone && !t.negative) return blocks.clear();
    std::size_t left = 0;
    for (Block b : blocks) {
      const std::uint64_t held = at == BitRows::kNone ? 0 : s.mask(at, b.number);
      if (t.negative)
        b.mask &= ~view_->there(t.relation, t.second, row, b.number, held);
      else if (b.mask &= held; b.mask && !t.delta)
        b.mask = view_->seen(t.relation, t.second, row, b.number, b.mask);
      if (b.mask) blocks[left++] = b;
    }
    blocks.resize(left);
  }
}

bool SetRun::row_in_view(const SetOp& op, const BitRows& s, std::uint32_t r, std::size_t i) {
  const Id key = s.key(r);
  auto seen = [&](std::uint32_t block, std::uint64_t mask) {
    return op.delta ? mask : view_->seen(op.relation, op.second, key, block, mask);
  };
  if (op.payload == SetOp::Payload::known || op.payload == SetOp::Payload::same) {
    const Id bit = op.payload == SetOp::Payload::same ? key : value(op.bit_arg);
    const std::uint64_t one = std::uint64_t{1} << (bit & 63);
    return seen(bit >> 6, s.mask(r, bit >> 6) & one) == 0 || step(i + 1);
  }
  Blocks& blocks = scratch_[i];
  blocks.clear();
  s.each_block(r, [&](std::uint32_t block, std::uint64_t mask) {
    if (mask) mask = seen(block, mask);
    if (mask) blocks.push_back({block, mask});
  });
  pass_in_view(op.tests, blocks);
  if (blocks.empty()) return true;
  if (op.payload == SetOp::Payload::exists) return step(i + 1);
  if (op.payload == SetOp::Payload::carry) {
    carried_ = &blocks;
    return step(i + 1);
  }
  for (const Block& b : blocks)
    if (!each_bit(op, b.number, b.mask, i)) return false;
  return true;
}

bool SetRun::mask_in_view(const SetOp& op, std::size_t i) {
  Blocks& blocks = scratch_[i];
  blocks = *carried_;
  pass_in_view(op.tests, blocks);
  return carry_on(blocks, i);
}

bool SetRun::holds_in_view(const SetOp& op) const {
  const BitRows& s = store(op.relation, op.delta, false);
  const Id row = value(op.row_arg), bit = value(op.bit_arg);
  const std::uint64_t one = std::uint64_t{1} << (bit & 63);
  const std::uint64_t held = s.contains(row, bit) ? one : 0;
  if (op.delta) return held != 0;
  return ((op.negative ? view_->there(op.relation, false, row, bit >> 6, held)
                       : view_->seen(op.relation, false, row, bit >> 6, held)) &
          one) != 0;
}

}  // namespace tenfold::engine
