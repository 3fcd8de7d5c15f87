#include "engine/bit_ranks.h"

namespace tenfold::engine {

void BitRanks::grow() {
  std::vector<Slot> old(slots_.empty() ? 64 : slots_.size() * 2);
  old.swap(slots_);
  shift_ = 64 - static_cast<int>(std::bit_width(slots_.size()) - 1);
  for (const Slot& s : old) {
    if (s.first == kNone) continue;
    std::size_t at = slot(s.key);
    while (slots_[at].first != kNone) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = s;
  }
}

void BitRanks::add(Id row, std::uint32_t block, std::uint64_t bits, std::uint32_t rank) {
  if (bits == 0) return;
  if ((used_ + 1) * 2 > slots_.size()) grow();
  const std::uint64_t key = key_of(row, block);
  std::size_t at = slot(key);
  while (slots_[at].first != kNone && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
  Slot& s = slots_[at];
  if (s.first == kNone) {
    s.key = key;
    ++used_;
  } else if (entries_[s.first].rank == rank || entries_[s.first].bits == 0) {
    entries_[s.first].bits |= bits;
    entries_[s.first].rank = rank;
    return;
  }
  entries_.push_back({bits, rank, s.first});
  s.first = static_cast<std::uint32_t>(entries_.size() - 1);
}

void BitRanks::remove(Id row, std::uint32_t block, std::uint64_t bits) {
  if (slots_.empty()) return;
  const std::uint64_t key = key_of(row, block);
  std::size_t at = slot(key);
  while (slots_[at].first != kNone && slots_[at].key != key) at = (at + 1) & (slots_.size() - 1);
  for (std::uint32_t e = slots_[at].first; e != kNone; e = entries_[e].next) entries_[e].bits &= ~bits;
}

void BitRanks::clear() {
  slots_ = {};
  entries_ = {};
  used_ = 0;
  shift_ = 64;
}

}  // namespace tenfold::engine
