// The set executor's stores against std::set: rows of bits in all their forms, tuples of three columns.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "engine/bit_ranks.h"
#include "engine/id_codec.h"
#include "engine/row_set.h"
#include "engine/set_round.h"

namespace tenfold::engine {
namespace {

using Pair = std::pair<Id, Id>;

std::set<Pair> content(const BitRows& rows) {
  std::set<Pair> out;
  for (std::uint32_t r = 0; r < rows.rows(); ++r)
    rows.each_block(r, [&](std::uint32_t block, std::uint64_t mask) {
      for (; mask; mask &= mask - 1)
        EXPECT_TRUE(out.emplace(rows.key(r), (block << 6) | static_cast<Id>(std::countr_zero(mask))).second);
    });
  return out;
}

// Few keys and values make rows dense, many make them hash tables, huge ones put keys into a hash table as well.
TEST(BitRows, HoldsWhatASetHolds) {
  std::mt19937 random(7);
  BitRows rows;
  for (const auto& [keys, values] : {Pair{3, 5000}, Pair{2000, 300}, Pair{5, 1u << 31}, Pair{4'000'000'000u, 70},
                                     Pair{100'000, 4'000'000'000u}, Pair{1, 64}, Pair{300'000, 3}}) {
    rows.clear();
    std::set<Pair> wanted;
    for (int i = 0; i < 20'000; ++i) {
      const Id key = static_cast<Id>(random() % keys), value = static_cast<Id>(random() % values);
      EXPECT_EQ(rows.insert(key, value), wanted.emplace(key, value).second);
      const Id other = static_cast<Id>(random() % keys);
      EXPECT_EQ(rows.contains(other, value), wanted.contains({other, value}));
    }
    EXPECT_EQ(rows.size(), wanted.size());
    EXPECT_EQ(content(rows), wanted) << keys << " keys, " << values << " values";
  }
}

TEST(BitRows, AddSaysWhichBitsAreNew) {
  BitRows rows;
  const std::uint32_t row = rows.at(9);
  EXPECT_EQ(rows.add(row, 3, 0b1010u), 0b1010u);
  EXPECT_EQ(rows.add(row, 3, 0b1110u), 0b0100u);
  EXPECT_EQ(rows.mask(row, 3), 0b1110u);
  EXPECT_EQ(rows.mask(row, 4), 0u);
  EXPECT_EQ(rows.find(8), BitRows::kNone);
}

// One store written by lanes that share no row, as rounds on many threads write it.
TEST(BitRows, LanesWriteRowsOfTheirOwn) {
  std::mt19937 random(9);
  for (const Id values : {60u, 4000u, 4'000'000'000u}) {
    BitRows rows;
    rows.set_lanes(3);
    std::set<Pair> wanted;
    for (Id key = 0; key < 90; ++key) rows.at(key * 7);
    for (int i = 0; i < 20'000; ++i) {
      const auto row = static_cast<std::uint32_t>(random() % 90);
      const Id value = static_cast<Id>(random() % values);
      const std::uint64_t bit = std::uint64_t{1} << (value & 63);
      EXPECT_EQ(rows.add(row, value >> 6, bit, row % 3) != 0, wanted.emplace(row * 7, value).second);
    }
    EXPECT_EQ(rows.size(), wanted.size());
    EXPECT_EQ(content(rows), wanted) << values << " values";
  }
}

// As a round on three threads ends: what they found comes together, and turns around.
TEST(BitRows, ManyThreadsPutStoresTogether) {
  std::mt19937 random(10);
  LaneTeam team(3);
  for (const Id keys : {50u, 3000u, 4'000'000'000u}) {
    BitRows to, from, turned;
    std::set<Pair> wanted, wanted_turned;
    for (int i = 0; i < 60'000; ++i) {
      const Id key = static_cast<Id>(random() % keys), value = static_cast<Id>(random() % 5000);
      (i % 4 ? from : to).insert(key, value);
      wanted.emplace(key, value);
      if (i % 4) wanted_turned.emplace(value, key);
    }
    add_turned(turned, from, team);
    EXPECT_EQ(content(turned), wanted_turned);
    add_all(to, from, team);
    EXPECT_EQ(content(to), wanted);
    std::size_t both = 0;
    BitRows first, second;
    first.insert(1, 2);
    second.insert(1, 3);
    for (Id value = 0; value < 100; ++value) second.insert(7, value);
    first.adopt(second, [&](std::uint32_t row, std::uint32_t) { both += first.key(row) == 1; });
    second.clear();
    for (Id value = 0; value < 100; ++value) second.insert(8, 64 * value);  // in memory of its own
    EXPECT_EQ(both, 1u);
    EXPECT_EQ(first.size(), 101u);
    EXPECT_EQ(content(first).size(), 101u);
  }
}

TEST(BitRows, GivesBackWhatIsRemoved) {
  std::mt19937 random(9);
  for (const auto& [keys, values] : {Pair{3, 5000}, Pair{2000, 300}, Pair{5, 1u << 31}, Pair{50'000, 3}}) {
    BitRows rows;
    std::set<Pair> wanted;
    for (int i = 0; i < 40'000; ++i) {
      const Id key = static_cast<Id>(random() % keys), value = static_cast<Id>(random() % values);
      if (random() % 3 > 0) {
        rows.insert(key, value);
        wanted.emplace(key, value);
        continue;
      }
      EXPECT_EQ(rows.erase(key, value), wanted.erase({key, value}) == 1);
    }
    EXPECT_EQ(rows.size(), wanted.size());
    EXPECT_EQ(content(rows), wanted) << keys << " keys, " << values << " values";
  }
}

TEST(BitRanks, ComparesSixtyFourRanksAtOnce) {
  std::mt19937 random(10);
  BitRanks ranks;
  std::map<Pair, std::uint32_t> wanted;
  for (std::uint32_t rank = 1; rank < 3000; rank += 1 + rank / 8)
    for (int i = 0; i < 400; ++i) {
      const Id row = random() % 2 ? static_cast<Id>(random() % 40) : 4'000'000'000u + static_cast<Id>(random() % 3);
      const Id bit = static_cast<Id>(random() % 900);
      if (!wanted.emplace(Pair{row, bit}, rank).second) continue;
      ranks.add(ranks.at(row), bit >> 6, std::uint64_t{1} << (bit & 63), rank);
      if (random() % 10 > 0) continue;
      ranks.remove(row, bit >> 6, std::uint64_t{1} << (bit & 63));
      wanted.erase({row, bit});
    }
  for (Id row : {0u, 1u, 17u, 39u, 4'000'000'000u, 4'000'000'002u, 77u})
    for (std::uint32_t block = 0; block < 16; ++block)
      for (std::uint32_t limit : {1u, 5u, 100u, 2999u, 1u << 30}) {
        std::uint64_t below = 0, mask = random();
        std::map<std::uint32_t, std::uint64_t> above;
        for (Id bit = block * 64; bit < block * 64 + 64; ++bit) {
          const auto at = wanted.find({row, bit});
          EXPECT_EQ(ranks.rank(row, bit), at == wanted.end() ? 0 : at->second);
          if (at == wanted.end()) continue;
          const std::uint64_t one = std::uint64_t{1} << (bit & 63);
          if (at->second < limit) below |= one;
          if (at->second > limit && (mask & one)) above[at->second] |= one;
        }
        EXPECT_EQ(ranks.below(row, block, limit), below);
        std::map<std::uint32_t, std::uint64_t> found;
        ranks.each(row, block, mask, limit, [&](std::uint32_t rank, std::uint64_t bits) { found[rank] |= bits; });
        EXPECT_EQ(found, above);
      }
}

TEST(RowSet, ARowOutOfSightComesBackUnderItsNumber) {
  RowSet set(3);
  const Id a[] = {1, 2, 3}, b[] = {4, 5, 6};
  EXPECT_EQ(set.number(a), 0u);
  set.hide(0);
  EXPECT_TRUE(set.hidden(0));
  EXPECT_EQ(set.in_sight(), 0u);
  EXPECT_EQ(set.number(b), 1u);
  EXPECT_EQ(set.number(a), 0u);
  EXPECT_EQ(set.number(a), 0u);
  EXPECT_EQ(set.returned(), std::vector<std::uint32_t>{0});
  EXPECT_TRUE(set.hidden(0));
  set.show(0);
  EXPECT_EQ(set.in_sight(), 2u);
}

TEST(RowSet, NumbersTuplesAndFindsThemByColumns) {
  std::mt19937 random(8);
  RowSet set(3);
  RowIndex by_ends({0, 2});
  std::set<std::array<Id, 3>> wanted;
  for (int i = 0; i < 30'000; ++i) {
    const std::array<Id, 3> tuple{static_cast<Id>(random() % 20), static_cast<Id>(random() % 400),
                                  static_cast<Id>(random() % 20)};
    EXPECT_EQ(set.insert(tuple.data()), wanted.insert(tuple).second);
    if (i % 1000 == 0) by_ends.catch_up(set);
  }
  by_ends.catch_up(set);
  ASSERT_EQ(set.size(), wanted.size());
  for (Id a = 0; a < 20; ++a)
    for (Id c = 0; c < 20; ++c) {
      std::set<Id> middle, there;
      const Id key[2] = {a, c};
      for (std::uint32_t r = by_ends.first(key, set); r != RowSet::kNone; r = by_ends.next(r))
        EXPECT_TRUE(middle.insert(set.row(r)[1]).second);
      for (const auto& tuple : wanted)
        if (tuple[0] == a && tuple[2] == c) there.insert(tuple[1]);
      EXPECT_EQ(middle, there);
    }
}

TEST(IdCodec, GivesBackEveryCell) {
  IdCodec codec;
  auto same = [&](Cell c, Type type) {
    const IdCodec::Kind kind = IdCodec::kind(type);
    EXPECT_EQ(codec.decode(codec.encode(c, kind), kind), c) << name(type);
  };
  for (std::int64_t v : {0L, 1L, -1L, 127L, -128L}) {
    same(cell(v), Type::i8);
    same(cell(v), Type::i64);
  }
  same(cell(std::int64_t{INT32_MIN}), Type::i32);
  same(0xFFFFFFFFu, Type::u32);
  same(0x7FFFFFFFu, Type::usize);
  same(0x80000000u, Type::usize);
  same(~Cell{0}, Type::u64);
  same(cell(0.1), Type::f64);
  same(cell(static_cast<double>(0.1f)), Type::f32);
  same(cell(-1.5), Type::f32);
}

}  // namespace
}  // namespace tenfold::engine
