#include "neural/experience.h"

#include <algorithm>
#include <map>
#include <string>

namespace tenfold::neural {
namespace {

std::string name_of(const NetworkDescription& network, const StageDescription& stage) {
  return network.name + " " + stage.name + " " + stage.sha256.substr(0, 16) + stage.weights_sha256.substr(0, 16);
}

std::string name_of(const NetworkDescription& network) {
  return network.gate && network.gate->model ? name_of(network, *network.gate->model) : network.name + " gate ";
}

std::uint64_t count(const std::map<std::string, double>& figures, const std::string& name) {
  const auto found = figures.find(name);
  return found == figures.end() ? 0 : static_cast<std::uint64_t>(std::max(0.0, found->second));
}

}  // namespace

void note_experience(store::DiskMemo& memo, const NetworkDescription& network, std::span<Outcome* const> outcomes) {
  std::map<std::pair<std::size_t, std::string>, double> sums;
  double inputs = 0.0, refused = 0.0;
  for (const Outcome* outcome : outcomes) {
    if (outcome->reused) continue;
    const bool turned_away = outcome->refusal == "out-of-distribution";
    inputs += turned_away || !outcome->runs.empty();
    refused += turned_away;
    for (const StageRun& run : outcome->runs) {
      if (run.reused) continue;
      sums[{run.stage, "run"}] += 1.0;
      sums[{run.stage, "seconds"}] += run.seconds;
      sums[{run.stage, "flops"}] += run.flops;
      if (outcome->accepted_by != run.stage) continue;
      sums[{run.stage, "accepted"}] += 1.0;
      const auto& p = outcome->probabilities;
      if (p.empty()) continue;
      const auto label = static_cast<std::size_t>(std::max_element(p.begin(), p.end()) - p.begin());
      sums[{run.stage, "label " + network.labels[label]}] += 1.0;
    }
  }
  for (const auto& [figure, amount] : sums)
    memo.add(name_of(network, network.stages[figure.first]), figure.second, amount);
  if (inputs > 0.0) memo.add(name_of(network), "inputs", inputs);
  if (refused > 0.0) memo.add(name_of(network), "refused", refused);
}

Experience read_experience(store::DiskMemo& memo, const NetworkDescription& network) {
  Experience out;
  for (const StageDescription& stage : network.stages) {
    const auto figures = memo.figures(name_of(network, stage));
    StageExperience& mine = out.stages.emplace_back();
    mine.run = count(figures, "run");
    mine.accepted = std::min(mine.run, count(figures, "accepted"));
    for (const auto& [name, sum] : {std::pair("seconds", &mine.seconds), {"flops", &mine.flops}})
      if (const auto found = figures.find(name); found != figures.end()) *sum = std::max(0.0, found->second);
    for (const std::string& label : network.labels) mine.labels.push_back(count(figures, "label " + label));
  }
  const auto figures = memo.figures(name_of(network));
  out.inputs = count(figures, "inputs");
  out.refused = std::min(out.inputs, count(figures, "refused"));
  return out;
}

}  // namespace tenfold::neural
