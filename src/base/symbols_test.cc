#include "base/symbols.h"

#include <gtest/gtest.h>

#include <string>

namespace tenfold {
namespace {

TEST(Symbols, InterningTwiceGivesOneId) {
  Symbols symbols;
  const SymbolId a = symbols.intern("warfarin");
  EXPECT_EQ(symbols.intern("warfarin"), a);
  EXPECT_NE(symbols.intern("Warfarin"), a);
  EXPECT_EQ(symbols.text(a), "warfarin");
  EXPECT_EQ(symbols.find("absent"), std::nullopt);
  EXPECT_EQ(symbols.size(), 2u);
}

TEST(Symbols, IdsAreDenseInOrderOfArrival) {
  Symbols symbols;
  for (std::uint32_t i = 0; i < 5000; ++i) ASSERT_EQ(symbols.intern("s" + std::to_string(i)), i);
  for (std::uint32_t i = 0; i < 5000; ++i) ASSERT_EQ(symbols.text(i), "s" + std::to_string(i));
}

TEST(Symbols, EmptyAndBinaryTextAreSymbolsToo) {
  Symbols symbols;
  const SymbolId empty = symbols.intern("");
  const SymbolId zero = symbols.intern(std::string_view("a\0b", 3));
  EXPECT_EQ(symbols.text(empty), "");
  EXPECT_EQ(symbols.text(zero).size(), 3u);
  EXPECT_NE(symbols.intern("a"), zero);
}

TEST(Symbols, LargeTextsKeepTheirPlaceWhileOthersArrive) {
  Symbols symbols;
  const std::string large(1 << 20, 'x');
  const SymbolId id = symbols.intern(large);
  const char* at = symbols.text(id).data();
  for (int i = 0; i < 20000; ++i) symbols.intern(std::to_string(i));
  EXPECT_EQ(symbols.text(id).data(), at);
  EXPECT_EQ(symbols.text(id), large);
}

TEST(Symbols, ChildSeesParentAndForgetsOnlyItsOwn) {
  Symbols parent;
  const SymbolId known = parent.intern("known");
  Symbols child(&parent);
  EXPECT_EQ(child.intern("known"), known);
  const SymbolId own = child.intern("own");
  EXPECT_EQ(own, 1u);
  EXPECT_EQ(child.text(own), "own");
  EXPECT_EQ(parent.find("own"), std::nullopt);
  child.clear();
  EXPECT_EQ(child.find("own"), std::nullopt);
  EXPECT_EQ(child.find("known"), known);
  EXPECT_EQ(child.intern("other"), own) << "ids start again after clear()";
  EXPECT_EQ(child.text(own), "other");
}

TEST(Symbols, ManyRecordsThroughOneChildStayCorrect) {
  Symbols parent;
  parent.intern("p");
  Symbols child(&parent);
  for (int record = 0; record < 200; ++record) {
    const int count = record % 50 == 7 ? 30000 : 40;
    for (int i = 0; i < count; ++i) child.intern("r" + std::to_string(record) + "/" + std::to_string(i));
    ASSERT_EQ(child.size(), 1u + static_cast<std::size_t>(count));
    ASSERT_EQ(child.text(1), "r" + std::to_string(record) + "/0");
    child.clear();
  }
  EXPECT_EQ(child.size(), 1u);
}

}  // namespace
}  // namespace tenfold
