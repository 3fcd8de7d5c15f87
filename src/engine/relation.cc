#include "engine/relation.h"

#include <algorithm>

namespace tenfold::engine {
namespace {
constexpr std::size_t kFirstSlots = 16;

// Rows are short: a call that compares memory costs more than it compares.
bool same(std::span<const Cell> a, const Cell* b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] != b[i]) return false;
  return true;
}

// A table that one large record grew must not make clearing it dear for all later ones.
void empty_slots(LargeVector<Row>& slots, std::size_t used) {
  if (slots.size() > 1024 && used * 8 < slots.size()) slots.resize(slots.size() / 2);
  std::fill(slots.begin(), slots.end(), kNone);
}
}  // namespace

std::uint64_t hash_cells(std::span<const Cell> cells) {
  std::uint64_t h = 0x9E3779B97F4A7C15u;
  for (Cell c : cells) {
    h ^= c;
    h *= 0xD6E8FEB86659FD93u;
    h ^= h >> 32;
  }
  // A float that is a whole number differs from another in its highest bits alone; of the last cell they are still
  // high.
  h *= 0xD6E8FEB86659FD93u;
  return h ^ h >> 32;
}

void Relation::grow() {
  LargeVector<Row> slots(std::max(kFirstSlots, slots_.size() * 2), kNone);
  const std::size_t mask = slots.size() - 1;
  for (Row r = 0; r < size_; ++r) {
    std::size_t at = hash_cells(row(r)) & mask;
    while (slots[at] != kNone) at = (at + 1) & mask;
    slots[at] = r;
  }
  slots_ = std::move(slots);
}

Row Relation::find(std::span<const Cell> tuple) const {
  if (size_ == 0) return kNone;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash_cells(tuple) & mask; slots_[at] != kNone; at = (at + 1) & mask)
    if (same(tuple, row(slots_[at]).data())) return slots_[at];
  return kNone;
}

std::pair<Row, bool> Relation::insert(std::span<const Cell> tuple) {
  if ((std::size_t{size_} + 1) * 2 > slots_.size()) grow();
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash_cells(tuple) & mask;
  for (; slots_[at] != kNone; at = (at + 1) & mask)
    if (same(tuple, row(slots_[at]).data())) return {slots_[at], false};
  slots_[at] = size_;
  cells_.insert(cells_.end(), tuple.begin(), tuple.end());
  certain_.push_back(false);
  return {size_++, true};
}

void Relation::set_firing(Row r, std::uint32_t firing) {
  if (firing_.size() <= r) firing_.resize(std::max<std::size_t>(r + 1, size_), kNone);
  firing_[r] = firing;
}

void Relation::set_origin(Row r, SymbolId origin) {
  if (origin_.size() <= r) origin_.resize(std::max<std::size_t>(r + 1, size_), kNone);
  origin_[r] = origin;
}

void Relation::clear() {
  empty_slots(slots_, size_);
  size_ = 0;
  cells_.clear();
  certain_.clear();
  firing_.clear();
  origin_.clear();
}

std::size_t Relation::bytes() const {
  return cells_.capacity() * sizeof(Cell) + (slots_.capacity() + firing_.capacity() + origin_.capacity()) * 4 +
         size_ / 8;
}

bool Index::same_key(Row r, std::span<const Cell> key, const Relation& relation) const {
  const auto row = relation.row(r);
  for (std::size_t i = 0; i < columns_.size(); ++i)
    if (row[columns_[i]] != key[i]) return false;
  return true;
}

void Index::grow(const Relation& relation) {
  LargeVector<Row> slots(std::max(kFirstSlots, slots_.size() * 2), kNone);
  const std::size_t mask = slots.size() - 1;
  std::vector<Cell> key(columns_.size());
  for (Row r : slots_) {
    if (r == kNone) continue;
    for (std::size_t i = 0; i < columns_.size(); ++i) key[i] = relation.row(r)[columns_[i]];
    std::size_t at = hash_cells(key) & mask;
    while (slots[at] != kNone) at = (at + 1) & mask;
    slots[at] = r;
  }
  slots_ = std::move(slots);
}

void Index::catch_up(const Relation& relation) {
  if (next_.size() >= relation.size()) return;
  std::vector<Cell> key(columns_.size());
  if (next_.capacity() < relation.size()) next_.reserve(std::max<std::size_t>(relation.size(), next_.capacity() * 2));
  for (Row r = static_cast<Row>(next_.size()); r < relation.size(); ++r) {
    if ((keys_ + 1) * 2 > slots_.size()) grow(relation);
    for (std::size_t i = 0; i < columns_.size(); ++i) key[i] = relation.row(r)[columns_[i]];
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash_cells(key) & mask;
    while (slots_[at] != kNone && !same_key(slots_[at], key, relation)) at = (at + 1) & mask;
    if (slots_[at] == kNone) ++keys_;
    next_.push_back(slots_[at]);
    slots_[at] = r;
  }
}

Row Index::first(std::span<const Cell> key, const Relation& relation) const {
  if (keys_ == 0) return kNone;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash_cells(key) & mask; slots_[at] != kNone; at = (at + 1) & mask)
    if (same_key(slots_[at], key, relation)) return slots_[at];
  return kNone;
}

void Index::clear() {
  empty_slots(slots_, keys_);
  next_.clear();
  keys_ = 0;
}

}  // namespace tenfold::engine
