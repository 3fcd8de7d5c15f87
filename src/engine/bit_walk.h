// Rows of bits by the keys of their rows, whether a row is there or not.
#pragma once

#include "engine/bit_rows.h"

namespace tenfold::engine {

/// Calls f(row's key, block, mask) for each block that has a bit.
template <class F>
void each_block(const BitRows& bits, F f) {
  for (std::uint32_t row = 0; row < bits.rows(); ++row)
    bits.each_block(row, [&](std::uint32_t block, std::uint64_t mask) {
      if (mask) f(bits.key(row), block, mask);
    });
}

/// Bits of the block; none where the row is not there.
inline std::uint64_t held(const BitRows& bits, Id row, std::uint32_t block) {
  const std::uint32_t at = bits.find(row);
  return at == BitRows::kNone ? 0 : bits.mask(at, block);
}

inline void take(BitRows& bits, Id row, std::uint32_t block, std::uint64_t mask) {
  if (const std::uint32_t at = bits.find(row); at != BitRows::kNone) bits.remove(at, block, mask);
}

/// Calls f(bit, row): each pair the other way round.
template <class F>
void each_turned(Id row, std::uint32_t block, std::uint64_t mask, F f) {
  for (; mask; mask &= mask - 1) f((block << 6) | static_cast<Id>(std::countr_zero(mask)), row);
}

inline std::uint64_t bit_of(Id id) { return std::uint64_t{1} << (id & 63); }

}  // namespace tenfold::engine
