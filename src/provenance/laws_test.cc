// One list of laws, run on random tags for every provenance. A law that a provenance breaks is named here, and must be
// seen to break: a provenance that became better has to say so.
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <set>
#include <string>

#include "provenance/add_mult.h"
#include "provenance/boolean.h"
#include "provenance/dual.h"
#include "provenance/exact.h"
#include "provenance/min_max.h"
#include "provenance/natural.h"
#include "provenance/provenance.h"
#include "provenance/top_bottom_k_clauses.h"
#include "provenance/top_k_proofs.h"
#include "provenance/tropical.h"
#include "provenance/worlds_for_test.h"

namespace tenfold::provenance {
namespace {

constexpr int kRounds = 3000;

using worlds::random_inputs;

bool same(const MinMax&, double a, double b, const Inputs&) { return a == b; }
// Two operations on numbers up to one, each off by half a unit in the last place.
bool same(const AddMult&, double a, double b, const Inputs&) { return std::abs(a - b) <= 4e-16; }
bool same(const TopKProofs&, const TopKProofs::Tag& a, const TopKProofs::Tag& b, const Inputs& inputs) {
  if (a == b) return true;
  bool equal = true;
  worlds::each(inputs, [&](const worlds::World& world, double) {
    equal = equal && worlds::holds_in(a, world) == worlds::holds_in(b, world);
  });
  return equal;
}

bool same(const Boolean&, char a, char b, const Inputs&) { return a == b; }
bool same(const Natural&, std::uint64_t a, std::uint64_t b, const Inputs&) { return a == b; }
template <bool kWhole>
bool same(const LeastCost<kWhole>&, double a, double b, const Inputs&) {
  return a == b || std::abs(a - b) <= 4e-16;
}
template <Or kOr, And kAnd>
bool same(const Dual<kOr, kAnd>&, const typename Dual<kOr, kAnd>::Tag& a, const typename Dual<kOr, kAnd>::Tag& b,
          const Inputs&) {
  return std::abs(a.value - b.value) <= 4e-16;  // slopes may be taken by either of two equals
}
bool same(const TopBottomKClauses&, const TopBottomKClauses::Tag& a, const TopBottomKClauses::Tag& b,
          const Inputs& inputs) {
  bool equal = true;
  worlds::each(inputs, [&](const worlds::World& world, double) {
    equal =
        equal && (worlds::holds_in(a.proofs, world) != a.negated) == (worlds::holds_in(b.proofs, world) != b.negated);
  });
  return equal;
}
// Canonical: equal formulas are equal numbers.
bool same(const Exact&, Exact::Tag a, Exact::Tag b, const Inputs&) { return a == b; }

// A tag made of up to three operations over inputs.
template <Provenance P>
typename P::Tag random_tag(const P& p, const Inputs& inputs, std::mt19937& random, int depth = 3) {
  auto below = [&] { return random_tag(p, inputs, random, depth - 1); };
  const auto members = static_cast<unsigned>(inputs.probability.size());
  switch (depth == 0 ? 4 : random() % 6) {
    case 0:
      return p.plus({below(), below()});
    case 1:
      return p.times(below(), below());
    case 2:
      return p.negate(below());
    case 3:
      return random() % 2 ? p.zero() : p.one();
    default:
      return p.input(static_cast<Member>(random() % members));
  }
}

template <Provenance P>
struct Law {
  std::string name;
  using Tag = typename P::Tag;
  std::function<std::pair<Tag, Tag>(const P&, const Tag&, const Tag&, const Tag&)> sides;
};

template <Provenance P>
std::vector<Law<P>> laws() {
  using T = typename P::Tag;
  return {
      {"plus-commutes",
       [](const P& p, const T& a, const T& b, const T&) {
         return std::pair(p.plus({a, b}), p.plus({b, a}));
       }},
      {"plus-associates",
       [](const P& p, const T& a, const T& b, const T& c) {
         return std::pair(p.plus({p.plus({a, b}), c}), p.plus({a, p.plus({b, c})}));
       }},
      {"plus-of-many",
       [](const P& p, const T& a, const T& b, const T& c) {
         return std::pair(p.plus({c, a, b}), p.plus({p.plus({a, b}), c}));
       }},
      {"plus-zero",
       [](const P& p, const T& a, const T&, const T&) {
         return std::pair(p.plus({a, p.zero()}), a);
       }},
      {"plus-of-none", [](const P& p, const T&, const T&, const T&) { return std::pair(p.plus({}), p.zero()); }},
      {"plus-one",
       [](const P& p, const T& a, const T&, const T&) {
         return std::pair(p.plus({a, p.one()}), p.one());
       }},
      {"plus-idempotent",
       [](const P& p, const T& a, const T&, const T&) {
         return std::pair(p.plus({a, a}), a);
       }},
      {"times-commutes",
       [](const P& p, const T& a, const T& b, const T&) { return std::pair(p.times(a, b), p.times(b, a)); }},
      {"times-associates", [](const P& p, const T& a, const T& b,
                              const T& c) { return std::pair(p.times(p.times(a, b), c), p.times(a, p.times(b, c))); }},
      {"times-one", [](const P& p, const T& a, const T&, const T&) { return std::pair(p.times(p.one(), a), a); }},
      {"times-zero",
       [](const P& p, const T& a, const T&, const T&) { return std::pair(p.times(p.zero(), a), p.zero()); }},
      {"times-idempotent", [](const P& p, const T& a, const T&, const T&) { return std::pair(p.times(a, a), a); }},
      {"distributes",
       [](const P& p, const T& a, const T& b, const T& c) {
         return std::pair(p.times(a, p.plus({b, c})), p.plus({p.times(a, b), p.times(a, c)}));
       }},
      {"absorbs",
       [](const P& p, const T& a, const T& b, const T&) {
         return std::pair(p.plus({a, p.times(a, b)}), a);
       }},
      {"not-zero-is-one",
       [](const P& p, const T&, const T&, const T&) { return std::pair(p.negate(p.zero()), p.one()); }},
      {"not-one-is-zero",
       [](const P& p, const T&, const T&, const T&) { return std::pair(p.negate(p.one()), p.zero()); }},
      {"not-not", [](const P& p, const T& a, const T&, const T&) { return std::pair(p.negate(p.negate(a)), a); }},
      {"de-morgan",
       [](const P& p, const T& a, const T& b, const T&) {
         return std::pair(p.negate(p.plus({a, b})), p.times(p.negate(a), p.negate(b)));
       }},
      {"contradiction",
       [](const P& p, const T& a, const T&, const T&) { return std::pair(p.times(a, p.negate(a)), p.zero()); }},
      {"excluded-middle",
       [](const P& p, const T& a, const T&, const T&) {
         return std::pair(p.plus({a, p.negate(a)}), p.one());
       }},
  };
}

template <Provenance P>
void expect_breaks(const std::function<P(const Inputs*)>& make, const std::set<std::string>& expected) {
  std::set<std::string> broken;
  for (int round = 0; round < kRounds; ++round) {
    std::mt19937 random(static_cast<unsigned>(round));
    const Inputs inputs = random_inputs(random, 5);
    const P p = make(&inputs);
    const auto a = random_tag(p, inputs, random), b = random_tag(p, inputs, random), c = random_tag(p, inputs, random);
    for (const Law<P>& law : laws<P>()) {
      const auto [left, right] = law.sides(p, a, b, c);
      if (!same(p, left, right, inputs)) broken.insert(law.name);
    }
    EXPECT_TRUE(p.saturated(a, a));
    EXPECT_EQ(p.is_zero(p.plus({})), true);
    EXPECT_GE(p.probability(a), 0.0);
    EXPECT_TRUE(takes_numbers(P::kName) || p.probability(a) <= 1.0);
  }
  EXPECT_EQ(broken, expected);
}

TEST(Laws, MinMaxIsFuzzyAndNoProbability) {
  expect_breaks<MinMax>([](const Inputs* i) { return MinMax{i}; }, {"contradiction", "excluded-middle"});
}

TEST(Laws, AddMultCountsEveryDerivationAndClamps) {
  expect_breaks<AddMult>(
      [](const Inputs* i) { return AddMult{i}; },
      {"plus-idempotent", "times-idempotent", "distributes", "absorbs", "de-morgan", "contradiction"});
}

// `proofs` is the same with 4,096 of them.
TEST(Laws, TopKProofsIsABooleanAlgebraWhileNothingIsCut) {
  expect_breaks<TopKProofs>([](const Inputs* i) { return TopKProofs(i, 4096); }, {});
}

TEST(Laws, ExactIsABooleanAlgebra) {
  expect_breaks<Exact>([](const Inputs* i) { return Exact(i); }, {});
}

TEST(Laws, BooleanIsABooleanAlgebra) {
  expect_breaks<Boolean>([](const Inputs* i) { return Boolean{i}; }, {});
}

// Negation only asks whether there is a derivation at all.
TEST(Laws, NaturalCountsDerivations) {
  expect_breaks<Natural>([](const Inputs* i) { return Natural{i}; },
                         {"plus-one", "plus-idempotent", "times-idempotent", "absorbs", "not-not", "excluded-middle"});
}

TEST(Laws, RealTropicalIsTheLeastCost) {
  expect_breaks<RealTropical>([](const Inputs* i) { return RealTropical{i}; },
                              {"times-idempotent", "not-not", "excluded-middle"});
}

TEST(Laws, TropicalIsTheLeastWholeCost) {
  expect_breaks<Tropical>([](const Inputs* i) { return Tropical{i}; },
                          {"times-idempotent", "not-not", "excluded-middle"});
}

TEST(Laws, DiffAddMultIsAddMult) {
  expect_breaks<DiffAddMult>(
      [](const Inputs* i) { return DiffAddMult{i}; },
      {"plus-idempotent", "times-idempotent", "distributes", "absorbs", "de-morgan", "contradiction"});
}

TEST(Laws, DiffMaxMultIsTheLikeliestDerivation) {
  expect_breaks<DiffMaxMult>([](const Inputs* i) { return DiffMaxMult{i}; },
                             {"times-idempotent", "de-morgan", "contradiction", "excluded-middle"});
}

TEST(Laws, DiffNandMinMixesTwoAlgebras) {
  expect_breaks<DiffNandMin>(
      [](const Inputs* i) { return DiffNandMin{i}; },
      {"plus-idempotent", "distributes", "absorbs", "de-morgan", "contradiction", "excluded-middle"});
}

TEST(Laws, DiffMinMaxIsMinMax) {
  expect_breaks<DiffMinMax>([](const Inputs* i) { return DiffMinMax{i}; }, {"contradiction", "excluded-middle"});
}

TEST(Laws, DiffNandMultTakesAlternativesAsIndependent) {
  expect_breaks<DiffNandMult>(
      [](const Inputs* i) { return DiffNandMult{i}; },
      {"plus-idempotent", "times-idempotent", "distributes", "absorbs", "contradiction", "excluded-middle"});
}

TEST(Laws, TopBottomKClausesCutToTwoLosesNothingInNegation) {
  expect_breaks<TopBottomKClauses>([](const Inputs* i) { return TopBottomKClauses(i, 2); },
                                   {"absorbs", "de-morgan", "distributes", "excluded-middle", "plus-associates",
                                    "plus-of-many", "times-associates"});
}

TEST(Laws, SamplesAreSeededAndSettle) {
  expect_breaks<TopKProofs>([](const Inputs* i) { return TopKProofs(i, 2, TopKProofs::Keep::sampled, 7); },
                            {"de-morgan", "distributes", "excluded-middle", "not-not", "plus-associates",
                             "plus-of-many", "times-associates"});
}

// Slopes against finite differences, where no two alternatives are equal.
template <Provenance P>
void expect_slopes(const std::function<P(const Inputs*)>& make) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    Inputs inputs;
    for (int g = 0; g < 5; ++g)
      inputs.add(0.1 + 0.8 * static_cast<double>(random() % 1000) / 1000, inputs.new_group(), random());
    const auto tagged = [&](const Inputs& at) {
      std::mt19937 same_choices(seed);
      const P p = make(&at);
      return std::pair(p, random_tag(p, at, same_choices));
    };
    const auto [p, tag] = tagged(inputs);
    std::vector<double> slopes(inputs.probability.size(), 0.0);
    for (const auto& [m, slope] : p.gradient(tag)) slopes[m] = slope;
    if (p.probability(tag) > 0.999) continue;  // clamped
    for (Member m = 0; m < inputs.probability.size(); ++m) {
      constexpr double kStep = 1e-6;
      Inputs up = inputs, down = inputs;
      up.probability[m] += kStep;
      down.probability[m] -= kStep;
      const auto [q, above] = tagged(up);
      const auto [r, below] = tagged(down);
      EXPECT_NEAR(slopes[m], (q.probability(above) - r.probability(below)) / (2 * kStep), 1e-6)
          << P::kName << " " << seed;
    }
  }
}

TEST(Slopes, AreFiniteDifferences) {
  expect_slopes<DiffAddMult>([](const Inputs* i) { return DiffAddMult{i}; });
  expect_slopes<DiffNandMult>([](const Inputs* i) { return DiffNandMult{i}; });
  expect_slopes<DiffMinMax>([](const Inputs* i) { return DiffMinMax{i}; });
  expect_slopes<DiffMaxMult>([](const Inputs* i) { return DiffMaxMult{i}; });
  expect_slopes<DiffNandMin>([](const Inputs* i) { return DiffNandMin{i}; });
  expect_slopes<TopKProofs>([](const Inputs* i) { return TopKProofs(i, 4096); });
  expect_slopes<TopBottomKClauses>([](const Inputs* i) { return TopBottomKClauses(i, 4096); });
}

TEST(Laws, TopKProofsCutToTwoKeepsOnlyBounds) {
  expect_breaks<TopKProofs>([](const Inputs* i) { return TopKProofs(i, 2); },
                            {"times-associates", "distributes", "not-not", "de-morgan", "excluded-middle"});
}

// Too rare for random tags: `ab` and `ac` push `d` out, then `a` absorbs both. Hence plus takes all derivations at
// once.
TEST(Laws, TopKProofsPlusDoesNotAssociateWhereAProofIsAbsorbedLate) {
  Inputs inputs;
  auto input = [&](double p) { return inputs.add(p, inputs.new_group(), inputs.groups); };
  const Member a = input(0.9), b = input(0.9), c = input(0.9), d = input(0.1);
  const TopKProofs p(&inputs, 2);
  const auto ab = p.times(p.input(a), p.input(b)), ac = p.times(p.input(a), p.input(c));
  const auto early = p.plus({p.plus({ab, ac, p.input(d)}), p.input(a)}),
             at_once = p.plus({ab, ac, p.input(d), p.input(a)});
  EXPECT_EQ(early, p.input(a));
  EXPECT_EQ(at_once.size(), 2u);
}

}  // namespace
}  // namespace tenfold::provenance
