#include "neural/network.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>
#include <utility>

#include "base/abstention.h"
#include "neural/calibration.h"
#include "neural/cascade.h"
#include "neural/experience.h"

namespace tenfold::neural {
namespace {

// Pictures in colour are as large as they are, 36 MB from a telephone: this many inputs with some are held at a time.
constexpr std::size_t kShownBatch = 4;

std::string fixed(double value) {
  const double rounded = std::round(value * 1e4) / 1e4;
  return number_text(rounded);
}

void refuse(Outcome& outcome, std::string_view code, std::string detail) {
  outcome.probabilities.clear();
  outcome.confidence = 0.0;
  outcome.records.clear();
  outcome.refusal = code;
  outcome.detail = std::move(detail);
}

void refuse(Outcome& outcome, const Error& error) {
  const bool known = abstention_reason(error.code).kind != AbstentionKind::by_rule;
  std::string where = error.place.file.empty() ? "" : error.place.file + ": ";
  refuse(outcome, known ? error.code : "unreadable", where + error.what);
}

StageSettings stage_settings(const NetworkDescription& network, const NetworkSettings& settings) {
  StageSettings out{network.input,    network.labels, std::nullopt,
                    settings.threads, settings.form,  !network.pictures.empty()};
  if (network.gate && !network.gate->model) out.gate = network.gate->output;
  return out;
}

/// Which stages may be asked, in which order. A stage without a threshold among stages that have one was not found
/// good enough to be believed, and running it would only cost.
std::vector<Step> make_walk(const NetworkDescription& network, const NetworkSettings& settings, std::size_t chosen) {
  const auto& stages = network.stages;
  const std::size_t last = stages.size() - 1;
  if (!settings.stage.empty()) return {{chosen, std::nullopt}};
  std::vector<Step> walk;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (stages[i].accept || i == last) walk.push_back({i, stages[i].accept});
  }
  const bool thresholds = walk.size() > 1 || walk.back().accept || network.guarantee;
  if (thresholds && !settings.cascade) return {{last, std::nullopt}};
  if (thresholds) return walk;
  walk.clear();
  for (std::size_t i = 0; i < stages.size(); ++i) walk.push_back({i, std::nullopt});
  return walk;
}

bool all_answered(std::span<const Result<StageAnswer>> answers) {
  return std::all_of(answers.begin(), answers.end(), [](const auto& answer) { return answer.ok(); });
}

}  // namespace

/// Inputs of a batch that are not answered yet. Pixels are read once a model asks for them, so that a stage that needs
/// none decodes none.
struct Network::Open {
  std::vector<Seen> inputs;
  std::vector<Outcome*> outcomes;
  const Decoder* decode = nullptr;
  std::vector<float> tensors;
  std::vector<const Request*> requests;                       // as the inputs
  std::map<std::string_view, Result<ColourPicture>> colours;  // by key
  std::vector<std::vector<Shown>> shown;
  bool have_pixels = false, have_shown = false;

  void add(const Request& request, Outcome& outcome) {
    const bool own = !request.text.empty() || !request.pictures.empty();
    inputs.push_back({request.key, {}, own ? request.text : request.key});
    requests.push_back(&request);
    outcomes.push_back(&outcome);
  }
  /// Drops those that `done` says are finished.
  template <class F>
  void drop(F done) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (done(i)) continue;
      inputs[kept] = inputs[i];
      requests[kept] = requests[i];
      outcomes[kept++] = outcomes[i];
    }
    inputs.resize(kept);
    requests.resize(kept);
    outcomes.resize(kept);
  }
};

NetworkDescription stub_network(std::string name, std::vector<std::string> labels, std::string table, double flops) {
  NetworkDescription network;
  StageDescription stage;
  stage.name = "table";
  stage.backend = "table";
  stage.content = std::move(table);
  stage.flops = flops;
  network.name = std::move(name);
  network.labels = std::move(labels);
  network.stages.push_back(std::move(stage));
  return network;
}

Network::Network(NetworkDescription description, const NetworkSettings& settings, std::vector<Step> walk)
    : description_(std::move(description)),
      settings_(settings),
      walk_(std::move(walk)),
      memo_(std::make_shared<Memo>(settings.memo_bytes, settings.disk, description_.name)) {
  for (const StageDescription& stage : description_.stages) {
    stages_.push_back(std::make_unique<Stage>(stage, stage_settings(description_, settings_), memo_));
  }
  if (description_.gate && description_.gate->model) {
    gate_ = std::make_unique<Stage>(*description_.gate->model,
                                    StageSettings{description_.input, {}, std::nullopt, settings_.threads}, memo_);
  }
  if (walk_.front().stage == 0 && !description_.drift_scores.empty()) {
    drift_ = std::make_unique<DriftMonitor>(description_.drift_scores);
  }
}

Result<std::unique_ptr<Network>> Network::open(NetworkDescription description, const NetworkSettings& settings) {
  const bool labelled = settings.form.kind == AnswerForm::Kind::labels;
  if (description.stages.empty() || (labelled && description.labels.empty()) || settings.batch == 0) {
    return Error{"bad-network", description.place,
                 "network " + description.name + " has no stage, no label or no batch", "describe at least one of each",
                 ""};
  }
  std::size_t chosen = 0;
  std::string names;
  while (!settings.stage.empty() && chosen < description.stages.size() &&
         description.stages[chosen].name != settings.stage) {
    names += (names.empty() ? "" : ", ") + description.stages[chosen++].name;
  }
  if (chosen == description.stages.size()) {
    return Error{"unknown-stage", description.place,
                 "network " + description.name + " has no stage `" + settings.stage + "`", "it has " + names, ""};
  }
  auto walk = make_walk(description, settings, chosen);
  return std::unique_ptr<Network>(new Network(std::move(description), settings, std::move(walk)));
}

Status Network::load() {
  for (const Step& step : walk_) {
    if (auto loaded = stages_[step.stage]->load(); !loaded) return loaded;
  }
  return gate_ ? gate_->load() : Status{};
}

/// A job fails where no stage can be loaded, and not because one cannot.
Status Network::load_any() {
  for (const Step& step : walk_) {
    if (stages_[step.stage]->load()) return {};
  }
  return stages_[walk_.front().stage]->load();
}

bool Network::gives_probabilities(std::size_t stage) const {
  return stages_[stage]->find() && stages_[stage]->traits().gives_probabilities;
}

/// What the audit ran is booked there and not here.
Counters Network::stage_counters(std::size_t stage) const {
  Counters counters = stages_[stage]->counters();
  if (stage + 1 < stages_.size()) return counters;
  const std::lock_guard lock(audit_mutex_);
  counters.run -= audit_run_;
  counters.reused -= audit_reused_;
  counters.flops -= audit_.flops;
  counters.tokens -= audit_tokens_;
  counters.seconds = std::max(0.0, counters.seconds - audit_.seconds);
  return counters;
}

Counters Network::stage_counters() const {
  Counters sum;
  for (std::size_t s = 0; s < stages_.size(); ++s) {
    const Counters one = stage_counters(s);
    sum.run += one.run;
    sum.reused += one.reused;
    sum.flops += one.flops;
    sum.tokens += one.tokens;
    sum.seconds += one.seconds;
  }
  return sum;
}

Result<std::vector<Outcome>> Network::run(std::span<const Request> requests, const Decoder& decode) {
  std::vector<Outcome> outcomes(requests.size());
  if (requests.empty()) return outcomes;

  // Equal keys are one input: read once, seen once. Without reuse each is its own.
  std::unordered_map<std::string_view, std::size_t> first;
  std::vector<std::size_t> same(requests.size());
  std::vector<const Request*> distinct;
  std::vector<Outcome*> wanted;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    same[i] = memo_->remembers() ? first.try_emplace(requests[i].key, i).first->second : i;
    if (same[i] != i) continue;
    distinct.push_back(&requests[i]);
    wanted.push_back(&outcomes[i]);
  }
  const std::size_t batch = description_.pictures.empty() ? settings_.batch : std::min(settings_.batch, kShownBatch);
  for (std::size_t at = 0; at < distinct.size(); at += batch) {
    const std::size_t size = std::min(batch, distinct.size() - at);
    const auto part = std::span(distinct).subspan(at, size);
    if (auto ran = run_batch(part, decode, std::span(wanted).subspan(at, size)); !ran) return ran.error();
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (same[i] == i) continue;
    outcomes[i] = outcomes[same[i]];
    outcomes[i].gate_flops = 0.0;
    if (outcomes[i].stage.empty()) continue;  // refused before any stage
    outcomes[i].reused = true;
    for (StageRun& run : outcomes[i].runs) {
      run = {.stage = run.stage, .reused = true};
      stages_[run.stage]->count_reused();
    }
  }
  return outcomes;
}

bool Network::read(const std::string& key, const Decoder& decode, std::span<float> tensor, Outcome& outcome) const {
  if (!decode) {
    refuse(outcome, "unreadable", "nothing was given to read " + key + " with");
    return false;
  }
  auto picture = decode(key);
  if (!picture) {
    refuse(outcome, picture.error());
    return false;
  }
  if (auto fine = preprocess(*picture, description_.input, description_.resize, tensor); !fine) {
    refuse(outcome, fine.error());
    return false;
  }
  if (const double spread = deviation(tensor); spread < description_.blank_deviation) {
    refuse(outcome, "blank", "the picture is of one shade: its deviation is " + fixed(spread) + " of 1");
    return false;
  }
  return true;
}

Status Network::run_batch(std::span<const Request* const> requests, const Decoder& decode,
                          std::span<Outcome*> outcomes) {
  Open open;
  open.decode = &decode;
  for (std::size_t i = 0; i < requests.size(); ++i) open.add(*requests[i], *outcomes[i]);
  if (gate_)
    if (auto asked = ask_gate(open); !asked) return asked;
  for (const Step& step : walk_) {
    if (open.inputs.empty()) break;
    if (auto asked = ask_stage(step, open); !asked) return asked;
  }
  for (Outcome* outcome : open.outcomes) {
    if (outcome->failed.empty() || outcome->failed.back().stage != walk_.back().stage) {
      refuse(*outcome, "below-confidence",
             "its likeliest label has " + fixed(outcome->confidence) + ", and " + description_.name +
                 " is to answer from " + fixed(*walk_.back().accept));
    } else {
      const StageFailure& last = outcome->failed.back();
      refuse(*outcome, is_failure(last.code) ? last.code : "network-failed", last.detail);
    }
  }
  if (settings_.disk) note_experience(*settings_.disk, description_, outcomes);
  if (settings_.audit > 0.0) audit_batch(requests, decode, outcomes);
  return {};
}

/// By the seed and the key alone, and each key once: neither batches nor repetitions change the share.
bool Network::is_audited(std::string_view key) {
  if (audit_number(settings_.audit_seed, key) >= settings_.audit) return false;
  const std::lock_guard lock(audit_mutex_);
  return audited_.emplace(key).second;
}

void Network::audit_batch(std::span<const Request* const> requests, const Decoder& decode,
                          std::span<Outcome* const> outcomes) {
  const std::size_t last = stages_.size() - 1;
  Open open;
  open.decode = &decode;
  std::vector<Outcome> again(requests.size());
  std::vector<std::size_t> which;
  AuditReport report;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (!outcomes[i]->accepted_by) continue;
    ++report.answered;
    if (*outcomes[i]->accepted_by == last) continue;
    ++report.cheap;
    if (!is_audited(requests[i]->key)) continue;
    open.add(*requests[i], again[i]);
    which.push_back(i);
  }
  const auto book = [&] {
    const std::lock_guard lock(audit_mutex_);
    audit_.answered += report.answered;
    audit_.cheap += report.cheap;
    audit_.audited += report.audited;
    audit_.disagreed += report.disagreed;
    audit_.failed += report.failed;
    audit_.flops += report.flops;
    audit_.seconds += report.seconds;
  };
  if (which.empty()) return book();
  Stage& dearest = *stages_[last];
  std::uint64_t run = 0, reused = 0;
  Tokens tokens;
  if (dearest.find()) {
    read_for(dearest, open);
    const auto answers = dearest.ask(open.inputs);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i]) continue;
      ++(answers[i]->reused ? reused : run);
      report.flops += answers[i]->flops;
      report.seconds += answers[i]->seconds;
      tokens += answers[i]->tokens;
      (void)conclude({last, std::nullopt}, *answers[i], *open.outcomes[i]);
    }
  }
  for (const std::size_t i : which) {
    if (again[i].probabilities.empty()) {
      ++report.failed;
      continue;
    }
    ++report.audited;
    report.disagreed += winner(again[i].probabilities).label != winner(outcomes[i]->probabilities).label;
  }
  book();
  const std::lock_guard lock(audit_mutex_);
  audit_run_ += run;
  audit_reused_ += reused;
  audit_tokens_ += tokens;
}

AuditReport Network::audit() const {
  const std::lock_guard lock(audit_mutex_);
  return audit_;
}

std::optional<Guarantee> Network::guarantee() const {
  const auto& promise = description_.guarantee;
  if (!promise) return std::nullopt;
  Guarantee out{{promise->error, 1.0 - promise->confidence}, true, ""};
  if (drift_ && drift_->drifted(out.level.delta)) {
    out.holds = false;
    out.why = "the confidences of " + description_.stages.front().name +
              " no longer look like those of the calibration items";
    return out;
  }
  const AuditReport report = audit();
  const double low = (promise->target == "accepted" ? report.interval() : report.interval_of_all()).first;
  if (promise->scope != "decision" && low > out.level.alpha) {
    out.holds = false;
    out.why = "an audit found " + std::to_string(report.disagreed) + " of " + std::to_string(report.audited) +
              " cheap answers otherwise than the dearest stage has them";
  }
  return out;
}

void Network::read_pixels(Open& open) const {
  if (std::exchange(open.have_pixels, true)) return;
  const std::size_t size = description_.input.size();
  open.tensors.resize(open.inputs.size() * size);
  std::vector<bool> fine(open.inputs.size());
  for (std::size_t i = 0; i < open.inputs.size(); ++i) {
    const auto tensor = std::span(open.tensors).subspan(i * size, size);
    open.inputs[i].pixels = tensor;
    fine[i] = read(std::string(open.inputs[i].key), *open.decode, tensor, *open.outcomes[i]);
  }
  open.drop([&](std::size_t i) { return !fine[i]; });
}

/// Each picture once a batch.
void Network::read_shown(Open& open) const {
  if (std::exchange(open.have_shown, true)) return;
  open.shown.resize(open.inputs.size());
  std::vector<bool> fine(open.inputs.size(), true);
  for (std::size_t i = 0; i < open.inputs.size(); ++i) {
    for (const auto& [at, key] : open.requests[i]->pictures) {
      if (!settings_.colours) {
        refuse(*open.outcomes[i], "unreadable", "nothing was given to read " + key + " with");
        fine[i] = false;
        break;
      }
      auto found = open.colours.find(key);
      if (found == open.colours.end()) found = open.colours.emplace(key, settings_.colours(key)).first;
      if (!found->second) {
        refuse(*open.outcomes[i], found->second.error());
        fine[i] = false;
        break;
      }
      open.shown[i].push_back({at, &*found->second});
    }
    open.inputs[i].shown = open.shown[i];
  }
  open.drop([&](std::size_t i) { return !fine[i]; });
}

void Network::read_for(const Stage& stage, Open& open) const {
  if (stage.traits().reads == Reads::pixels) read_pixels(open);
  if (stage.traits().sees) read_shown(open);
}

/// A gate that fails lets nothing pass.
Status Network::ask_gate(Open& open) {
  if (auto found = gate_->find(); !found) return found;
  read_for(*gate_, open);
  const auto answers = gate_->ask(open.inputs);
  if (!all_answered(answers))
    if (auto loaded = gate_->load(); !loaded) return loaded;
  for (std::size_t i = 0; i < open.inputs.size(); ++i) {
    Outcome& outcome = *open.outcomes[i];
    if (!answers[i]) {
      refuse(outcome, "network-failed", "its gate failed: " + answers[i].error().what);
      continue;
    }
    if (!answers[i]->reused) outcome.gate_flops = description_.gate->model->flops;
    if (is_failure(answers[i]->said.refusal)) {
      refuse(outcome, answers[i]->said.refusal, "its gate failed: " + answers[i]->detail);
    } else if (!answers[i]->said.refusal.empty()) {
      refuse(outcome, answers[i]->said.refusal, "the gate of " + description_.name + " refuses it");
    } else if (!passes_gate(answers[i]->said.values.front(), outcome)) {
      refuse_unlike(outcome);
    }
    outcome.reused = !outcome.refusal.empty() && answers[i]->reused;
  }
  open.drop([&](std::size_t i) { return !open.outcomes[i]->refusal.empty(); });
  return {};
}

/// Leaves those that the next stage has to answer.
Status Network::ask_stage(const Step& step, Open& open) {
  Stage& stage = *stages_[step.stage];
  if (auto found = stage.find(); !found) {
    for (Outcome* outcome : open.outcomes) {
      outcome->failed.push_back({step.stage, found.error().code, found.error().what});
    }
    return load_any();
  }
  read_for(stage, open);
  const auto answers = stage.ask(open.inputs);
  if (!all_answered(answers) && !stage.load())
    if (auto loaded = load_any(); !loaded) return loaded;
  std::vector<bool> done(open.inputs.size());
  for (std::size_t i = 0; i < open.inputs.size(); ++i) {
    Outcome& outcome = *open.outcomes[i];
    outcome.stage = stage.description().name;
    if (!answers[i]) {
      outcome.failed.push_back({step.stage, answers[i].error().code, answers[i].error().what});
      continue;
    }
    const bool reused = answers[i]->reused;
    outcome.reused = reused && (outcome.runs.empty() || outcome.reused);
    outcome.runs.push_back(
        {step.stage, reused, answers[i]->flops, answers[i]->seconds, answers[i]->tokens, answers[i]->usd});
    done[i] = conclude(step, *answers[i], outcome);
  }
  open.drop([&](std::size_t i) { return done[i]; });
  return {};
}

/// False: the next stage has to answer.
bool Network::conclude(const Step& step, const StageAnswer& answer, Outcome& outcome) const {
  const Stage& stage = *stages_[step.stage];
  const std::string& name = stage.description().name;
  const std::size_t labels = description_.labels.size();
  if (is_failure(answer.said.refusal)) {
    outcome.failed.push_back({step.stage, answer.said.refusal,
                              name + " gave no answer" + (answer.detail.empty() ? "" : ": " + answer.detail)});
    return false;
  }
  if (!answer.said.refusal.empty()) {
    refuse(outcome, answer.said.refusal, name + " refuses it");
    return true;
  }
  if (settings_.form.kind != AnswerForm::Kind::labels) return conclude_records(step, answer, outcome);
  const auto values = std::span(answer.said.values).first(labels);
  std::vector<double> probabilities(values.begin(), values.end());
  if (!stage.traits().gives_probabilities) {
    probabilities = softmax(values, stage.description().temperature.value_or(1.0));
  }
  if (const auto& curve = stage.description().isotonic; !curve.empty()) {
    probabilities[1] = on_curve(curve, probabilities[1]);
    probabilities[0] = 1.0 - probabilities[1];
  }
  if (description_.gate && !description_.gate->model) {
    if (!passes_gate(answer.said.values[labels], outcome)) {
      if (step.accept && step.stage != walk_.back().stage) return false;
      refuse_unlike(outcome);
      return true;
    }
  }
  outcome.confidence = winner(probabilities).confidence;
  if (drift_ && step.stage == 0 && !answer.reused) drift_->see(outcome.confidence);
  if (step.accept && outcome.confidence < *step.accept) return false;
  outcome.probabilities = std::move(probabilities);
  outcome.accepted_by = step.stage;
  return true;
}

/// As sure as of the record it is least sure of.
bool Network::conclude_records(const Step& step, const StageAnswer& answer, Outcome& outcome) const {
  outcome.confidence = 1.0;
  for (const Record& record : answer.said.records) {
    if (!(record.probability >= 0.0 && record.probability <= 1.0)) {
      outcome.failed.push_back({step.stage, "not-finite", "a record's probability is no number from 0 to 1"});
      return false;
    }
    outcome.confidence = std::min(outcome.confidence, record.probability);
  }
  if (step.accept && outcome.confidence < *step.accept) return false;
  outcome.records = answer.said.records;
  outcome.accepted_by = step.stage;
  return true;
}

bool Network::passes_gate(double score, Outcome& outcome) const {
  outcome.gate_score = score;
  return score >= description_.gate->threshold;
}

void Network::refuse_unlike(Outcome& outcome) const {
  refuse(outcome, "out-of-distribution",
         "unlike what " + description_.name + " was trained on: its gate gives " + fixed(*outcome.gate_score) +
             " and asks for " + fixed(description_.gate->threshold));
}

}  // namespace tenfold::neural
