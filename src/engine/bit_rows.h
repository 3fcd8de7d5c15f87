// A set of pairs (key, value) of 32-bit ids as rows of bits: one row a key, a row a set of 64-bit blocks. A row of up
// to four values lies in the table of rows itself; then it is a list or hash table of values, a hash table of blocks,
// or one plain array over all blocks, whichever is smallest for what it holds. So dense relations join 64 tuples a
// word, and sparse ones cost less than a hash set. Any number may read. Threads may write at once where each has a lane
// of its own and no two write one row; rows are made by one thread.
#pragma once

#include <algorithm>
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
    std::uint64_t bits = 0;
    switch (r.form) {
      case Form::few:
        for (std::uint32_t i = 0; i < r.n; ++i) bits |= bit_in(r.ids[i], block);
        return bits;
      case Form::ids: {
        const Id* ids = r.out.ids();
        if (r.out.cap <= kLinear) {
          for (std::uint32_t i = 0; i < r.out.used; ++i) bits |= bit_in(ids[i], block);
          return bits;
        }
        for (std::uint32_t i = slot(block, r.out.cap); ids[i] != kEmpty; i = i + 1 == r.out.cap ? 0 : i + 1)
          bits |= bit_in(ids[i], block);
        return bits;
      }
      case Form::dense:
        return block < r.out.cap ? r.out.masks[block] : 0;
      case Form::blocks:
        break;
    }
    const std::uint32_t* blocks = r.out.blocks();
    if (r.out.cap <= kLinear) {
      for (std::uint32_t i = 0; i < r.out.used; ++i)
        if (blocks[i] == block) return r.out.masks[i];
      return 0;
    }
    for (std::uint32_t i = slot(block, r.out.cap);; i = (i + 1) & (r.out.cap - 1)) {
      if (blocks[i] == block) return r.out.masks[i];
      if (blocks[i] == kEmpty) return 0;
    }
  }
  /// Sets bits; what was not there before comes back.
  std::uint64_t add(std::uint32_t row, std::uint32_t block, std::uint64_t bits, std::uint32_t lane = 0) {
    Row& r = rows_[row];
    std::uint64_t fresh = 0;
    if (r.form <= Form::ids) {
      fresh = bits & ~mask(row, block);
      if (fresh) add_ids(row, block, fresh, lane);
    } else {
      const bool there = r.form == Form::dense && block < r.out.cap;
      std::uint64_t* at = there ? &r.out.masks[block] : place(row, block, lane);
      fresh = bits & ~*at;
      *at |= fresh;
    }
    lanes_[lane].size += static_cast<std::uint64_t>(std::popcount(fresh));
    return fresh;
  }
  /// Clears bits; those that were there come back. The row stays.
  std::uint64_t remove(std::uint32_t row, std::uint32_t block, std::uint64_t bits) {
    const std::uint64_t gone = mask(row, block) & bits;
    if (gone == 0) return 0;
    Row& r = rows_[row];
    if (r.form == Form::few) {
      std::uint8_t kept = 0;
      for (std::uint32_t i = 0; i < r.n; ++i)
        if ((bit_in(r.ids[i], block) & gone) == 0) r.ids[kept++] = r.ids[i];
      r.n = kept;
    } else {
      *place(row, block) &= ~gone;
    }
    lanes_[0].size -= static_cast<std::uint64_t>(std::popcount(gone));
    return gone;
  }
  /// Calls f(block, mask) for the bits of a row; a block may come more than once, with other bits, or after remove()
  /// with none. `f` may not write to this object.
  template <class F>
  void each_block(std::uint32_t row, F f) const {
    const Row& r = rows_[row];
    switch (r.form) {
      case Form::few:
        for (std::uint32_t i = 0; i < r.n; ++i) f(r.ids[i] >> 6, std::uint64_t{1} << (r.ids[i] & 63));
        return;
      case Form::ids: {
        const Id* ids = r.out.ids();
        const std::uint32_t end = r.out.cap <= kLinear ? r.out.used : r.out.cap;
        for (std::uint32_t i = 0; i < end; ++i)
          if (ids[i] != kEmpty) f(ids[i] >> 6, std::uint64_t{1} << (ids[i] & 63));
        return;
      }
      case Form::blocks: {
        const std::uint32_t* blocks = r.out.blocks();
        const std::uint32_t end = r.out.cap <= kLinear ? r.out.used : r.out.cap;
        for (std::uint32_t i = 0; i < end; ++i)
          if (blocks[i] != kEmpty) f(blocks[i], r.out.masks[i]);
        return;
      }
      case Form::dense:
        for (std::uint32_t b = 0; b < r.out.cap; ++b)
          if (r.out.masks[b]) f(b, r.out.masks[b]);
    }
  }
  bool contains(Id key, Id value) const {
    const std::uint32_t row = find(key);
    return row != kNone && (mask(row, value >> 6) >> (value & 63) & 1);
  }
  bool erase(Id key, Id value) {
    const std::uint32_t row = find(key);
    return row != kNone && remove(row, value >> 6, std::uint64_t{1} << (value & 63)) != 0;
  }
  bool insert(Id key, Id value) { return add(at(key), value >> 6, std::uint64_t{1} << (value & 63)) != 0; }

  /// Pairs held.
  std::uint64_t size() const {
    std::uint64_t n = 0;
    for (const Lane& lane : lanes_) n += lane.size;
    return n;
  }
  std::size_t bytes() const;
  /// Forgets all, in time proportional to the rows, and keeps memory.
  void clear();

  /// Takes all of `other`: rows whose key is new here move with the memory that they lie in; clash(row, other's row)
  /// says which are still to be added, until `other` is cleared.
  template <class F>
  void adopt(BitRows& other, F clash) {
    for (Lane& lane : other.lanes_) {
      adopted_.emplace_back(std::move(lane.arena));
      lane.arena = RowArena();
      lanes_[0].top = std::max(lanes_[0].top, lane.top);
    }
    if (!spare_.empty()) {
      other.lanes_[0].arena = std::move(spare_.back());
      spare_.pop_back();
    }
    for (std::uint32_t r = 0; r < other.rows(); ++r) {
      if (r + 16 < other.rows()) prefetch_key(other.key(r + 16));
      if (const std::uint32_t row = find(other.key(r)); row != kNone) {
        clash(row, r);
        continue;
      }
      const std::uint32_t row = make(other.key(r));
      rows_[row] = other.rows_[r];
      other.each_block(r, [&](std::uint32_t, std::uint64_t mask) {
        lanes_[0].size += static_cast<std::uint64_t>(std::popcount(mask));
      });
    }
  }
  /// Threads that add() with lanes below `n`.
  void set_lanes(std::uint32_t n) {
    if (lanes_.size() < n) lanes_.resize(n);
  }
  // What a look at a key needs, in the order that it is needed: many are asked for before the first is used.
  void prefetch_key(Id key) const {
    if (hashed_)
      __builtin_prefetch(&slots_[mix(key) & (slots_.size() - 1)]);
    else if (key < direct_.size())
      __builtin_prefetch(&direct_[key]);
  }
  void prefetch_row(std::uint32_t row) const { __builtin_prefetch(&rows_[row]); }
  void prefetch_values(std::uint32_t row) const {
    if (rows_[row].form != Form::few) __builtin_prefetch(rows_[row].out.masks);
  }

 private:
  static constexpr std::uint32_t kLinear = 8;  // blocks or values searched one after another
  static constexpr std::uint32_t kFew = 4;
  enum class Form : std::uint8_t { few, ids, blocks, dense };
  struct Outside {  // [cap] masks, then the numbers of their blocks [cap] unless dense; or [cap] values
    std::uint64_t* masks;
    std::uint32_t cap, used;
    std::uint32_t* blocks() const { return reinterpret_cast<std::uint32_t*>(masks + cap); }
    Id* ids() const { return reinterpret_cast<Id*>(masks); }
  };
  struct Row {
    union {
      Id ids[kFew] = {};  // few
      Outside out;
    };
    Id key = 0;
    Form form = Form::few;
    std::uint8_t n = 0;  // of few
    std::size_t bytes() const {
      return form == Form::few ? 0 : std::size_t{out.cap} * (form == Form::ids ? 4 : form == Form::dense ? 8 : 12);
    }
  };
  static_assert(sizeof(Row) == 24);
  struct Lane {
    RowArena arena;
    std::uint64_t size = 0;
    std::uint32_t top = 0;  // highest block seen, and one
  };

  static std::uint64_t bit_in(Id id, std::uint32_t block) {
    return static_cast<std::uint64_t>(id >> 6 == block) << (id & 63);
  }
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
  std::uint64_t* place(std::uint32_t row, std::uint32_t block, std::uint32_t lane = 0);
  void add_ids(std::uint32_t row, std::uint32_t block, std::uint64_t bits, std::uint32_t lane);
  void outgrow_ids(Row& r, std::uint32_t block, std::uint32_t more, Lane& lane);
  void regrow(Row& r, std::uint32_t block, Lane& lane);
  static void make_ids(Row& r, std::uint32_t cap, Lane& lane);
  static void make_dense(Row& r, std::uint32_t cap, Lane& lane);
  static void make_blocks(Row& r, std::uint32_t cap, Lane& lane);
  static std::uint64_t* insert_block(Row& r, std::uint32_t block);
  static void insert_id(Row& r, Id id);
  template <class F>
  static void each_mask(const Row& r, F f);

  std::vector<Row> rows_;
  std::vector<std::uint32_t> direct_;  // key to row while keys are small numbers
  std::vector<std::uint32_t> slots_;   // open addressing otherwise
  bool hashed_ = false;
  Id top_key_ = 0;
  std::vector<Lane> lanes_ = std::vector<Lane>(1);
  std::vector<RowArena> adopted_, spare_;  // memory of rows that came from other stores; what is left of it
};

}  // namespace tenfold::engine
