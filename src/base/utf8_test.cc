#include "base/utf8.h"

#include <gtest/gtest.h>

namespace tenfold {
namespace {

TEST(Utf8, IllFormedTextIsRefused) {
  EXPECT_TRUE(valid_utf8(""));
  EXPECT_TRUE(valid_utf8("plain ASCII of more than eight bytes"));
  EXPECT_TRUE(valid_utf8("é漢😀 mixed with ASCII é"));
  EXPECT_FALSE(valid_utf8("\xC0\xAF")) << "overlong";
  EXPECT_FALSE(valid_utf8("\xE0\x80\x80")) << "overlong";
  EXPECT_FALSE(valid_utf8("\xED\xA0\x80")) << "surrogate";
  EXPECT_FALSE(valid_utf8("\xF4\x90\x80\x80")) << "over U+10FFFF";
  EXPECT_FALSE(valid_utf8("abcdefgh\xE2\x82")) << "cut off";
  EXPECT_FALSE(valid_utf8("\x80")) << "continuation alone";
  EXPECT_FALSE(valid_utf8("caf\xE9")) << "Latin-1";
}

TEST(Utf8, ScalarsAreCountedAndFound) {
  EXPECT_EQ(count_scalars("aé漢😀"), 4u);
  EXPECT_EQ(scalar_offset("aé漢😀", 0), 0u);
  EXPECT_EQ(scalar_offset("aé漢😀", 2), 3u);
  EXPECT_EQ(scalar_offset("aé漢😀", 4), 10u);
  EXPECT_EQ(scalar_offset("aé漢😀", 5), std::string_view::npos);
  EXPECT_EQ(count_scalars("\xFF\xFF"), 2u);
}

TEST(Utf8, EveryScalarReadsBackAsItWasWritten) {
  for (char32_t scalar = 0; scalar <= 0x10FFFF; ++scalar) {
    std::string text;
    append_utf8(text, scalar);
    const Scalar read = first_scalar(text);
    ASSERT_TRUE(read.valid);
    ASSERT_EQ(read.bytes, text.size());
    ASSERT_EQ(read.value, is_scalar(scalar) ? scalar : kReplacement);
  }
}

TEST(Utf8, TerminalColumns) {
  EXPECT_EQ(terminal_columns('a'), 1u);
  EXPECT_EQ(terminal_columns(U'é'), 1u);
  EXPECT_EQ(terminal_columns(U'漢'), 2u);
  EXPECT_EQ(terminal_columns(U'😀'), 2u);
  EXPECT_EQ(terminal_columns(0x301), 0u) << "combining acute";
}

}  // namespace
}  // namespace tenfold
