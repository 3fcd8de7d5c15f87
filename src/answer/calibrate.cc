#include "answer/calibrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <map>
#include <set>

#include "answer/item_labels.h"
#include "answer/render.h"
#include "neural/calibration.h"
#include "neural/sha256.h"

namespace tenfold::answer {
namespace fs = std::filesystem;

namespace {

using neural::NetworkDescription;
using neural::StagedItem;

constexpr std::size_t kFitFrom = 150;  // items: a third of fewer is too few for a temperature

struct Item {
  std::string name, key, group;          // key: what the network is asked; group: decides which part it is in
  StagedItem said;                       // as the network comes
  std::vector<double> gate_scores = {};  // [stages], where the network has a gate
  bool fit = false;
};

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The items in the order of the labels, or of their names.
Result<std::vector<Item>> list_items(const NetworkDescription& network, const CalibrationOptions& options) {
  std::vector<Item> items;
  if (options.labels.empty()) {
    std::error_code failed;
    for (const auto& entry : fs::recursive_directory_iterator(options.data, failed))
      if (entry.is_regular_file()) items.push_back({entry.path().filename(), entry.path(), "", {}, {}, false});
    if (failed)
      return Error{"cannot-read", {options.data, 0, 0, 1}, "the items cannot be listed", failed.message(), ""};
    std::sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.key < b.key; });
  } else {
    auto labels = read_item_labels(options.labels);
    if (!labels) return labels.error();
    for (const ItemLabel& line : *labels) {
      Item item{line.item, "", line.group, {}, {}, false};
      const fs::path path = fs::path(options.data) / line.item;
      std::error_code failed;
      item.key = fs::exists(path, failed) ? path.string() : line.item;
      if (!line.label.empty()) {
        const auto at = std::find(network.labels.begin(), network.labels.end(), line.label);
        if (at == network.labels.end())
          return Error{"unknown-label",
                       {options.labels, 0, 0, 1},
                       fmt::format("`{}` of {} is no label of {}", line.label, line.item, network.name),
                       fmt::format("it has {}", fmt::join(network.labels, ", ")),
                       ""};
        item.said.label = static_cast<std::size_t>(at - network.labels.begin());
      }
      items.push_back(std::move(item));
    }
  }
  for (Item& item : items)
    if (item.group.empty()) {
      std::error_code failed;
      item.group = fs::is_regular_file(item.key, failed) ? content_of(item.key) : item.name;
    }
  return items;
}

/// Asks every stage about every item, with the gate open. Items that a stage says nothing about are taken out.
Result<std::size_t> ask_all(NetworkDescription network, const neural::Decoder& decoder, unsigned threads,
                            std::vector<Item>& items, std::vector<bool>& are_probabilities) {
  if (network.gate) network.gate->threshold = -std::numeric_limits<double>::infinity();
  std::vector<neural::Request> requests;
  for (const Item& item : items) requests.push_back({item.key});
  std::vector<bool> lost(items.size());
  for (std::size_t s = 0; s < network.stages.size(); ++s) {
    neural::NetworkSettings settings;
    settings.stage = network.stages[s].name;
    settings.threads = threads;
    auto opened = neural::Network::open(network, settings);
    if (!opened) return opened.error();
    auto outcomes = (*opened)->run(requests, decoder);
    if (!outcomes) return outcomes.error();
    are_probabilities.push_back((*opened)->gives_probabilities(s));
    for (std::size_t i = 0; i < items.size(); ++i) {
      neural::Outcome& outcome = (*outcomes)[i];
      lost[i] = lost[i] || !outcome.refusal.empty();
      items[i].said.probabilities.push_back(std::move(outcome.probabilities));
      if (outcome.gate_score) items[i].gate_scores.push_back(*outcome.gate_score);
    }
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < items.size(); ++i)
    if (!lost[i]) std::swap(items[kept++], items[i]);
  const std::size_t dropped = items.size() - kept;
  items.resize(kept);
  return dropped;
}

/// Logits up to a constant, which softmax does not see.
std::vector<double> logits_of(const std::vector<double>& probabilities, double temperature) {
  std::vector<double> out;
  for (const double p : probabilities) out.push_back(temperature * std::log(std::max(p, 1e-300)));
  return out;
}

/// Fits one stage and says its probabilities anew. What cannot be fitted stays as it is.
std::string fit_stage(neural::StageDescription& stage, std::size_t s, bool probabilities, std::vector<Item>& items) {
  const double before = stage.temperature.value_or(1.0);
  const std::size_t labels = items.front().said.probabilities[s].size();
  std::vector<float> logits;
  std::vector<std::int32_t> truth;
  std::vector<double> scores;
  std::vector<std::uint8_t> hits;
  for (const Item& item : items) {
    if (!item.fit || !item.said.label) continue;
    for (const double logit : logits_of(item.said.probabilities[s], before))
      logits.push_back(static_cast<float>(logit));
    truth.push_back(static_cast<std::int32_t>(*item.said.label));
    scores.push_back(item.said.probabilities[s].back());
    hits.push_back(*item.said.label == labels - 1);
  }
  if (labels == 2)
    if (auto curve = neural::fit_isotonic(scores, hits)) {
      stage.isotonic = *curve;
      for (Item& item : items) {
        auto& p = item.said.probabilities[s];
        p[1] = neural::on_curve(*curve, p[1]);
        p[0] = 1.0 - p[1];
      }
      return fmt::format("{}: a curve of {} corners", stage.name, curve->size());
    }
  if (probabilities) return stage.name + ": probabilities as they are";
  auto fitted = neural::fit_temperature({logits.data(), truth.size(), labels}, truth);
  if (!fitted) return fmt::format("{}: temperature {:.3g} as it was", stage.name, before);
  stage.temperature = *fitted;
  for (Item& item : items)
    item.said.probabilities[s] = neural::softmax(logits_of(item.said.probabilities[s], before), *fitted);
  return fmt::format("{}: temperature {:.4g}, was {:.4g}", stage.name, *fitted, before);
}

/// By the scores of the last stage, which alone refuses. Good items alone are needed.
std::string fit_gate(neural::GateDescription& gate, const std::vector<Item>& items, double miss, double delta) {
  std::vector<double> scores;
  for (const Item& item : items)
    if (item.fit && !item.gate_scores.empty()) scores.push_back(item.gate_scores.back());
  const auto found = neural::order_threshold(scores, miss, delta);
  if (!found.at)
    return fmt::format(
        "gate: threshold {:.6g} as it was; {} good items more are needed to promise that at most {:g}% of "
        "them are refused",
        gate.threshold, found.missing, 100 * miss);
  const double before = std::exchange(gate.threshold, *found.at);
  const auto [low, high] = neural::binomial_interval(found.wrong, scores.size());
  return fmt::format(
      "gate: threshold {:.6g}, was {:.6g}; at most {:g}% of good items are refused, with confidence "
      "{:g}% (of {} items {} lie below: {:.2f}% to {:.2f}%)",
      gate.threshold, before, 100 * miss, 100 * (1 - delta), scores.size(), found.wrong, 100 * low, 100 * high);
}

/// Whether the gate lets an item pass at a stage.
bool passes(const NetworkDescription& network, const Item& item, std::size_t stage) {
  return !network.gate || item.gate_scores.empty() || item.gate_scores[stage] >= network.gate->threshold;
}

/// Of the items that fitted nothing and pass the gate at a stage one a group, and which is by its own sum: the others
/// would not be independent.
std::vector<const Item*> one_a_group(const NetworkDescription& network, const std::vector<Item>& items,
                                     std::size_t stage) {
  std::map<std::string, const Item*> groups;
  for (const Item& item : items) {
    if (item.fit || !passes(network, item, stage)) continue;
    auto& chosen = groups[item.group];
    if (!chosen ||
        neural::sha256(std::as_bytes(std::span(item.name))) < neural::sha256(std::as_bytes(std::span(chosen->name))))
      chosen = &item;
  }
  std::vector<const Item*> out;
  for (const auto& [group, item] : groups) out.push_back(item);
  return out;
}

/// Raw scores: how often a stage that is so sure agrees with the dearest, and with the label.
std::string histogram(const NetworkDescription& network, const std::vector<const Item*>& items) {
  std::string out = "  confidence   ";
  for (const auto& stage : network.stages) out += fmt::format("{:>12} as dearest as labelled", stage.name);
  out += "\n";
  constexpr double kEdges[] = {0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999};
  for (std::size_t b = 0; b < std::size(kEdges); ++b) {
    const double low = kEdges[b], high = b + 1 < std::size(kEdges) ? kEdges[b + 1] : 2.0;
    std::string row = fmt::format("  {:<5} to {:<5}", low, std::min(high, 1.0));
    std::size_t any = 0;
    for (std::size_t s = 0; s < network.stages.size(); ++s) {
      std::size_t count = 0, same = 0, right = 0, labelled = 0;
      for (const Item* item : items) {
        const auto said = neural::winner(item->said.probabilities[s]);
        if (said.confidence < low || said.confidence >= high) continue;
        ++count;
        same += said.label == neural::winner(item->said.probabilities.back()).label;
        labelled += item->said.label.has_value();
        right += item->said.label && *item->said.label == said.label;
      }
      any += count;
      row += fmt::format("{:>12} {:>10} {:>11}", count, same, labelled ? std::to_string(right) : "-");
    }
    if (any > 0) out += row + "\n";
  }
  return out;
}

/// What that many items support, by what is asked.
std::string support(const std::vector<StagedItem>& fit, const std::vector<StagedItem>& items,
                    neural::CascadeRequest request) {
  std::string out =
      "  what these items support (share of inputs that the dearest stage would not see; - is no promise)\n";
  out += "     error at most   1%     2%     5%    10%\n";
  for (const double confidence : {0.9, 0.95, 0.99}) {
    out += fmt::format("  confidence {:>3g}%", 100 * confidence);
    for (const double alpha : {0.01, 0.02, 0.05, 0.1}) {
      request.level = {alpha, 1.0 - confidence};
      const auto choice = neural::choose_cascade(fit, items, request);
      out += choice && choice->promised
                 ? fmt::format(" {:>5.1f}%", 100.0 - 100.0 * static_cast<double>(choice->answered.back()) /
                                                         static_cast<double>(items.size()))
                 : fmt::format(" {:>6}", "-");
    }
    out += "\n";
  }
  return out + "  (each cell alone: looking at several and taking the best spends the confidence of each)\n";
}

Status write_scores(const std::string& path, const NetworkDescription& network, const std::vector<Item>& items) {
  std::ofstream file(path);
  file << "item,group,label";
  for (const auto& stage : network.stages)
    for (const std::string& label : network.labels) file << "," << csv_cell(stage.name + ":" + label);
  if (network.gate)
    for (const auto& stage : network.stages) file << "," << csv_cell(stage.name + " gate");
  file << "\n";
  for (const Item& item : items) {
    const std::string group = neural::sha256(std::as_bytes(std::span(item.group))).substr(0, 16);
    file << csv_cell(item.name) << "," << group << ","
         << (item.said.label ? csv_cell(network.labels[*item.said.label]) : "");
    for (const auto& stage : item.said.probabilities)
      for (const double p : stage) file << "," << fmt::format("{}", p);
    for (const double score : item.gate_scores) file << "," << fmt::format("{}", score);
    file << "\n";
  }
  if (!file.flush())
    return Error{"write-failed", {path, 0, 0, 1}, "the scores cannot be written", "check the folder", ""};
  return {};
}

Error no_promise(const neural::CascadeChoice& choice, std::size_t items, const neural::Level& level,
                 const std::string& what) {
  if (choice.missing > 0)
    return Error{"too-few-items",
                 {},
                 what + ": " + neural::shortage_text(choice.at.counted, choice.missing, level),
                 "give more items, or ask for a larger error; nothing was written",
                 ""};
  return Error{
      "no-promise",
      {},
      fmt::format("{}: no thresholds keep the error at {:g}%: already the strictest have a bound of {:.2f}% on "
                  "{} items",
                  what, 100 * level.alpha, 100 * choice.upper, items),
      "ask for a larger error, or leave the dearest stage alone; nothing was written",
      ""};
}

}  // namespace

Result<NetworkCalibration> calibrate_network(NetworkDescription network, const neural::Decoder& decoder,
                                             const CalibrationOptions& options) {
  if (!network.pictures.empty())
    return Error{"bad-network", network.place,
                 network.name + " is shown pictures within a prompt, and an item is one text or one file",
                 "calibrate what the rules conclude from it", ""};
  for (neural::StageDescription& stage : network.stages) {
    stage.accept.reset();
    stage.isotonic.clear();
  }
  network.guarantee.reset();
  neural::CascadeRequest request{options.target, network.labels.size() - 1, options.level};
  if (!options.positive.empty()) {
    const auto at = std::find(network.labels.begin(), network.labels.end(), options.positive);
    if (at == network.labels.end())
      return Error{"unknown-label",
                   {},
                   "`" + options.positive + "` is no label of " + network.name,
                   fmt::format("it has {}", fmt::join(network.labels, ", ")),
                   ""};
    request.positive = static_cast<std::size_t>(at - network.labels.begin());
  }
  auto items = list_items(network, options);
  if (!items) return items.error();
  std::vector<bool> are_probabilities;
  auto dropped = ask_all(network, decoder, options.threads, *items, are_probabilities);
  if (!dropped) return dropped.error();
  if (!options.scores.empty())
    if (Status s = write_scores(options.scores, network, *items); !s.ok()) return s.error();
  if (items->empty())
    return Error{"too-few-items",
                 {options.data, 0, 0, 1},
                 "no item could be read by " + network.name,
                 fmt::format("{} were refused", *dropped),
                 ""};

  std::string report = fmt::format("{}: {} items", network.name, items->size());
  if (*dropped > 0) report += fmt::format(" ({} more could not be read or were refused)", *dropped);
  const bool fits = items->size() >= kFitFrom;
  for (Item& item : *items) item.fit = fits && is_for_fitting(item.group);
  std::string fitted;
  for (std::size_t s = 0; s < network.stages.size(); ++s)
    fitted += "  " + fit_stage(network.stages[s], s, are_probabilities[s], *items) + "\n";
  if (network.gate) fitted += "  " + fit_gate(*network.gate, *items, options.false_refusal, options.level.delta) + "\n";

  // Thresholds are for what the gate lets through at the last stage; one before it hands on what its own does not.
  const std::size_t last_stage = network.stages.size() - 1;
  std::vector<StagedItem> fit, held;
  for (Item& item : *items) {
    for (std::size_t s = 0; s < last_stage; ++s) item.said.unlike.push_back(!passes(network, item, s));
    if (item.fit && passes(network, item, last_stage)) fit.push_back(item.said);
  }
  const std::vector<const Item*> judged = one_a_group(network, *items, last_stage);
  for (const Item* item : judged) held.push_back(item->said);
  const std::size_t fitting = fit.size();
  if (fit.empty()) {  // too few to fit anything: a path that no data had a say in, from 0.9998 down to everything
    for (int step = 40; step >= 0; --step) {
      const double confidence = step == 0 ? 0.0 : 1.0 - 0.5 * std::exp(-0.2 * step);
      fit.push_back({std::vector<std::vector<double>>(network.stages.size(), {confidence}), std::nullopt});
    }
  }
  report +=
      fmt::format(": {} to fit, {} for thresholds (one a group, past the gate)\n{}", fitting, held.size(), fitted);
  report += histogram(network, judged);
  if (network.stages.size() < 2) {
    const double flops = network.stages.front().flops;
    return NetworkCalibration{std::move(network), report, held.size(), {held.size()}, flops};
  }

  auto choice = neural::choose_cascade(fit, held, request);
  if (!choice) return choice.error();
  const std::string target(neural::kTargets[static_cast<std::size_t>(options.target)]);
  if (!choice->promised) return no_promise(*choice, held.size(), options.level, network.name + ", " + target);
  report += support(fit, held, request);
  double flops = 0.0;
  report += fmt::format("  promised: {} error at most {:g}% with confidence {:g}% ({})\n", target,
                        100 * options.level.alpha, 100 * (1 - options.level.delta), choice->method);
  for (std::size_t s = 0; s < network.stages.size(); ++s) {
    if (s < choice->thresholds.size()) network.stages[s].accept = choice->thresholds[s];
    const auto from = s < choice->thresholds.size() ? choice->thresholds[s] : std::nullopt;
    const double share = static_cast<double>(choice->answered[s]) / static_cast<double>(held.size());
    report += fmt::format(
        "    {} {} answers {:.1f}%\n", network.stages[s].name,
        from ? fmt::format("from {:.4f}", *from) : (s + 1 == network.stages.size() ? "what is left," : "is not asked,"),
        100 * share);
  }
  for (const StagedItem& item : held) {
    const std::size_t last = neural::answering_stage(item, choice->thresholds);
    for (std::size_t s = 0; s <= last; ++s)
      if (s == last || choice->thresholds[s]) flops += network.stages[s].flops;
  }
  report += fmt::format(
      "    on these items {} of {} wrong, bound {:.2f}%; {:.3g} FLOPs an input, {:.3g} with the dearest alone\n",
      choice->at.wrong, choice->at.counted, 100 * choice->upper, flops / static_cast<double>(held.size()),
      network.stages.back().flops);
  network.guarantee = neural::GuaranteeDescription{
      target, "network", options.level.alpha, 1.0 - options.level.delta, held.size(), choice->method};
  std::vector<double> drift;
  for (const Item* item : one_a_group(network, *items, 0))  // as the first stage will meet them
    if (drift.size() < kDriftScores) drift.push_back(neural::winner(item->said.probabilities.front()).confidence);
  std::sort(drift.begin(), drift.end());
  network.drift_scores = std::move(drift);
  return NetworkCalibration{std::move(network), report, held.size(), choice->answered,
                            flops / static_cast<double>(held.size())};
}

Result<Calibration> calibrate_networks(const Pack& pack, const Sources& sources, const CalibrationOptions& options) {
  Calibration out;
  for (const auto& [name, file] : sources.networks) {
    if (!options.network.empty() && options.network != name) continue;
    auto network = installed_network(name, sources);
    if (!network) return network.error();
    auto done = calibrate_network(std::move(*network), sources.decoder, options);
    if (!done) return done.error();
    out.networks.push_back(std::move(*done));
  }
  if (out.networks.empty())
    return Error{"unknown-network",
                 {},
                 fmt::format("{} has no network `{}`", pack.name, options.network),
                 "see [network.…] in its pack.toml",
                 ""};
  return out;
}

Result<std::vector<std::string>> write_calibration(const Calibration& calibration, const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code failed;
  fs::create_directories(folder / "networks", failed);
  for (const NetworkCalibration& done : calibration.networks) {
    const fs::path path = folder / "networks" / (done.network.name + ".toml"), part = path.string() + ".part";
    std::ofstream file(part);
    file << neural::calibration_text(done.network,
                                     "Written by tenfold calibrate; goes over the network's own figures.\n" +
                                         done.report.substr(0, done.report.find('\n')));
    if (!file.flush())
      return Error{"write-failed", {path.string(), 0, 0, 1}, "the file cannot be written", "check the folder", ""};
    file.close();
    fs::rename(part, path, failed);
    if (failed)
      return Error{"write-failed", {path.string(), 0, 0, 1}, "the file cannot be written", failed.message(), ""};
    out.push_back(path.string());
  }
  return out;
}

}  // namespace tenfold::answer
