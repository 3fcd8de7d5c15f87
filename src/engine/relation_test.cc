// Tuples and indexes against std::set and std::multimap, under dense, equal and scattered cells.
#include "engine/relation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace tenfold::engine {
namespace {

using Tuple = std::vector<Cell>;

Tuple random_tuple(std::mt19937_64& random, std::size_t arity, Cell range) {
  Tuple t;
  for (std::size_t i = 0; i < arity; ++i) t.push_back(range == 0 ? random() : random() % range);
  return t;
}

TEST(Relation, HoldsWhatASetHolds) {
  for (const Cell range : {Cell{3}, Cell{40}, Cell{0}}) {
    for (std::uint32_t arity = 1; arity <= 4; ++arity) {
      std::mt19937_64 random(arity);
      Relation relation(arity);
      std::map<Tuple, Row> expected;
      for (int i = 0; i < 3000; ++i) {
        const Tuple t = random_tuple(random, arity, range);
        const auto [row, fresh] = relation.insert(t);
        const auto [at, new_there] = expected.try_emplace(t, static_cast<Row>(expected.size()));
        ASSERT_EQ(fresh, new_there);
        ASSERT_EQ(row, at->second);
      }
      ASSERT_EQ(relation.size(), expected.size());
      for (const auto& [t, row] : expected) {
        ASSERT_EQ(relation.find(t), row);
        ASSERT_TRUE(std::ranges::equal(relation.row(row), t));
      }
      for (int i = 0; i < 300; ++i) {
        const Tuple t = random_tuple(random, arity, range);
        const auto at = expected.find(t);
        ASSERT_EQ(relation.find(t), at == expected.end() ? kNone : at->second);
      }
    }
  }
}

TEST(Relation, OfNoColumnsHoldsOneTupleAtMost) {
  Relation relation(0);
  EXPECT_EQ(relation.find({}), kNone);
  EXPECT_TRUE(relation.insert({}).second);
  EXPECT_FALSE(relation.insert({}).second);
  EXPECT_EQ(relation.size(), 1u);
  EXPECT_EQ(relation.find({}), 0u);
}

TEST(Relation, ClearForgetsTuplesMarksAndOrigins) {
  Relation relation(1);
  for (Cell c = 0; c < 5000; ++c) {
    const Row r = relation.insert(Tuple{c}).first;
    relation.set_certain(r);
    relation.set_firing(r, static_cast<std::uint32_t>(c));
    relation.set_origin(r, static_cast<SymbolId>(c));
  }
  for (int round = 0; round < 20; ++round) {  // the table shrinks while little is in it
    relation.clear();
    EXPECT_EQ(relation.find(Tuple{7}), kNone);
    const Row r = relation.insert(Tuple{7}).first;
    EXPECT_EQ(r, 0u);
    EXPECT_FALSE(relation.certain(r));
    EXPECT_EQ(relation.firing(r), kNone);
    EXPECT_EQ(relation.origin(r), kNone);
    EXPECT_EQ(relation.find(Tuple{8}), kNone);
  }
}

TEST(Index, FindsTheRowsOfAKeyNewestFirst) {
  for (const auto& columns : {std::vector<std::uint32_t>{0}, {1}, {0, 2}, {0, 1, 2}}) {
    std::mt19937_64 random(columns.size());
    Relation relation(3);
    Index index(columns);
    std::map<Tuple, std::vector<Row>> expected;
    for (int step = 0; step < 40; ++step) {
      for (int i = 0; i < 50; ++i) {
        const Tuple t = random_tuple(random, 3, 12);
        const auto [row, fresh] = relation.insert(t);
        if (!fresh) continue;
        Tuple key;
        for (std::uint32_t c : columns) key.push_back(t[c]);
        expected[key].insert(expected[key].begin(), row);
      }
      index.catch_up(relation);
      for (const auto& [key, rows] : expected) {
        std::vector<Row> found;
        for (Row r = index.first(key, relation); r != kNone; r = index.next(r)) found.push_back(r);
        ASSERT_EQ(found, rows);
      }
    }
    EXPECT_EQ(index.first(Tuple(columns.size(), 99), relation), kNone);
  }
}

TEST(Index, StartsAgainAfterClear) {
  Relation relation(2);
  Index index({1});
  for (Cell c = 0; c < 3000; ++c) relation.insert(Tuple{c, c % 7});
  index.catch_up(relation);
  relation.clear();
  index.clear();
  EXPECT_EQ(index.first(Tuple{3}, relation), kNone);
  relation.insert(Tuple{1, 3});
  index.catch_up(relation);
  EXPECT_EQ(index.first(Tuple{3}, relation), 0u);
  EXPECT_EQ(index.next(0), kNone);
  EXPECT_EQ(index.first(Tuple{4}, relation), kNone);
}

TEST(HashCells, TellsDenseIdsApart) {
  std::set<std::uint64_t> low_bits;
  for (Cell a = 0; a < 64; ++a)
    for (Cell b = 0; b < 64; ++b) low_bits.insert(hash_cells(Tuple{a, b}) & 0xFFFF);
  EXPECT_GT(low_bits.size(), 3800u);  // 4096 keys into 65536 slots collide about 125 times by chance
}

TEST(HashCells, WholeFloatsInTheLastColumnSpread) {
  std::set<std::uint64_t> low_bits;
  for (int value = 0; value < 4096; ++value)
    low_bits.insert(hash_cells(Tuple{7, cell(static_cast<double>(value))}) & 0xFFFF);
  EXPECT_GT(low_bits.size(), 3800u);
}

}  // namespace
}  // namespace tenfold::engine
