// Probabilities of conjunctions and of their disjunction, against every world.
#include "proof/events.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace tenfold::proof {
namespace {

// Two groups of two members and three facts that stand alone.
Events some_events() {
  Events events;
  for (int g = 0; g < 2; ++g) {
    events.add(0.5, events.groups);
    events.add(0.3, events.groups++);
  }
  for (double p : {0.9, 0.25, 0.6}) events.add(p, events.groups++);
  return events;
}

// Sums the worlds in which one of the conjunctions holds: of each group one member, or none.
double by_worlds(const std::vector<Literals>& any, const Events& events) {
  double sum = 0.0;
  std::vector<Event> chosen(events.groups, kNoEvent);
  const auto holds_here = [&](Literal l) { return (chosen[events.group[event_of(l)]] == event_of(l)) != denied(l); };
  const auto world = [&](const auto& self, std::uint32_t group, double weight) -> void {
    if (group == events.groups) {
      for (const Literals& one : any)
        if (std::all_of(one.begin(), one.end(), holds_here)) {
          sum += weight;
          return;
        }
      return;
    }
    double rest = 1.0;
    for (Event e = 0; e < events.group.size(); ++e) {
      if (events.group[e] != group) continue;
      chosen[group] = e;
      rest -= events.probability[e];
      self(self, group + 1, weight * events.probability[e]);
    }
    chosen[group] = kNoEvent;
    self(self, group + 1, weight * rest);
  };
  world(world, 0, 1.0);
  return sum;
}

TEST(ProofEvents, AgreeWithEveryWorld) {
  const Events events = some_events();
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::vector<Literals> any(1 + random() % 4);
    for (Literals& one : any) {
      for (std::size_t n = 1 + random() % 3; n > 0; --n) {
        const auto e = static_cast<Event>(random() % events.group.size());
        one.push_back(random() % 3 == 0 ? fails(e) : holds(e));
      }
      std::sort(one.begin(), one.end());
      one.erase(std::unique(one.begin(), one.end()), one.end());
    }
    std::erase_if(any, [&](const Literals& one) { return !consistent(one, events); });
    const Disjunction found = probability(any, events);
    const double wanted = by_worlds(any, events);
    EXPECT_NEAR(found.low, wanted, 1e-12);
    EXPECT_NEAR(found.high, wanted, 1e-12);
    for (const Literals& one : any) EXPECT_NEAR(probability(one, events), by_worlds({one}, events), 1e-12);
    const Disjunction rough = probability(any, events, 1);
    EXPECT_LE(rough.low, wanted + 1e-12);
    EXPECT_GE(rough.high, wanted - 1e-12);
  }
}

TEST(ProofEvents, MembersOfAGroupExcludeEachOther) {
  const Events events = some_events();
  EXPECT_FALSE(consistent({holds(0), holds(1)}, events));
  EXPECT_FALSE(consistent({holds(4), fails(4)}, events));
  EXPECT_TRUE(consistent({fails(0), fails(1)}, events));
  EXPECT_EQ(truth(1, {holds(0)}, events), Truth::fails);
  EXPECT_EQ(truth(2, {holds(0)}, events), Truth::open);
}

}  // namespace
}  // namespace tenfold::proof
