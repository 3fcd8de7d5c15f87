#include "modules/predicates.h"

#include "modules/call_test.h"

namespace tenfold::modules {
namespace {

class Predicates : public CallTest {};

using Rows = std::vector<std::string>;
constexpr Type kText = Type::string, kSize = Type::usize;

TEST_F(Predicates, RangesOfEveryInteger) {
  for (const Type t : {Type::i8, Type::u64, Type::usize, Type::i128, Type::u128})
    EXPECT_EQ(rows("range", {{t, "2"}, {t, "5"}}), (Rows{"2", "3", "4"})) << name(t);
  EXPECT_EQ(rows("range", {{Type::i32, "5"}, {Type::i32, "2"}}), Rows{});
  EXPECT_EQ(rows("range", {{Type::u64, "9223372036854775807"}, {Type::u64, "9223372036854775809"}}),
            (Rows{"9223372036854775807", "9223372036854775808"}));
  EXPECT_EQ(rows("range", {{Type::i128, "4611686018427387903"}, {Type::i128, "4611686018427387905"}}),
            (Rows{"4611686018427387903", "4611686018427387904"}));
  EXPECT_EQ(rows("range", {{Type::i32, "0"}, {Type::i32, "1000000000"}}).size(), 100u);
}

TEST_F(Predicates, TextsCountCharacters) {
  EXPECT_EQ(rows("string_chars", {{kText, "aé𝄞"}}), (Rows{"0,a", "1,é", "2,𝄞"}));
  EXPECT_EQ(rows("string_index", {{kText, "aé𝄞"}}), (Rows{"0", "1", "2"}));
  EXPECT_EQ(rows("string_find", {{kText, "éaaéaaa"}, {kText, "aa"}}), (Rows{"1,3", "4,6"}));
  EXPECT_EQ(rows("string_find", {{kText, "é"}, {kText, ""}}), (Rows{"0,0", "1,1"}));
  EXPECT_EQ(rows("string_split", {{kText, "a,b,,c"}, {kText, ","}}), (Rows{"a", "b", "", "c"}));
  EXPECT_EQ(rows("string_split", {{kText, "é1"}, {kText, ""}}), (Rows{"é", "1", ""}));
}

TEST_F(Predicates, SoftComparisons) {
  EXPECT_EQ(rows("soft_eq", {{Type::f64, "1"}, {Type::f64, "1"}}), (Rows{""}));
  EXPECT_EQ(rows("soft_eq", {{Type::f64, "1"}, {Type::f64, "2"}}), (Rows{"0.886818883970074::"}));
  EXPECT_EQ(rows("soft_gt", {{Type::u8, "1"}, {Type::u8, "2"}}), (Rows{"0.2689414213699951::"}));
  EXPECT_EQ(rows("soft_lt", {{Type::i128, "1"}, {Type::i128, "2"}}), (Rows{"0.7310585786300049::"}));
  EXPECT_EQ(rows("soft_neq", {{Type::f64, "inf"}, {Type::f64, "-inf"}}), (Rows{""}));
  EXPECT_EQ(rows("float_eq", {{Type::f32, "1"}, {Type::f32, "1.0005"}}), (Rows{""}));
  EXPECT_EQ(rows("float_eq", {{Type::f32, "1"}, {Type::f32, "1.1"}}), Rows{});
}

TEST_F(Predicates, Dates) { EXPECT_EQ(rows("datetime_ymd", {{Type::datetime, "2020-02-29"}}), (Rows{"2020,2,29"})); }

}  // namespace
}  // namespace tenfold::modules
