#include "base/rational.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/money.h"
#include "base/value_order.h"
#include "base/value_text.h"

namespace tenfold {
namespace {

class RationalTest : public testing::Test {
 protected:
  Cell of(std::string_view text) {
    const auto cell = rational::parse(text, symbols);
    EXPECT_TRUE(cell) << text;
    return cell.value_or(0);
  }
  std::string text(std::optional<Cell> cell) { return cell ? rational::text(*cell, symbols) : "none"; }
  Symbols symbols;
};

TEST_F(RationalTest, WritesDecimalsWhereTheyEnd) {
  for (const auto& [in, out] :
       std::vector<std::pair<std::string, std::string>>{{"0.10", "0.1"},
                                                        {"-0.00", "0"},
                                                        {"1/3", "1/3"},
                                                        {"2/8", "0.25"},
                                                        {"-7/2", "-3.5"},
                                                        {"1.5e-3", "0.0015"},
                                                        {"12e2", "1200"},
                                                        {"-1/7", "-1/7"},
                                                        {"4611686018427387904", "4611686018427387904"},
                                                        {"0.000001", "0.000001"},
                                                        {"1/4194303", "1/4194303"},
                                                        {"1/4194305", "1/4194305"},
                                                        {"549755813887.5", "549755813887.5"},
                                                        {"-549755813888.5", "-549755813888.5"},
                                                        {"+5", "5"}})
    EXPECT_EQ(text(rational::parse(in, symbols)), out) << in;
}

TEST_F(RationalTest, RefusesWhatIsNoNumber) {
  for (const char* bad : {"", "-", ".5", "5.", "1/0", "1/-2", "1//2", "a", "1e", "1e99999", "1 ", "0x10", "--1",
                          "1e+-2", "1.2/3", "inf", "nan", "1_000"})
    EXPECT_FALSE(rational::parse(bad, symbols)) << bad;
  EXPECT_FALSE(rational::parse(std::string(200'000, '9'), symbols));
}

// One number has one cell however it came about, small or large.
TEST_F(RationalTest, EqualNumbersAreEqualCells) {
  const Cell big = of("123456789012345678901234567890");
  EXPECT_EQ(rational::subtract(*rational::add(big, of("1/3"), symbols), big, symbols), of("1/3"));
  EXPECT_EQ(rational::divide(big, big, symbols), Cell{1});
  EXPECT_EQ(rational::multiply(of("0.1"), of("3"), symbols), of("0.3"));
  EXPECT_EQ(rational::add(of("0.1"), of("0.2"), symbols), of("0.3"));
  EXPECT_EQ(rational::multiply(*rational::power(2, 200, symbols), *rational::power(2, -200, symbols), symbols),
            Cell{1});
  EXPECT_EQ(rational::divide(of("-6"), of("4"), symbols), of("-1.5"));
  EXPECT_EQ(rational::divide(of("6"), of("-4"), symbols), of("-1.5"));
}

// Against 128-bit fractions, written out.
TEST_F(RationalTest, ArithmeticAgreesWithFractionsOfMachineWords) {
  std::mt19937_64 random(7);
  const auto draw = [&] {
    const int bits = static_cast<int>(random() % 31);
    return static_cast<std::int64_t>(random() >> (63 - bits)) * (random() % 2 ? 1 : -1);
  };
  const auto whole = [](Int128 v) {
    std::string digits;
    const bool minus = v < 0;
    do digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(v < 0 ? -(v % 10) : v % 10)));
    while ((v /= 10) != 0);
    return minus ? "-" + digits : digits;
  };
  const auto fraction = [&](Int128 a, Int128 b) {
    if (b < 0) a = -a, b = -b;
    return of(whole(a) + "/" + whole(b));
  };
  for (int i = 0; i < 20'000; ++i) {
    const Int128 a = draw(), b = std::abs(draw()) + 1, c = draw(), d = std::abs(draw()) + 1;
    const Cell x = fraction(a, b), y = fraction(c, d);
    ASSERT_EQ(rational::add(x, y, symbols), fraction(a * d + c * b, b * d));
    ASSERT_EQ(rational::subtract(x, y, symbols), fraction(a * d - c * b, b * d));
    ASSERT_EQ(rational::multiply(x, y, symbols), fraction(a * c, b * d));
    if (c != 0) {
      ASSERT_EQ(rational::divide(x, y, symbols), fraction(a * d, b * c));
    } else {
      ASSERT_EQ(rational::divide(x, y, symbols), std::nullopt);
    }
    const Int128 left = a * d, right = c * b;
    ASSERT_EQ(rational::compare(x, y, symbols), left < right ? -1 : left > right ? 1 : 0);
    ASSERT_EQ(rational::to_double(x, symbols), static_cast<double>(a) / static_cast<double>(b));  // both exact
  }
}

TEST_F(RationalTest, DoublesGoInExactlyAndComeBackRounded) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 20'000; ++i) {
    const double value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    const auto cell = rational::of(value, symbols);
    ASSERT_TRUE(cell);
    ASSERT_EQ(rational::to_double(*cell, symbols), value);
  }
  // Half way between 1 and the next double: to even. A hair more: up. Far below the least double: 0.
  const Cell half = *rational::add(1, *rational::power(2, -53, symbols), symbols);
  EXPECT_EQ(rational::to_double(half, symbols), 1.0);
  EXPECT_EQ(rational::to_double(*rational::add(half, *rational::power(2, -300, symbols), symbols), symbols),
            std::nextafter(1.0, 2.0));
  EXPECT_EQ(rational::to_double(*rational::power(2, -1075, symbols), symbols), 0.0);
  EXPECT_EQ(rational::to_double(*rational::multiply(3, *rational::power(2, -1076, symbols), symbols), symbols),
            std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(rational::to_double(*rational::power(10, 400, symbols), symbols), std::numeric_limits<double>::infinity());
}

// The seven ways, on the values of the table of java.math.RoundingMode.
TEST_F(RationalTest, RoundsInSevenWays) {
  const std::vector<std::string> in = {"5.5", "2.5", "1.6", "1.1", "1.0", "-1.0", "-1.1", "-1.6", "-2.5", "-5.5"};
  const std::vector<std::pair<std::string, std::vector<std::string>>> out = {
      {"up", {"6", "3", "2", "2", "1", "-1", "-2", "-2", "-3", "-6"}},
      {"down", {"5", "2", "1", "1", "1", "-1", "-1", "-1", "-2", "-5"}},
      {"ceiling", {"6", "3", "2", "2", "1", "-1", "-1", "-1", "-2", "-5"}},
      {"floor", {"5", "2", "1", "1", "1", "-1", "-2", "-2", "-3", "-6"}},
      {"half-up", {"6", "3", "2", "1", "1", "-1", "-1", "-2", "-3", "-6"}},
      {"half-down", {"5", "2", "2", "1", "1", "-1", "-1", "-2", "-2", "-5"}},
      {"half-even", {"6", "2", "2", "1", "1", "-1", "-1", "-2", "-2", "-6"}}};
  for (const auto& [mode, expected] : out)
    for (std::size_t i = 0; i < in.size(); ++i)
      EXPECT_EQ(text(rational::rounded(of(in[i]), 0, *rounding_named(mode), symbols)), expected[i]) << mode << in[i];
  EXPECT_EQ(text(rational::rounded(of("2.675"), 2, Rounding::half_even, symbols)), "2.68");
  EXPECT_EQ(text(rational::rounded(of("1250"), -2, Rounding::half_even, symbols)), "1200");
  EXPECT_EQ(text(rational::rounded(of("1"), 1001, Rounding::half_even, symbols)), "none");
}

TEST_F(RationalTest, ExponentsPastAWordAreNoNumber) {
  for (const char* bad : {"1.5e-9223372036854775808", "1.5e9223372036854775807", "1e-9223372036854775808",
                          "1e99999999999999999999", "1.5e10002", "1e10001"})
    EXPECT_FALSE(rational::parse(bad, symbols)) << bad;
  EXPECT_EQ(text(rational::parse("1.5e10001", symbols)), "15" + std::string(10'000, '0'));
}

TEST_F(RationalTest, RemainderHasTheSignOfTheDividend) {
  EXPECT_EQ(text(rational::remainder(of("-7"), of("2"), symbols)), "-1");
  EXPECT_EQ(text(rational::remainder(of("7.5"), of("-2"), symbols)), "1.5");
  EXPECT_EQ(text(rational::remainder(of("1"), of("0"), symbols)), "none");
}

TEST_F(RationalTest, NumbersThatGrowWithoutEndHaveNoValue) {
  EXPECT_EQ(text(rational::power(2, 70'000, symbols)), "none");
  EXPECT_EQ(text(rational::power(2, -70'000, symbols)), "none");
  EXPECT_EQ(text(rational::power(2, std::numeric_limits<std::int64_t>::min(), symbols)), "none");
  EXPECT_EQ(text(rational::power(of("-1"), std::numeric_limits<std::int64_t>::min(), symbols)), "1");
  EXPECT_EQ(text(rational::power(0, -1, symbols)), "none");
  std::optional<Cell> x = of("3");
  int steps = 0;
  for (; x && steps < 100; ++steps) x = rational::multiply(*x, *x, symbols);
  EXPECT_EQ(steps, 16);  // 3^(2^16) has more than 65536 bits
}

TEST_F(RationalTest, ChildTablesReadTheParentsNumbers) {
  const Cell big = of("1e40");
  Symbols child(&symbols);
  EXPECT_EQ(rational::text(*rational::add(big, 1, child), child), "1" + std::string(39, '0') + "1");
  EXPECT_EQ(content(big, Type::rational, child), content(big, Type::rational, symbols));
}

TEST_F(RationalTest, MoneyIsReadAndWrittenWithItsCurrency) {
  const auto round_trip = [&](std::string_view in) {
    const auto cell = parse_plain(in, Type::money, symbols);
    return cell ? plain(*cell, Type::money, symbols) : "none";
  };
  EXPECT_EQ(round_trip("12.5 EUR"), "12.50 EUR");
  EXPECT_EQ(round_trip("EUR -3"), "-3.00 EUR");
  EXPECT_EQ(round_trip("3 JPY"), "3 JPY");
  EXPECT_EQ(round_trip("0.1 KWD"), "0.100 KWD");
  EXPECT_EQ(round_trip("1.234 USD"), "1.234 USD");
  EXPECT_EQ(round_trip("1/3 USD"), "1/3 USD");
  EXPECT_EQ(round_trip("2 XAU"), "2 XAU");
  for (const char* bad : {"12.5", "12.5 EURO", "12.5 XYZ", "EUR", "12,5 EUR", "12.5  EUR", "12.5 eur", " EUR", "EUR "})
    EXPECT_EQ(round_trip(bad), "none") << bad;
  const Cell a = *parse_plain("2 EUR", Type::money, symbols), b = *parse_plain("10 EUR", Type::money, symbols);
  EXPECT_LT(compare(a, b, Type::money, symbols), 0);
}

}  // namespace
}  // namespace tenfold
