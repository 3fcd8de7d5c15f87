// Whether what comes still looks like what was calibrated on, watched all the time: a promise is for inputs like those,
// and is withdrawn when they are not. Looked at after every input, it cries wolf with probability at most δ in all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <random>
#include <span>
#include <vector>

namespace tenfold::neural {

/// A conformal test martingale on one statistic of the inputs (a stage's confidence, a picture's mean). Each new value
/// gets a conformal p-value among the calibration values and those seen since; while all are exchangeable these are
/// independent and uniform, and the capital that bets against it stays below 1/δ for ever with probability at least
/// 1-δ (Ville's inequality). Source: Vovk, Nouretdinov, Gammerman, "Testing exchangeability on-line", ICML 2003; the
/// bet is a mixture of power and jump strategies as in Vovk et al., "Retrain or not retrain: conformal test martingales
/// for change-point detection", COPA 2021. [the second by its abstract] Thread-safe. The order of the inputs is the
/// order of the calls, so capital (unlike answers) depends on it; ties are broken at random by `seed`.
class DriftMonitor {
 public:
  /// Without calibration values it never speaks.
  explicit DriftMonitor(std::span<const double> calibration, std::uint64_t seed = 0);

  /// Cost: O(log n) and a shift of what was kept. After 100,000 values it rests: what it found stands.
  void see(double value);

  struct State {
    std::uint64_t seen = 0;
    double capital = 1.0, most = 1.0;  // now, and ever
  };
  State state() const;
  /// The capital has once reached 1/delta.
  bool drifted(double delta) const;

 private:
  double p_value(double value);

  mutable std::mutex mutex_;
  std::vector<double> values_;  // rising: of calibration, and what came since
  std::mt19937_64 random_;
  std::vector<double> log_shares_;  // of each strategy, its capital's logarithm
  State state_;
  double log_most_ = 0.0;
};

}  // namespace tenfold::neural
