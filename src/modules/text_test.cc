#include "modules/call_test.h"
#include "modules/letter_case.h"

namespace tenfold::modules {
namespace {

class Text : public CallTest {
 protected:
  std::string of(std::string_view name, const std::vector<std::string>& args, Type result = Type::string) {
    std::vector<Value> values;
    for (const std::string& arg : args) values.emplace_back(Type::string, arg);
    return call(name, values, result);
  }
  std::string sub(const std::string& text, const std::vector<std::string>& offsets) {
    std::vector<Value> values{{Type::string, text}};
    for (const std::string& offset : offsets) values.emplace_back(Type::usize, offset);
    return call("substring", values, Type::string);
  }
};

TEST_F(Text, OffsetsCountCharacters) {
  EXPECT_EQ(of("string_length", {"é漢😀"}, Type::usize), "3");
  EXPECT_EQ(of("string_length", {""}, Type::usize), "0");
  EXPECT_EQ(call("string_char_at", {{Type::string, "a漢b"}, {Type::usize, "1"}}, Type::character), "漢");
  EXPECT_EQ(call("string_char_at", {{Type::string, "a漢b"}, {Type::usize, "3"}}, Type::character), "none");
  EXPECT_EQ(call("string_char_at", {{Type::string, ""}, {Type::usize, "18446744073709551615"}}, Type::character),
            "none");
  EXPECT_EQ(of("string_index_of", {"é漢x", "x"}, Type::usize), "2");
  EXPECT_EQ(of("string_index_of", {"abc", ""}, Type::usize), "0");
  EXPECT_EQ(of("string_index_of", {"abc", "d"}, Type::usize), "none");
}

TEST_F(Text, SubstringIsHalfOpenAndNeverAborts) {
  EXPECT_EQ(sub("hello", {"1", "3"}), "el");
  EXPECT_EQ(sub("hello", {"1"}), "ello");
  EXPECT_EQ(sub("é漢😀", {"1", "2"}), "漢");
  EXPECT_EQ(sub("hello", {"5"}), "");
  EXPECT_EQ(sub("hello", {"5", "5"}), "");
  EXPECT_EQ(sub("hello", {"6"}), "none");
  EXPECT_EQ(sub("hello", {"0", "6"}), "none");
  EXPECT_EQ(sub("hello", {"3", "2"}), "none");
}

TEST_F(Text, ConcatReplaceTrim) {
  EXPECT_EQ(of("string_concat", {"a", "", "é"}), "aé");
  EXPECT_EQ(of("string_replace", {"aaa", "aa", "b"}), "ba");
  EXPECT_EQ(of("string_replace", {"a.b.c", ".", ""}), "abc");
  EXPECT_EQ(of("string_replace", {"ab", "x", "y"}), "ab");
  EXPECT_EQ(of("string_replace", {"aé", "", "-"}), "-a-é-");
  EXPECT_EQ(of("string_trim", {" \t\u00A0a b\u3000\n"}), "a b");
  EXPECT_EQ(of("string_trim", {" \n "}), "");
}

TEST_F(Text, CaseOfLatinGreekAndCyrillic) {
  EXPECT_EQ(of("string_upper", {"straße éÿžț άσς ёж 9"}), "STRAßE ÉŸŽȚ ΆΣΣ ЁЖ 9");
  EXPECT_EQ(of("string_lower", {"ÉŸŽ ΆΣ ЁЖ Ł×÷"}), "éÿž άσ ёж ł×÷");
}

TEST(LetterCase, UpperAndLowerUndoEachOther) {
  for (char32_t c = 0; c < 0x2000; ++c) {
    const bool final_sigma = c == 0x3C2;
    EXPECT_TRUE(upper(c) == c || final_sigma || lower(upper(c)) == c) << static_cast<std::uint32_t>(c);
    EXPECT_TRUE(lower(c) == c || upper(lower(c)) == c) << static_cast<std::uint32_t>(c);
    EXPECT_EQ(upper(upper(c)), upper(c));
  }
  EXPECT_EQ(upper(U'µ'), U'µ');
  EXPECT_EQ(upper(U'÷'), U'÷');
  EXPECT_EQ(lower(U'×'), U'×');
}

TEST_F(Text, FormatFillsEachBraceOnce) {
  EXPECT_EQ(of("format", {"plain"}), "plain");
  EXPECT_EQ(
      call("format", {{Type::string, "{} of {}: {}"}, {Type::i32, "-3"}, {Type::string, "{}"}, {Type::boolean, "true"}},
           Type::string),
      "-3 of {}: true")
      << "a brace inside an argument is not filled";
  EXPECT_EQ(call("format", {{Type::string, "{}"}, {Type::datetime, "2020-01-31"}}, Type::string),
            "2020-01-31 00:00:00 UTC");
  EXPECT_EQ(call("format", {{Type::string, "{}"}, {Type::f32, "0.1"}}, Type::string), "0.1");
  EXPECT_EQ(of("format", {"{} {}", "a"}), "none");
  EXPECT_EQ(of("format", {"{}", "a", "b"}), "none");
}

TEST_F(Text, HashIsStableAndTellsTypesApart) {
  const std::string hash = call("hash", {{Type::string, "a"}, {Type::i32, "3"}}, Type::u64);
  EXPECT_EQ(hash, call("hash", {{Type::string, "a"}, {Type::i32, "3"}}, Type::u64));
  EXPECT_NE(hash, call("hash", {{Type::string, "a"}, {Type::i64, "3"}}, Type::u64));
  EXPECT_NE(call("hash", {{Type::string, "ab"}, {Type::string, "c"}}, Type::u64),
            call("hash", {{Type::string, "a"}, {Type::string, "bc"}}, Type::u64));
  // The value itself is a promise: other programs may have stored it.
  EXPECT_EQ(hash, "15729996477232181525");
  Symbols other;
  other.intern("something else first");
  const std::vector<Cell> cells{Cell{other.intern("a")}, Cell{3}};
  const std::vector<Type> types{Type::string, Type::i32};
  const auto again =
      functions()[*find_function("hash")].call({.args = cells, .types = types, .result = Type::u64, .symbols = other});
  EXPECT_EQ(std::to_string(*again), hash) << "does not depend on the order of interning";
}

// Their cells are numbers of entries of a table: what stands in it before must not count.
TEST_F(Text, HashOfWhatACellPointsToIsOfTheValue) {
  const auto hash = functions()[*find_function("hash")].call;
  for (const auto& [type, value] :
       {Value{Type::rational, "1/3"}, Value{Type::rational, "1e40"}, Value{Type::rational, "1/123456789123456789"},
        Value{Type::money, "12.50 EUR"}, Value{Type::i128, "-170141183460469231731687303715884105728"},
        Value{Type::duration, "1mon 3h"}}) {
    std::vector<std::string> found;
    for (const char* before : {"", "another"}) {
      Symbols table;
      table.intern(before);
      if (*before) {
        EXPECT_TRUE(parse_plain("2e50", Type::rational, table));
        EXPECT_TRUE(parse_plain("1 USD", Type::money, table));
        EXPECT_TRUE(parse_plain("170141183460469231731687303715884105727", Type::i128, table));
      }
      const auto cell = parse_plain(value, type, table);
      ASSERT_TRUE(cell) << value;
      const std::vector<Cell> cells{*cell};
      const std::vector<Type> types{type};
      found.push_back(std::to_string(*hash({.args = cells, .types = types, .result = Type::u64, .symbols = table})));
    }
    EXPECT_EQ(found[0], found[1]) << value;
  }
}

TEST_F(Text, NumbersWithDecimals) {
  const auto digits = [&](const std::string& value, const std::string& n) {
    return call("number_text", {{Type::f64, value}, {Type::u32, n}}, Type::string);
  };
  EXPECT_EQ(digits("1.005", "2"), "1.00") << "1.005 lies below in binary";
  EXPECT_EQ(digits("88.4", "0"), "88");
  EXPECT_EQ(digits("-0.001", "2"), "0.00");
  EXPECT_EQ(digits("-1.25", "1"), "-1.2");
  EXPECT_EQ(digits("1e300", "15").size(), 317u);
  EXPECT_EQ(digits("1", "16"), "none");
  EXPECT_EQ(digits("inf", "1"), "none");
}

TEST_F(Text, WhatGrowsWithoutEndIsNothing) {
  const std::string large(9 << 20, 'x');
  EXPECT_EQ(of("string_concat", {large, large}), "none");
  EXPECT_EQ(of("string_replace", {std::string(10000, 'a'), "a", std::string(10000, 'b')}), "none");
}

}  // namespace
}  // namespace tenfold::modules
