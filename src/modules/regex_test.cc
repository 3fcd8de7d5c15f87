#include "modules/call_test.h"

namespace tenfold::modules {
namespace {

using enum Type;

class RegexTest : public CallTest {
 protected:
  std::string of(std::string_view function, std::string_view pattern, std::string_view text) {
    return call(function, {{string, std::string(pattern)}, {string, std::string(text)}}, boolean);
  }
  std::string replaced(std::string_view pattern, std::string_view text, std::string_view by) {
    return call("regex_replace",
                {{string, std::string(pattern)}, {string, std::string(text)}, {string, std::string(by)}}, string);
  }
  using Rows = std::vector<std::string>;
  Rows matches(std::string_view predicate, std::string_view pattern, std::string_view text) {
    return rows(predicate, {{string, std::string(pattern)}, {string, std::string(text)}});
  }
};

TEST_F(RegexTest, MatchIsOfTheWholeTextAndSearchOfAPart) {
  EXPECT_EQ(of("regex_match", "[a-z]+", "abc"), "true");
  EXPECT_EQ(of("regex_match", "[a-z]+", "abc1"), "false");
  EXPECT_EQ(of("regex_search", "[a-z]+", "1abc1"), "true");
  EXPECT_EQ(of("regex_match", "a|ab", "ab"), "true");
  EXPECT_EQ(of("regex_match", "(?i)ÄB", "äb"), "true");
  EXPECT_EQ(of("regex_match", "", ""), "true");
  EXPECT_EQ(of("regex_match", ".", "é"), "true");
}

TEST_F(RegexTest, WhatIsNoPatternHasNoValue) {
  for (const char* bad : {"(", "a{2", "[", "(?=a)", "(a)\\1", "*", "a{1001}"}) {
    if (std::string_view(bad) == "a{2") continue;  // RE2 reads it as text
    EXPECT_EQ(of("regex_match", bad, "a"), "none") << bad;
    EXPECT_EQ(matches("regex_find", bad, "a"), Rows{}) << bad;
    const auto refuse = functions()[*find_function("regex_match")].refuse;
    EXPECT_TRUE(refuse(0, bad)) << bad;
    EXPECT_FALSE(refuse(1, bad)) << bad;
  }
  EXPECT_EQ(of("regex_match", std::string(5000, 'a'), "a"), "none");
  EXPECT_EQ(of("regex_match", "((a{100}){100}){100}", "a"), "none");  // more memory than a pattern may take
}

// The pairs were made with Python's re.finditer.
TEST_F(RegexTest, FindGivesEveryMatchInCharacters) {
  EXPECT_EQ(matches("regex_find", "\\d+", "é12 x 345"), (Rows{"1,3,12", "6,9,345"}));
  EXPECT_EQ(matches("regex_find", "a*", "baac"), (Rows{"0,0,", "1,3,aa", "3,3,", "4,4,"}));
  EXPECT_EQ(matches("regex_find", "", "äö"), (Rows{"0,0,", "1,1,", "2,2,"}));
  EXPECT_EQ(matches("regex_find", "x", "abc"), Rows{});
  EXPECT_EQ(matches("regex_find", "\\bb", "b ab b"), (Rows{"0,1,b", "5,6,b"}));
}

TEST_F(RegexTest, GroupsByNameOrNumber) {
  EXPECT_EQ(matches("regex_group", "(?P<key>\\w+)=(\\d+)?", "a=1 b="), (Rows{"0,key,a", "0,2,1", "1,key,b"}));
  EXPECT_EQ(matches("regex_group", "\\d", "1 2"), Rows{});
}

TEST_F(RegexTest, ReplaceFillsInGroups) {
  EXPECT_EQ(replaced("(\\w+) (\\w+)", "ab cd, ef gh", "\\2 \\1"), "cd ab, gh ef");
  EXPECT_EQ(replaced("x*", "ab", "-"), "-a-b-");
  EXPECT_EQ(replaced("a", "a", "\\3"), "none");
}

// Between two matches a rule may ask for more patterns than are kept; the one at work stays.
TEST_F(RegexTest, PatternsAskedForBetweenTwoMatchesChangeNothing) {
  for (const char* name : {"regex_find", "regex_group"}) {
    std::string out;
    const auto take = [&](std::span<const Cell> row, double, std::span<const Type>) {
      for (int i = 0; i < 100; ++i)
        EXPECT_EQ(of("regex_match", "[b-d]{" + std::to_string(i) + "}", "bcd"), i == 3 ? "true" : "false");
      out += plain(row.back(), string, symbols) + ";";
      return true;
    };
    each_row(name, {{string, "(?P<word>[a-z]+)=(\\d+)"}, {string, "a=1 b=22 c=333"}}, take);
    EXPECT_EQ(out, std::string_view(name) == "regex_find" ? "a=1;b=22;c=333;" : "a;1;b;22;c;333;");
  }
}

// A backtracking matcher would take 2^30 steps for the first and the third; growth is refused.
TEST_F(RegexTest, HostilePatternsAndTextsAreBounded) {
  const std::string many(30, 'a');
  EXPECT_EQ(of("regex_match", "(a*)*b", many), "false");
  EXPECT_EQ(of("regex_match", "(a|aa)+$", many + "b"), "false");
  std::string optional;
  for (int i = 0; i < 30; ++i) optional += "a?";
  EXPECT_EQ(of("regex_match", optional + many, many), "true");
  EXPECT_EQ(replaced("a", std::string(1 << 20, 'a'), std::string(32, 'b')), "none");
  for (int i = 0; i < 200; ++i)  // more patterns than are kept
    EXPECT_EQ(of("regex_match", "a{" + std::to_string(i) + "}", std::string(static_cast<std::size_t>(i), 'a')), "true");
}

}  // namespace
}  // namespace tenfold::modules
