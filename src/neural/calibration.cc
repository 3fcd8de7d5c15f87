#include "neural/calibration.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace tenfold::neural {
namespace {

constexpr std::size_t kFewest = 50;
// 1/temperature is searched between these; the bracket shrinks to one part in 1e13 of its logarithm.
constexpr double kLeastSharp = 0.01, kMostSharp = 1e4;
constexpr int kSteps = 48;
constexpr std::size_t kFewestIsotonic = 1000;

template <class T>
Status check(MatrixView<const T> values, std::span<const std::int32_t> labels) {
  if (values.columns < 2 || values.rows != labels.size()) {
    return Error{"wrong-shape",
                 {},
                 std::to_string(values.rows) + " rows of " + std::to_string(values.columns) + " values for " +
                     std::to_string(labels.size()) + " labels",
                 "give one label a row and at least two values",
                 ""};
  }
  for (std::size_t i = 0; i < values.rows; ++i) {
    const auto row = values.row(i);
    if (!std::all_of(row.begin(), row.end(), [](T value) { return std::isfinite(value); })) {
      return Error{"not-finite",
                   {},
                   "row " + std::to_string(i) + " has a value that is not finite",
                   "look at what the network says for that input",
                   ""};
    }
    if (labels[i] < 0 || static_cast<std::size_t>(labels[i]) >= values.columns) {
      return Error{"unknown-label",
                   {},
                   "row " + std::to_string(i) + " has label " + std::to_string(labels[i]),
                   "labels count from 0 to " + std::to_string(values.columns - 1),
                   ""};
    }
  }
  return {};
}

/// Slope of the mean negative log-likelihood in `sharpness` = 1/temperature; it only ever grows with sharpness.
double slope(MatrixView<const float> logits, std::span<const std::int32_t> labels, double sharpness) {
  double sum = 0.0;
  for (std::size_t i = 0; i < logits.rows; ++i) {
    const auto row = logits.row(i);
    const double top = *std::max_element(row.begin(), row.end());
    double weights = 0.0, weighted = 0.0;
    for (const float logit : row) {
      const double weight = std::exp((logit - top) * sharpness);
      weights += weight;
      weighted += weight * (logit - top);
    }
    sum += weighted / weights - (row[static_cast<std::size_t>(labels[i])] - top);
  }
  return sum / static_cast<double>(logits.rows);
}

}  // namespace

std::vector<double> softmax(std::span<const double> logits, double temperature) {
  std::vector<double> out(logits.begin(), logits.end());
  if (out.empty()) return out;
  const double top = *std::max_element(out.begin(), out.end());
  double sum = 0.0;
  for (double& value : out) {
    value = std::exp((value - top) / temperature);
    sum += value;
  }
  for (double& value : out) value /= sum;
  return out;
}

Result<double> fit_temperature(MatrixView<const float> logits, std::span<const std::int32_t> labels) {
  if (auto fine = check(logits, labels); !fine) return fine.error();
  if (logits.rows < kFewest) {
    return Error{"too-few-inputs",
                 {},
                 std::to_string(logits.rows) + " inputs are too few to fit a temperature",
                 "give at least " + std::to_string(kFewest) + " that the network was not trained on",
                 ""};
  }
  double low = std::log(kLeastSharp), high = std::log(kMostSharp);
  if (slope(logits, labels, kLeastSharp) >= 0.0) return 1.0 / kLeastSharp;  // no better than chance: flat is best
  if (slope(logits, labels, kMostSharp) <= 0.0) return 1.0 / kMostSharp;    // never wrong: the sharper the better
  for (int step = 0; step < kSteps; ++step) {
    const double middle = 0.5 * (low + high);
    (slope(logits, labels, std::exp(middle)) < 0.0 ? low : high) = middle;
  }
  return std::exp(-0.5 * (low + high));
}

Result<Curve> fit_isotonic(std::span<const double> scores, std::span<const std::uint8_t> hits) {
  if (scores.size() != hits.size()) return Error{"wrong-shape", {}, "not one outcome a score", "give one a score", ""};
  if (scores.size() < kFewestIsotonic) {
    return Error{"too-few-inputs",
                 {},
                 std::to_string(scores.size()) + " inputs are too few to fit a curve",
                 "give at least " + std::to_string(kFewestIsotonic) + ", or fit a temperature",
                 ""};
  }
  if (!std::all_of(scores.begin(), scores.end(), [](double s) { return std::isfinite(s); }))
    return Error{"not-finite", {}, "a score is no number", "look at what the network says", ""};
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  struct Block {
    double low, high, sum, count;
  };
  // One score has one probability: equal scores are a block from the start.
  std::vector<Block> blocks;
  for (std::size_t at = 0; at < order.size();) {
    const double score = scores[order[at]];
    Block next{score, score, 0.0, 0.0};
    for (; at < order.size() && scores[order[at]] == score; ++at) {
      next.sum += hits[order[at]];
      next.count += 1.0;
    }
    // A block that does not rise above the one before it becomes one with it; that may reach further down.
    while (!blocks.empty() && blocks.back().sum * next.count >= next.sum * blocks.back().count) {
      const Block& before = blocks.back();
      next = {before.low, next.high, before.sum + next.sum, before.count + next.count};
      blocks.pop_back();
    }
    blocks.push_back(next);
  }
  const double edge = 1.0 / (static_cast<double>(scores.size()) + 2.0);
  Curve curve;
  for (const Block& block : blocks) {
    const double value = std::clamp(block.sum / block.count, edge, 1.0 - edge);
    curve.emplace_back(block.low, value);
    if (block.high > block.low) curve.emplace_back(block.high, value);
  }
  return curve;
}

double on_curve(const Curve& curve, double score) {
  const auto right = std::lower_bound(curve.begin(), curve.end(), score,
                                      [](const auto& corner, double at) { return corner.first < at; });
  if (right == curve.begin()) return curve.front().second;
  if (right == curve.end()) return curve.back().second;
  const auto left = right - 1;
  const double share = (score - left->first) / (right->first - left->first);
  return left->second + share * (right->second - left->second);
}

Result<double> calibration_error(MatrixView<const double> probabilities, std::span<const std::int32_t> labels,
                                 std::size_t bins) {
  if (auto fine = check(probabilities, labels); !fine) return fine.error();
  if (probabilities.rows == 0 || bins == 0) {
    return Error{"too-few-inputs", {}, "no inputs or no bins", "give at least one of each", ""};
  }
  std::vector<double> surplus(bins, 0.0);  // sum over a bin of (right - probability)
  for (std::size_t i = 0; i < probabilities.rows; ++i) {
    const auto row = probabilities.row(i);
    const auto winner = static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
    const double p = std::clamp(row[winner], 0.0, 1.0);
    const auto bin = std::min(bins - 1, static_cast<std::size_t>(p * static_cast<double>(bins)));
    surplus[bin] += (winner == static_cast<std::size_t>(labels[i]) ? 1.0 : 0.0) - p;
  }
  double error = 0.0;
  for (const double s : surplus) error += std::abs(s);
  return error / static_cast<double>(probabilities.rows);
}

}  // namespace tenfold::neural
