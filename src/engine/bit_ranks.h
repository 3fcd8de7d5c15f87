// When each tuple of a relation that is kept as rows of bits was first derived: the rank of its round. Every tuple has a
// firing whose premises of its own stratum have lower ranks, which is how an update tells what still stands
// (set_update.h). Bits of one block that came in one round share an entry.
#pragma once

#include "engine/bit_rows.h"

namespace tenfold::engine {

class BitRanks {
 public:
  /// Those bits, which have no rank yet.
  void add(Id row, std::uint32_t block, std::uint64_t bits, std::uint32_t rank);
  void remove(Id row, std::uint32_t block, std::uint64_t bits);
  /// Bits of the block whose rank is lower.
  std::uint64_t below(Id row, std::uint32_t block, std::uint32_t rank) const {
    std::uint64_t out = 0;
    each(row, block, [&](std::uint32_t its, std::uint64_t bits) {
      if (its < rank) out |= bits;
    });
    return out;
  }
  /// Calls f(rank, bits) for the ranks that bits of the block have.
  template <class F>
  void each(Id row, std::uint32_t block, F f) const {
    if (slots_.empty()) return;
    const std::uint64_t key = key_of(row, block);
    for (std::size_t at = slot(key);; at = (at + 1) & (slots_.size() - 1)) {
      if (slots_[at].first == kNone) return;
      if (slots_[at].key != key) continue;
      for (std::uint32_t e = slots_[at].first; e != kNone; e = entries_[e].next)
        if (entries_[e].bits) f(entries_[e].rank, entries_[e].bits);
      return;
    }
  }
  void clear();
  std::size_t bytes() const { return slots_.capacity() * sizeof(Slot) + entries_.capacity() * sizeof(Entry); }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFu;
  struct Slot {
    std::uint64_t key = 0;
    std::uint32_t first = kNone;  // newest entry; kNone: the slot is free
  };
  struct Entry {
    std::uint64_t bits;
    std::uint32_t rank, next;
  };
  static std::uint64_t key_of(Id row, std::uint32_t block) { return std::uint64_t{row} << 26 | block; }  // 2^26 blocks
  std::size_t slot(std::uint64_t key) const {
    return static_cast<std::size_t>((key * 0x9E3779B97F4A7C15u) >> shift_);
  }
  void grow();

  std::vector<Slot> slots_;
  std::vector<Entry> entries_;
  std::size_t used_ = 0;
  int shift_ = 64;
};

}  // namespace tenfold::engine
