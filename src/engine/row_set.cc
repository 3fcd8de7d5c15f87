#include "engine/row_set.h"

#include <algorithm>

namespace tenfold::engine {
namespace {
constexpr std::uint64_t kHigh = 0xFFFFFFFF00000000u;
}

// A slot's place is the top of the hash, which it holds: the new table is filled from one end to the other, and no
// tuple is looked at.
void RowSet::grow() {
  std::vector<std::uint64_t> slots(std::max<std::size_t>(16, slots_.size() * 2), 0);
  const std::size_t m = slots.size() - 1;
  shift_ = 64 - static_cast<int>(std::bit_width(m));
  for (std::uint64_t slot : slots_) {
    if (!slot) continue;
    std::size_t at = (slot & kHigh) >> shift_;
    while (slots[at]) at = (at + 1) & m;
    slots[at] = slot;
  }
  slots_ = std::move(slots);
}

bool RowSet::holds(std::uint64_t slot, const Id* tuple, std::uint64_t h) const {
  if ((slot ^ h) & kHigh) return false;
  const Id* its = row(static_cast<std::uint32_t>(slot) - 1);
  for (std::uint32_t c = 0; c < arity_; ++c)
    if (its[c] != tuple[c]) return false;
  return true;
}

std::uint32_t RowSet::find(const Id* tuple) const { return size_ == 0 ? kNone : find(tuple, hash(tuple, arity_)); }

std::uint32_t RowSet::find(const Id* tuple, std::uint64_t h) const {
  const std::size_t m = slots_.size() - 1;
  for (std::size_t at = h >> shift_; slots_[at]; at = (at + 1) & m)
    if (holds(slots_[at], tuple, h)) return static_cast<std::uint32_t>(slots_[at]) - 1;
  return kNone;
}

std::uint32_t RowSet::number(const Id* tuple) {
  if ((std::size_t{size_} + 1) * 3 > slots_.size() * 2) grow();
  return number(tuple, hash(tuple, arity_));
}

std::uint32_t RowSet::number(const Id* tuple, std::uint64_t h) {
  const std::size_t m = slots_.size() - 1;
  std::size_t at = h >> shift_;
  for (; slots_[at]; at = (at + 1) & m)
    if (holds(slots_[at], tuple, h)) return found(static_cast<std::uint32_t>(slots_[at]) - 1);
  slots_[at] = (h & kHigh) | ++size_;
  cells_.insert(cells_.end(), tuple, tuple + arity_);
  return size_ - 1;
}

void RowSet::hide(std::uint32_t r) {
  if (hidden_.size() <= r) hidden_.resize(size_, 0);
  hidden_rows_ += hidden_[r] == 0;
  hidden_[r] = 1;
}

void RowSet::show(std::uint32_t r) {
  if (!hidden(r)) return;
  hidden_[r] = 0;
  --hidden_rows_;
}

void RowSet::insert_batch(const Id* tuples, std::size_t n) {
  while ((std::size_t{size_} + n) * 3 > slots_.size() * 2) grow();
  std::uint64_t hashes[kBatch];
  for (std::size_t i = 0; i < n; ++i) {
    hashes[i] = hash(tuples + i * arity_, arity_);
    __builtin_prefetch(&slots_[hashes[i] >> shift_], 1);
  }
  for (std::size_t i = 0; i < n; ++i)  // the tuple that it may be equal to
    if (const std::uint64_t slot = slots_[hashes[i] >> shift_]; slot && ((slot ^ hashes[i]) & kHigh) == 0)
      __builtin_prefetch(row(static_cast<std::uint32_t>(slot) - 1));
  for (std::size_t i = 0; i < n; ++i) number(tuples + i * arity_, hashes[i]);
}

void RowSet::insert_batch_new(const Id* tuples, std::size_t n, const RowSet& known) {
  if (known.size_ == 0) return insert_batch(tuples, n);
  while ((std::size_t{size_} + n) * 3 > slots_.size() * 2) grow();
  std::uint64_t hashes[kBatch];
  for (std::size_t i = 0; i < n; ++i) {
    hashes[i] = hash(tuples + i * arity_, arity_);
    __builtin_prefetch(&known.slots_[hashes[i] >> known.shift_]);
    __builtin_prefetch(&slots_[hashes[i] >> shift_], 1);
  }
  for (std::size_t i = 0; i < n; ++i)
    if (known.find(tuples + i * arity_, hashes[i]) == kNone) number(tuples + i * arity_, hashes[i]);
}

void RowSet::clear() {
  std::fill(slots_.begin(), slots_.end(), 0);
  cells_.clear();
  size_ = 0;
  hidden_.clear();
  hidden_rows_ = 0;
  returned_.clear();
}

bool RowIndex::same(std::uint32_t row, const Id* key, const RowSet& set) const {
  const Id* cells = set.row(row);
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (cells[columns_[i]] != key[i]) return false;
  return true;
}

void RowIndex::grow(const RowSet& set) {
  std::vector<std::uint32_t> slots(std::max<std::size_t>(16, slots_.size() * 2), RowSet::kNone);
  const std::size_t m = slots.size() - 1;
  std::vector<Id> key(columns_.size());
  for (std::uint32_t r : slots_) {
    if (r == RowSet::kNone) continue;
    for (std::size_t i = 0; i < columns_.size(); ++i) key[i] = set.row(r)[columns_[i]];
    std::size_t at = RowSet::hash(key.data(), key.size()) & m;
    while (slots[at] != RowSet::kNone) at = (at + 1) & m;
    slots[at] = r;
  }
  slots_ = std::move(slots);
}

void RowIndex::catch_up(const RowSet& set) {
  std::vector<Id> key(columns_.size());
  next_.reserve(set.size());
  for (auto r = static_cast<std::uint32_t>(next_.size()); r < set.size(); ++r) {
    if ((keys_ + 1) * 2 > slots_.size()) grow(set);
    for (std::size_t i = 0; i < columns_.size(); ++i) key[i] = set.row(r)[columns_[i]];
    const std::size_t m = slots_.size() - 1;
    std::size_t at = RowSet::hash(key.data(), key.size()) & m;
    while (slots_[at] != RowSet::kNone && !same(slots_[at], key.data(), set)) at = (at + 1) & m;
    if (slots_[at] == RowSet::kNone) ++keys_;
    next_.push_back(slots_[at]);
    slots_[at] = r;
  }
}

std::uint32_t RowIndex::first(const Id* key, const RowSet& set) const {
  if (keys_ == 0) return RowSet::kNone;
  const std::size_t m = slots_.size() - 1;
  for (std::size_t at = RowSet::hash(key, columns_.size()) & m; slots_[at] != RowSet::kNone; at = (at + 1) & m)
    if (same(slots_[at], key, set)) return slots_[at];
  return RowSet::kNone;
}

}  // namespace tenfold::engine
