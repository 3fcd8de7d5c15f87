#include "neural/grammar.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <regex>

#include "base/utf8.h"

namespace tenfold::neural {
namespace {

Grammar parsed(std::string_view text) {
  auto grammar = Grammar::parse(text, "a.gbnf");
  EXPECT_TRUE(grammar) << render(grammar.error());
  return std::move(*grammar);
}

std::string message(std::string_view text) {
  const auto grammar = Grammar::parse(text, "a.gbnf");
  if (grammar) return "fine";
  const Place& at = grammar.error().place;
  return std::to_string(at.line) + ":" + std::to_string(at.column) + " " + grammar.error().what;
}

// Every text of up to six letters, against a regular expression that says the same.
TEST(Grammar, agrees_with_regular_expressions) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"root ::= \"a\" \"b\"* | \"c\"+ \"a\"?", "ab*|c+a?"},
      {"root ::= (\"ab\" | \"a\") \"b\" [^a]{1,2}", "(ab|a)b[^a]{1,2}"},
      {"root ::= x{2} y{0,2}\nx ::= [ab]\ny ::= \"ca\" | \"\"", "[ab]{2}(ca)?(ca)?"},
      {"root ::= (\"a\"\n  | \"b\" # one of them\n)+ .", "[ab]+."},
      {"root ::= \"a\"{2,} [a-b]", "a{2,}[a-b]"},
      {"root ::= x\nx ::= \"a\" x \"b\" | \"c\"", "c|acb|aacbb"},
  };
  for (const auto& [gbnf, expression] : pairs) {
    Grammar grammar = parsed(gbnf);
    const std::regex regex(expression);
    std::vector<std::string> texts = {""};
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (texts[i].size() < 6)
        for (const char c : {'a', 'b', 'c'}) texts.push_back(texts[i] + c);
      EXPECT_EQ(grammar.matches(texts[i]), std::regex_match(texts[i], regex)) << gbnf << "\n" << texts[i];
    }
  }
}

TEST(Grammar, characters_are_read_as_utf8) {
  Grammar grammar = parsed("root ::= [α-ω]+ [^a-z] \"é\" .");
  EXPECT_TRUE(grammar.matches("αω€é😀"));
  EXPECT_TRUE(grammar.matches("α\x01éa"));
  EXPECT_FALSE(grammar.matches("αzéa"));
  EXPECT_FALSE(grammar.matches("aAéa"));
  EXPECT_FALSE(grammar.matches("αAé\xC3"));          // cut off
  EXPECT_FALSE(grammar.matches("αAé\xED\xA0\x80"));  // a surrogate
  EXPECT_FALSE(grammar.matches("αAé\xC0\x80"));      // overlong
}

// Every scalar value at every edge where the number of bytes or a byte of a range changes.
TEST(Grammar, ranges_of_characters_hold_their_ends) {
  const std::vector<std::pair<char32_t, char32_t>> ranges = {{0x00, 0x10FFFF},  {0x7F, 0x80},    {0x7FF, 0x800},
                                                             {0xFFF0, 0x10010}, {0x123, 0x4567}, {0xD000, 0xE100},
                                                             {0x41, 0x41}};
  for (const auto& [low, high] : ranges) {
    char text[64];
    std::snprintf(text, sizeof text, "root ::= [\\U%08X-\\U%08X]", static_cast<unsigned>(low),
                  static_cast<unsigned>(high));
    Grammar grammar = parsed(text);
    for (const char32_t base : {low, high, char32_t{0x7F}, char32_t{0x7FF}, char32_t{0xD7FF}, char32_t{0xE000},
                                char32_t{0xFFFF}, char32_t{0x3FFFF}})
      for (int by = -2; by <= 2; ++by) {
        const auto c = static_cast<std::int64_t>(base) + by;
        if (c < 0 || !is_scalar(static_cast<std::uint64_t>(c))) continue;
        std::string utf8;
        append_utf8(utf8, static_cast<char32_t>(c));
        EXPECT_EQ(grammar.matches(utf8), c >= low && c <= high) << text << " " << c;
      }
  }
}

TEST(Grammar, says_what_must_come_next) {
  Grammar grammar = parsed("root ::= \"{\\\"ab\\\": \" [0-9]{1,2} \"}\"");
  std::string forced;
  Grammar::State state = grammar.start();
  while (const auto byte = grammar.must_follow(state)) {
    forced += static_cast<char>(*byte);
    state = grammar.next(state, *byte);
  }
  EXPECT_EQ(forced, "{\"ab\": ");
  state = grammar.next(grammar.next(state, '1'), '2');
  EXPECT_EQ(grammar.must_follow(state), '}');
  state = grammar.next(state, '}');
  EXPECT_TRUE(grammar.accepts(state));
  EXPECT_EQ(grammar.must_follow(state), std::nullopt);
  EXPECT_EQ(grammar.next(state, '}'), Grammar::kDead);
  // Where all may end, nothing must come.
  Grammar open = parsed("root ::= \"a\"*");
  EXPECT_EQ(open.must_follow(open.start()), std::nullopt);
}

TEST(Grammar, mistakes_are_shown_with_their_place) {
  EXPECT_EQ(message("a ::= \"x\""), "1:1 there is no rule `root`");
  EXPECT_EQ(message("root ::= \"x\" nothing"), "1:14 there is no rule `nothing`");
  EXPECT_EQ(message("root ::= \"x"), "1:10 a text opens here that none closes");
  EXPECT_EQ(message("root ::= [x"), "1:10 a class opens here that none closes");
  EXPECT_EQ(message("root ::= (\"x\""), "1:10 a bracket opens here that none closes");
  EXPECT_EQ(message("root ::= \"x\" )"), "1:14 the rule `root` should have ended here");
  EXPECT_EQ(message("root ::= \"a\"\nroot ::= \"b\""), "2:1 a second rule `root`");
  EXPECT_EQ(message("root ::= *"), "1:10 the rule `root` should have ended here");
  EXPECT_EQ(message("root ::= \"a\"{3,2}"), "1:13 this repetition ends before it begins");
  EXPECT_EQ(message("root ::= \"a\"{x}"), "1:14 a number up to 10000 is expected");
  EXPECT_EQ(message("root ::= \"\\q\""), "1:11 there is no such escape");
  EXPECT_EQ(message("root ::= [\\uD800]"), "1:11 there is no such character");
  EXPECT_EQ(message("root ::= [b-a]"), "1:11 this range ends before it begins");
  EXPECT_EQ(message("root ::= <think>"), "1:10 tokens cannot be named here: a grammar is of text");
  EXPECT_EQ(message("root = \"a\""), "1:6 `::=` is expected after the name of a rule");
  EXPECT_EQ(message(""), "1:1 there is no rule `root`");
}

TEST(Grammar, what_never_ends_is_refused) {
  EXPECT_EQ(message("root ::= root \"a\" | \"b\""), "1:1 this begins with itself, so that reading it never ends");
  EXPECT_EQ(message("root ::= x root | \"b\"\nx ::= \"a\"?"),
            "1:1 this begins with itself, so that reading it never ends");
  EXPECT_EQ(message("root ::= (\"a\"*)*"), "1:16 this begins with itself, so that reading it never ends");
  EXPECT_EQ(message("root ::= \"a\" root"), "1:1 this can never end: each way goes through it again");
  EXPECT_EQ(message("root ::= ((\"a\"{100}){100}){100}"), "fine");
  EXPECT_EQ(message("root ::= (((\"a\" \"b\"){1000}){1000}) [a-z]{10000} [b-z]{10000} [c-z]{10000}"), "fine");
  std::string large = "root ::=";
  for (int i = 0; i < 25; ++i) large += " [a-z]{10000}";
  EXPECT_EQ(message(large), "1:334 the grammar is too large");
  std::string deep = "root ::= ";
  for (int i = 0; i < 100'000; ++i) deep += '(';
  EXPECT_EQ(message(deep), "1:211 groups are nested too deep");
}

// A text cut anywhere leads to a state from which some end can be reached: following bytes that may come, it is.
TEST(Grammar, from_each_state_an_end_can_be_reached) {
  Grammar grammar = parsed("root ::= \"[\" (item (\",\" item)*)? \"]\"\nitem ::= root | [a-c]{1,3} | \"é\"");
  std::mt19937 random(1);
  for (int run = 0; run < 200; ++run) {
    Grammar::State state = grammar.start();
    std::string text;
    while (!grammar.accepts(state) || grammar.may_follow(state).any()) {
      std::vector<unsigned char> bytes;
      for (unsigned b = 0; b < 256; ++b)
        if (grammar.may_follow(state).test(b)) bytes.push_back(static_cast<unsigned char>(b));
      ASSERT_FALSE(bytes.empty()) << text;
      // Early on anything, later what closes.
      const auto close = std::find(bytes.begin(), bytes.end(), ']');
      const unsigned char byte = text.size() > 20 && close != bytes.end() ? *close : bytes[random() % bytes.size()];
      state = grammar.next(state, byte);
      text += static_cast<char>(byte);
      ASSERT_NE(state, Grammar::kDead) << text;
      ASSERT_LT(text.size(), 5000u);
    }
    EXPECT_TRUE(grammar.matches(text)) << text;
  }
}

}  // namespace
}  // namespace tenfold::neural
