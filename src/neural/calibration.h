// Making a network's probabilities mean what they say: softmax with one temperature or a
// rising curve, their fits, and how far off they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/base.h"

namespace tenfold::neural {

/// Rows of equal length, row-major, not owned.
template <class T>
struct MatrixView {
  T* data = nullptr;
  std::size_t rows = 0, columns = 0;
  std::span<T> row(std::size_t i) const { return {data + i * columns, columns}; }
};

/// Probabilities [c] that sum to 1. Requires finite logits [c] and temperature > 0.
std::vector<double> softmax(std::span<const double> logits, double temperature);

/// Fits the one temperature that makes a network's probabilities mean what they say: the minimum of the mean negative
/// log-likelihood, which is convex in 1/temperature.
/// @param logits  [n, c], one row an input, before softmax, from data the network was not trained on
/// @param labels  [n], each in [0, c)
/// @return dimensionless, in [1e-4, 100]; divide logits by it before softmax; the winning label never changes
/// Errors: "too-few-inputs" (n < 50), "not-finite" and "unknown-label" (name the row), "wrong-shape".
/// Cost: O(n c) a step, 48 steps. Thread-safe.
/// Source: Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, section 4.2.
Result<double> fit_temperature(MatrixView<const float> logits, std::span<const std::int32_t> labels);

/// A rising curve by its corners (score, probability), straight between them and flat beyond.
using Curve = std::vector<std::pair<double, double>>;

/// Isotonic regression of outcomes on scores: the rising step function nearest to the outcomes in squared error, as a
/// curve through the ends of its steps. Steps are kept off 0 and 1 by what n items cannot tell: 1/(n+2).
/// @param scores  [n], finite   @param hits  [n]: whether the event that the score is of took place
/// Errors: "too-few-inputs" (n < 1000: with fewer a temperature is nearer the truth), "not-finite", "wrong-shape".
/// Cost: O(n log n). Source: pool adjacent violators, Ayer, Brunk, Ewing, Reid, Silverman, Annals of Mathematical
/// Statistics 26(4), 1955; for classifiers Zadrozny, Elkan, KDD 2002; the least number of items is that of
/// Niculescu-Mizil, Caruana, ICML 2005, section 5. [none of them looked up]
Result<Curve> fit_isotonic(std::span<const double> scores, std::span<const std::uint8_t> hits);

/// Requires a corner.
double on_curve(const Curve& curve, double score);

/// Expected calibration error of the winning label, in [0, 1]: over `bins` bins of equal width of its probability, the
/// mean distance of accuracy and mean probability, weighted by count.
/// @param probabilities  [n, c], rows sum to 1
/// @param labels  [n], each in [0, c)
/// Errors: "too-few-inputs" (n = 0), "not-finite", "unknown-label", "wrong-shape". Source: as above, section 2.
Result<double> calibration_error(MatrixView<const double> probabilities, std::span<const std::int32_t> labels,
                                 std::size_t bins = 15);

}  // namespace tenfold::neural
