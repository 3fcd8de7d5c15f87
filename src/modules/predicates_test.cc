#include "modules/predicates.h"

#include <gtest/gtest.h>

#include "base/value_text.h"

namespace tenfold::modules {
namespace {

/// Rows as plain() writes them, with the probability where it is not 1.
std::vector<std::string> rows(std::string_view name, std::vector<Type> types, const std::vector<std::string>& inputs) {
  Symbols symbols;
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < inputs.size(); ++i) cells.push_back(parse_plain(inputs[i], types[i], symbols).value());
  std::vector<std::string> out;
  auto take = [&](std::span<const Cell> row, double probability) {
    std::string line = probability == 1.0 ? "" : number_text(probability) + "::";
    for (std::size_t i = 0; i < row.size(); ++i)
      line += (i ? "," : "") + plain(row[i], types[inputs.size() + i], symbols);
    out.push_back(line);
    return out.size() < 100;
  };
  predicates()[find_predicate(name).value()].rows({cells, types, symbols}, RowSink(take));
  return out;
}

using Rows = std::vector<std::string>;
constexpr Type kText = Type::string, kSize = Type::usize;

TEST(Predicates, RangesOfEveryInteger) {
  for (const Type t : {Type::i8, Type::u64, Type::usize, Type::i128, Type::u128})
    EXPECT_EQ(rows("range", {t, t, t}, {"2", "5"}), (Rows{"2", "3", "4"})) << name(t);
  EXPECT_EQ(rows("range", {Type::i32, Type::i32, Type::i32}, {"5", "2"}), Rows{});
  EXPECT_EQ(rows("range", {Type::u64, Type::u64, Type::u64}, {"9223372036854775807", "9223372036854775809"}),
            (Rows{"9223372036854775807", "9223372036854775808"}));
  EXPECT_EQ(rows("range", {Type::i128, Type::i128, Type::i128}, {"4611686018427387903", "4611686018427387905"}),
            (Rows{"4611686018427387903", "4611686018427387904"}));
  EXPECT_EQ(rows("range", {Type::i32, Type::i32, Type::i32}, {"0", "1000000000"}).size(), 100u);
}

TEST(Predicates, TextsCountCharacters) {
  EXPECT_EQ(rows("string_chars", {kText, kSize, Type::character}, {"aé𝄞"}), (Rows{"0,a", "1,é", "2,𝄞"}));
  EXPECT_EQ(rows("string_index", {kText, kSize}, {"aé𝄞"}), (Rows{"0", "1", "2"}));
  EXPECT_EQ(rows("string_find", {kText, kText, kSize, kSize}, {"éaaéaaa", "aa"}), (Rows{"1,3", "4,6"}));
  EXPECT_EQ(rows("string_find", {kText, kText, kSize, kSize}, {"é", ""}), (Rows{"0,0", "1,1"}));
  EXPECT_EQ(rows("string_split", {kText, kText, kText}, {"a,b,,c", ","}), (Rows{"a", "b", "", "c"}));
  EXPECT_EQ(rows("string_split", {kText, kText, kText}, {"é1", ""}), (Rows{"é", "1", ""}));
}

TEST(Predicates, SoftComparisons) {
  EXPECT_EQ(rows("soft_eq", {Type::f64, Type::f64}, {"1", "1"}), (Rows{""}));
  EXPECT_EQ(rows("soft_eq", {Type::f64, Type::f64}, {"1", "2"}), (Rows{"0.886818883970074::"}));
  EXPECT_EQ(rows("soft_gt", {Type::u8, Type::u8}, {"1", "2"}), (Rows{"0.2689414213699951::"}));
  EXPECT_EQ(rows("soft_lt", {Type::i128, Type::i128}, {"1", "2"}), (Rows{"0.7310585786300049::"}));
  EXPECT_EQ(rows("soft_neq", {Type::f64, Type::f64}, {"inf", "-inf"}), (Rows{""}));
  EXPECT_EQ(rows("float_eq", {Type::f32, Type::f32}, {"1", "1.0005"}), (Rows{""}));
  EXPECT_EQ(rows("float_eq", {Type::f32, Type::f32}, {"1", "1.1"}), Rows{});
}

TEST(Predicates, Dates) {
  EXPECT_EQ(rows("datetime_ymd", {Type::datetime, Type::i32, Type::u32, Type::u32}, {"2020-02-29"}),
            (Rows{"2020,2,29"}));
}

}  // namespace
}  // namespace tenfold::modules
