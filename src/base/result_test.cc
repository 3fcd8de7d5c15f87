#include "tenfold/result.h"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

TEST(Render, ShowsPlaceLineCaretAndHint) {
  const Error error{.code = "unbound-input",
                    .place = {"health.scl", 12, 29, 3},
                    .what = "network `finding` needs its input `study`, and nothing binds `img`",
                    .hint = "join a relation that gives the image",
                    .excerpt = R"(rel alert(p, "x") = finding(img, "pneumonia"))"};
  EXPECT_EQ(render(error),
            "health.scl:12:29: error: network `finding` needs its input `study`, and nothing binds `img`\n"
            "   12 | rel alert(p, \"x\") = finding(img, \"pneumonia\")\n"
            "      |                             ^^^\n"
            "  do: join a relation that gives the image\n");
}

TEST(Render, WithoutAPlaceThereIsNoPrefix) {
  EXPECT_EQ(render({.code = "x", .place = {}, .what = "no answer", .hint = "", .excerpt = ""}), "error: no answer\n");
  EXPECT_EQ(render({.code = "x", .place = {"a.csv"}, .what = "is empty", .hint = "", .excerpt = "ignored"}),
            "a.csv: error: is empty\n");
  EXPECT_EQ(render({.code = "x", .place = {"a.csv", 3}, .what = "cut", .hint = "", .excerpt = "1,2"}),
            "a.csv:3: error: cut\n    3 | 1,2\n");
}

TEST(Render, TabsAndWideCharactersDoNotShiftTheCaret) {
  // The tab becomes blanks up to the next stop, 漢 takes two columns, e + combining acute one.
  EXPECT_EQ(render({.code = "x", .place = {"f", 1, 5, 1}, .what = "w", .hint = "", .excerpt = "\ta漢 X"}),
            "f:1:5: error: w\n    1 |     a漢 X\n      |         ^\n");
  EXPECT_EQ(render({.code = "x", .place = {"f", 1, 3, 1}, .what = "w", .hint = "", .excerpt = "e\u0301X"}),
            "f:1:3: error: w\n    1 | e\u0301X\n      |  ^\n");
  EXPECT_EQ(render({.code = "x", .place = {"f", 1, 2, 2}, .what = "w", .hint = "", .excerpt = "a漢字b"}),
            "f:1:2: error: w\n    1 | a漢字b\n      |  ^^^^\n");
}

TEST(Render, CaretMayStandAtTheEndOfTheLineAndNeverRunsPast) {
  EXPECT_EQ(render({.code = "x", .place = {"f", 1, 4, 1}, .what = "w", .hint = "", .excerpt = "abc"}),
            "f:1:4: error: w\n    1 | abc\n      |    ^\n");
  EXPECT_EQ(render({.code = "x", .place = {"f", 1, 2, 99}, .what = "w", .hint = "", .excerpt = "abc"}),
            "f:1:2: error: w\n    1 | abc\n      |  ^^\n");
  EXPECT_EQ(render({.code = "x", .place = {"f", 1, 4000000000u, 1}, .what = "w", .hint = "", .excerpt = "abc"}).size(),
            render({.code = "x", .place = {"f", 1, 4000000000u, 1}, .what = "w", .hint = "", .excerpt = "xyz"}).size());
}

TEST(Render, OfALineOfAMegabyteOnlyTheNeighbourhoodIsShown) {
  const std::string line = std::string(1'000'000, 'a') + "!" + std::string(1'000'000, 'b');
  const std::string text =
      render({.code = "x", .place = {"f", 1, 1'000'001, 1}, .what = "w", .hint = "", .excerpt = line});
  EXPECT_LT(text.size(), 500u);
  const std::size_t second = text.find('\n') + 1, third = text.find('\n', second) + 1;
  const std::string shown = text.substr(second, third - second), caret = text.substr(third);
  // The leading ellipsis is three bytes in one column.
  EXPECT_EQ(caret.find('^') + 2, shown.find('!'));
}

TEST(Render, NothingThatATerminalWouldObeyPasses) {
  const std::string text = render(
      {.code = "x", .place = {"a\x1b[2J", 1, 1, 1}, .what = "\x1b[31mred", .hint = "\x07", .excerpt = "\x1b]0;t"});
  for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << int{c};
}

TEST(Result, ValueRaisesTheRenderedError) {
  Result<int> bad = Error{.code = "x", .place = {}, .what = "broken", .hint = "", .excerpt = ""};
  EXPECT_FALSE(bad.ok());
  try {
    (void)std::move(bad).value();
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error().code, "x");
    EXPECT_STREQ(failure.what(), "error: broken\n");
  }
  EXPECT_EQ(Result<int>(7).value(), 7);
  EXPECT_TRUE(Status().ok());
}

}  // namespace
}  // namespace tenfold
