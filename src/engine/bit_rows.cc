#include "engine/bit_rows.h"

#include <algorithm>

namespace tenfold::engine {
namespace {
constexpr std::size_t kFirstChunk = 16 << 10, kLastChunk = 8 << 20;
// Keys are looked up in an array while there are fewer than so many numbers a row, else in a hash table: four bytes a
// number against the eight and more of a hashed key.
constexpr std::uint32_t kDirect = 1 << 16, kSpread = 32;
constexpr std::size_t kSmall = 8 << 20;  // a store that would fit in so much if all its rows were plain arrays

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

// The bits of a row in any form, as each_block() has them.
template <class F>
void BitRows::each_mask(const Row& r, F f) {
  if (r.form == Form::few) {
    for (std::uint32_t i = 0; i < r.n; ++i) f(r.ids[i] >> 6, std::uint64_t{1} << (r.ids[i] & 63));
    return;
  }
  const std::uint32_t end = r.form == Form::dense || r.out.cap > kLinear ? r.out.cap : r.out.used;
  for (std::uint32_t i = 0; i < end; ++i) {
    if (r.form == Form::ids) {
      const Id id = r.out.ids()[i];
      if (id != kEmpty) f(id >> 6, std::uint64_t{1} << (id & 63));
      continue;
    }
    const std::uint32_t block = r.form == Form::dense ? i : r.out.blocks()[i];
    if (block != kEmpty && r.out.masks[i]) f(block, r.out.masks[i]);
  }
}

std::uint64_t* BitRows::insert_block(Row& r, std::uint32_t block) {
  std::uint32_t* blocks = r.out.blocks();
  std::uint32_t i = r.out.used;
  if (r.out.cap > kLinear)
    for (i = slot(block, r.out.cap); blocks[i] != kEmpty;) i = (i + 1) & (r.out.cap - 1);
  blocks[i] = block;
  r.out.masks[i] = 0;
  ++r.out.used;
  return &r.out.masks[i];
}

void BitRows::insert_id(Row& r, Id id) {
  Id* ids = r.out.ids();
  std::uint32_t i = r.out.used;
  if (r.out.cap > kLinear)
    for (i = slot(id >> 6, r.out.cap); ids[i] != kEmpty;) i = i + 1 == r.out.cap ? 0 : i + 1;
  ids[i] = id;
  ++r.out.used;
}

void BitRows::make_ids(Row& r, std::uint32_t cap, Lane& lane) {
  const Row old = r;
  r.form = Form::ids;
  r.out = {nullptr, cap, 0};
  r.out.masks = static_cast<std::uint64_t*>(lane.arena.take(r.bytes()));
  std::fill_n(r.out.ids(), cap, kEmpty);
  each_mask(old, [&](std::uint32_t block, std::uint64_t mask) {
    insert_id(r, block << 6 | static_cast<Id>(std::countr_zero(mask)));
  });
  if (old.form != Form::few) lane.arena.give(old.out.masks, old.bytes());
}

void BitRows::make_blocks(Row& r, std::uint32_t cap, Lane& lane) {
  const Row old = r;
  r.form = Form::blocks;
  r.out = {nullptr, cap, 0};
  r.out.masks = static_cast<std::uint64_t*>(lane.arena.take(r.bytes()));
  std::fill_n(r.out.blocks(), cap, kEmpty);
  each_mask(old, [&](std::uint32_t block, std::uint64_t mask) {
    if (old.form > Form::ids) {
      *insert_block(r, block) = mask;
      return;
    }
    std::uint32_t* blocks = r.out.blocks();  // values of one block may come apart
    const bool hashed = cap > kLinear;
    std::uint32_t i = hashed ? slot(block, cap) : 0;
    while (hashed ? blocks[i] != kEmpty && blocks[i] != block : i < r.out.used && blocks[i] != block)
      i = hashed ? (i + 1) & (cap - 1) : i + 1;
    if ((hashed || i < r.out.used) && blocks[i] == block)
      r.out.masks[i] |= mask;
    else
      *insert_block(r, block) = mask;
  });
  if (old.form != Form::few) lane.arena.give(old.out.masks, old.bytes());
}

void BitRows::make_dense(Row& r, std::uint32_t cap, Lane& lane) {
  const Row old = r;
  // Another lane may have put higher blocks here than this one has seen.
  each_mask(old, [&](std::uint32_t block, std::uint64_t) { cap = std::max(cap, block + 1); });
  r.form = Form::dense;
  r.out = {nullptr, cap, 0};
  r.out.masks = static_cast<std::uint64_t*>(lane.arena.take(r.bytes()));
  std::fill_n(r.out.masks, cap, 0);
  each_mask(old, [&](std::uint32_t block, std::uint64_t mask) { r.out.masks[block] |= mask; });
  if (old.form != Form::few) lane.arena.give(old.out.masks, old.bytes());
}

void BitRows::add_ids(std::uint32_t row, std::uint32_t block, std::uint64_t bits, std::uint32_t number) {
  Row& r = rows_[row];
  Lane& lane = lanes_[number];
  lane.top = std::max(lane.top, block + 1);
  const auto more = static_cast<std::uint32_t>(std::popcount(bits));
  const bool room = r.form == Form::few    ? r.n + more <= kFew
                    : r.out.cap <= kLinear ? r.out.used + more <= r.out.cap
                                           : (std::uint64_t{r.out.used} + more) * 4 <= std::uint64_t{r.out.cap} * 3;
  if (!room || (r.form == Form::ids && block == kEmpty >> 6)) outgrow_ids(r, block, more, lane);
  if (r.form > Form::ids) {
    *place(row, block, number) |= bits;
    return;
  }
  for (; bits; bits &= bits - 1) {
    const Id id = block << 6 | static_cast<Id>(std::countr_zero(bits));
    if (r.form == Form::few)
      r.ids[r.n++] = id;
    else
      insert_id(r, id);
  }
}

// Values no longer fit: the smallest of a larger table of values, one of blocks, and the plain array. Small stores skip
// tables of values, since blocks join faster. Values of one block lie side by side in either kind of list, so runs
// count the blocks.
void BitRows::outgrow_ids(Row& r, std::uint32_t block, std::uint32_t more, Lane& lane) {
  std::uint32_t values = more, blocks = 1, last = block;
  bool has_empty = block == kEmpty >> 6;  // no id of the last block goes into a table, where one of them says free
  each_mask(r, [&](std::uint32_t its, std::uint64_t) {
    ++values;
    blocks += its != last;
    last = its;
    has_empty = has_empty || its == kEmpty >> 6;
  });
  std::uint32_t cap = kLinear;
  if (values > cap) cap = (std::max(values + values / 3 + 1, r.form == Form::ids ? r.out.cap * 3 / 2 : 0u) + 3) & ~3u;
  std::uint32_t table = 1;
  while (table <= kLinear ? table < blocks : std::uint64_t{table} * 3 < std::uint64_t{blocks} * 4) table *= 2;
  const std::size_t as_ids = has_empty ? SIZE_MAX : std::size_t{cap} * 4, as_blocks = std::size_t{table} * 12;
  const std::size_t as_array = std::size_t{lane.top} * 8;
  const bool small = rows_.size() * as_array <= kSmall;
  if (as_array <= std::max<std::size_t>(128, std::min(as_ids, as_blocks)) || (small && table > kLinear))
    make_dense(r, lane.top, lane);
  else if (as_blocks <= as_ids || small)
    make_blocks(r, table, lane);
  else
    make_ids(r, cap, lane);
}

// Room for one more block: the plain array once it is no larger than the hash table would be.
void BitRows::regrow(Row& r, std::uint32_t block, Lane& lane) {
  lane.top = std::max(lane.top, block + 1);
  if (r.form == Form::dense) {
    std::uint32_t filled = 0;
    for (std::uint32_t b = 0; b < r.out.cap; ++b) filled += r.out.masks[b] != 0;
    const std::uint32_t wanted = lane.top;
    std::uint32_t table = 16;
    while (table * 3 < (filled + 1) * 4) table *= 2;
    if (std::size_t{wanted} * 8 <= std::size_t{table} * 24)
      make_dense(r, wanted + wanted / 8, lane);
    else
      make_blocks(r, table, lane);
    return;
  }
  const std::uint32_t cap = r.out.cap * 2;
  if (cap > kLinear && std::size_t{lane.top} * 8 <= std::size_t{cap} * 12)
    make_dense(r, lane.top, lane);
  else
    make_blocks(r, cap, lane);
}

// Where the block's bits are, made when they are nowhere: the row is one of blocks then.
std::uint64_t* BitRows::place(std::uint32_t row, std::uint32_t block, std::uint32_t number) {
  Row& r = rows_[row];
  Lane& lane = lanes_[number];
  if (r.form <= Form::ids) {
    std::uint32_t values = 1;
    each_mask(r, [&](std::uint32_t, std::uint64_t) { ++values; });
    std::uint32_t table = 1;
    while (table <= kLinear ? table < values : std::uint64_t{table} * 3 < std::uint64_t{values} * 4) table *= 2;
    make_blocks(r, table, lane);
  }
  while (true) {
    if (r.form == Form::dense) {
      if (block < r.out.cap) return &r.out.masks[block];
    } else {
      std::uint32_t* blocks = r.out.blocks();
      const bool linear = r.out.cap <= kLinear;
      std::uint32_t i = linear ? 0 : slot(block, r.out.cap);
      if (linear)
        while (i < r.out.used && blocks[i] != block) ++i;
      else
        while (blocks[i] != kEmpty && blocks[i] != block) i = (i + 1) & (r.out.cap - 1);
      if ((!linear || i < r.out.used) && blocks[i] == block) return &r.out.masks[i];
      const bool room =
          linear ? r.out.used < r.out.cap : (std::uint64_t{r.out.used} + 1) * 4 <= std::uint64_t{r.out.cap} * 3;
      if (room) {
        lane.top = std::max(lane.top, block + 1);
        return insert_block(r, block);
      }
    }
    regrow(r, block, lane);
  }
}

std::size_t BitRows::bytes() const {
  std::size_t n = rows_.capacity() * sizeof(Row) + (direct_.capacity() + slots_.capacity()) * 4;
  for (const Lane& lane : lanes_) n += lane.arena.bytes();
  for (const RowArena& arena : adopted_) n += arena.bytes();
  for (const RowArena& arena : spare_) n += arena.bytes();
  return n;
}

void BitRows::clear() {
  const std::size_t m = slots_.empty() ? 0 : slots_.size() - 1;
  for (const Row& r : rows_) {
    if (!hashed_) {
      direct_[r.key] = kNone;
      continue;
    }
    // To the end of its run: whoever made a hole before a row has freed the row as well.
    for (std::size_t at = mix(r.key) & m; slots_[at] != kNone; at = (at + 1) & m) slots_[at] = kNone;
  }
  rows_.clear();
  for (Lane& lane : lanes_) {
    lane.arena.reset();
    lane.size = 0;
  }
  for (RowArena& arena : adopted_) {
    arena.reset();
    spare_.push_back(std::move(arena));
  }
  adopted_.clear();
}

}  // namespace tenfold::engine
