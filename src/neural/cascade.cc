#include "neural/cascade.h"

#include <algorithm>
#include <cmath>

namespace tenfold::neural {

std::optional<Target> target_named(std::string_view name) {
  const auto found = std::find(std::begin(kTargets), std::end(kTargets), name);
  if (found == std::end(kTargets)) return std::nullopt;
  return static_cast<Target>(found - std::begin(kTargets));
}

Winner winner(std::span<const double> probabilities) {
  const auto best = std::max_element(probabilities.begin(), probabilities.end());
  return {static_cast<std::size_t>(best - probabilities.begin()), *best};
}

namespace {

bool hands_on(const StagedItem& item, std::size_t stage) { return stage < item.unlike.size() && item.unlike[stage]; }

}  // namespace

std::size_t answering_stage(const StagedItem& item, const Thresholds& thresholds) {
  for (std::size_t s = 0; s < thresholds.size(); ++s) {
    if (thresholds[s] && !hands_on(item, s) && winner(item.probabilities[s]).confidence >= *thresholds[s]) return s;
  }
  return thresholds.size();
}

Tally tally(const StagedItem& item, const Thresholds& thresholds, Target target, std::size_t positive) {
  const std::size_t stage = answering_stage(item, thresholds);
  const std::size_t said = winner(item.probabilities[stage]).label;
  if (target == Target::against_dearest) {
    return {1, said != winner(item.probabilities.back()).label ? std::uint64_t{1} : 0};
  }
  const std::size_t label = item.label.value_or(0);
  bool counts = true;
  if (target == Target::accepted) counts = stage < thresholds.size();
  if (target == Target::precision) counts = said == positive;
  if (target == Target::recall) counts = label == positive;
  return {counts ? std::uint64_t{1} : 0, counts && said != label ? std::uint64_t{1} : 0};
}

std::vector<Thresholds> threshold_path(std::span<const StagedItem> fit, double first, std::size_t steps) {
  const std::size_t cheap = fit.front().probabilities.size() - 1;
  std::vector<std::vector<double>> sorted(cheap);
  for (std::size_t s = 0; s < cheap; ++s) {
    for (const StagedItem& item : fit) sorted[s].push_back(winner(item.probabilities[s]).confidence);
    std::sort(sorted[s].begin(), sorted[s].end(), std::greater<>());
  }
  std::vector<Thresholds> path;
  for (std::size_t i = 0; i < steps; ++i) {
    const double share = first + (1.0 - first) * static_cast<double>(i) / static_cast<double>(steps - 1);
    Thresholds row(cheap);
    const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(fit.size())));
    for (std::size_t s = 0; s < cheap && rank > 0; ++s) row[s] = sorted[s][std::min(rank, fit.size()) - 1];
    if (path.empty() || row != path.back()) path.push_back(std::move(row));
  }
  return path;
}

namespace {

CascadeChoice stage_by_stage(std::span<const StagedItem> items, const Level& level) {
  const std::size_t cheap = items.front().probabilities.size() - 1;
  const auto share = static_cast<double>(cheap);
  const Level each{level.alpha / share, level.delta / share};
  CascadeChoice choice;
  choice.method = "RCPS, exact binomial";
  if (cheap > 1) choice.method += ", error and confidence split over " + std::to_string(cheap) + " stages";
  choice.upper = 0.0;
  for (std::size_t s = 0; s < cheap; ++s) {
    std::vector<Scored> scored;
    for (const StagedItem& item : items) {
      const Winner said = winner(item.probabilities[s]);
      scored.push_back({said.confidence, !hands_on(item, s) && said.label != winner(item.probabilities.back()).label});
    }
    const Threshold found = monotone_threshold(std::move(scored), each);
    choice.thresholds.push_back(found.at);
    choice.missing = std::max(choice.missing, found.missing);
    choice.promised = choice.promised || found.at;
    if (found.at) choice.upper += found.upper;
  }
  return choice;
}

CascadeChoice along_path(std::span<const StagedItem> fit, std::span<const StagedItem> items,
                         const CascadeRequest& request) {
  // Where what counts depends on what is accepted, the first step must accept enough for a promise to be possible.
  double first = 0.0;
  if (request.target == Target::accepted) {
    const auto needed = static_cast<double>(items_needed(2, request.level.alpha, request.level.delta));
    first = std::min(1.0, (needed + 2.0 * std::sqrt(needed)) / static_cast<double>(items.size()));
  }
  const auto path = threshold_path(fit, first);
  std::vector<Tally> tallies;
  for (const Thresholds& thresholds : path) {
    Tally sum;
    for (const StagedItem& item : items) {
      const Tally one = tally(item, thresholds, request.target, request.positive);
      sum.counted += one.counted;
      sum.wrong += one.wrong;
    }
    tallies.push_back(sum);
  }
  const Walked walked = walk_path(tallies, request.level);
  CascadeChoice choice;
  choice.method = "LTT fixed sequence, exact binomial";
  choice.promised = walked.chosen.has_value();
  choice.upper = walked.upper;
  choice.missing = walked.missing;
  choice.thresholds = walked.chosen ? path[*walked.chosen] : Thresholds(path.front().size());
  return choice;
}

}  // namespace

Result<CascadeChoice> choose_cascade(std::span<const StagedItem> fit, std::span<const StagedItem> items,
                                     const CascadeRequest& request) {
  const bool by_label = request.target != Target::against_dearest;
  if (items.empty() || (by_label && fit.empty()))
    return Error{"too-few-inputs", {}, "there are no items to choose thresholds on", "give more", ""};
  if (items.front().probabilities.size() < 2)
    return Error{"bad-network", {}, "the network has one stage", "thresholds are for a cascade of several", ""};
  if (by_label && !std::all_of(items.begin(), items.end(), [](const StagedItem& item) { return item.label; }))
    return Error{"no-labels", {}, "some items have no label", "a promise about labels needs every item's", ""};
  CascadeChoice choice = by_label ? along_path(fit, items, request) : stage_by_stage(items, request.level);
  choice.answered.assign(choice.thresholds.size() + 1, 0);
  for (const StagedItem& item : items) {
    const Tally one = tally(item, choice.thresholds, request.target, request.positive);
    choice.at.counted += one.counted;
    choice.at.wrong += one.wrong;
    ++choice.answered[answering_stage(item, choice.thresholds)];
  }
  return choice;
}

}  // namespace tenfold::neural
