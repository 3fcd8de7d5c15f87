#include "neural/cascade.h"

#include <gtest/gtest.h>

#include <random>

namespace tenfold::neural {
namespace {

/// Three stages; at score u a stage is wrong with probability bad * (1 - u)^2, and the label is the first or second.
std::vector<StagedItem> draw(std::size_t n, std::mt19937_64& random, std::vector<double> bad = {0.6, 0.2, 0.02}) {
  std::uniform_real_distribution<double> uniform(0.0, 1.0);
  std::vector<StagedItem> items(n);
  for (StagedItem& item : items) {
    item.label = uniform(random) < 0.5 ? 0 : 1;
    for (const double b : bad) {
      const double u = uniform(random), confidence = 0.5 + 0.5 * u;
      const std::size_t said = uniform(random) < b * (1.0 - u) * (1.0 - u) ? 1 - *item.label : *item.label;
      item.probabilities.push_back(said == 0 ? std::vector{confidence, 1.0 - confidence}
                                             : std::vector{1.0 - confidence, confidence});
    }
  }
  return items;
}

double rate(const std::vector<StagedItem>& items, const Thresholds& thresholds, const CascadeRequest& request) {
  Tally sum;
  for (const StagedItem& item : items) {
    const Tally one = tally(item, thresholds, request.target, request.positive);
    sum.counted += one.counted;
    sum.wrong += one.wrong;
  }
  return sum.counted ? static_cast<double>(sum.wrong) / static_cast<double>(sum.counted) : 0.0;
}

TEST(CascadeChoice, replays_what_the_network_would_do) {
  const StagedItem item{{{0.4, 0.6}, {0.8, 0.2}, {0.45, 0.55}}, 1};
  EXPECT_EQ(answering_stage(item, {0.6, 0.7}), 0u);
  EXPECT_EQ(answering_stage(item, {0.61, 0.7}), 1u);
  EXPECT_EQ(answering_stage(item, {std::nullopt, 0.9}), 2u);
  EXPECT_EQ(tally(item, {0.61, 0.7}, Target::against_dearest, 1).wrong, 1u);
  EXPECT_EQ(tally(item, {0.61, 0.7}, Target::recall, 1).wrong, 1u);
  EXPECT_EQ(tally(item, {0.61, 0.7}, Target::precision, 1).counted, 0u);
  EXPECT_EQ(tally(item, {0.61, 0.9}, Target::accepted, 1).counted, 0u);
}

TEST(CascadeChoice, what_a_stages_gate_hands_on_is_no_error_of_that_stage) {
  std::vector<StagedItem> items(100, {{{0.1, 0.9}, {0.2, 0.8}}, 1});
  for (std::size_t i = 0; i < 20; ++i) items[i] = {{{0.95, 0.05}, {0.2, 0.8}}, 1, {true, false}};
  EXPECT_EQ(answering_stage(items[0], {0.0}), 1u);
  const auto choice = choose_cascade({}, items, {});
  ASSERT_TRUE(choice && choice->promised);
  EXPECT_EQ(choice->at.wrong, 0u);
  EXPECT_EQ(choice->answered, (std::vector<std::uint64_t>{80, 20}));
}

TEST(CascadeChoice, a_path_goes_from_nothing_accepted_to_everything) {
  std::mt19937_64 random(3);
  const auto fit = draw(200, random);
  const auto path = threshold_path(fit, 0.0);
  EXPECT_FALSE(path.front()[0] || path.front()[1]);
  for (const StagedItem& item : fit) EXPECT_EQ(answering_stage(item, path.back()), 0u);
}

TEST(CascadeChoice, too_few_items_are_refused_with_what_is_missing) {
  std::mt19937_64 random(5);
  const auto items = draw(100, random, {0.0, 0.0});
  const auto few = choose_cascade({}, std::span(items).first(58), {});
  ASSERT_TRUE(few);
  EXPECT_FALSE(few->promised);
  EXPECT_EQ(few->missing, 1u);
  const auto enough = choose_cascade({}, std::span(items).first(59), {});
  EXPECT_TRUE(enough->promised);
  EXPECT_EQ(enough->answered[0], 59u);
  EXPECT_EQ(choose_cascade({}, items, {.target = Target::recall, .positive = 1, .level = {}}).error().code,
            "too-few-inputs");
}

class Coverage : public testing::TestWithParam<Target> {};

// 1,000 draws of 150 + 300 items: the error on a large sample exceeds alpha in no more of them than delta explains.
TEST_P(Coverage, of_each_target_is_as_promised) {
  std::mt19937_64 random(9);
  const CascadeRequest request{.target = GetParam(), .positive = 1, .level = {0.1, 0.1}};
  const auto large = draw(4000, random);
  int violations = 0, promised = 0;
  double saved = 0.0;
  for (int i = 0; i < 1000; ++i) {
    const auto fit = draw(150, random), items = draw(300, random);
    const auto choice = choose_cascade(fit, items, request);
    ASSERT_TRUE(choice);
    if (!choice->promised) continue;
    ++promised;
    saved += 1.0 - static_cast<double>(choice->answered.back()) / 300.0;
    violations += rate(large, choice->thresholds, request) > 0.1 + 0.005;
  }
  EXPECT_LE(binomial_lower(static_cast<std::uint64_t>(violations), 1000, 0.05), 0.1) << violations;
  EXPECT_GT(promised, 800);
  EXPECT_GT(saved / promised, 0.5);  // and the dearest stage is spared
}

INSTANTIATE_TEST_SUITE_P(Targets, Coverage,
                         testing::Values(Target::against_dearest, Target::accuracy, Target::accepted, Target::precision,
                                         Target::recall));

// A decision that rules compose of two networks, in which two errors cancel: the loss does not grow along the path, and
// each network's own promise is none for the decision. The joint path keeps the decision's.
TEST(Decisions, composed_of_two_networks_are_as_good_as_promised) {
  std::mt19937_64 random(21);
  const Level level{0.1, 0.1};
  struct Record {
    std::vector<StagedItem> networks;
  };
  const auto records = [&](std::size_t n) {
    const auto a = draw(n, random, {0.6, 0.02}), b = draw(n, random, {0.9, 0.02});
    std::vector<Record> out;
    for (std::size_t i = 0; i < n; ++i) out.push_back({{a[i], b[i]}});
    return out;
  };
  const auto wrong = [](const Record& record, const std::vector<Thresholds>& thresholds) {
    std::size_t said = 0, dearest = 0;  // one of two, not both
    for (std::size_t n = 0; n < 2; ++n) {
      const StagedItem& item = record.networks[n];
      said ^= winner(item.probabilities[answering_stage(item, thresholds[n])]).label;
      dearest ^= winner(item.probabilities.back()).label;
    }
    return said != dearest;
  };
  const auto share = [&](const std::vector<Record>& all, const std::vector<Thresholds>& thresholds) {
    Tally sum;
    for (const Record& record : all) {
      ++sum.counted;
      sum.wrong += wrong(record, thresholds);
    }
    return sum;
  };
  const auto large = records(5000);
  int violations = 0, promised = 0;
  for (int run = 0; run < 1000; ++run) {
    const auto fit = records(80), held = records(150);
    std::vector<std::vector<Thresholds>> path(20, std::vector<Thresholds>(2));
    for (std::size_t n = 0; n < 2; ++n) {
      std::vector<StagedItem> items;
      for (const Record& record : fit) items.push_back(record.networks[n]);
      for (std::size_t i = 0; i < path.size(); ++i) {
        path[i][n] = threshold_path(items, static_cast<double>(i) / 19.0, 2).front();
      }
    }
    std::vector<Tally> tallies;
    for (const auto& thresholds : path) tallies.push_back(share(held, thresholds));
    const Walked walked = walk_path(tallies, level);
    if (!walked.chosen) continue;
    ++promised;
    const Tally is = share(large, path[*walked.chosen]);
    violations += static_cast<double>(is.wrong) / static_cast<double>(is.counted) > level.alpha + 0.005;
  }
  EXPECT_LE(binomial_lower(static_cast<std::uint64_t>(violations), 1000, 0.05), level.delta) << violations;
  EXPECT_EQ(promised, 1000);
}

}  // namespace
}  // namespace tenfold::neural
