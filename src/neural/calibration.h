// Making a network's probabilities mean what they say: softmax with one temperature, its fit, and how far off they are.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
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

/// Expected calibration error of the winning label, in [0, 1]: over `bins` bins of equal width of its probability, the
/// mean distance of accuracy and mean probability, weighted by count.
/// @param probabilities  [n, c], rows sum to 1
/// @param labels  [n], each in [0, c)
/// Errors: "too-few-inputs" (n = 0), "not-finite", "unknown-label", "wrong-shape". Source: as above, section 2.
Result<double> calibration_error(MatrixView<const double> probabilities, std::span<const std::int32_t> labels,
                                 std::size_t bins = 15);

}  // namespace tenfold::neural
