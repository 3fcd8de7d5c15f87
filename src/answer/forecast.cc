#include "answer/forecast.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <random>
#include <unordered_set>

#include "answer/receipt.h"
#include "neural/experience.h"

namespace tenfold::answer {
namespace {

constexpr double kSure = 0.95;  // of a label, where nothing is known of a stage's confidence

neural::Experience known(const Perceiver& network, const Sources& sources) {
  neural::Experience none;
  none.stages.resize(network.description().stages.size());
  return sources.memo ? neural::read_experience(*sources.memo, network.description()) : none;
}

// One network's part. Thread-safe.
class Player {
 public:
  Player(const Perceiver& network, neural::Experience experience, std::uint64_t seed, bool remembers)
      : network_(network), experience_(std::move(experience)), seed_(seed), remembers_(remembers) {}

  Result<std::vector<Seen>> operator()(const std::vector<std::string>& keys) {
    std::vector<Seen> out;
    for (const std::string& key : keys) out.push_back(play(key));
    return out;
  }

 private:
  Seen play(const std::string& key) {
    // What an input is told hangs on the input alone.
    std::mt19937_64 draws(seed_ ^ std::hash<std::string>{}(network_.name() + "\x1f" + key));
    const auto draw = [&] { return std::ldexp(static_cast<double>(draws() >> 11), -53); };
    const neural::NetworkDescription& described = network_.description();
    const bool first = !remembers_ || is_new(key);
    Seen seen;
    if (described.gate && described.gate->model && first) seen.gate_flops = described.gate->model->flops;
    seen.flops = seen.gate_flops;
    const double refused = experience_.inputs == 0
                               ? 0.0
                               : static_cast<double>(experience_.refused) / static_cast<double>(experience_.inputs);
    const bool turned_away = draw() < refused;
    if (turned_away) {
      seen.refusal = "out-of-distribution";
      if (described.gate && described.gate->model) return seen;
    }
    for (const neural::Step& step : network_.walk()) {
      const neural::StageExperience& so_far = experience_.stages[step.stage];
      const auto run = static_cast<double>(so_far.run);
      neural::StageRun& mine = seen.runs.emplace_back();
      mine.stage = step.stage;
      mine.reused = !first;
      if (first) {
        mine.flops = so_far.run > 0 ? so_far.flops / run : described.stages[step.stage].flops;
        mine.seconds = so_far.run > 0 ? so_far.seconds / run : 0.0;
        seen.flops += mine.flops;
      }
      seen.stage = described.stages[step.stage].name;
      if (turned_away) return seen;
      const double confidence = draw_confidence(step, draw());
      if (!step.accept || draw() < accepting(step)) {
        seen.accepted_by = step.stage;
        seen.confidence = std::max(confidence, step.accept.value_or(0.0));
        say(so_far, draw(), seen);
        return seen;
      }
    }
    seen.refusal = "below-confidence";
    return seen;
  }

  bool is_new(const std::string& key) {
    const std::lock_guard lock(mutex_);
    return known_.insert(key).second;
  }

  double accepting(const neural::Step& step) const {
    const neural::StageExperience& so_far = experience_.stages[step.stage];
    if (so_far.run > 0) return (static_cast<double>(so_far.accepted) + 1.0) / (static_cast<double>(so_far.run) + 2.0);
    const auto& scores = network_.description().drift_scores;
    if (step.stage != 0 || scores.empty()) return 0.5;
    const auto over = scores.end() - std::lower_bound(scores.begin(), scores.end(), *step.accept);
    return static_cast<double>(over) / static_cast<double>(scores.size());
  }

  double draw_confidence(const neural::Step& step, double u) const {
    const auto& scores = network_.description().drift_scores;
    if (step.stage != 0 || scores.empty()) return kSure;
    return scores[std::min(scores.size() - 1, static_cast<std::size_t>(u * static_cast<double>(scores.size())))];
  }

  void say(const neural::StageExperience& so_far, double u, Seen& seen) const {
    const std::vector<std::size_t>& order = network_.order();
    if (order.empty()) return;
    double all = 0.0;
    std::vector<double> weights;
    for (const std::size_t label : order) {
      weights.push_back(1.0 + (label < so_far.labels.size() ? static_cast<double>(so_far.labels[label]) : 0.0));
      all += weights.back();
    }
    std::size_t winner = 0;
    for (u *= all; winner + 1 < weights.size() && u >= weights[winner]; ++winner) u -= weights[winner];
    const auto n = static_cast<double>(order.size());
    seen.confidence = std::max(seen.confidence, 1.0 / n);
    seen.probabilities.assign(order.size(), order.size() > 1 ? (1.0 - seen.confidence) / (n - 1.0) : 0.0);
    seen.probabilities[winner] = order.size() > 1 ? seen.confidence : 1.0;
  }

  const Perceiver& network_;
  const neural::Experience experience_;
  const std::uint64_t seed_;
  const bool remembers_;
  std::mutex mutex_;
  std::unordered_set<std::string> known_;
};

struct Totals {
  std::uint64_t run = 0, reused = 0;
};

Totals totals(const Receipt& receipt) {
  Totals out;
  for (const NetworkUse& use : receipt.networks) {
    out.run += use.run;
    if (const auto reused = use.avoided.find("reuse"); reused != use.avoided.end()) out.reused += reused->second;
  }
  return out;
}

std::string ratio_text(double predicted, double real) {
  if (real == 0.0) return predicted == 0.0 ? "as predicted" : "none came";
  return fmt::format("{:+.0f}%", 100.0 * (predicted / real - 1.0));
}

}  // namespace

void play_networks(const Program::Parts& parts, const Sources& sources, std::uint64_t seed) {
  const bool remembers = !parts.settings.without.contains("reuse");
  for (const auto& network : parts.networks) {
    if (network->adapter()) continue;  // what a file holds is read, not played
    auto player = std::make_shared<Player>(*network, known(*network, sources), seed, remembers);
    network->answer_with([player](const std::vector<std::string>& keys) { return (*player)(keys); });
  }
}

void add_network_time(Receipt& receipt) {
  for (const NetworkUse& use : receipt.networks) {
    receipt.cpu_s += use.wall_s;
    receipt.wall_s += use.wall_s;
  }
}

std::string experience_text(const Program::Parts& parts, const Sources& sources) {
  std::string out;
  for (const auto& network : parts.networks) {
    if (network->adapter()) continue;
    const neural::Experience experience = known(*network, sources);
    for (const neural::Step& step : network->walk()) {
      const neural::StageExperience& stage = experience.stages[step.stage];
      out += network->name() + " " + network->description().stages[step.stage].name;
      const auto run = static_cast<double>(stage.run);
      if (stage.run == 0)
        out += ": not run here yet, so its time is not known and its labels are taken to be as likely\n";
      else
        out += fmt::format(": {:.3g} ms an input (of {} so far), answers {:.0f}%\n", stage.seconds / run * 1e3,
                           stage.run, 100.0 * static_cast<double>(stage.accepted) / run);
    }
  }
  return out;
}

std::string compared_text(const Receipt& predicted, const Receipt& real) {
  const Totals before = totals(predicted), after = totals(real);
  std::string out = fmt::format("predicted  {} calls ({}) · {:.3g} FLOP ({}) · {:.3g} ms CPU ({})", before.run,
                                ratio_text(static_cast<double>(before.run), static_cast<double>(after.run)),
                                predicted.flops, ratio_text(predicted.flops, real.flops), predicted.cpu_s * 1e3,
                                ratio_text(predicted.cpu_s, real.cpu_s));
  if (after.reused > before.reused)
    out += fmt::format("; {} were answered from memory, {} of them foreseen", after.reused, before.reused);
  return out + "\n";
}

nlohmann::ordered_json compared_json(const Receipt& predicted, const Receipt& real) {
  const Totals before = totals(predicted), after = totals(real);
  const auto ratio = [](double a, double b) {
    return b == 0.0 ? nlohmann::ordered_json() : nlohmann::ordered_json(a / b);
  };
  return {{"calls", before.run},
          {"flops", predicted.flops},
          {"wall_s", predicted.wall_s},
          {"cpu_s", predicted.cpu_s},
          {"to_real",
           {{"calls", ratio(static_cast<double>(before.run), static_cast<double>(after.run))},
            {"flops", ratio(predicted.flops, real.flops)},
            {"cpu_s", ratio(predicted.cpu_s, real.cpu_s)}}},
          {"answered_from_memory", after.reused}};
}

}  // namespace tenfold::answer
