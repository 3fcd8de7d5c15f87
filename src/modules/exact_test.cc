#include "modules/call_test.h"

namespace tenfold::modules {
namespace {

using enum Type;

class ExactTest : public CallTest {
 protected:
  std::vector<std::string> split(std::string_view amount, std::uint32_t parts) {
    std::vector<std::string> out;
    for (const std::string& row : rows("money_split", {{money, std::string(amount)}, {u32, std::to_string(parts)}})) {
      const std::string index = std::to_string(out.size()) + ",";
      EXPECT_TRUE(row.starts_with(index)) << row;
      out.push_back(row.substr(index.size()));
    }
    return out;
  }
};

TEST_F(ExactTest, RoundingIsAlwaysNamed) {
  EXPECT_EQ(call("round", {{rational, "2.345"}, {i32, "2"}, {string, "half-even"}}, rational), "2.34");
  EXPECT_EQ(call("round", {{rational, "2.345"}, {i32, "2"}, {string, "half-up"}}, rational), "2.35");
  EXPECT_EQ(call("round", {{rational, "2.345"}, {i32, "2"}, {string, "nearest"}}, rational), "none");
  EXPECT_EQ(call("decimal_text", {{rational, "2/3"}, {i32, "4"}, {string, "half-up"}}, string), "0.6667");
  EXPECT_EQ(call("decimal_text", {{rational, "5"}, {i32, "2"}, {string, "half-up"}}, string), "5.00");
  EXPECT_EQ(call("decimal_text", {{rational, "-0.004"}, {i32, "2"}, {string, "half-up"}}, string), "0.00");
  EXPECT_EQ(call("decimal_text", {{rational, "5"}, {i32, "-2"}, {string, "half-up"}}, string), "none");
}

TEST_F(ExactTest, NumbersOfAnySize) {
  EXPECT_EQ(call("power", {{rational, "2"}, {i32, "100"}}, rational), "1267650600228229401496703205376");
  EXPECT_EQ(call("power", {{rational, "2/3"}, {i32, "-2"}}, rational), "2.25");
  EXPECT_EQ(call("numerator", {{rational, "-6/4"}}, rational), "-3");
  EXPECT_EQ(call("denominator", {{rational, "-6/4"}}, rational), "2");
  EXPECT_EQ(call("gcd", {{rational, "1267650600228229401496703205376"}, {rational, "1e30"}}, rational), "1073741824");
  EXPECT_EQ(call("gcd", {{rational, "1/2"}, {rational, "4"}}, rational), "none");
  EXPECT_EQ(call("abs", {{rational, "-1/3"}}, rational), "1/3");
  EXPECT_EQ(call("floor", {{rational, "-1/3"}}, rational), "-1");
  EXPECT_EQ(call("ceil", {{rational, "1e30"}}, rational), "1" + std::string(30, '0'));
  EXPECT_EQ(call("sign", {{rational, "-1/3"}}, rational), "-1");
  EXPECT_EQ(call("max", {{rational, "1/3"}, {rational, "0.3333"}}, rational), "1/3");
}

TEST_F(ExactTest, MoneyKeepsItsCurrency) {
  EXPECT_EQ(call("money", {{rational, "0.1"}, {string, "EUR"}}, money), "0.10 EUR");
  EXPECT_EQ(call("money", {{rational, "0.1"}, {string, "XXX"}}, money), "none");
  EXPECT_EQ(call("money_amount", {{money, "0.10 EUR"}}, rational), "0.1");
  EXPECT_EQ(call("money_currency", {{money, "0.10 EUR"}}, string), "EUR");
  EXPECT_EQ(call("money_round", {{money, "1.005 EUR"}, {string, "half-even"}}, money), "1.00 EUR");
  EXPECT_EQ(call("money_round", {{money, "1.5 JPY"}, {string, "half-even"}}, money), "2 JPY");
  EXPECT_EQ(call("money_round", {{money, "1.5 XAU"}, {string, "half-even"}}, money), "none");
  EXPECT_EQ(call("money_convert", {{money, "10 EUR"}, {rational, "1.0842"}, {string, "USD"}}, money), "10.842 USD");
  EXPECT_EQ(call("money_convert", {{money, "10 EUR"}, {rational, "0"}, {string, "USD"}}, money), "none");
}

TEST_F(ExactTest, PartsAddUp) {
  EXPECT_EQ(split("100 EUR", 3), (std::vector<std::string>{"33.34 EUR", "33.33 EUR", "33.33 EUR"}));
  EXPECT_EQ(split("-0.05 EUR", 3), (std::vector<std::string>{"-0.02 EUR", "-0.02 EUR", "-0.01 EUR"}));
  EXPECT_EQ(split("2 JPY", 3), (std::vector<std::string>{"1 JPY", "1 JPY", "0 JPY"}));
  EXPECT_TRUE(split("0.001 EUR", 3).empty());
  EXPECT_TRUE(split("1 EUR", 0).empty());
  EXPECT_TRUE(split("1 EUR", 4'000'000'000u).empty());
  EXPECT_TRUE(split("1 XAU", 2).empty());
}

}  // namespace
}  // namespace tenfold::modules
