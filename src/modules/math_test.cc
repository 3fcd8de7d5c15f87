#include <set>

#include "modules/call_test.h"

namespace tenfold::modules {
namespace {

class Math : public CallTest {
 protected:
  std::string of(std::string_view name, Type type, const std::vector<std::string>& args) {
    std::vector<Value> values;
    for (const std::string& arg : args) values.emplace_back(type, arg);
    return call(name, values, type);
  }
  std::string pow(Type type, const std::string& base, const std::string& exponent) {
    return call("pow", {{type, base}, {Type::u32, exponent}}, type);
  }
};

TEST_F(Math, AbsoluteValueKeepsItsType) {
  EXPECT_EQ(of("abs", Type::i8, {"-5"}), "5");
  EXPECT_EQ(of("abs", Type::i8, {"-128"}), "none");
  EXPECT_EQ(of("abs", Type::i64, {"-9223372036854775808"}), "none");
  EXPECT_EQ(of("abs", Type::i64, {"-9223372036854775807"}), "9223372036854775807");
  EXPECT_EQ(of("abs", Type::u64, {"18446744073709551615"}), "18446744073709551615");
  EXPECT_EQ(of("abs", Type::f64, {"-2.5"}), "2.5");
}

TEST_F(Math, FloorAndCeilLeaveIntegersAlone) {
  EXPECT_EQ(of("floor", Type::f64, {"-2.5"}), "-3");
  EXPECT_EQ(of("ceil", Type::f64, {"-2.5"}), "-2");
  EXPECT_EQ(of("floor", Type::i32, {"-7"}), "-7");
  EXPECT_EQ(of("ceil", Type::u64, {"18446744073709551615"}), "18446744073709551615");
}

TEST_F(Math, SignOfZeroIsZeroInEveryType) {
  EXPECT_EQ(of("sign", Type::u8, {"0"}), "0");
  EXPECT_EQ(of("sign", Type::u64, {"18446744073709551615"}), "1");
  EXPECT_EQ(of("sign", Type::i32, {"-9"}), "-1");
  EXPECT_EQ(of("sign", Type::f64, {"-0.25"}), "-1");
  EXPECT_EQ(of("sign", Type::f64, {"0"}), "0");
}

TEST_F(Math, FunctionsOfFloats) {
  EXPECT_EQ(of("exp", Type::f64, {"0"}), "1");
  EXPECT_EQ(of("exp2", Type::f64, {"10"}), "1024");
  EXPECT_EQ(of("sin", Type::f64, {"0"}), "0");
  EXPECT_EQ(of("cos", Type::f64, {"0"}), "1");
  EXPECT_EQ(of("tan", Type::f64, {"0"}), "0");
  EXPECT_EQ(of("asin", Type::f64, {"0"}), "0");
  EXPECT_EQ(of("acos", Type::f64, {"1"}), "0");
  EXPECT_EQ(of("atan", Type::f64, {"0"}), "0");
  EXPECT_EQ(of("log", Type::f64, {"1"}), "0");
  EXPECT_EQ(of("log2", Type::f64, {"8"}), "3");
  EXPECT_EQ(of("atan2", Type::f64, {"0", "1"}), "0");
  EXPECT_EQ(of("atan2", Type::f64, {"1", "0"}), "1.5707963267948966") << "y comes first";
  EXPECT_EQ(of("powf", Type::f64, {"2", "0.5"}), "1.4142135623730951");
  EXPECT_EQ(of("powf", Type::f32, {"2", "0.5"}), "1.4142135") << "an f32 stays one";
  EXPECT_EQ(of("exp", Type::f64, {"1000"}), "inf");
}

TEST_F(Math, OutsideTheDomainThereIsNoValue) {
  EXPECT_EQ(of("log", Type::f64, {"0"}), "none");
  EXPECT_EQ(of("log2", Type::f64, {"-1"}), "none");
  EXPECT_EQ(of("asin", Type::f64, {"1.5"}), "none");
  EXPECT_EQ(of("acos", Type::f64, {"-1.5"}), "none");
  EXPECT_EQ(of("powf", Type::f64, {"-1", "0.5"}), "none");
  EXPECT_EQ(of("sin", Type::f64, {"inf"}), "none");
}

TEST_F(Math, PowerOfIntegersIsExactOrNothing) {
  EXPECT_EQ(pow(Type::i32, "-3", "3"), "-27");
  EXPECT_EQ(pow(Type::i32, "7", "0"), "1");
  EXPECT_EQ(pow(Type::i8, "2", "7"), "none");
  EXPECT_EQ(pow(Type::i8, "-2", "7"), "-128");
  EXPECT_EQ(pow(Type::i64, "2", "62"), "4611686018427387904");
  EXPECT_EQ(pow(Type::i64, "2", "63"), "none");
  EXPECT_EQ(pow(Type::u64, "2", "63"), "9223372036854775808");
  EXPECT_EQ(pow(Type::u64, "2", "64"), "none");
  EXPECT_EQ(pow(Type::i64, "-1", "4294967295"), "-1");
  EXPECT_EQ(pow(Type::i64, "0", "4294967295"), "0");
}

TEST_F(Math, MinAndMaxCompareInTheirType) {
  EXPECT_EQ(of("min", Type::i32, {"3", "-1", "2"}), "-1");
  EXPECT_EQ(of("max", Type::i32, {"3", "-1", "2"}), "3");
  EXPECT_EQ(of("max", Type::u64, {"1", "18446744073709551615"}), "18446744073709551615");
  EXPECT_EQ(of("min", Type::f64, {"-2.5", "-2.25"}), "-2.5");
  EXPECT_EQ(of("max", Type::f64, {"7"}), "7");
}

TEST(Functions, NamesAreUniqueAndFound) {
  std::set<std::string_view> names;
  for (std::uint32_t i = 0; i < functions().size(); ++i) {
    const Function& function = functions()[i];
    EXPECT_TRUE(names.insert(function.name).second) << function.name;
    EXPECT_EQ(find_function(function.name), i);
    EXPECT_FALSE(function.doc.empty()) << function.name;
    EXPECT_FALSE(function.args.empty()) << function.name;
    EXPECT_LE(function.optional, function.args.size()) << function.name;
  }
  EXPECT_EQ(find_function("absent"), std::nullopt);
}

}  // namespace
}  // namespace tenfold::modules
