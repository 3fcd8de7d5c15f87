#include "neural/drift.h"

#include <algorithm>
#include <cmath>

namespace tenfold::neural {
namespace {

// p-values are independent only among values that are all kept: past this many the monitor rests.
constexpr std::size_t kMostKept = 100'000;
// Bets on small p-values (low values have become common), on large ones (high ones have), on both ends and on the
// middle. Each density integrates to 1 on [0, 1].
constexpr int kBets = 6;
// Before a change a bet loses; a little of what the others have is given to each at every step, so that it is never
// broke when the change comes. A fixed share, as in Herbster and Warmuth, Machine Learning 32, 1998.
constexpr double kShared = 1e-3;

double density(int bet, double p) {
  p = std::clamp(p, 1e-9, 1.0 - 1e-9);
  switch (bet) {
    case 0:
      return 0.5 * std::pow(p, -0.5);
    case 1:
      return 0.5 * std::pow(1.0 - p, -0.5);
    case 2:
      return 1.5 - p;  // gentle slopes notice small shifts
    case 3:
      return 0.5 + p;
    case 4:
      return 0.25 * (std::pow(p, -0.5) + std::pow(1.0 - p, -0.5));
    default:
      return 6.0 * p * (1.0 - p);
  }
}

}  // namespace

DriftMonitor::DriftMonitor(std::span<const double> calibration, std::uint64_t seed)
    : values_(calibration.begin(), calibration.end()), random_(seed), log_shares_(kBets + 1, -std::log(kBets + 1.0)) {
  std::sort(values_.begin(), values_.end());
}

/// The share of values, the new one among them, that are at most as large; equal ones count by chance.
double DriftMonitor::p_value(double value) {
  const auto [low, high] = std::equal_range(values_.begin(), values_.end(), value);
  const auto less = static_cast<double>(low - values_.begin());
  const auto equal = static_cast<double>(high - low) + 1.0;
  values_.insert(high, value);
  const double chance = std::uniform_real_distribution<double>(0.0, 1.0)(random_);
  return (less + chance * equal) / static_cast<double>(values_.size());
}

void DriftMonitor::see(double value) {
  const std::lock_guard lock(mutex_);
  if (values_.empty() || values_.size() >= kMostKept || !std::isfinite(value)) return;
  const double p = p_value(value);
  double top = -1e300, sum = 0.0;
  for (int bet = 0; bet <= kBets; ++bet) {
    if (bet < kBets) log_shares_[bet] += std::log(density(bet, p));  // the last one keeps its money
    top = std::max(top, log_shares_[bet]);
  }
  for (const double share : log_shares_) sum += std::exp(share - top);
  const double capital = top + std::log(sum);
  for (double& share : log_shares_) {
    const double mine = std::exp(share - capital);
    share = capital + std::log((1.0 - kShared) * mine + kShared / (kBets + 1.0));
  }
  ++state_.seen;
  log_most_ = std::max(log_most_, capital);
  state_.capital = std::exp(std::min(capital, 700.0));
  state_.most = std::exp(std::min(log_most_, 700.0));
}

DriftMonitor::State DriftMonitor::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

bool DriftMonitor::drifted(double delta) const { return state().most >= 1.0 / delta; }

}  // namespace tenfold::neural
