// A set of pairs (key, value) of 32-bit ids as rows of bits: one row a key, a row a set of 64-bit blocks. A row is a
// short list of blocks, then a hash table of blocks, then one plain array over all blocks, whichever is smallest for
// what it holds, so dense relations join 64 tuples a word and sparse ones cost about as much as a hash set. Not
// thread-safe to write; any number may read.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace tenfold::engine {

using Id = std::uint32_t;  // an encoded cell (id_codec.h)

/// Memory for rows: blocks by size class, given back to a free list, all forgotten at once by reset().
class RowArena {
 public:
  void* take(std::size_t bytes);
  void give(void* memory, std::size_t bytes);
  void reset();
  std::size_t bytes() const { return bytes_; }

 private:
  struct Free {
    Free* next;
  };
  std::vector<std::pair<std::unique_ptr<char[]>, std::size_t>> chunks_;
  std::size_t chunk_ = 0, used_ = 0, bytes_ = 0;
  Free* free_[64] = {};
};

class BitRows {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFu;
  static constexpr std::uint32_t kEmpty = 0xFFFFFFFFu;  // no block has this number: ids have 32 bits

  /// Index of a key's row; kNone when the key has none.
  std::uint32_t find(Id key) const {
    if (!hashed_) return key < direct_.size() ? direct_[key] : kNone;
    return find_hashed(key);
  }
  /// The same, made when it is not there.
  std::uint32_t at(Id key) {
    const std::uint32_t row = find(key);
    return row != kNone ? row : make(key);
  }
  std::uint32_t rows() const { return static_cast<std::uint32_t>(rows_.size()); }
  Id key(std::uint32_t row) const { return rows_[row].key; }

  std::uint64_t mask(std::uint32_t row, std::uint32_t block) const {
    const Row& r = rows_[row];
    if (r.dense) return block < r.cap ? r.masks[block] : 0;
    const std::uint32_t* blocks = r.blocks();
    if (r.cap <= kLinear) {
      for (std::uint32_t i = 0; i < r.used; ++i)
        if (blocks[i] == block) return r.masks[i];
      return 0;
    }
    for (std::uint32_t i = slot(block, r.cap);; i = (i + 1) & (r.cap - 1)) {
      if (blocks[i] == block) return r.masks[i];
      if (blocks[i] == kEmpty) return 0;
    }
  }
  /// Sets bits; what was not there before comes back.
  std::uint64_t add(std::uint32_t row, std::uint32_t block, std::uint64_t bits) {
    Row& r = rows_[row];
    std::uint64_t* at = nullptr;
    if (r.dense && block < r.cap)
      at = &r.masks[block];
    else
      at = place(row, block);
    const std::uint64_t fresh = bits & ~*at;
    *at |= fresh;
    size_ += static_cast<std::uint64_t>(std::popcount(fresh));
    return fresh;
  }
  /// Clears bits; those that were there come back. The row and its block stay, empty.
  std::uint64_t remove(std::uint32_t row, std::uint32_t block, std::uint64_t bits) {
    const std::uint64_t gone = mask(row, block) & bits;
    if (gone == 0) return 0;
    *place(row, block) &= ~gone;
    size_ -= static_cast<std::uint64_t>(std::popcount(gone));
    return gone;
  }
  /// Calls f(block, mask) for each block that has a bit, and for some that have none after remove(). `f` may not write to this object.
  template <class F>
  void each_block(std::uint32_t row, F f) const {
    const Row& r = rows_[row];
    if (r.dense) {
      for (std::uint32_t b = 0; b < r.cap; ++b)
        if (r.masks[b]) f(b, r.masks[b]);
      return;
    }
    const std::uint32_t* blocks = r.blocks();
    const std::uint32_t end = r.cap <= kLinear ? r.used : r.cap;
    for (std::uint32_t i = 0; i < end; ++i)
      if (blocks[i] != kEmpty) f(blocks[i], r.masks[i]);
  }
  bool contains(Id key, Id value) const {
    const std::uint32_t row = find(key);
    return row != kNone && (mask(row, value >> 6) >> (value & 63) & 1);
  }
  bool insert(Id key, Id value) { return add(at(key), value >> 6, std::uint64_t{1} << (value & 63)) != 0; }

  /// Pairs held.
  std::uint64_t size() const { return size_; }
  std::size_t bytes() const;
  /// Forgets all, in time proportional to the rows, and keeps memory.
  void clear();

 private:
  static constexpr std::uint32_t kLinear = 8;  // blocks searched one after another: two cache lines
  struct Row {
    std::uint64_t* masks = nullptr;  // [cap], then the numbers of the blocks [cap] unless dense
    std::uint32_t cap = 0;
    std::uint32_t used : 31 = 0;   // blocks, unless dense
    std::uint32_t dense : 1 = 0;
    Id key = 0;
    std::uint32_t slot = 0;  // in slots_, when hashed
    std::uint32_t* blocks() const { return reinterpret_cast<std::uint32_t*>(masks + cap); }
    std::size_t bytes() const { return std::size_t{cap} * (dense ? 8 : 12); }
  };

  static std::uint32_t slot(std::uint32_t block, std::uint32_t cap) {
    return static_cast<std::uint32_t>((std::uint64_t{block * 0x9E3779B1u} * cap) >> 32);
  }
  static std::uint32_t mix(Id key) {
    std::uint32_t h = key * 0x9E3779B1u;
    return h ^ (h >> 15);
  }
  std::uint32_t find_hashed(Id key) const;
  std::uint32_t make(Id key);
  void hash_keys();
  void index_keys();
  void put_slot(std::uint32_t row);
  std::uint64_t* place(std::uint32_t row, std::uint32_t block);
  void regrow(Row& r, std::uint32_t block);
  void make_dense(Row& r, std::uint32_t cap);
  void make_sparse(Row& r, std::uint32_t cap);
  static std::uint64_t* insert_block(Row& r, std::uint32_t block);

  std::vector<Row> rows_;
  std::vector<std::uint32_t> direct_;  // key to row while keys are small numbers
  std::vector<std::uint32_t> slots_;   // open addressing otherwise
  bool hashed_ = false;
  Id top_key_ = 0;
  std::uint32_t top_ = 0;  // highest block seen, and one
  std::uint64_t size_ = 0;
  RowArena arena_;
};

}  // namespace tenfold::engine
