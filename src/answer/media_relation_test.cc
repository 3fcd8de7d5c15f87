// What adapters declare, held against the language and the engine.
#include "answer/media_relation.h"

#include <gtest/gtest.h>

#include <cmath>

#include "lang/lang.h"

namespace tenfold::answer {
namespace {

TEST(MediaRelation, EveryDeclarationIsOneThatAProgramCanHave) {
  for (const media::Adapter& adapter : media::adapters())
    for (const FactSchema& schema : adapter.relations) {
      const std::string text = "@media(\"" + std::string(adapter.name) + "\") " + declaration(schema) + "\n";
      const auto compiled = lang::compile_text(text);
      ASSERT_TRUE(compiled.errors.empty()) << text << compiled.errors.front().what;
      ASSERT_EQ(compiled.program.networks.size(), 1u);
      const auto found = find_media_relation(compiled.program, compiled.program.networks[0]);
      ASSERT_TRUE(found) << found.error().what;
      EXPECT_EQ(found->adapter, &adapter);
      EXPECT_EQ(adapter.relations[found->number].relation, schema.relation);
      EXPECT_FALSE(schema.doc.empty()) << schema.relation;
    }
}

TEST(MediaRelation, ValuesFitTheirTypesOrAreRefused) {
  Symbols symbols;
  const auto fits = [&](media::Value value, Type type) {
    const Type types[] = {type};
    return cells({{std::move(value)}, ""}, types, symbols).has_value();
  };
  EXPECT_TRUE(fits(std::int64_t{255}, Type::u8));
  EXPECT_FALSE(fits(std::int64_t{256}, Type::u8));
  EXPECT_FALSE(fits(std::int64_t{-1}, Type::u32));
  EXPECT_FALSE(fits(std::int64_t{2}, Type::boolean));
  EXPECT_TRUE(fits(std::int64_t{-1}, Type::datetime));
  EXPECT_TRUE(fits(0.5, Type::f64));
  EXPECT_FALSE(fits(std::nan(""), Type::f64));
  EXPECT_FALSE(fits(0.5, Type::i64));
  EXPECT_FALSE(fits(std::string("1"), Type::i64));
  EXPECT_TRUE(fits(std::string("1"), Type::symbol));
}

}  // namespace
}  // namespace tenfold::answer
