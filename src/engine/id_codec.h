// Cells as 32-bit ids, so that a pair packs into one word and a set of values into bits. Types of at most 32 bits and
// interned text are their own id; of wider ones small non-negative numbers are, all others are numbered as they come.
// Two cells of one type are equal exactly when their ids are.
#pragma once

#include <unordered_map>
#include <vector>

#include "engine/bit_rows.h"
#include "tenfold/value.h"

namespace tenfold::engine {

class IdCodec {
 public:
  enum class Kind : std::uint8_t { signed_narrow, unsigned_narrow, real_narrow, wide };
  static Kind kind(Type type);

  Id encode(Cell cell, Kind kind) {
    switch (kind) {
      case Kind::signed_narrow:
      case Kind::unsigned_narrow:
        return static_cast<Id>(cell);
      case Kind::real_narrow:
        return std::bit_cast<Id>(static_cast<float>(as_double(cell)));
      case Kind::wide:
        break;
    }
    return cell < kNumbered ? static_cast<Id>(cell) : number(cell);
  }
  Cell decode(Id id, Kind kind) const {
    switch (kind) {
      case Kind::signed_narrow:
        return static_cast<Cell>(static_cast<std::int64_t>(static_cast<std::int32_t>(id)));
      case Kind::unsigned_narrow:
        return id;
      case Kind::real_narrow:
        return cell(static_cast<double>(std::bit_cast<float>(id)));
      case Kind::wide:
        break;
    }
    return id < kNumbered ? id : cells_[id - kNumbered];
  }
  std::size_t bytes() const { return cells_.capacity() * 8 + numbers_.size() * 40; }

 private:
  static constexpr Id kNumbered = 0x80000000u;
  Id number(Cell cell);

  std::vector<Cell> cells_;
  std::unordered_map<Cell, Id> numbers_;
};

}  // namespace tenfold::engine
