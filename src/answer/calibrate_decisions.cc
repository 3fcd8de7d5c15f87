#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <set>

#include "answer/calibrate.h"
#include "answer/item_labels.h"
#include "answer/job.h"

namespace tenfold::answer {

namespace {

using neural::StagedItem;
using neural::Thresholds;

/// What the stages of one network say, each input once, put together as thresholds have it.
class Recorder {
 public:
  /// One Perceiver a stage, so that each is asked alone.
  static Result<std::shared_ptr<Recorder>> open(const lang::Program& program, std::uint32_t number,
                                                const Sources& sources) {
    const lang::Network& network = program.networks[number];
    auto description = describe_network(network, sources);
    if (!description) return description.error();
    auto recorder = std::make_shared<Recorder>();
    recorder->stages_have_gates_ = description->gate && !description->gate->model;
    for (const neural::StageDescription& stage : description->stages) {
      neural::NetworkSettings settings;
      settings.stage = stage.name;
      settings.threads = sources.threads;
      settings.colours = sources.colours;
      auto opened = Perceiver::open(program, number, *description, settings, sources.decoder);
      if (!opened) return opened.error();
      recorder->stages_.push_back(std::move(*opened));
    }
    return recorder;
  }

  Result<std::vector<Seen>> see(const std::vector<std::string>& keys) {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> unknown;
    for (const std::string& key : keys)
      if (!known_.contains(key) && std::find(unknown.begin(), unknown.end(), key) == unknown.end())
        unknown.push_back(key);
    if (!unknown.empty())
      for (const auto& stage : stages_) {
        auto seen = stage->see(unknown);
        if (!seen) return seen.error();
        for (std::size_t i = 0; i < unknown.size(); ++i) known_[unknown[i]].push_back(std::move((*seen)[i]));
      }
    std::vector<Seen> out;
    for (const std::string& key : keys) out.push_back(at(known_.at(key)));
    return out;
  }

  void set(Thresholds thresholds) { thresholds_ = std::move(thresholds); }
  std::size_t stages() const { return stages_.size(); }
  const std::map<std::string, std::vector<Seen>>& known() const { return known_; }

  /// The stage that answers a key under the thresholds at hand.
  std::size_t answering(const std::vector<Seen>& said) const {
    for (std::size_t s = 0; s < thresholds_.size(); ++s)
      if (thresholds_[s] && said[s].refusal.empty() && said[s].confidence >= *thresholds_[s]) return s;
    return said.size() - 1;
  }

 private:
  Seen at(const std::vector<Seen>& said) const {
    // As Network::run walks: what a stage refuses about the input is refused, unless one before it has answered. What
    // its own gate refuses it hands on.
    for (std::size_t s = 0; s < thresholds_.size(); ++s) {
      if (!thresholds_[s] || neural::is_failure(said[s].refusal) || hands_on(said[s])) continue;
      if (!said[s].refusal.empty() || said[s].confidence >= *thresholds_[s]) return said[s];
    }
    return said.back();
  }

  bool hands_on(const Seen& said) const { return stages_have_gates_ && said.refusal == "out-of-distribution"; }

  bool stages_have_gates_ = false;
  std::vector<std::shared_ptr<Perceiver>> stages_;
  std::mutex mutex_;
  std::map<std::string, std::vector<Seen>> known_;
  Thresholds thresholds_;
};

using Decided = std::map<std::string, std::set<std::string>>;

Result<Decided> stated(const std::string& path) {
  Decided out;
  auto labels = read_item_labels(path);
  if (!labels) return labels.error();
  for (const ItemLabel& line : *labels) {
    auto& set = out[line.item];
    for (std::size_t at = 0; at < line.decisions.size();) {
      std::size_t end = line.decisions.find(" | ", at);
      if (end == std::string::npos) end = line.decisions.size();
      set.insert(line.decisions.substr(at, end - at));
      at = end + 3;
    }
  }
  return out;
}

/// Records are known by their name; labels may leave out the folder.
const std::set<std::string>* find(const Decided& labels, const std::string& name) {
  auto found = labels.find(name);
  if (found == labels.end()) found = labels.find(name.substr(name.rfind('/') + 1));
  return found == labels.end() ? nullptr : &found->second;
}

}  // namespace

std::set<std::string> decisions(const Answer& answer, const std::string& decide) {
  std::set<std::string> out;
  for (const AnswerTuple& t : answer.tuples)
    if (t.decision.value_or(true) && (decide.empty() || t.relation == decide))
      out.insert(fmt::format("{}({})", t.relation, fmt::join(t.args, ", ")));
  for (const Abstention& a : answer.abstained)
    if (decide.empty() || a.relation == decide)
      out.insert(fmt::format("{}({}) abstained", a.relation, fmt::join(a.args, ", ")));
  return out;
}

Result<Calibration> calibrate_decisions(const Pack& pack, const Settings& settings, const Sources& given,
                                        const CalibrationOptions& options) {
  Sources sources = given;
  sources.stage.clear();
  std::vector<Error> errors;
  auto parts = make_parts(pack.program.string(), settings, sources, &errors);
  if (!parts) return parts.error();
  std::vector<std::shared_ptr<Recorder>> recorders;
  std::vector<std::uint32_t> recorded;  // the network of each
  for (std::uint32_t n = 0; n < (*parts)->networks.size(); ++n) {
    if ((*parts)->networks[n]->adapter()) continue;
    auto opened = Recorder::open((*parts)->language, n, sources);
    if (!opened) return opened.error();
    recorders.push_back(std::move(*opened));
    recorded.push_back(n);
    (*parts)->networks[n]->answer_with([recorder = recorders.back()](const auto& keys) { return recorder->see(keys); });
  }
  JobOptions job;
  job.inputs = {options.data};
  job.threads = options.threads;
  job.as_of = options.as_of;
  std::uint64_t unreadable = 0;
  const auto decide = [&](Decided& out) -> Status {
    unreadable = 0;
    auto totals = run_job(pack, *parts, job, [&](const JobLine& line) {
      if (line.answer)
        out[line.input] = decisions(*line.answer, pack.decide);
      else
        ++unreadable;
      return true;
    });
    return totals ? Status{} : Status{totals.error()};
  };

  // The dearest first: what it decides is compared with, and what it is asked makes the path.
  Decided dearest;
  if (Status s = decide(dearest); !s.ok()) return s.error();
  Decided truth = dearest;
  if (!options.labels.empty()) {
    auto read = stated(options.labels);
    if (!read) return read.error();
    for (auto& [name, decided] : truth) {
      const auto* label = find(*read, name);
      if (!label)
        return Error{
            "no-labels", {options.labels, 0, 0, 1}, "record " + name + " has no line", "give each record one", ""};
      decided = *label;
    }
  }
  std::vector<std::string> held;
  for (const auto& [name, decided] : dearest)
    if (!is_for_fitting(name)) held.push_back(name);

  // One path for all networks: at each step every stage of each would accept the same share.
  std::vector<std::vector<Thresholds>> paths;
  constexpr std::size_t kSteps = 30;
  for (const auto& recorder : recorders) {
    std::vector<StagedItem> items;
    for (const auto& [key, said] : recorder->known()) {
      if (!is_for_fitting(key)) continue;
      StagedItem item;
      for (const Seen& seen : said)
        if (seen.refusal.empty()) item.probabilities.push_back(seen.probabilities);
      if (item.probabilities.size() == recorder->stages()) items.push_back(std::move(item));
    }
    if (items.empty()) {
      std::string why = recorder->known().empty() ? "nothing was asked" : "";
      for (const auto& [key, said] : recorder->known())
        for (const Seen& seen : said)
          if (why.empty() && !seen.refusal.empty()) why = seen.refusal + ": " + seen.detail;
      return Error{"too-few-items",
                   {options.data, 0, 0, 1},
                   fmt::format("no input of the {} that these records ask about was answered by every stage",
                               recorder->known().size()),
                   "look at what is refused (" + why + "), or give more records; nothing was written",
                   ""};
    }
    std::vector<Thresholds> path(kSteps, Thresholds(recorder->stages() - 1));
    for (std::size_t i = 0; i < kSteps && !items.empty(); ++i)
      path[i] = neural::threshold_path(items, static_cast<double>(i) / (kSteps - 1), 2).front();
    paths.push_back(std::move(path));
  }

  std::vector<neural::Tally> tallies;
  neural::Walked walked;
  for (std::size_t step = 0; step < kSteps; ++step) {
    for (std::size_t n = 0; n < recorders.size(); ++n) recorders[n]->set(paths[n][step]);
    Decided now;
    if (Status s = decide(now); !s.ok()) return s.error();
    neural::Tally tally;
    for (const std::string& name : held) {
      ++tally.counted;
      tally.wrong += now[name] != truth[name];
    }
    tallies.push_back(tally);
    walked = neural::walk_path(tallies, options.level);
    if (walked.chosen != step) break;
  }
  const std::string target = options.labels.empty() ? "against-dearest" : "accuracy";
  if (!walked.chosen) {
    if (walked.missing > 0)
      return Error{"too-few-items",
                   {options.data, 0, 0, 1},
                   "decisions: " + neural::shortage_text(held.size(), walked.missing, options.level),
                   fmt::format("two thirds of the {} records are for thresholds; give more, or ask for a larger error; "
                               "nothing was written",
                               dearest.size()),
                   ""};
    return Error{"no-promise",
                 {},
                 fmt::format("decisions: the dearest stages alone have {} of {} wrong, a bound of {:.2f}%",
                             tallies.front().wrong, tallies.front().counted, 100 * walked.upper),
                 "ask for a larger error; nothing was written",
                 ""};
  }
  const std::size_t at = *walked.chosen;
  Calibration out;
  out.report =
      fmt::format("decisions: {} records, {} for thresholds{}\n  step  wrong of {}\n", dearest.size(), held.size(),
                  unreadable ? fmt::format(" ({} more could not be read)", unreadable) : "", held.size());
  for (std::size_t i = 0; i < tallies.size(); ++i)
    if (i == 0 || i == at || i + 1 == tallies.size() || tallies[i].wrong != tallies[i - 1].wrong)
      out.report += fmt::format("  {:>4}  {:>5}{}\n", i, tallies[i].wrong, i == at ? "  chosen" : "");
  out.report += fmt::format(
      "  promised: {} error of a record's decisions at most {:g}% with confidence {:g}% "
      "(LTT fixed sequence, exact binomial); bound {:.2f}%\n",
      target, 100 * options.level.alpha, 100 * (1 - options.level.delta), 100 * walked.upper);
  for (std::size_t n = 0; n < recorders.size(); ++n) {
    const lang::Network& network = (*parts)->language.networks[recorded[n]];
    auto description = describe_network(network, sources);
    if (!description) return description.error();
    recorders[n]->set(paths[n][at]);
    std::vector<std::uint64_t> answered(recorders[n]->stages());
    description->drift_scores.clear();
    for (const auto& [key, said] : recorders[n]->known()) {
      ++answered[recorders[n]->answering(said)];
      if (said.front().refusal.empty() && description->drift_scores.size() < kDriftScores)
        description->drift_scores.push_back(said.front().confidence);
    }
    std::sort(description->drift_scores.begin(), description->drift_scores.end());
    std::string line = fmt::format("  {}: of {} inputs asked for,", network.name, recorders[n]->known().size());
    for (std::size_t s = 0; s < answered.size(); ++s) {
      description->stages[s].accept = s < paths[n][at].size() ? paths[n][at][s] : std::nullopt;
      line += fmt::format(" {} {}{}", description->stages[s].name, answered[s], s + 1 < answered.size() ? "," : "\n");
    }
    description->guarantee = neural::GuaranteeDescription{target,
                                                          "decision",
                                                          options.level.alpha,
                                                          1.0 - options.level.delta,
                                                          held.size(),
                                                          "LTT fixed sequence, exact binomial"};
    out.networks.push_back({std::move(*description), line});
  }
  return out;
}

}  // namespace tenfold::answer
