#include "lang/lexer.h"

#include <gtest/gtest.h>

namespace tenfold::lang {
namespace {

std::vector<Tok> kinds(const std::string& text, std::size_t errors = 0) {
  Sources sources;
  Diagnostics diagnostics(sources);
  std::vector<Tok> out;
  for (const Token& t : lex(sources, sources.add("t", text), diagnostics)) out.push_back(t.kind);
  EXPECT_EQ(diagnostics.sorted(100).size(), errors) << text;
  return out;
}

TEST(Lexer, MinusIsASignOrAnOperatorByWhatStandsBefore) {
  EXPECT_EQ(kinds("x-1"), (std::vector{Tok::name, Tok::minus, Tok::integer, Tok::end}));
  EXPECT_EQ(kinds("(-1)"), (std::vector{Tok::left_paren, Tok::integer, Tok::right_paren, Tok::end}));
  EXPECT_EQ(kinds("2 -1"), (std::vector{Tok::integer, Tok::minus, Tok::integer, Tok::end}));
  EXPECT_EQ(kinds(")-1"), (std::vector{Tok::right_paren, Tok::minus, Tok::integer, Tok::end}));
  EXPECT_EQ(kinds("== -1.5e-3"), (std::vector{Tok::equal, Tok::real, Tok::end}));
}

TEST(Lexer, RangesAreNoDecimals) {
  EXPECT_EQ(kinds("0..10"), (std::vector{Tok::integer, Tok::range, Tok::integer, Tok::end}));
  EXPECT_EQ(kinds("0..=1"), (std::vector{Tok::integer, Tok::range_inclusive, Tok::integer, Tok::end}));
}

TEST(Lexer, LongestOperatorWins) {
  EXPECT_EQ(kinds(":- := :: : <: <= < /\\ \\/ => =="),
            (std::vector{Tok::define, Tok::reduce_assign, Tok::double_colon, Tok::colon, Tok::subtype, Tok::less_equal,
                         Tok::less, Tok::wedge, Tok::vee, Tok::fat_arrow, Tok::equal, Tok::end}));
}

TEST(Lexer, EscapesAreReplacedInOnePass) {
  EXPECT_EQ(unescape("a\\\\nb"), "a\\nb");
  EXPECT_EQ(unescape("\\t\\n\\r\\\"\\'"), "\t\n\r\"'");
  EXPECT_EQ(unescape("\\u{41}"), "\\u{41}");
  EXPECT_EQ(unescape("end\\"), "end\\");
}

TEST(Lexer, MarkedStringsHaveNoEscapes) {
  EXPECT_EQ(kinds("s\"a\\\" t\"2020\" d\"1h\""), (std::vector{Tok::symbol, Tok::datetime, Tok::duration, Tok::end}));
  EXPECT_EQ(kinds("set \"x\""), (std::vector{Tok::name, Tok::string, Tok::end}));
}

TEST(Lexer, TripleQuotedTextHoldsQuotes) {
  EXPECT_EQ(kinds("\"\"\"a \"b\" \n c\"\"\" x"), (std::vector{Tok::string, Tok::name, Tok::end}));
  EXPECT_EQ(literal_body(Tok::string, "\"\"\"a\"\"\""), "a");
  EXPECT_EQ(literal_body(Tok::string, "\"\""), "");
}

TEST(Lexer, WhatIsMalformedIsToldOnceAndMarked) {
  EXPECT_EQ(kinds("a βγ b", 1), (std::vector{Tok::name, Tok::broken, Tok::name, Tok::end}));
  EXPECT_EQ(kinds("\"never\nb", 1), (std::vector{Tok::broken, Tok::name, Tok::end}));
  EXPECT_EQ(kinds("\xFF", 1), (std::vector{Tok::broken, Tok::end}));
  EXPECT_EQ(kinds("'ab'", 1), (std::vector{Tok::character, Tok::end}));
  EXPECT_EQ(kinds("/* x", 1), (std::vector{Tok::end}));
}

TEST(Sources, ColumnsCountCharacters) {
  Sources sources;
  const auto file = sources.add("t", "é = \"ü\"\n\tx");
  EXPECT_EQ(sources.place({file, 5, 9}), (Place{"t", 1, 5, 3}));
  EXPECT_EQ(sources.place({file, 11, 12}), (Place{"t", 2, 2, 1}));
  EXPECT_EQ(sources.place({file, 0, 2}), (Place{"t", 1, 1, 1}));  // back again
  EXPECT_EQ(sources.excerpt({file, 5, 9}), "é = \"ü\"");
}

TEST(Closest, FindsWhatWasMeant) {
  EXPECT_EQ(closest("takse", {"takes", "study"}), "takes");
  EXPECT_EQ(closest("finding", {"takes", "study"}), "");
  EXPECT_EQ(closest("x", {"y"}), "");
}

}  // namespace
}  // namespace tenfold::lang
