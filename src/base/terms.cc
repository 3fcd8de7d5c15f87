#include "base/terms.h"

#include <algorithm>

namespace tenfold {
namespace {
constexpr std::uint32_t kFree = 0xFFFFFFFFu;
constexpr ConstructorId kPair = 0;  // what pair() makes its entries with
}  // namespace

Terms::Terms(const Terms* parent) : parent_(parent), base_(parent ? static_cast<TermId>(parent->size()) : 0) {
  if (!parent) constructors_.push_back({"", {}});
}

const Terms& Terms::root() const {
  const Terms* table = this;
  while (table->parent_) table = table->parent_;
  return *table;
}

const Terms& Terms::owner(TermId id) const {
  const Terms* table = this;
  while (id < table->base_) table = table->parent_;
  return *table;
}

const Terms::Entry& Terms::entry(TermId id) const {
  const Terms& table = owner(id);
  return table.entries_[id - table.base_];
}

ConstructorId Terms::declare(std::string name, std::vector<Type> fields) {
  constructors_.push_back({std::move(name), std::move(fields)});
  return static_cast<ConstructorId>(constructors_.size() - 1);
}

std::optional<ConstructorId> Terms::find(std::string_view name) const {
  const auto& all = root().constructors_;
  for (ConstructorId i = 1; i < all.size(); ++i)
    if (all[i].name == name) return i;
  return std::nullopt;
}

// MurmurHash3's fmix64 (A. Appleby, public domain) between cells: ids are dense, and linear probing clusters on less.
std::uint64_t Terms::hash(ConstructorId constructor, std::span<const Cell> args) {
  std::uint64_t h = constructor + 0x9E3779B97F4A7C15u;
  for (const Cell c : args) {
    h ^= c;
    h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
    h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
    h ^= h >> 33;
  }
  return h ^ (h >> 29);
}

std::uint32_t Terms::slot(ConstructorId constructor, std::span<const Cell> args, std::uint64_t hash) const {
  if (slots_.empty()) return kFree;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = hash & mask; slots_[at] != kFree; at = (at + 1) & mask) {
    const Entry& e = entries_[slots_[at]];
    if (e.constructor == constructor && e.count == args.size() &&
        std::equal(args.begin(), args.end(), cells_.begin() + static_cast<std::ptrdiff_t>(e.first)))
      return slots_[at];
  }
  return kFree;
}

std::optional<TermId> Terms::known(ConstructorId constructor, std::span<const Cell> args) const {
  const std::uint64_t h = hash(constructor, args);
  for (const Terms* table = this; table; table = table->parent_)
    if (const std::uint32_t local = table->slot(constructor, args, h); local != kFree) return table->base_ + local;
  return std::nullopt;
}

void Terms::grow() {
  slots_.assign(std::max<std::size_t>(64, slots_.size() * 2), kFree);
  const std::size_t mask = slots_.size() - 1;
  for (std::uint32_t i = 0; i < entries_.size(); ++i) {
    const Entry& e = entries_[i];
    std::size_t at = hash(e.constructor, {cells_.data() + e.first, e.count}) & mask;
    while (slots_[at] != kFree) at = (at + 1) & mask;
    slots_[at] = i;
  }
}

TermId Terms::make(ConstructorId constructor, std::span<const Cell> args, std::uint64_t content) {
  if (const auto found = known(constructor, args)) return *found;
  if ((entries_.size() + 1) * 2 > slots_.size()) grow();
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash(constructor, args) & mask;
  while (slots_[at] != kFree) at = (at + 1) & mask;
  slots_[at] = static_cast<std::uint32_t>(entries_.size());
  entries_.push_back({constructor, static_cast<std::uint32_t>(args.size()), cells_.size(), content});
  cells_.insert(cells_.end(), args.begin(), args.end());
  return base_ + slots_[at];
}

std::span<const Cell> Terms::args(TermId id) const {
  const Terms& table = owner(id);
  const Entry& e = table.entries_[id - table.base_];
  return {table.cells_.data() + e.first, e.count};
}

TermId Terms::pair(std::uint64_t high, std::uint64_t low) {
  const Cell cells[] = {high, low};
  return make(kPair, cells, hash(kPair, cells));
}

std::pair<std::uint64_t, std::uint64_t> Terms::pair(TermId id) const {
  const auto cells = args(id);
  return {cells[0], cells[1]};
}

std::size_t Terms::bytes() const {
  return entries_.capacity() * sizeof(Entry) + cells_.capacity() * sizeof(Cell) + slots_.capacity() * 4;
}

void Terms::clear() {
  if (entries_.empty()) return;
  entries_.clear();
  cells_.clear();
  std::fill(slots_.begin(), slots_.end(), kFree);
}

}  // namespace tenfold
