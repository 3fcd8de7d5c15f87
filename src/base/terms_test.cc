#include "base/terms.h"

#include <gtest/gtest.h>

#include "base/term_text.h"
#include "base/value_order.h"
#include "base/value_text.h"
#include "base/wide.h"

namespace tenfold {
namespace {

struct Lists : testing::Test {
  Symbols symbols;
  ConstructorId nil = symbols.terms().declare("Nil", {});
  ConstructorId cons = symbols.terms().declare("Cons", {Type::i32, Type::entity});
  ConstructorId named = symbols.terms().declare("Named", {Type::string, Type::character, Type::duration});

  Cell list(int length, Symbols& in) {
    Cell out = make_term(nil, {}, in);
    for (int i = 0; i < length; ++i) {
      const Cell args[] = {cell(std::int64_t{i}), out};
      out = make_term(cons, args, in);
    }
    return out;
  }
};

TEST_F(Lists, EqualTermsAreOne) {
  const Cell three = list(3, symbols);
  EXPECT_EQ(three, list(3, symbols));
  EXPECT_EQ(term_text(three, symbols), "Cons(2, Cons(1, Cons(0, Nil())))");
  EXPECT_EQ(parse_term(" Cons( 2,Cons(1, Cons(0, Nil()) ) )", symbols), three);
  EXPECT_EQ(parse_term("Cons(2, Nil(), 3)", symbols), std::nullopt);
  EXPECT_EQ(parse_term("Cons(2)", symbols), std::nullopt);
  EXPECT_EQ(parse_term("Cons(2, Nil())x", symbols), std::nullopt);
  EXPECT_EQ(parse_term("Cons(2, Nil(", symbols), std::nullopt);
  EXPECT_EQ(parse_term("", symbols), std::nullopt);
}

TEST_F(Lists, TextsAreQuotedAndReadBack) {
  const auto term = parse_term("Named(\"a\\\"), (b\", '\\'', d\"90m\")", symbols);
  ASSERT_TRUE(term);
  EXPECT_EQ(term_text(*term, symbols), "Named(\"a\\\"), (b\", '\\'', d\"PT5400S\")");
  EXPECT_EQ(parse_term(term_text(*term, symbols), symbols), term);
}

TEST_F(Lists, ChildTablesForget) {
  const Cell two = list(2, symbols);
  Symbols record(&symbols);
  EXPECT_EQ(list(2, record), two);
  const Cell five = list(5, record);
  EXPECT_NE(five, two);
  EXPECT_GT(compare(five, two, Type::entity, record), 0);
  record.clear();
  EXPECT_EQ(list(2, record), two);
  EXPECT_EQ(term_text(list(3, record), record), "Cons(2, Cons(1, Cons(0, Nil())))");
}

TEST_F(Lists, AMillionElementsNeedNoStack) {
  const Cell one = list(1'000'000, symbols);
  const Cell args[] = {cell(std::int64_t{-1}), make_term(nil, {}, symbols)};
  Cell other = make_term(cons, args, symbols);
  for (int i = 0; i < 1'000'000; ++i) {
    const Cell next[] = {cell(std::int64_t{i}), other};
    other = make_term(cons, next, symbols);
  }
  EXPECT_LT(compare(one, other, Type::entity, symbols), 0);
  EXPECT_NE(content(one, Type::entity, symbols), content(other, Type::entity, symbols));
  const std::string text = term_text(one, symbols);
  EXPECT_EQ(parse_term(text, symbols), one);
}

TEST(Wide, LargeIntegersHaveOneCell) {
  Symbols symbols;
  for (const char* text :
       {"0", "-1", "4611686018427387903", "4611686018427387904", "-4611686018427387904", "-4611686018427387905",
        "170141183460469231731687303715884105727", "-170141183460469231731687303715884105728"}) {
    const auto c = parse_plain(text, Type::i128, symbols);
    ASSERT_TRUE(c) << text;
    EXPECT_EQ(plain(*c, Type::i128, symbols), text);
    EXPECT_EQ(parse_plain(text, Type::i128, symbols), c);
  }
  EXPECT_EQ(parse_plain("170141183460469231731687303715884105728", Type::i128, symbols), std::nullopt);
  const auto most = parse_plain("340282366920938463463374607431768211455", Type::u128, symbols);
  ASSERT_TRUE(most);
  EXPECT_EQ(plain(*most, Type::u128, symbols), "340282366920938463463374607431768211455");
  EXPECT_GT(compare(*most, cell(std::int64_t{5}), Type::u128, symbols), 0);
  EXPECT_EQ(parse_plain("340282366920938463463374607431768211456", Type::u128, symbols), std::nullopt);
}

}  // namespace
}  // namespace tenfold
