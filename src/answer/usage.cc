#include "answer/usage.h"

#include <algorithm>

namespace tenfold::answer {

Usage::Stage& Usage::stage(std::size_t index) {
  if (stages_.size() <= index) stages_.resize(index + 1);
  return stages_[index];
}

void Usage::count(const Seen& seen) {
  ++inputs_;
  gate_flops_ += seen.gate_flops;
  // Turned away by the decoder, by a gate of its own, or by a back end that is not there.
  turned_away_ += seen.runs.empty() && seen.failed.empty();
  for (const neural::StageRun& run : seen.runs) {
    Stage& mine = stage(run.stage);
    ++(run.reused ? mine.reused : mine.run);
    mine.flops += run.flops;
    mine.wall_s += run.seconds;
    mine.usd += run.usd;
    mine.tokens += run.tokens;
  }
  for (const neural::StageFailure& failure : seen.failed) {
    // One that gave garbage ran, and is among the runs.
    const auto ran = [&](const neural::StageRun& run) { return run.stage == failure.stage; };
    Stage& mine = stage(failure.stage);
    mine.run += std::none_of(seen.runs.begin(), seen.runs.end(), ran);
    ++mine.failed;
  }
  if (seen.accepted_by)
    ++stage(*seen.accepted_by).accepted;
  else if (!seen.runs.empty())
    ++stage(std::max(seen.runs.back().stage, seen.failed.empty() ? 0 : seen.failed.back().stage)).refused;
}

void Usage::add_to(Receipt& receipt, const Perceiver& network, const Reach& reach) const {
  const std::uint64_t domain = std::max(reach.domain, inputs_);
  const std::uint64_t demanded = std::clamp(reach.demanded, inputs_, domain);
  const std::uint64_t ordered = std::clamp(reach.ordered, inputs_, demanded);
  const std::uint64_t open = ordered - inputs_;  // asked by the rules, and not put to the network
  const std::uint64_t offloaded = std::min(reach.offloaded, open);
  const auto& described = network.description().stages;
  std::uint64_t left = inputs_ - turned_away_, distilled = 0;  // of those that earlier stages did not refuse
  bool first = true;
  for (const neural::Step& step : network.walk()) {
    const Stage none;
    const Stage& mine = step.stage < stages_.size() ? stages_[step.stage] : none;
    NetworkUse use;
    use.name = network.name();
    use.stage = described[step.stage].name;
    use.run = mine.run;
    use.flops = mine.flops;
    use.failed = mine.failed;
    use.wall_s = mine.wall_s;
    use.usd = mine.usd;
    use.tokens = {mine.tokens.prompt, mine.tokens.reused, mine.tokens.sampled, mine.tokens.forced};
    use.avoided["reuse"] = mine.reused;
    if (first) {
      use.turned_away = turned_away_;
      use.flops += gate_flops_;
      use.avoided["demand"] = domain - demanded;
      use.avoided["order"] = demanded - ordered;
      use.avoided["offload"] = offloaded;
      use.avoided["bounds"] = open - offloaded;
    } else {
      use.avoided["distil"] = distilled;
      use.avoided["cascade"] = left - std::min(left, mine.run + mine.reused + distilled);
    }
    left -= mine.refused;
    if (!described[step.stage].distilled_from.empty()) distilled += mine.accepted;
    receipt.flops += use.flops;
    receipt.usd_remote += use.usd;
    // A stage that only steps in for one that fails has a row once it did.
    if (first || network.cascades() || mine.run + mine.reused > 0) receipt.networks.push_back(std::move(use));
    first = false;
  }
  receipt.flops_neural_only += static_cast<double>(domain) * network.dearest_flops();
}

}  // namespace tenfold::answer
