#include "neural/guarantee.h"

#include <math.h>  // lgamma_r: std::lgamma writes a global

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/base.h"
#include "neural/sha256.h"

namespace tenfold::neural {
namespace {

double log_gamma(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);
}

/// Lentz's evaluation of the continued fraction of the incomplete beta function; quick where x < (a+1)/(a+b+2).
double beta_fraction(double x, double a, double b) {
  constexpr double kTiny = 1e-300;
  constexpr int kMost = 100'000;  // terms needed grow as the root of a: enough for 1e9 items
  double c = 1.0, d = 1.0 - (a + b) * x / (a + 1.0);
  d = 1.0 / (std::abs(d) < kTiny ? kTiny : d);
  double value = d;
  for (int m = 1; m < kMost; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double step = 1.0;
    for (const double term : {even, odd}) {
      d = 1.0 + term * d;
      d = 1.0 / (std::abs(d) < kTiny ? kTiny : d);
      c = 1.0 + term / c;
      if (std::abs(c) < kTiny) c = kTiny;
      step = c * d;
      value *= step;
    }
    if (std::abs(step - 1.0) < 1e-15) break;
  }
  return value;
}

/// I_x(a, b), the regularised incomplete beta function.
double beta(double x, double a, double b) {
  if (x <= 0.0) return 0.0;
  if (x >= 1.0) return 1.0;
  const double front = std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1.0) / (a + b + 2.0)) return front * beta_fraction(x, a, b) / a;
  return 1.0 - front * beta_fraction(1.0 - x, b, a) / b;
}

std::string percent(double share) { return number_text(std::round(share * 1e4) / 100.0) + "%"; }

}  // namespace

double binomial_cdf(std::uint64_t k, std::uint64_t n, double p) {
  if (k >= n) return 1.0;
  return beta(1.0 - p, static_cast<double>(n - k), static_cast<double>(k) + 1.0);
}

double binomial_upper(std::uint64_t k, std::uint64_t n, double delta) {
  if (k >= n) return 1.0;
  if (k == 0) return -std::expm1(std::log(delta) / static_cast<double>(n));
  // P(Bin(n, p) <= k) falls in p; the end that is kept is the one where it is at most delta.
  double low = static_cast<double>(k) / static_cast<double>(n), high = 1.0;
  for (int step = 0; step < 60; ++step) {
    const double middle = 0.5 * (low + high);
    (binomial_cdf(k, n, middle) > delta ? low : high) = middle;
  }
  return high;
}

double binomial_lower(std::uint64_t k, std::uint64_t n, double delta) {
  return k == 0 ? 0.0 : 1.0 - binomial_upper(n - k, n, delta);
}

std::pair<double, double> binomial_interval(std::uint64_t k, std::uint64_t n, double confidence) {
  const double half = 0.5 * (1.0 - confidence);
  return {binomial_lower(k, n, half), binomial_upper(k, n, half)};
}

std::uint64_t items_needed(std::uint64_t errors, double alpha, double delta) {
  std::uint64_t high = errors + 1;
  while (binomial_cdf(errors, high, alpha) > delta) high *= 2;
  std::uint64_t low = high / 2;
  while (low + 1 < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    (binomial_cdf(errors, middle, alpha) > delta ? low : high) = middle;
  }
  return high;
}

Walked walk_path(std::span<const Tally> path, const Level& level) {
  Walked walked;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i].counted == 0 || binomial_cdf(path[i].wrong, path[i].counted, level.alpha) > level.delta) break;
    walked.chosen = i;
  }
  if (path.empty()) return walked;
  const Tally& last = path[walked.chosen.value_or(0)];
  walked.upper = binomial_upper(last.wrong, last.counted, level.delta);
  const std::uint64_t needed = items_needed(0, level.alpha, level.delta);
  if (!walked.chosen && needed > last.counted) walked.missing = needed - last.counted;
  return walked;
}

Threshold monotone_threshold(std::vector<Scored> items, const Level& level) {
  std::sort(items.begin(), items.end(), [](const Scored& a, const Scored& b) { return a.score > b.score; });
  Threshold out;
  const std::uint64_t needed = items_needed(0, level.alpha, level.delta);
  if (items.size() < needed) {
    out.missing = needed - items.size();
    return out;
  }
  out.upper = binomial_upper(0, items.size(), level.delta);
  // The bound depends on the number of wrong ones alone: the largest that passes is looked for once.
  std::uint64_t allowed = 0;
  while (binomial_cdf(allowed + 1, items.size(), level.alpha) <= level.delta) ++allowed;
  std::uint64_t wrong = 0;
  for (std::size_t i = 0; i < items.size();) {
    std::size_t end = i;  // equal scores are accepted together
    while (end < items.size() && items[end].score == items[i].score) wrong += items[end++].wrong;
    if (wrong > allowed) break;
    out.at = items[i].score;
    out.accepted = end;
    out.wrong = wrong;
    i = end;
  }
  if (out.at) out.upper = binomial_upper(out.wrong, items.size(), level.delta);
  return out;
}

Threshold accepted_threshold(std::span<const Scored> items, std::span<const double> grid, const Level& level) {
  std::vector<Tally> path;
  for (const double at : grid) {
    Tally tally;
    for (const Scored& item : items) {
      if (item.score < at) continue;
      ++tally.counted;
      tally.wrong += item.wrong;
    }
    path.push_back(tally);
  }
  const Walked walked = walk_path(path, level);
  Threshold out;
  out.upper = walked.upper;
  out.missing = walked.missing;
  if (!walked.chosen) return out;
  out.at = grid[*walked.chosen];
  out.accepted = path[*walked.chosen].counted;
  out.wrong = path[*walked.chosen].wrong;
  return out;
}

Threshold order_threshold(std::vector<double> scores, double miss, double delta) {
  Threshold out;
  const std::uint64_t m = scores.size();
  if (binomial_cdf(0, std::max<std::uint64_t>(m, 1), miss) > delta || m == 0) {
    out.missing = items_needed(0, miss, delta) - m;
    return out;
  }
  std::uint64_t k = 1;
  while (k < m && binomial_cdf(k, m, miss) <= delta) ++k;
  std::sort(scores.begin(), scores.end());
  out.at = scores[k - 1];
  out.wrong = static_cast<std::uint64_t>(std::lower_bound(scores.begin(), scores.end(), *out.at) - scores.begin());
  out.accepted = m - out.wrong;
  out.upper = miss;
  return out;
}

std::vector<double> threshold_grid(std::vector<double> scores, std::size_t items, const Level& level,
                                   std::size_t steps) {
  // Room for two errors, and two standard deviations of how many will be accepted: one error at the first candidate
  // would otherwise end the walk.
  const auto needed = static_cast<double>(items_needed(2, level.alpha, level.delta));
  const double first = std::min(1.0, (needed + 2.0 * std::sqrt(needed)) / std::max(1.0, static_cast<double>(items)));
  std::sort(scores.begin(), scores.end(), std::greater<>());
  std::vector<double> grid;
  for (std::size_t i = 0; i < steps; ++i) {
    const double share =
        first + (1.0 - first) * static_cast<double>(i) / static_cast<double>(std::max<std::size_t>(1, steps - 1));
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(scores.size())));
    const double at = scores[std::clamp<std::size_t>(rank, 1, scores.size()) - 1];
    if (grid.empty() || at < grid.back()) grid.push_back(at);
  }
  return grid;
}

double audit_number(std::uint64_t seed, std::string_view key) {
  const std::string text = "audit " + std::to_string(seed) + " " + std::string(key);
  Sha256 sum;
  sum.add(std::as_bytes(std::span(text)));
  const Sha256Digest digest = sum.finish();
  std::uint64_t number = 0;
  std::memcpy(&number, digest.data(), sizeof number);
  return std::ldexp(static_cast<double>(number >> 11), -53);
}

std::string shortage_text(std::uint64_t items, std::uint64_t missing, const Level& level) {
  return std::to_string(items + missing) + " error-free items promise an error of at most " + percent(level.alpha) +
         " with confidence " + percent(1.0 - level.delta) + ", and there are " + std::to_string(items) + ": " +
         std::to_string(missing) + " are missing";
}

}  // namespace tenfold::neural
