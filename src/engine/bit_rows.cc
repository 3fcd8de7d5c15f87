#include "engine/bit_rows.h"

#include <algorithm>

namespace tenfold::engine {
namespace {
constexpr std::size_t kFirstChunk = 16 << 10, kLastChunk = 8 << 20;
// Keys are looked up in an array while there are fewer than so many numbers a row, else in a hash table: four bytes a
// number against the eight and more of a hashed key.
constexpr std::uint32_t kDirect = 1 << 16, kSpread = 32;

// Four classes a doubling, so a row wastes a fifth at most: class and its size.
std::pair<std::size_t, std::size_t> size_class(std::size_t bytes) {
  bytes = std::max<std::size_t>(bytes, 16);
  const auto top = static_cast<std::size_t>(std::bit_width(bytes - 1)) - 1;  // 2^top < bytes <= 2^(top+1)
  const std::size_t step = (std::size_t{1} << top) / 4;
  const std::size_t quarter = (bytes - (std::size_t{1} << top) + step - 1) / step;
  return {std::min<std::size_t>((top - 3) * 4 + quarter - 1, 63), (std::size_t{1} << top) + quarter * step};
}
}  // namespace

void* RowArena::take(std::size_t wanted) {
  const auto [kind, exact] = size_class(wanted);
  const std::size_t bytes = (exact + 7) & ~std::size_t{7};
  if (kind < 63 && free_[kind]) {
    Free* out = free_[kind];
    free_[kind] = out->next;
    return out;
  }
  while (chunk_ < chunks_.size() && used_ + bytes > chunks_[chunk_].second) {
    ++chunk_;
    used_ = 0;
  }
  if (chunk_ == chunks_.size()) {
    const std::size_t last = chunks_.empty() ? kFirstChunk / 2 : std::min(chunks_.back().second, kLastChunk / 2);
    const std::size_t size = std::max(last * 2, bytes);
    chunks_.emplace_back(std::make_unique_for_overwrite<char[]>(size), size);
    bytes_ += size;
    used_ = 0;
  }
  void* out = chunks_[chunk_].first.get() + used_;
  used_ += bytes;
  return out;
}

void RowArena::give(void* memory, std::size_t bytes) {
  const std::size_t kind = size_class(bytes).first;
  if (kind == 63 || memory == nullptr) return;
  auto* free = static_cast<Free*>(memory);
  free->next = free_[kind];
  free_[kind] = free;
}

void RowArena::reset() {
  chunk_ = used_ = 0;
  std::fill(std::begin(free_), std::end(free_), nullptr);
}

std::uint32_t BitRows::find_hashed(Id key) const {
  const std::size_t m = slots_.size() - 1;
  for (std::size_t at = mix(key) & m;; at = (at + 1) & m) {
    if (slots_[at] == kNone) return kNone;
    if (rows_[slots_[at]].key == key) return slots_[at];
  }
}

void BitRows::put_slot(std::uint32_t row) {
  const std::size_t m = slots_.size() - 1;
  std::size_t at = mix(rows_[row].key) & m;
  while (slots_[at] != kNone) at = (at + 1) & m;
  slots_[at] = row;
  rows_[row].slot = static_cast<std::uint32_t>(at);
}

void BitRows::hash_keys() {
  hashed_ = true;
  direct_ = {};
  std::size_t n = 64;
  while (n < rows_.size() * 2 + 2) n *= 2;
  slots_.assign(n, kNone);
  for (std::uint32_t r = 0; r < rows_.size(); ++r) put_slot(r);
}

void BitRows::index_keys() {
  hashed_ = false;
  slots_ = {};
  direct_.assign(std::size_t{top_key_} + 1, kNone);
  for (std::uint32_t r = 0; r < rows_.size(); ++r) direct_[rows_[r].key] = r;
}

std::uint32_t BitRows::make(Id key) {
  const auto row = static_cast<std::uint32_t>(rows_.size());
  top_key_ = std::max(top_key_, key);
  rows_.push_back({});
  rows_[row].key = key;
  const bool spread = top_key_ >= kDirect && top_key_ / kSpread > rows_.size();
  if (!hashed_ && key < direct_.size()) {
    direct_[key] = row;
  } else if (!hashed_ && !spread) {
    direct_.resize(std::max<std::size_t>(std::size_t{key} + 1, direct_.size() * 3 / 2), kNone);
    direct_[key] = row;
  } else if (!hashed_) {
    hash_keys();
  } else if (rows_.size() * 2 > slots_.size()) {
    spread ? hash_keys() : index_keys();
  } else {
    put_slot(row);
  }
  return row;
}

std::uint64_t* BitRows::insert_block(Row& r, std::uint32_t block) {
  std::uint32_t* blocks = r.blocks();
  std::uint32_t i = r.used;
  if (r.cap > kLinear)
    for (i = slot(block, r.cap); blocks[i] != kEmpty;) i = (i + 1) & (r.cap - 1);
  blocks[i] = block;
  r.masks[i] = 0;
  ++r.used;
  return &r.masks[i];
}

void BitRows::make_sparse(Row& r, std::uint32_t cap) {
  const Row old = r;
  r.dense = 0;
  r.cap = cap;
  r.used = 0;
  r.masks = static_cast<std::uint64_t*>(arena_.take(r.bytes()));
  std::fill_n(r.blocks(), cap, kEmpty);
  const std::uint32_t end = old.dense || old.cap > kLinear ? old.cap : old.used;
  for (std::uint32_t i = 0; i < end; ++i) {
    const std::uint32_t block = old.dense ? i : old.blocks()[i];
    if (block != kEmpty && old.masks[i]) *insert_block(r, block) = old.masks[i];
  }
  if (old.cap) arena_.give(old.masks, old.bytes());
}

void BitRows::make_dense(Row& r, std::uint32_t cap) {
  const Row old = r;
  r.dense = 1;
  r.cap = cap;
  r.masks = static_cast<std::uint64_t*>(arena_.take(r.bytes()));
  std::fill_n(r.masks, cap, 0);
  const std::uint32_t end = old.dense || old.cap > kLinear ? old.cap : old.used;
  for (std::uint32_t i = 0; i < end; ++i) {
    const std::uint32_t block = old.dense ? i : old.blocks()[i];
    if (block != kEmpty) r.masks[block] = old.masks[i];
  }
  if (old.cap) arena_.give(old.masks, old.bytes());
}

// Room for one more block: the plain array once it is no larger than the hash table would be.
void BitRows::regrow(Row& r, std::uint32_t block) {
  top_ = std::max(top_, block + 1);
  if (r.dense) {
    std::uint32_t filled = 0;
    for (std::uint32_t b = 0; b < r.cap; ++b) filled += r.masks[b] != 0;
    const std::uint32_t wanted = std::max(top_, block + 1);
    std::uint32_t table = 16;
    while (table * 3 < (filled + 1) * 4) table *= 2;
    if (std::size_t{wanted} * 8 <= std::size_t{table} * 24)
      make_dense(r, wanted + wanted / 8);
    else
      make_sparse(r, table);
    return;
  }
  const std::uint32_t cap = r.cap == 0 ? 1 : r.cap * 2;
  if (cap > kLinear && std::size_t{top_} * 8 <= std::size_t{cap} * 12)
    make_dense(r, top_);
  else
    make_sparse(r, cap);
}

std::uint64_t* BitRows::place(std::uint32_t row, std::uint32_t block) {
  Row& r = rows_[row];
  while (true) {
    if (r.dense) {
      if (block < r.cap) return &r.masks[block];
    } else if (r.cap > 0) {
      std::uint32_t* blocks = r.blocks();
      if (r.cap <= kLinear) {
        for (std::uint32_t i = 0; i < r.used; ++i)
          if (blocks[i] == block) return &r.masks[i];
        if (r.used < r.cap) {
          top_ = std::max(top_, block + 1);
          return insert_block(r, block);
        }
      } else {
        std::uint32_t i = slot(block, r.cap);
        while (blocks[i] != kEmpty && blocks[i] != block) i = (i + 1) & (r.cap - 1);
        if (blocks[i] == block) return &r.masks[i];
        if ((std::uint64_t{r.used} + 1) * 4 <= std::uint64_t{r.cap} * 3) {
          top_ = std::max(top_, block + 1);
          return insert_block(r, block);
        }
      }
    }
    regrow(r, block);
  }
}

std::size_t BitRows::bytes() const {
  return arena_.bytes() + rows_.capacity() * sizeof(Row) + (direct_.capacity() + slots_.capacity()) * 4;
}

void BitRows::clear() {
  for (const Row& r : rows_) {
    if (hashed_)
      slots_[r.slot] = kNone;
    else
      direct_[r.key] = kNone;
  }
  rows_.clear();
  arena_.reset();
  size_ = 0;
}

}  // namespace tenfold::engine
