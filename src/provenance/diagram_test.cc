// Diagrams against possible worlds: probabilities, equality, gradients, and what happens when they do not fit.
#include "provenance/diagram.h"

#include <gtest/gtest.h>

#include <cmath>

#include "provenance/worlds_for_test.h"

namespace tenfold::provenance {
namespace {

using Edge = Diagrams::Edge;

// A formula twice: as a diagram, and as the set of worlds in which it holds.
struct Formula {
  Edge edge;
  std::vector<bool> truth;
};

struct Bed {
  Inputs inputs;
  std::vector<worlds::World> all;
  std::vector<double> weights;
  explicit Bed(Inputs made) : inputs(std::move(made)) {
    worlds::each(inputs, [&](const worlds::World& world, double weight) {
      all.push_back(world);
      weights.push_back(weight);
    });
  }
  Formula random(Diagrams& d, std::mt19937& random_bits, int depth) const {
    if (depth == 0) {
      const auto m = static_cast<Member>(random_bits() % inputs.probability.size());
      Formula out{d.literal(m), {}};
      for (const worlds::World& world : all) out.truth.push_back(worlds::is_in(m, world));
      return out;
    }
    Formula a = random(d, random_bits, depth - 1), b = random(d, random_bits, depth - 1);
    const bool both = random_bits() % 2;
    Formula out{both ? d.conjoin(a.edge, b.edge) : d.disjoin(a.edge, b.edge), {}};
    for (std::size_t w = 0; w < all.size(); ++w)
      out.truth.push_back(both ? a.truth[w] && b.truth[w] : a.truth[w] || b.truth[w]);
    if (random_bits() % 3 == 0) {
      out.edge = Diagrams::negate(out.edge);
      out.truth.flip();
    }
    return out;
  }
  double probability(const std::vector<bool>& truth) const {
    double sum = 0.0;
    for (std::size_t w = 0; w < all.size(); ++w) sum += truth[w] ? weights[w] : 0.0;
    return sum;
  }
};

TEST(Diagrams, WeighWhatTheirWorldsWeighAndAreEqualWhenTheirWorldsAre) {
  for (unsigned seed = 0; seed < 400; ++seed) {
    std::mt19937 random(seed);
    const Bed bed(worlds::random_inputs(random, 6));
    Diagrams d(&bed.inputs);
    std::map<std::vector<bool>, Edge> known;
    for (int i = 0; i < 20; ++i) {
      const Formula f = bed.random(d, random, 3);
      EXPECT_NEAR(d.probability(f.edge), bed.probability(f.truth), 1e-12);
      const auto [at, fresh] = known.try_emplace(f.truth, f.edge);
      EXPECT_EQ(at->second, f.edge) << "seed " << seed;
    }
  }
}

TEST(Diagrams, GradientsAreFiniteDifferences) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    Inputs inputs;
    for (int g = 0; g < 6; ++g) {
      const auto group = inputs.new_group();
      for (unsigned m = 0; m < 1 + random() % 3; ++m)
        inputs.add(0.05 + 0.01 * static_cast<double>(random() % 25), group, m);
    }
    const Bed bed(inputs);
    Diagrams d(&bed.inputs);
    const Formula f = bed.random(d, random, 4);
    std::vector<double> gradient;
    d.add_gradient(f.edge, 1.0, gradient);
    gradient.resize(inputs.probability.size());
    constexpr double kStep = 1e-4;  // the probability is linear in each input: any step will do
    for (Member m = 0; m < inputs.probability.size(); ++m) {
      Inputs moved = inputs;
      moved.probability[m] += kStep;
      double change = 0.0;
      // The worlds are visited in the same order, since no probability is zero.
      std::size_t w = 0;
      worlds::each(moved, [&](const worlds::World&, double weight) {
        if (f.truth[w]) change += weight - bed.weights[w];
        ++w;
      });
      EXPECT_NEAR(gradient[m], change / kStep, 1e-9) << "seed " << seed;
    }
  }
}

TEST(Diagrams, AGroupThatLeavesNothingIsCertainToHoldSomewhere) {
  Inputs inputs;
  const auto group = inputs.new_group();
  std::vector<Member> members;
  for (int i = 0; i < 10; ++i) members.push_back(inputs.add(0.1, group, 0));
  Diagrams d(&inputs);
  std::vector<Edge> literals;
  for (Member m : members) literals.push_back(d.literal(m));
  EXPECT_EQ(d.any(literals), Diagrams::kTrue);
  EXPECT_EQ(d.conjoin(literals[0], literals[9]), Diagrams::kFalse);
  EXPECT_NEAR(d.probability(literals[0]), 0.1, 1e-12);
  EXPECT_NEAR(d.probability(Diagrams::negate(literals[7])), 0.9, 1e-12);
}

TEST(Diagrams, OfManyFactsDoNotOverflowTheStack) {
  Inputs inputs;
  for (int i = 0; i < 200'000; ++i) inputs.add(1.0 - 5e-6, inputs.new_group(), 0);
  Diagrams d(&inputs);
  std::vector<Edge> literals;
  for (Member m = 0; m < inputs.probability.size(); ++m) literals.push_back(d.literal(m));
  EXPECT_NEAR(d.probability(d.every(literals)), std::exp(-1.0), 1e-6);
}

// Equality of two words, all letters of the one before all of the other: a node for each of 2^20 first words.
TEST(Diagrams, SayThatTheyDoNotKnowWhenTheyDoNotFit) {
  Inputs inputs;
  for (int i = 0; i < 40; ++i) inputs.add(0.5, inputs.new_group(), 0);
  Diagrams d(&inputs);
  d.limit(std::size_t{4} << 20, {});
  std::vector<Edge> ways;
  for (std::uint32_t g = 0; g < 40; ++g) d.place(g);
  for (Member i = 0; i < 20; ++i)
    ways.push_back(d.disjoin(d.conjoin(d.literal(i), d.literal(i + 20)),
                             Diagrams::negate(d.disjoin(d.literal(i), d.literal(i + 20)))));
  const Edge all = d.every(ways);
  EXPECT_EQ(all, Diagrams::kUnknown);
  EXPECT_TRUE(d.exceeded());
  EXPECT_EQ(d.conjoin(all, Diagrams::kFalse), Diagrams::kFalse);
  EXPECT_EQ(d.disjoin(all, Diagrams::kTrue), Diagrams::kTrue);
  EXPECT_LT(d.bytes(), std::size_t{64} << 20);
}

TEST(Diagrams, ShrinkToWhatImpliesOrFollows) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const Bed bed(worlds::random_inputs(random, 7));
    Diagrams d(&bed.inputs);
    std::vector<Edge> live;
    for (int i = 0; i < 10; ++i) {
      const Edge f = bed.random(d, random, 5).edge;
      for (const std::size_t most : {1, 3, 8}) {
        const Edge low = d.shrink(f, most, false), high = d.shrink(f, most, true);
        EXPECT_EQ(d.conjoin(low, f), low);
        EXPECT_EQ(d.conjoin(f, high), f);
      }
      live.push_back(f);
    }
    std::vector<double> before;
    for (Edge e : live) before.push_back(d.probability(e));
    d.keep_only(live);
    for (std::size_t i = 0; i < live.size(); ++i) EXPECT_EQ(d.probability(live[i]), before[i]);
    const Edge all = d.every(live);
    EXPECT_EQ(d.conjoin(all, live[0]), all);  // canonical as before
  }
}

}  // namespace
}  // namespace tenfold::provenance
