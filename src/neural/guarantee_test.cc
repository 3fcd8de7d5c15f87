#include "neural/guarantee.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

namespace tenfold::neural {
namespace {

/// By the definition: a sum of terms.
double cdf_by_sum(std::uint64_t k, std::uint64_t n, double p) {
  double sum = 0.0;
  const auto choose = [n](std::uint64_t i) {
    return std::lgamma(static_cast<double>(n) + 1.0) - std::lgamma(static_cast<double>(i) + 1.0) -
           std::lgamma(static_cast<double>(n - i) + 1.0);
  };
  for (std::uint64_t i = 0; i <= k && i <= n; ++i) {
    sum += std::exp(choose(i) + static_cast<double>(i) * std::log(p) + static_cast<double>(n - i) * std::log1p(-p));
  }
  return sum;
}

TEST(Binomial, cdf_is_the_sum_of_its_terms) {
  for (const std::uint64_t n : {1u, 2u, 7u, 30u, 200u}) {
    for (std::uint64_t k = 0; k <= n; ++k) {
      for (const double p : {0.001, 0.05, 0.3, 0.5, 0.8}) {
        EXPECT_NEAR(binomial_cdf(k, n, p), cdf_by_sum(k, n, p), 1e-10) << k << " of " << n << " at " << p;
      }
    }
  }
  EXPECT_NEAR(binomial_cdf(50'000, 1'000'000, 0.05), 0.5, 0.002);
}

TEST(Binomial, bounds_hold_exactly_what_they_say) {
  // By the definition: the tail at the bound is delta.
  for (const std::uint64_t n : {5u, 60u, 1000u}) {
    for (const std::uint64_t k : {std::uint64_t{0}, std::uint64_t{1}, n / 3, n - 1}) {
      const double upper = binomial_upper(k, n, 0.05), lower = binomial_lower(k, n, 0.05);
      EXPECT_NEAR(cdf_by_sum(k, n, upper), 0.05, 1e-8);
      EXPECT_NEAR(k == 0 ? 0.05 : 1.0 - cdf_by_sum(k - 1, n, lower), 0.05, 1e-8);
    }
  }
  EXPECT_EQ(binomial_upper(0, 0, 0.05), 1.0);
  EXPECT_EQ(binomial_lower(0, 9, 0.05), 0.0);
  EXPECT_EQ(binomial_upper(9, 9, 0.05), 1.0);
}

TEST(Binomial, items_needed_are_the_known_ones) {
  EXPECT_EQ(items_needed(0, 0.05, 0.05), 59u);
  EXPECT_EQ(items_needed(0, 0.01, 0.05), 299u);
  EXPECT_EQ(items_needed(0, 0.01, 0.01), 459u);
  EXPECT_EQ(items_needed(1, 0.05, 0.05), 93u);
  EXPECT_EQ(items_needed(5, 0.05, 0.05), 208u);
  EXPECT_EQ(items_needed(10, 0.05, 0.05), 336u);
}

TEST(Threshold, too_few_items_promise_nothing_and_say_how_many_are_missing) {
  std::vector<Scored> items(58, Scored{0.9, false});
  const Threshold few = monotone_threshold(items, {0.05, 0.05});
  EXPECT_FALSE(few.at);
  EXPECT_EQ(few.missing, 1u);
  items.push_back({0.8, false});
  const Threshold enough = monotone_threshold(items, {0.05, 0.05});
  EXPECT_EQ(enough.at, 0.8);
  EXPECT_LE(enough.upper, 0.05);
  items.back().wrong = true;
  EXPECT_EQ(monotone_threshold(items, {0.05, 0.05}).at, 0.9);  // one error needs 93
  EXPECT_EQ(shortage_text(58, 1, {0.05, 0.05}),
            "59 error-free items promise an error of at most 5% with confidence 95%, and there are 58: 1 are missing");
}

TEST(Threshold, equal_scores_are_accepted_together) {
  std::vector<Scored> items(100, Scored{0.9, false});
  for (int i = 0; i < 20; ++i) items.push_back({0.7, i == 0 || i == 7 || i == 9});
  EXPECT_EQ(monotone_threshold(items, {0.05, 0.05}).at, 0.9);
}

TEST(Threshold, of_a_path_the_first_failure_ends_it) {
  const std::vector<Tally> path = {{100, 0}, {120, 5}, {400, 5}};
  const Walked walked = walk_path(path, {0.05, 0.05});
  EXPECT_EQ(walked.chosen, 0u);  // the third would pass alone
  EXPECT_FALSE(walk_path(std::vector<Tally>{{40, 0}}, {0.05, 0.05}).chosen);
  EXPECT_EQ(walk_path(std::vector<Tally>{{40, 0}}, {0.05, 0.05}).missing, 19u);
}

TEST(Threshold, of_positives_is_an_order_statistic) {
  std::vector<double> scores;
  for (int i = 1; i <= 58; ++i) scores.push_back(i);
  EXPECT_FALSE(order_threshold(scores, 0.05, 0.05).at);
  EXPECT_EQ(order_threshold(scores, 0.05, 0.05).missing, 1u);
  scores.push_back(59);
  EXPECT_EQ(order_threshold(scores, 0.05, 0.05).at, 1.0);
  for (int i = 60; i <= 93; ++i) scores.push_back(i);
  EXPECT_EQ(order_threshold(scores, 0.05, 0.05).at, 2.0);  // 93 are the fewest that leave one out
}

TEST(Threshold, grid_is_strict_to_loose_and_ends_with_everything) {
  std::vector<double> scores;
  for (int i = 0; i < 500; ++i) scores.push_back(i / 500.0);
  const auto grid = threshold_grid(scores, 500, {0.05, 0.05});
  EXPECT_EQ(grid.size(), 50u);
  EXPECT_TRUE(std::is_sorted(grid.rbegin(), grid.rend()));
  EXPECT_EQ(grid.back(), 0.0);
}

/// A population of which the true error at a threshold is known: scores u in [0, 1], and at score u the cheap stage is
/// wrong with probability error(u).
struct Population {
  const char* name;
  std::size_t items;
  double (*draw)(std::mt19937_64&);
  double (*error)(double);
};

double uniform(std::mt19937_64& random) { return std::uniform_real_distribution<double>(0.0, 1.0)(random); }
// Skewed: scores crowd at the top, and the surest are not the best.
double crowded(std::mt19937_64& random) { return std::pow(uniform(random), 0.1); }
double falling(double score) { return 0.4 * (1.0 - score) * (1.0 - score); }
double misleading(double score) { return score > 0.99 ? 0.02 : score > 0.7 ? 0.06 : 0.3; }

const Population kPopulations[] = {
    {"well-behaved", 1000, uniform, falling}, {"skewed", 600, crowded, misleading}, {"tiny", 64, uniform, falling}};
constexpr double kLevels[] = {0.02, 0.05, 0.1};
constexpr int kDraws = 1000;

struct True {
  double used_and_wrong = 0.0, accepted = 0.0;  // shares of all inputs
};

/// What holds at a threshold, by a large sample of its own, so that no integral is needed; its own error is 0.001.
class Truth {
 public:
  Truth(const Population& population, std::mt19937_64& random) {
    for (int i = 0; i < 50'000; ++i) scores_.push_back(population.draw(random));
    std::sort(scores_.rbegin(), scores_.rend());
    double sum = 0.0;
    for (const double score : scores_) errors_.push_back(sum += population.error(score));
  }
  True at(double threshold) const {
    const auto end = std::upper_bound(scores_.begin(), scores_.end(), threshold, std::greater<>());
    const auto accepted = static_cast<std::size_t>(end - scores_.begin());
    const auto all = static_cast<double>(scores_.size());
    return {accepted ? errors_[accepted - 1] / all : 0.0, static_cast<double>(accepted) / all};
  }

 private:
  std::vector<double> scores_, errors_;  // scores falling, errors expected down to each
};

/// Violations that agree with a rate of at most delta: at delta = 0.05, up to 62 of 1,000.
bool agrees(int violations, double delta) {
  return binomial_lower(static_cast<std::uint64_t>(violations), kDraws, 0.05) <= delta;
}

template <class Choose>
void simulate(const char* method, bool among_accepted, Choose choose) {
  for (const Population& population : kPopulations) {
    std::mt19937_64 random(7);
    const Truth truth(population, random);
    for (const double alpha : kLevels) {
      for (const double delta : kLevels) {
        int violations = 0, refused = 0;
        double saved = 0.0;
        for (int draw = 0; draw < kDraws; ++draw) {
          std::vector<Scored> items;
          for (std::size_t i = 0; i < population.items; ++i) {
            const double score = population.draw(random);
            items.push_back({score, uniform(random) < population.error(score)});
          }
          const Threshold chosen = choose(items, Level{alpha, delta});
          if (!chosen.at) {
            ++refused;
            continue;
          }
          const True is = truth.at(*chosen.at);
          saved += is.accepted;
          violations += (among_accepted ? is.used_and_wrong / is.accepted : is.used_and_wrong) > alpha + 1e-3;
        }
        EXPECT_TRUE(agrees(violations, delta))
            << method << " on " << population.name << " at " << alpha << ", " << delta << ": " << violations;
        if (population.items < items_needed(0, alpha, delta)) {
          EXPECT_EQ(refused, kDraws);
        }
        std::printf("%-9s %-13s n %4zu  alpha %.2f delta %.2f  violations %3d of %d  refused %4d  calls saved %.3f\n",
                    method, population.name, population.items, alpha, delta, violations, kDraws, refused,
                    saved / kDraws);
      }
    }
  }
}

TEST(Simulation, against_the_dearest_violations_are_as_rare_as_promised) {
  simulate("monotone", false,
           [](std::vector<Scored>& items, const Level& level) { return monotone_threshold(items, level); });
}

TEST(Simulation, of_the_accepted_violations_are_as_rare_as_promised) {
  // The grid comes from other items: half are for it, as in calibrating on one's own data.
  simulate("accepted", true, [](std::vector<Scored>& items, const Level& level) {
    const std::size_t half = items.size() / 2;
    std::vector<double> scores;
    for (std::size_t i = 0; i < half; ++i) scores.push_back(items[i].score);
    const auto grid = threshold_grid(scores, items.size() - half, level);
    return accepted_threshold(std::span(items).subspan(half), grid, level);
  });
}

TEST(Simulation, what_saves_nothing_is_not_what_passes) {
  // Power: on well-behaved data at 0.05 and 0.05, more than half of the calls are saved.
  std::mt19937_64 random(11);
  double saved = 0.0;
  for (int draw = 0; draw < 100; ++draw) {
    std::vector<Scored> items;
    for (int i = 0; i < 1000; ++i) {
      const double score = uniform(random);
      items.push_back({score, uniform(random) < falling(score)});
    }
    const Threshold chosen = monotone_threshold(items, {0.05, 0.05});
    saved += static_cast<double>(chosen.accepted) / 1000.0;
  }
  EXPECT_GT(saved / 100.0, 0.5);
}

}  // namespace
}  // namespace tenfold::neural
