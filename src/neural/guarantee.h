// What a number of calibration items can promise: exact binomial bounds, and thresholds chosen with them so that with
// probability 1-δ over the draw of the items, the error on inputs like them is at most α. Nothing here is asymptotic.
//
// Two theorems do the work:
// - a loss that can only grow as thresholds loosen (a cheap answer was used and differs from the dearest's): any
//   threshold may be tried, from strict to loose, until the upper bound first exceeds α. Bates, Angelopoulos, Lei,
//   Malik, Jordan, "Distribution-Free, Risk-Controlling Prediction Sets", JACM 68(6), 2021 (RCPS), its validity
//   theorem.
// - any other loss (accuracy against labels, precision, errors among the accepted): candidates that were fixed before
//   the items were looked at are tested in their order at level δ until the first fails. Angelopoulos, Bates, Candès,
//   Jordan, Lei, "Learn then Test", arXiv 2110.01052 (LTT), with fixed sequence testing.
// Items must be exchangeable with what comes later, and other than those that temperature or networks were fitted on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenfold::neural {

/// P(Bin(n, p) <= k). Requires p in [0, 1]. Relative error about 1e-12. Source: the incomplete beta function,
/// DLMF 8.17.5 and its continued fraction, DLMF 8.17.22.
double binomial_cdf(std::uint64_t k, std::uint64_t n, double p);

/// Bounds of a proportion of which k were seen among n: with probability at least 1-delta over the draw it is at most
/// (at least) this. 1 (0) where nothing was seen of which n = 0. Source: Clopper, Pearson, "The use of confidence or
/// fiducial limits", Biometrika 26(4), 1934.
double binomial_upper(std::uint64_t k, std::uint64_t n, double delta);
double binomial_lower(std::uint64_t k, std::uint64_t n, double delta);
/// Both, each with half of 1-confidence.
std::pair<double, double> binomial_interval(std::uint64_t k, std::uint64_t n, double confidence = 0.95);

/// The fewest items with `errors` among them that promise an error of at most alpha with confidence 1-delta; 59 for
/// 0 errors at 0.05 and 0.05. Requires alpha and delta in (0, 1).
std::uint64_t items_needed(std::uint64_t errors, double alpha, double delta);

/// What is asked of a promise.
struct Level {
  double alpha = 0.05, delta = 0.05;
};

/// One candidate (a threshold, or a vector of them) on the calibration items: those that count, and the wrong ones.
struct Tally {
  std::uint64_t counted = 0, wrong = 0;
};

/// How far a path of candidates may be followed.
struct Walked {
  std::optional<std::size_t> chosen;  // the last candidate that passed; none: not even the first
  double upper = 1.0;                 // bound of its error; of the first candidate's when none passed
  std::uint64_t missing = 0;          // none passed for want of items: error-free ones that were needed on top; else 0
};

/// Candidates from strict to loose, up to the first whose bound exceeds alpha. Valid by RCPS where the loss grows along
/// the path and `counted` is the same throughout, and by LTT for any tallies where the path was fixed before the items
/// were looked at: Clopper-Pearson's bound is at most alpha exactly where the binomial p-value is at most delta.
Walked walk_path(std::span<const Tally> path, const Level& level);

/// A scored item of one threshold: used where the score reaches the threshold.
struct Scored {
  double score = 0.0;
  bool wrong = false;
};

/// A threshold and what holds at it.
struct Threshold {
  std::optional<double> at;  // none: nothing may be accepted
  double upper = 1.0;        // bound of the error there, of all items
  std::uint64_t accepted = 0, wrong = 0;
  std::uint64_t missing = 0;  // as of Walked
};

/// The loosest threshold at which "score >= threshold and wrong" is promised to occur for at most alpha of all inputs.
/// The loss grows as the threshold falls, so every score is a candidate. RCPS. Cost: O(n log n).
Threshold monotone_threshold(std::vector<Scored> items, const Level& level);

/// As above for the error among the accepted, over a grid from strict to loose that was fixed before. LTT; given how
/// many are accepted, the wrong ones among them are binomial.
Threshold accepted_threshold(std::span<const Scored> items, std::span<const double> grid, const Level& level);

/// The threshold that at most a share `miss` of positives (of good items, for a gate) falls below, with confidence
/// 1-delta: the k-th smallest score for the largest k with P(Bin(m, miss) < k) <= delta. Distribution-free bound of a
/// quantile by an order statistic: Wilks, "Determination of sample sizes for setting tolerance limits", Annals of
/// Mathematical Statistics 12(1), 1941. `accepted` counts the scores at or above it.
Threshold order_threshold(std::vector<double> scores, double miss, double delta);

/// A grid of thresholds, strict to loose, from the scores of other items: at most `steps`, the strictest accepting
/// about as many of `items` as a promise with two errors needs with some to spare, the loosest accepting everything.
/// Requires a score.
std::vector<double> threshold_grid(std::vector<double> scores, std::size_t items, const Level& level,
                                   std::size_t steps = 50);

/// For messages: "59 error-free items promise an error of at most 5% with confidence 95%, and there are 40".
std::string shortage_text(std::uint64_t items, std::uint64_t missing, const Level& level);

/// A number in [0, 1) by the seed and the key alone, for choosing what is audited. By SHA-256: nobody can choose keys
/// that are never looked at without knowing the seed.
double audit_number(std::uint64_t seed, std::string_view key);

/// Of a calibrated promise while it is used: it is withdrawn, and why, when drift or an audit speaks against it.
struct Guarantee {
  Level level;
  bool holds = true;
  std::string why;  // empty while it holds
};

}  // namespace tenfold::neural
