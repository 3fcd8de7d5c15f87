#include "neural/calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace tenfold::neural {
namespace {

struct Sample {
  std::vector<float> logits;  // [n, 2]
  std::vector<std::int32_t> labels;
  MatrixView<const float> view() const { return {logits.data(), labels.size(), 2}; }
};

/// Logits (0, z); the label is 1 with probability 1 / (1 + exp(-z / temperature)), by exact shares instead of by
/// chance: of `each` inputs with the same z, that share (rounded) has label 1.
Sample sample(double temperature, int each) {
  Sample out;
  for (int step = -8; step <= 8; ++step) {
    const double z = step * 0.5;
    const int ones = static_cast<int>(std::lround(each / (1.0 + std::exp(-z / temperature))));
    for (int i = 0; i < each; ++i) {
      out.logits.insert(out.logits.end(), {0.0f, static_cast<float>(z)});
      out.labels.push_back(i < ones ? 1 : 0);
    }
  }
  return out;
}

TEST(Calibration, softmax_sums_to_one_and_stands_large_logits) {
  const auto p = softmax(std::vector<double>{1000.0, 1001.0, -1000.0}, 1.0);
  EXPECT_DOUBLE_EQ(p[0] + p[1] + p[2], 1.0);
  EXPECT_NEAR(p[1] / p[0], std::exp(1.0), 1e-12);
  const auto flat = softmax(std::vector<double>{1.0, 2.0}, 100.0);
  EXPECT_NEAR(flat[1] / flat[0], std::exp(0.01), 1e-12);
}

TEST(Calibration, temperature_that_made_the_labels_is_found) {
  for (const double temperature : {0.5, 1.0, 2.5}) {
    const Sample s = sample(temperature, 10'000);
    const auto fitted = fit_temperature(s.view(), s.labels);
    ASSERT_TRUE(fitted);
    // Shares are rounded to 1 in 10,000, so the logit of a share is off by at most 5e-5 / (p (1-p)); the likelihood
    // weighs with p (1-p), which leaves a relative error of the order of 1e-4.
    EXPECT_NEAR(*fitted / temperature, 1.0, 1e-3);
  }
}

TEST(Calibration, temperature_lowers_the_calibration_error) {
  const Sample s = sample(2.5, 2000);
  const double fitted = *fit_temperature(s.view(), s.labels);
  const auto error = [&](double temperature) {
    std::vector<double> p;
    for (std::size_t i = 0; i < s.labels.size(); ++i) {
      const std::vector<double> row(s.logits.begin() + static_cast<std::ptrdiff_t>(2 * i),
                                    s.logits.begin() + static_cast<std::ptrdiff_t>(2 * i + 2));
      for (const double value : softmax(row, temperature)) p.push_back(value);
    }
    return *calibration_error({p.data(), s.labels.size(), 2}, s.labels);
  };
  EXPECT_GT(error(1.0), 0.05);
  EXPECT_LT(error(fitted), 0.001);
}

TEST(Calibration, ends_of_the_range_are_reached_and_finite) {
  Sample right, wrong;
  for (int i = 0; i < 60; ++i) {
    for (Sample* s : {&right, &wrong}) s->logits.insert(s->logits.end(), {0.0f, 1.0f});
    right.labels.push_back(1);
    wrong.labels.push_back(0);
  }
  EXPECT_DOUBLE_EQ(*fit_temperature(right.view(), right.labels), 1e-4);
  EXPECT_DOUBLE_EQ(*fit_temperature(wrong.view(), wrong.labels), 100.0);
}

TEST(Calibration, wrong_input_is_named) {
  Sample s = sample(1.0, 10);
  s.logits[7] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(fit_temperature(s.view(), s.labels).error().code, "not-finite");
  EXPECT_EQ(fit_temperature(s.view(), s.labels).error().what, "row 3 has a value that is not finite");
  s = sample(1.0, 10);
  s.labels[4] = 2;
  EXPECT_EQ(fit_temperature(s.view(), s.labels).error().what, "row 4 has label 2");
  s = sample(1.0, 2);
  EXPECT_EQ(fit_temperature(s.view(), s.labels).error().code, "too-few-inputs");
  EXPECT_EQ(fit_temperature({s.logits.data(), 3, 2}, s.labels).error().code, "wrong-shape");
}

TEST(Calibration, error_of_a_hand_made_table) {
  // Two bins: 0.9 right, 0.9 wrong, 0.6 right: |0.5 - 0.9| * 2/3 + |1 - 0.6| * 1/3 with ten bins.
  const std::vector<double> p = {0.9, 0.1, 0.1, 0.9, 0.6, 0.4};
  const std::vector<std::int32_t> labels = {0, 0, 0};
  EXPECT_NEAR(*calibration_error({p.data(), 3, 2}, labels, 10), 0.4, 1e-15);
}

TEST(Isotonic, is_the_nearest_rising_curve) {
  // 500 at 0.2 of which a tenth hit, 500 at 0.5 of which a half, 500 at 0.6 of which two fifths, 500 at 0.9, all.
  std::vector<double> scores;
  std::vector<std::uint8_t> hits;
  const double at[] = {0.2, 0.5, 0.6, 0.9}, share[] = {0.1, 0.5, 0.4, 1.0};
  for (int b = 0; b < 4; ++b) {
    for (int i = 0; i < 500; ++i) {
      scores.push_back(at[b]);
      hits.push_back(i < share[b] * 500);
    }
  }
  const auto curve = fit_isotonic(scores, hits);
  ASSERT_TRUE(curve);
  EXPECT_NEAR(on_curve(*curve, 0.2), 0.1, 1e-12);
  EXPECT_NEAR(on_curve(*curve, 0.5), 0.45, 1e-12);  // the two that fall are pooled
  EXPECT_NEAR(on_curve(*curve, 0.55), 0.45, 1e-12);
  EXPECT_NEAR(on_curve(*curve, 0.75), (0.45 + 1.0 - 1.0 / 2002) / 2, 1e-12);
  EXPECT_NEAR(on_curve(*curve, 0.0), 0.1, 1e-12);
  EXPECT_LT(on_curve(*curve, 1.0), 1.0);
  EXPECT_EQ(fit_isotonic(std::span(scores).first(999), std::span(hits).first(999)).error().code, "too-few-inputs");
}

}  // namespace
}  // namespace tenfold::neural
