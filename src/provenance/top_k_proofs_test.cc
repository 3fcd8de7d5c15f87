// Weighted model counting against worlds enumerated one by one, with exclusive groups and negation; and what is kept
// when proofs are cut.
#include "provenance/top_k_proofs.h"

#include <gtest/gtest.h>

#include "provenance/worlds_for_test.h"

namespace tenfold::provenance {
namespace {

// A formula and its tag, made by the same steps: the formula is evaluated in worlds, the tag by the provenance.
struct Formula {
  enum class Kind { input, both, either, none } kind;
  Member input = 0;
  std::vector<Formula> parts;
};

Formula random_formula(const Inputs& inputs, std::mt19937& random, int depth, bool negation) {
  const auto kind = depth == 0 ? 9u : static_cast<unsigned>(random() % 10);
  Formula f{Formula::Kind::input, static_cast<Member>(random() % inputs.probability.size()), {}};
  if (kind < 3)
    f.kind = Formula::Kind::both;
  else if (kind < 6)
    f.kind = Formula::Kind::either;
  else if (kind < 8 && negation)
    f.kind = Formula::Kind::none;
  else
    return f;
  const int parts = f.kind == Formula::Kind::none ? 1 : 2 + static_cast<int>(random() % 2);
  for (int i = 0; i < parts; ++i) f.parts.push_back(random_formula(inputs, random, depth - 1, negation));
  return f;
}

bool truth(const Formula& f, const worlds::World& world) {
  switch (f.kind) {
    case Formula::Kind::input:
      return worlds::is_in(f.input, world);
    case Formula::Kind::none:
      return !truth(f.parts[0], world);
    case Formula::Kind::both:
      return std::all_of(f.parts.begin(), f.parts.end(), [&](const Formula& part) { return truth(part, world); });
    case Formula::Kind::either:
      break;
  }
  return std::any_of(f.parts.begin(), f.parts.end(), [&](const Formula& part) { return truth(part, world); });
}

TopKProofs::Tag tag(const Formula& f, const TopKProofs& p) {
  if (f.kind == Formula::Kind::input) return p.input(f.input);
  if (f.kind == Formula::Kind::none) return p.negate(tag(f.parts[0], p));
  if (f.kind == Formula::Kind::both) {
    TopKProofs::Tag all = p.one();
    for (const Formula& part : f.parts) all = p.times(all, tag(part, p));
    return all;
  }
  std::vector<TopKProofs::Tag> ways;
  for (const Formula& part : f.parts) ways.push_back(tag(part, p));
  return p.plus(ways);
}

double weight(const Formula& f, const Inputs& inputs) {
  double sum = 0.0;
  worlds::each(inputs, [&](const worlds::World& world, double w) { sum += truth(f, world) ? w : 0.0; });
  return sum;
}

TEST(TopKProofs, CountsLikeWorldsDo) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    std::mt19937 random(seed);
    const Inputs inputs = worlds::random_inputs(random, 5);
    const TopKProofs p(&inputs, 100'000);
    const Formula f = random_formula(inputs, random, 4, true);
    EXPECT_NEAR(p.probability(tag(f, p)), weight(f, inputs), 1e-12) << "seed " << seed;
    EXPECT_FALSE(p.cut());
  }
}

TEST(TopKProofs, NeverMoreThanTheTruthWithoutNegation) {
  unsigned cut = 0;
  for (unsigned seed = 0; seed < 2000; ++seed) {
    std::mt19937 random(seed);
    const Inputs inputs = worlds::random_inputs(random, 5);
    const TopKProofs p(&inputs, 1 + random() % 3);
    const Formula f = random_formula(inputs, random, 4, false);
    const double kept = p.probability(tag(f, p)), all = weight(f, inputs);
    EXPECT_LE(kept, all + 1e-12) << "seed " << seed;
    if (p.cut())
      ++cut;
    else
      EXPECT_NEAR(kept, all, 1e-12) << "seed " << seed;
  }
  EXPECT_GT(cut, 100u);
}

struct Exclusive : testing::Test {
  Inputs inputs;
  Member a = 0, b = 0;
  void SetUp() override {
    const std::uint32_t group = inputs.new_group();
    a = inputs.add(0.3, group, 1);
    b = inputs.add(0.7, group, 2);
  }
};

// Section 6.3 of the language: the table over {0.3::1; 0.7::2}.
TEST_F(Exclusive, GroupsCountAsOneVariable) {
  const TopKProofs p(&inputs, 3);
  const auto da = p.input(a), db = p.input(b);
  EXPECT_DOUBLE_EQ(p.probability(p.times(da, db)), 0.0);
  EXPECT_TRUE(p.is_zero(p.times(da, db)));
  EXPECT_DOUBLE_EQ(p.probability(p.plus({da, db})), 1.0);
  EXPECT_DOUBLE_EQ(p.probability(p.negate(da)), 0.7);
  EXPECT_DOUBLE_EQ(p.probability(p.times(p.negate(da), p.negate(db))), 0.0);
}

TEST_F(Exclusive, AFailingMemberIsImpliedByOneThatHolds) {
  const TopKProofs p(&inputs, 3);
  EXPECT_EQ(p.times(p.input(a), p.negate(p.input(b))), p.input(a));
}

TEST(TopKProofsCut, KeepsTheLikeliestAndSaysSo) {
  Inputs inputs;
  const Member weak = inputs.add(0.2, inputs.new_group(), 7), strong = inputs.add(0.6, inputs.new_group(), 8);
  const TopKProofs p(&inputs, 1);
  EXPECT_EQ(p.plus({p.input(weak), p.input(strong)}), p.input(strong));
  EXPECT_TRUE(p.cut());
}

TEST(TopKProofsCut, TiesAreBrokenByContentNotByArrival) {
  Inputs one, other;
  const Member a = one.add(0.5, one.new_group(), 7), b = one.add(0.5, one.new_group(), 8);
  const Member d = other.add(0.5, other.new_group(), 8), c = other.add(0.5, other.new_group(), 7);
  const TopKProofs p(&one, 1), q(&other, 1);
  EXPECT_EQ(p.plus({p.input(a), p.input(b)}), p.input(a));
  EXPECT_EQ(q.plus({q.input(d), q.input(c)}), q.input(c));
}

}  // namespace
}  // namespace tenfold::provenance
