// Intervals against brute force: every member of every open group.
#include "provenance/open_bounds.h"

#include <gtest/gtest.h>

#include <random>

#include "provenance/compile.h"

namespace tenfold::provenance {
namespace {

struct Problem {
  Inputs inputs;
  Lineage lineage;
  std::vector<std::uint32_t> roots;
};

// Nodes ask for members and for nodes, later ones below a negation only, so that negation is in no cycle.
Problem random_problem(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto pick = [&](int n) { return static_cast<std::uint32_t>(random() % static_cast<std::uint64_t>(n)); };
  Problem p;
  const int groups = 3 + static_cast<int>(pick(3));
  for (int g = 0; g < groups; ++g) {
    const std::uint32_t group = p.inputs.new_group();
    const std::uint32_t members = 1 + pick(3);
    double left = 1.0;
    for (std::uint32_t m = 0; m < members; ++m) {
      const double share = m + 1 == members && members > 1 ? left : left * 0.25 * (1 + pick(3));
      p.inputs.add(share, group, random());
      left -= share;
    }
  }
  constexpr std::uint32_t kNodes = 6;
  for (std::uint32_t v = 0; v < kNodes; ++v) {
    for (std::uint32_t a = 0; a < 1 + pick(3); ++a) {
      for (std::uint32_t l = 0; l < 1 + pick(3); ++l) {
        if (pick(3) > 0)
          p.lineage.add(
              premise(PremiseKind::member, pick(static_cast<int>(p.inputs.probability.size())), pick(3) == 0));
        else if (v + 1 < kNodes && pick(2) == 0)
          p.lineage.add(premise(PremiseKind::node, v + 1 + pick(static_cast<int>(kNodes - v - 1)), pick(2) == 0));
        else
          p.lineage.add(premise(PremiseKind::node, v));
      }
      p.lineage.end_alternative();
    }
    p.lineage.end_node();
  }
  p.roots = {0, 1, 2};
  return p;
}

// Every way to give each open group one member.
template <class Visit>
void each_corner(const Inputs& inputs, const std::vector<bool>& open, Visit visit) {
  std::vector<std::vector<Member>> members(inputs.groups);
  for (Member m = 0; m < inputs.group.size(); ++m) members[inputs.group[m]].push_back(m);
  std::size_t corners = 1;
  for (std::uint32_t g = 0; g < inputs.groups; ++g)
    if (open[g]) corners *= members[g].size();
  for (std::size_t c = 0; c < corners; ++c) {
    Inputs now = inputs;
    std::size_t rest = c;
    for (std::uint32_t g = 0; g < inputs.groups; ++g) {
      if (!open[g]) continue;
      for (Member m : members[g]) now.probability[m] = 0.0;
      now.probability[members[g][rest % members[g].size()]] = 1.0;
      rest /= members[g].size();
    }
    visit(now);
  }
}

bool has_many(const Inputs& inputs, std::uint32_t group) {
  return std::count(inputs.group.begin(), inputs.group.end(), group) > 1;
}

TEST(OpenBounds, AreTheExtremesOverWhatOpenGroupsMayBe) {
  int between = 0;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    Problem p = random_problem(seed);
    // Groups of several members sum to one: they are what a network says.
    std::vector<bool> open(p.inputs.groups, false);
    for (std::uint32_t g = 0; g < p.inputs.groups; ++g) open[g] = has_many(p.inputs, g);
    OpenBounds bounds(Reading::probability);
    bounds.start(&p.lineage, &p.inputs, p.roots);
    // They become known one after another.
    for (std::uint32_t known = 0; known <= p.inputs.groups; ++known) {
      if (known > 0) open[known - 1] = false;
      bounds.set_open(open);
      std::vector<Interval> found;
      ASSERT_TRUE(bounds.intervals(found));
      std::vector<Interval> wanted(p.roots.size(), {1.0, 0.0});
      each_corner(p.inputs, open, [&](const Inputs& corner) {
        Diagrams diagrams(&corner);
        const auto edges = compile(p.lineage, diagrams);
        for (std::size_t i = 0; i < p.roots.size(); ++i) {
          const double value = diagrams.probability(edges[p.roots[i]]);
          wanted[i] = {std::min(wanted[i].first, value), std::max(wanted[i].second, value)};
        }
      });
      for (std::size_t i = 0; i < p.roots.size(); ++i) {
        EXPECT_NEAR(found[i].first, wanted[i].first, bounds.margin()) << "seed " << seed << " root " << i;
        EXPECT_NEAR(found[i].second, wanted[i].second, bounds.margin()) << "seed " << seed << " root " << i;
        between += found[i].first > 0.01 && found[i].second < 0.99 && found[i].first < found[i].second;
        // What no open group bears on is a point, and the other way round.
        EXPECT_TRUE(!bounds.open_groups(i).empty() || found[i].first == found[i].second) << "seed " << seed;
      }
    }
  }
  EXPECT_GT(between, 100);
}

TEST(OpenBounds, IfAMemberHeld) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Problem p = random_problem(seed);
    for (Member m = 0; m < p.inputs.probability.size(); ++m) {
      const std::uint32_t group = p.inputs.group[m];
      if (!has_many(p.inputs, group)) continue;
      std::vector<bool> open(p.inputs.groups, false);
      open[group] = true;
      OpenBounds bounds(Reading::probability);
      bounds.start(&p.lineage, &p.inputs, p.roots);
      bounds.set_open(open);
      std::vector<Interval> all, found;
      ASSERT_TRUE(bounds.intervals(all));
      bounds.intervals_if(m, found);
      Inputs held = p.inputs;
      for (Member other = 0; other < held.group.size(); ++other)
        if (held.group[other] == group) held.probability[other] = other == m;
      Diagrams diagrams(&held);
      const auto edges = compile(p.lineage, diagrams);
      for (std::size_t i = 0; i < p.roots.size(); ++i) {
        EXPECT_NEAR(found[i].first, diagrams.probability(edges[p.roots[i]]), bounds.margin());
        EXPECT_EQ(found[i].first, found[i].second);
      }
    }
  }
}

}  // namespace
}  // namespace tenfold::provenance
