#include "engine/bit_ranks.h"

#include <algorithm>

namespace tenfold::engine {

std::uint32_t BitRanks::at(Id row) {
  std::uint32_t at = lookup(row);
  if (at != kNone) return at;
  at = static_cast<std::uint32_t>(rows_.size());
  rows_.emplace_back();
  if (row >= kDirect) {
    far_[row] = at;
  } else {
    if (row >= direct_.size())
      direct_.resize(std::max<std::size_t>(std::size_t{row} + 1, direct_.size() * 3 / 2), kNone);
    direct_[row] = at;
  }
  return at;
}

// `planes`: of the new layout; the old one has planes_.
void BitRanks::lay_out(Row& r, std::uint32_t cap, std::uint32_t planes) {
  Row old = std::move(r);
  const std::size_t words = (cap + 1) / 2 + std::size_t{cap} * planes;
  r.memory = std::make_unique<std::uint64_t[]>(words);
  r.cap = cap;
  r.used = old.used;
  std::fill_n(r.blocks(), cap, kNone);
  bytes_ += words * 8;
  if (old.cap == 0) return;
  bytes_ -= ((old.cap + 1) / 2 + std::size_t{old.cap} * planes_) * 8;
  for (std::uint32_t i = 0; i < old.cap; ++i) {
    const std::uint32_t block = old.blocks()[i];
    if (block == kNone) continue;
    const std::uint32_t slot = r.slot(block);
    r.blocks()[slot] = block;
    std::copy_n(old.planes(i, planes_), std::min(planes_, planes), r.planes(slot, planes));
  }
}

void BitRanks::add(std::uint32_t at, std::uint32_t block, std::uint64_t bits, std::uint32_t rank) {
  if (bits == 0) return;
  if (rank >> planes_) reserve(rank);
  Row& r = rows_[at];
  if (r.cap == 0) lay_out(r, 2, planes_);
  std::uint32_t slot = r.slot(block);
  if (r.blocks()[slot] == kNone) {
    if ((r.used + 1) * 4 > r.cap * 3) {
      lay_out(r, r.cap < 64 ? r.cap * 4 : r.cap * 2, planes_);
      slot = r.slot(block);
    }
    r.blocks()[slot] = block;
    ++r.used;
  }
  std::uint64_t* planes = r.planes(slot, planes_);
  for (std::uint32_t p = 0; p < planes_; ++p)
    if (rank >> p & 1) planes[p] |= bits;
}

void BitRanks::reserve(std::uint32_t rank) {
  const auto wanted = static_cast<std::uint32_t>(std::bit_width(rank));
  if (wanted <= planes_) return;
  for (Row& r : rows_)
    if (r.cap) lay_out(r, r.cap, wanted);
  planes_ = wanted;
}

void BitRanks::remove(Id row, std::uint32_t block, std::uint64_t bits) {
  auto* planes = const_cast<std::uint64_t*>(find(row, block));
  for (std::uint32_t p = 0; planes && p < planes_; ++p) planes[p] &= ~bits;
}

std::uint32_t BitRanks::rank(Id row, Id bit) const {
  const std::uint64_t* planes = find(row, bit >> 6);
  std::uint32_t out = 0;
  for (std::uint32_t p = 0; planes && p < planes_; ++p)
    out |= static_cast<std::uint32_t>(planes[p] >> (bit & 63) & 1) << p;
  return out;
}

void BitRanks::clear() {
  rows_.clear();
  direct_.clear();
  far_.clear();
  planes_ = kPlanes;
  bytes_ = 0;
}

}  // namespace tenfold::engine
