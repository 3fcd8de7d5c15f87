#include "base/value_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace tenfold {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

class ValueText : public testing::Test {
 protected:
  std::optional<Cell> read(std::string_view text, Type type) { return parse_plain(text, type, symbols); }
  std::string round(std::string_view text, Type type) {
    const auto cell = read(text, type);
    return cell ? plain(*cell, type, symbols) : "nothing";
  }
  Symbols symbols;
};

TEST_F(ValueText, NumbersAreShortAndReadBack) {
  EXPECT_EQ(number_text(1.0), "1");
  EXPECT_EQ(number_text(-0.0), "0");
  EXPECT_EQ(number_text(0.1), "0.1");
  EXPECT_EQ(number_text(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(number_text(1234567.5), "1234567.5");
  EXPECT_EQ(number_text(1e20), "100000000000000000000");
  EXPECT_EQ(number_text(1e21), "1e21");
  EXPECT_EQ(number_text(-1.5e300), "-1.5e300");
  EXPECT_EQ(number_text(1e-7), "0.0000001");
  EXPECT_EQ(number_text(2.5e-9), "2.5e-9");
  const Symbols none;
  EXPECT_EQ(literal(cell(1e21), Type::f64, none), "1000000000000000000000");
  EXPECT_EQ(literal(cell(-2.5e-9), Type::f64, none), "-0.0000000025");
  EXPECT_EQ(literal(cell(static_cast<double>(1e21f)), Type::f32, none), "1000000000000000000000");
  EXPECT_EQ(literal(cell(123.5), Type::f64, none), "123.5");
  EXPECT_EQ(literal(cell(-kInfinity), Type::f32, none), "-inf");
  EXPECT_EQ(number_text(5e-324), "5e-324");
  EXPECT_EQ(number_text(kInfinity), "inf");
  std::mt19937_64 random(1);
  for (int i = 0; i < 20000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(as_double(*read(number_text(value), Type::f64)), value);
  }
}

TEST_F(ValueText, SingleFloatsPrintAsFloats) {
  EXPECT_EQ(round("0.1", Type::f32), "0.1");
  EXPECT_EQ(as_double(*read("0.1", Type::f32)), static_cast<double>(0.1f));
  EXPECT_EQ(round("16777217", Type::f32), "16777216");
  EXPECT_EQ(round("1e39", Type::f32), "nothing");
}

TEST_F(ValueText, IntegersKeepToTheirRange) {
  EXPECT_EQ(round("127", Type::i8), "127");
  EXPECT_EQ(round("-128", Type::i8), "-128");
  EXPECT_EQ(round("128", Type::i8), "nothing");
  EXPECT_EQ(round("-1", Type::u8), "nothing");
  EXPECT_EQ(round("256", Type::u8), "nothing");
  EXPECT_EQ(round("4294967295", Type::u32), "4294967295");
  EXPECT_EQ(round("4294967296", Type::u32), "nothing");
  EXPECT_EQ(round("18446744073709551615", Type::u64), "18446744073709551615");
  EXPECT_EQ(round("18446744073709551616", Type::usize), "nothing");
  EXPECT_EQ(round("-9223372036854775808", Type::i64), "-9223372036854775808");
  EXPECT_EQ(round("9223372036854775808", Type::i64), "nothing");
  EXPECT_EQ(round("+7", Type::i32), "7");
}

TEST_F(ValueText, WhatIsNoValueIsNothing) {
  for (const char* text : {"", " 1", "1 ", "1.0", "0x1", "1e3", "+-1", "--1", "+", "１"})
    EXPECT_EQ(read(text, Type::i32), std::nullopt) << text;
  for (const char* text : {"", "nan", "NaN", "1,5", "1.5f", "0x1p3", "1e999"})
    EXPECT_EQ(read(text, Type::f64), std::nullopt) << text;
  for (const char* text : {"", "True", "1", "yes"}) EXPECT_EQ(read(text, Type::boolean), std::nullopt) << text;
  for (const char* text : {"", "ab", "\xFF"}) EXPECT_EQ(read(text, Type::character), std::nullopt) << text;
  EXPECT_EQ(read("caf\xE9", Type::string), std::nullopt);
  EXPECT_EQ(read("2020-02-30", Type::datetime), std::nullopt);
  EXPECT_EQ(read("5", Type::entity), std::nullopt);
}

TEST_F(ValueText, OtherTypesReadBack) {
  EXPECT_EQ(round("true", Type::boolean), "true");
  EXPECT_EQ(round("é", Type::character), "é");
  EXPECT_EQ(round("", Type::string), "");
  EXPECT_EQ(round("a\tb\"c", Type::symbol), "a\tb\"c");
  EXPECT_EQ(round("2020-01-31T09:30:00+01:00", Type::datetime), "2020-01-31T08:30:00Z");
}

TEST_F(ValueText, LiteralsAreEscaped) {
  EXPECT_EQ(literal(*read("a\"b\\\n\t'\x1b", Type::string), Type::string, symbols), R"("a\"b\\\n\t'\u{1b}")");
  EXPECT_EQ(literal(*read("RED", Type::symbol), Type::symbol, symbols), R"(s"RED")");
  EXPECT_EQ(literal(*read("'", Type::character), Type::character, symbols), R"('\'')");
  EXPECT_EQ(literal(*read("2020-01-31", Type::datetime), Type::datetime, symbols), R"(t"2020-01-31 00:00:00 UTC")");
  EXPECT_EQ(literal(*read("2020-01-31T08:30:00.5Z", Type::datetime), Type::datetime, symbols),
            R"(t"2020-01-31 08:30:00.5 UTC")");
  EXPECT_EQ(literal(cell(std::int64_t{-3}), Type::i32, symbols), "-3");
  EXPECT_EQ(literal(Cell{1}, Type::boolean, symbols), "true");
}

TEST_F(ValueText, FitBringsValuesIntoTheirType) {
  EXPECT_EQ(fit(std::int64_t{300}, Type::i8), std::nullopt);
  EXPECT_EQ(as_int(*fit(std::int64_t{-5}, Type::i8)), -5);
  EXPECT_EQ(fit(std::int64_t{0xD800}, Type::character), std::nullopt);
  EXPECT_EQ(fit(std::int64_t{2}, Type::boolean), std::nullopt);
  EXPECT_EQ(fit(std::nan(""), Type::f64), std::nullopt);
  EXPECT_EQ(as_double(*fit(0.1, Type::f32)), static_cast<double>(0.1f));
  EXPECT_EQ(as_double(*fit(1e300, Type::f32)), kInfinity);
  EXPECT_EQ(fit(1.5, Type::i32), std::nullopt);
  EXPECT_EQ(as_int(*fit(-7.0, Type::i32)), -7);
  EXPECT_EQ(fit(1e19, Type::i64), std::nullopt);
  EXPECT_EQ(*fit(1e19, Type::u64), 10000000000000000000u);
  EXPECT_EQ(*fit(-0.0, Type::f64), cell(0.0));
}

TEST_F(ValueText, EveryTypeHasItsName) {
  EXPECT_EQ(name(Type::i8), "i8");
  EXPECT_EQ(name(Type::usize), "usize");
  EXPECT_EQ(name(Type::f64), "f64");
  EXPECT_EQ(name(Type::datetime), "DateTime");
  EXPECT_EQ(name(Type::tensor), "Tensor");
}

}  // namespace
}  // namespace tenfold
