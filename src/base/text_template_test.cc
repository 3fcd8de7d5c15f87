#include "base/text_template.h"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

std::string filled(std::string_view text) {
  const auto parsed = TextTemplate::parse(text);
  if (!parsed) return std::to_string(parsed.error().place.column) + " " + parsed.error().what;
  return parsed->fill([](std::string_view name, std::size_t) { return name == "a" ? "{b}" : "B"; });
}

TEST(TextTemplate, holes_are_filled_and_what_fills_them_is_not_read_again) {
  EXPECT_EQ(filled("x {a} y {b_2}{a}"), "x {b} y B{b}");
  EXPECT_EQ(filled(""), "");
  EXPECT_EQ(filled("{{a}} {{{a}}}"), "{a} {{b}}");
}

TEST(TextTemplate, a_lone_brace_and_a_hole_without_a_name_are_shown) {
  EXPECT_EQ(filled("ab {a"), "4 a brace opens here that none closes");
  EXPECT_EQ(filled("ab }"), "4 a brace closes here that none opened");
  EXPECT_EQ(filled("ab {} c"), "4 `` is no name");
  EXPECT_EQ(filled("{1}"), "1 `1` is no name");
  EXPECT_EQ(filled("{\"json\": 1}"), "1 `\"json\": 1` is no name");
}

TEST(TextTemplate, parts_say_where_they_were) {
  const auto parsed = TextTemplate::parse("x {a} y");
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->parts().size(), 3u);
  EXPECT_EQ(parsed->parts()[1].at, 2u);
  EXPECT_EQ(parsed->parts()[1].size, 3u);
  EXPECT_TRUE(parsed->parts()[1].hole);
}

}  // namespace
}  // namespace tenfold
