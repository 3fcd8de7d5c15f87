// Thresholds of a cascade, chosen on items of which every stage's answer is known, and replayed without running
// anything. guarantee.h has the theorems; here they meet several stages and what may be asked of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "neural/guarantee.h"

namespace tenfold::neural {

/// What every stage said of one input, calibrated: [stages][labels].
struct StagedItem {
  std::vector<std::vector<double>> probabilities;
  std::optional<std::size_t> label;  // where it is known
  std::vector<bool> unlike = {};     // [stages]: its own gate lets a cheap stage hand it on; empty: of none
};

/// What is promised to be at most α:
/// against_dearest: the share of inputs that a cheap stage answers otherwise than the dearest would ·
/// accuracy: the share of inputs whose answer is not the label ·
/// accepted: that share among those a cheap stage answers ·
/// precision: the share of answers `positive` of which the label is another ·
/// recall: the share of labels `positive` that are answered otherwise.
enum class Target : std::uint8_t { against_dearest, accuracy, accepted, precision, recall };
inline constexpr std::string_view kTargets[] = {"against-dearest", "accuracy", "accepted", "precision", "recall"};
std::optional<Target> target_named(std::string_view name);

/// A threshold for each stage but the last; none: the stage is not asked.
using Thresholds = std::vector<std::optional<double>>;

/// The winning label and its probability.
struct Winner {
  std::size_t label = 0;
  double confidence = 0.0;
};
Winner winner(std::span<const double> probabilities);

/// The stage that answers under these thresholds: the first that is sure enough, as Network::run walks them.
std::size_t answering_stage(const StagedItem& item, const Thresholds& thresholds);

/// What an item counts for a target under thresholds.
Tally tally(const StagedItem& item, const Thresholds& thresholds, Target target, std::size_t positive);

/// One path of threshold vectors from strict to loose, by the confidences that other items have: at each step every
/// stage would accept the same share of them. `first` is the share of the first step; at 0 nothing is accepted.
std::vector<Thresholds> threshold_path(std::span<const StagedItem> fit, double first, std::size_t steps = 50);

struct CascadeRequest {
  Target target = Target::against_dearest;
  std::size_t positive = 1;  // label, for precision and recall
  Level level = {};
};

struct CascadeChoice {
  bool promised = false;  // false: no thresholds with this promise were found, `missing` says whether for want of items
  Thresholds thresholds;  // of every stage but the last
  double upper = 1.0;     // bound of the error at them, with confidence 1-δ
  Tally at;               // errors on the items, of those that count
  std::uint64_t missing = 0;  // items that count which are missing, were they all without an error
  std::string method;
  std::vector<std::uint64_t> answered;  // items by stage
};

/// Thresholds with a promise. `fit` are other items than `items`: the path is made from them (not needed for
/// against_dearest). Against the dearest, each of k cheap stages gets α/k and δ/k, and RCPS its threshold: what the
/// stages get wrong adds up to at most α. For the other targets LTT walks the path.
/// Items of precision, recall, accuracy and accepted need labels. Errors: "no-labels", "too-few-inputs" (no items, or
/// none to make a path from), "bad-network" (fewer than two stages).
Result<CascadeChoice> choose_cascade(std::span<const StagedItem> fit, std::span<const StagedItem> items,
                                     const CascadeRequest& request);

}  // namespace tenfold::neural
