#include "proof/formula.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tenfold::proof {
namespace {

// Two independent inputs, and a group of three that exclude one another.
Events inputs() {
  Events events;
  for (double p : {0.5, 0.25}) events.add(p, events.groups++);
  for (double p : {0.5, 0.3, 0.1}) events.add(p, events.groups);
  ++events.groups;
  return events;
}

// Of each group at most one member holds.
std::vector<std::vector<bool>> worlds(const Events& events) {
  std::vector<std::vector<bool>> out;
  for (unsigned bits = 0; bits < 1u << events.probability.size(); ++bits) {
    std::vector<bool> world;
    std::vector<int> held(events.groups, 0);
    for (Event e = 0; e < events.probability.size(); ++e) {
      world.push_back((bits >> e & 1) != 0);
      held[events.group[e]] += world.back();
    }
    if (*std::max_element(held.begin(), held.end()) <= 1) out.push_back(std::move(world));
  }
  return out;
}

bool holds_in(const Formula& f, const std::vector<bool>& world) {
  return std::any_of(f.begin(), f.end(), [&](const Literals& one) {
    return std::all_of(one.begin(), one.end(), [&](Literal l) { return world[event_of(l)] != denied(l); });
  });
}

TEST(Formula, AgreesWithItsWorlds) {
  const Events events = inputs();
  const auto all = worlds(events);
  std::mt19937 random(3);
  const auto some = [&] {
    Formula f;
    for (auto n = random() % 4; n > 0; --n) {
      std::optional<Formula> one = always();
      for (auto k = random() % 3; k > 0 && one; --k) one = both(*one, {{random() % 10}}, events);
      f = either(f, *one).value();
    }
    return f;
  };
  for (int i = 0; i < 2000; ++i) {
    const Formula a = some(), b = some();
    const Formula joined = both(a, b, events).value(), united = either(a, b).value(),
                  not_a = negation(a, events).value();
    for (const auto& world : all) {
      EXPECT_EQ(holds_in(joined, world), holds_in(a, world) && holds_in(b, world));
      EXPECT_EQ(holds_in(united, world), holds_in(a, world) || holds_in(b, world));
      EXPECT_EQ(holds_in(not_a, world), !holds_in(a, world));
    }
    EXPECT_NEAR(probability(a, events).low + probability(not_a, events).low, 1.0, 1e-12);
  }
}

TEST(Formula, KeepsNoConjunctionThatFollowsFromAnother) {
  const Events events = inputs();
  Formula f{{holds(0), holds(1)}};
  EXPECT_FALSE(add(f, {holds(0), holds(1), holds(2)}));
  EXPECT_TRUE(add(f, {holds(0)}));
  EXPECT_EQ(f, Formula{{holds(0)}});
  EXPECT_EQ(both({{holds(2)}}, {{holds(3)}}, events), Formula());              // they exclude each other
  EXPECT_EQ(both({{holds(2)}}, {{fails(3)}}, events), (Formula{{holds(2)}}));  // which says the rest
  EXPECT_EQ(negation({}, events), always());
  EXPECT_EQ(negation(always(), events), Formula());
}

}  // namespace
}  // namespace tenfold::proof
