// When each tuple of a relation that is kept as rows of bits was first derived: the rank of its round, from 1. Every
// tuple has a firing whose premises of its own stratum have lower ranks, which is how an update tells what still stands
// (set_update.h). Ranks of the 64 tuples of a block lie bit-sliced, plane p holding bit p of each, so that one pass
// over a few words compares all of them with a rank.
#pragma once

#include <memory>
#include <unordered_map>

#include "engine/bit_rows.h"

namespace tenfold::engine {

class BitRanks {
 public:
  /// A handle for add(); made when the row has none.
  std::uint32_t at(Id row);
  /// Those bits, which have no rank yet.
  void add(std::uint32_t at, std::uint32_t block, std::uint64_t bits, std::uint32_t rank);
  void remove(Id row, std::uint32_t block, std::uint64_t bits);
  /// Bits of the block that have a rank, and a lower one.
  std::uint64_t below(Id row, std::uint32_t block, std::uint32_t rank) const {
    const std::uint64_t* planes = find(row, block);
    return planes ? below(planes, rank) : 0;
  }
  /// 0 when it has none.
  std::uint32_t rank(Id row, Id bit) const;
  /// Calls f(rank, bits) for the ranks above `floor` that bits of `mask` have.
  template <class F>
  void each(Id row, std::uint32_t block, std::uint64_t mask, std::uint32_t floor, F f) const {
    const std::uint64_t* planes = find(row, block);
    if (!planes) return;
    mask &= any(planes);
    if (floor > 0) mask &= ~below(planes, floor + 1);
    while (mask) {
      const int bit = std::countr_zero(mask);
      std::uint32_t rank = 0;
      std::uint64_t same = mask;
      for (std::uint32_t p = 0; p < planes_; ++p) {
        const bool set = planes[p] >> bit & 1;
        rank |= static_cast<std::uint32_t>(set) << p;
        same &= set ? planes[p] : ~planes[p];
      }
      f(rank, same);
      mask &= ~same;
    }
  }
  void clear();
  /// Room for ranks up to this one: later add() need not lay rows out anew for it.
  void reserve(std::uint32_t rank);
  std::size_t bytes() const {
    return bytes_ + rows_.capacity() * sizeof(Row) + direct_.capacity() * 4 + far_.size() * 40;
  }

 private:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFu;
  static constexpr std::uint32_t kPlanes = 5;
  static constexpr Id kDirect = 1 << 22;  // keys below are looked up in an array
  // An open-addressed table of blocks, in which neighbours lie side by side: `cap` numbers of blocks, then planes.
  struct Row {
    std::unique_ptr<std::uint64_t[]> memory;
    std::uint32_t cap = 0, used = 0;
    std::uint32_t* blocks() const { return reinterpret_cast<std::uint32_t*>(memory.get()); }
    /// Where the block is, or would be.
    std::uint32_t slot(std::uint32_t block) const {
      std::uint32_t at = block & (cap - 1);
      while (blocks()[at] != block && blocks()[at] != kNone) at = (at + 1) & (cap - 1);
      return at;
    }
    std::uint64_t* planes(std::uint32_t slot, std::uint32_t n) const { return memory.get() + (cap + 1) / 2 + slot * n; }
  };
  std::uint64_t any(const std::uint64_t* planes) const {
    std::uint64_t out = 0;
    for (std::uint32_t p = 0; p < planes_; ++p) out |= planes[p];
    return out;
  }
  std::uint64_t below(const std::uint64_t* planes, std::uint32_t rank) const {
    if (rank >> planes_) return any(planes);
    std::uint64_t less = 0, equal = ~std::uint64_t{0}, some = 0;
    for (std::uint32_t p = planes_; p-- > 0;) {
      const std::uint64_t bit = rank >> p & 1 ? ~std::uint64_t{0} : 0;
      some |= planes[p];
      less |= bit & equal & ~planes[p];
      equal &= ~(bit ^ planes[p]);
    }
    return less & some;
  }
  std::uint32_t lookup(Id row) const {
    if (row < kDirect) return row < direct_.size() ? direct_[row] : kNone;
    const auto found = far_.find(row);
    return found == far_.end() ? kNone : found->second;
  }
  const std::uint64_t* find(Id row, std::uint32_t block) const {
    const std::uint32_t at = lookup(row);
    if (at == kNone || rows_[at].cap == 0) return nullptr;
    const Row& r = rows_[at];
    const std::uint32_t slot = r.slot(block);
    return r.blocks()[slot] == block ? r.planes(slot, planes_) : nullptr;
  }
  void lay_out(Row& r, std::uint32_t cap, std::uint32_t planes);

  std::vector<Row> rows_;
  std::vector<std::uint32_t> direct_;
  std::unordered_map<Id, std::uint32_t> far_;
  std::uint32_t planes_ = kPlanes;
  std::size_t bytes_ = 0;
};

}  // namespace tenfold::engine
