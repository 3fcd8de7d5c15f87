#include "neural/drift.h"

#include <gtest/gtest.h>

#include <cmath>

#include "neural/guarantee.h"

namespace tenfold::neural {
namespace {

std::vector<double> draw(std::size_t n, std::mt19937_64& random, double power = 1.0) {
  std::vector<double> out(n);
  for (double& value : out) value = std::pow(std::uniform_real_distribution<double>(0.0, 1.0)(random), power);
  return out;
}

TEST(Drift, looked_at_after_every_input_it_cries_wolf_no_more_often_than_delta) {
  std::mt19937_64 random(1);
  int alarms = 0;
  for (int run = 0; run < 400; ++run) {
    DriftMonitor monitor(draw(100, random), static_cast<std::uint64_t>(run));
    for (const double value : draw(500, random)) monitor.see(value);
    alarms += monitor.drifted(0.05);
  }
  EXPECT_LE(binomial_lower(static_cast<std::uint64_t>(alarms), 400, 0.05), 0.05) << alarms;
}

TEST(Drift, few_calibration_values_and_ties_do_not_alarm) {
  std::mt19937_64 random(2);
  int alarms = 0;
  for (int run = 0; run < 200; ++run) {
    std::vector<double> calibration = draw(20, random);
    for (double& value : calibration) value = std::round(value * 4.0);  // five values
    DriftMonitor monitor(calibration, static_cast<std::uint64_t>(run));
    for (const double value : draw(300, random)) monitor.see(std::round(value * 4.0));
    alarms += monitor.drifted(0.05);
  }
  EXPECT_LE(binomial_lower(static_cast<std::uint64_t>(alarms), 200, 0.05), 0.05) << alarms;
}

TEST(Drift, a_change_is_noticed_and_soon) {
  std::mt19937_64 random(3);
  for (const double power : {3.0, 1.0 / 3.0}) {  // lower than it was, higher
    int noticed = 0;
    for (int run = 0; run < 50; ++run) {
      DriftMonitor monitor(draw(200, random));
      for (const double value : draw(300, random)) monitor.see(value);
      for (const double value : draw(200, random, power)) monitor.see(value);
      noticed += monitor.drifted(0.05);
    }
    EXPECT_GE(noticed, 48) << power;
  }
}

TEST(Drift, without_calibration_values_it_says_nothing) {
  DriftMonitor monitor({});
  for (int i = 0; i < 100; ++i) monitor.see(0.0);
  EXPECT_EQ(monitor.state().seen, 0u);
  EXPECT_FALSE(monitor.drifted(0.05));
}

}  // namespace
}  // namespace tenfold::neural
