#include "neural/network.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "neural/calibration.h"

namespace tenfold::neural {
namespace {

std::string fixed(double value) {
  const double rounded = std::round(value * 1e4) / 1e4;
  return number_text(rounded);
}

void refuse(Outcome& outcome, std::string_view code, std::string detail) {
  outcome.probabilities.clear();
  outcome.refusal = code;
  outcome.detail = std::move(detail);
}

void refuse(Outcome& outcome, const Error& error) {
  const bool known = std::find(std::begin(kRefusals), std::end(kRefusals), error.code) != std::end(kRefusals);
  std::string where = error.place.file.empty() ? "" : error.place.file + ": ";
  refuse(outcome, known ? error.code : "unreadable", where + error.what);
}

StageSettings stage_settings(const NetworkDescription& network, const NetworkSettings& settings) {
  StageSettings out{network.input, network.labels, std::nullopt, settings.threads};
  if (network.gate && !network.gate->model) out.gate = network.gate->output;
  return out;
}

}  // namespace

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

Network::Network(NetworkDescription description, const NetworkSettings& settings, std::size_t chosen)
    : description_(std::move(description)), settings_(settings), memo_(std::make_shared<Memo>(settings.memo_bytes)) {
  stage_ = std::make_unique<Stage>(description_.stages[chosen], stage_settings(description_, settings_), memo_);
  if (description_.gate && description_.gate->model) {
    gate_ = std::make_unique<Stage>(*description_.gate->model,
                                    StageSettings{description_.input, {}, std::nullopt, settings_.threads}, memo_);
  }
}

Result<std::unique_ptr<Network>> Network::open(NetworkDescription description, const NetworkSettings& settings) {
  if (description.stages.empty() || description.labels.empty() || settings.batch == 0) {
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
  return std::unique_ptr<Network>(new Network(std::move(description), settings, chosen));
}

const StageDescription& Network::dearest_stage() const {
  const auto& stages = description_.stages;
  return *std::max_element(stages.begin(), stages.end(),
                           [](const auto& a, const auto& b) { return a.flops < b.flops; });
}

Status Network::load() {
  if (auto loaded = stage_->load(); !loaded) return loaded;
  return gate_ ? gate_->load() : Status{};
}

Result<std::vector<Outcome>> Network::run(std::span<const Request> requests, const Decoder& decode) {
  std::vector<Outcome> outcomes(requests.size());
  if (requests.empty()) return outcomes;
  if (auto loaded = load(); !loaded) return loaded.error();

  // Equal keys are one input: read once, seen once. Without reuse each is its own.
  std::unordered_map<std::string_view, std::size_t> first;
  std::vector<std::size_t> same(requests.size());
  std::vector<const std::string*> keys;
  std::vector<Outcome*> wanted;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    same[i] = memo_->remembers() ? first.try_emplace(requests[i].key, i).first->second : i;
    if (same[i] != i) continue;
    keys.push_back(&requests[i].key);
    wanted.push_back(&outcomes[i]);
  }
  for (std::size_t at = 0; at < keys.size(); at += settings_.batch) {
    const std::size_t size = std::min(settings_.batch, keys.size() - at);
    if (auto ran = run_batch(std::span(keys).subspan(at, size), decode, std::span(wanted).subspan(at, size)); !ran) {
      return ran.error();
    }
  }
  for (std::size_t i = 0; i < requests.size(); ++i) {
    if (same[i] == i) continue;
    outcomes[i] = outcomes[same[i]];
    if (outcomes[i].stage.empty()) continue;  // refused before any stage
    outcomes[i].reused = true;
    stage_->count_reused();
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

Status Network::run_batch(std::span<const std::string* const> keys, const Decoder& decode,
                          std::span<Outcome*> outcomes) {
  const bool pixels = stage_->model().reads_pixels() || (gate_ && gate_->model().reads_pixels());
  const std::size_t size = pixels ? description_.input.size() : 0;
  std::vector<float> tensors(keys.size() * size);
  std::vector<Seen> inputs;
  std::vector<Outcome*> open;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto tensor = std::span(tensors).subspan(i * size, size);
    if (pixels && !read(*keys[i], decode, tensor, *outcomes[i])) continue;
    inputs.push_back({*keys[i], tensor});
    open.push_back(outcomes[i]);
  }
  if (gate_ && !inputs.empty()) {
    if (auto asked = ask_gate(inputs, open); !asked) return asked;
  }
  if (inputs.empty()) return {};
  auto answers = stage_->ask(inputs);
  if (!answers) return answers.error();
  for (std::size_t i = 0; i < inputs.size(); ++i) conclude((*answers)[i], *open[i]);
  return {};
}

/// Leaves in `inputs` and `outcomes` those that pass.
Status Network::ask_gate(std::vector<Seen>& inputs, std::vector<Outcome*>& outcomes) {
  auto answers = gate_->ask(inputs);
  if (!answers) return answers.error();
  std::size_t passed = 0;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    apply_gate((*answers)[i].said.values.front(), *outcomes[i]);
    if (!outcomes[i]->refusal.empty()) {
      outcomes[i]->reused = (*answers)[i].reused;
      continue;
    }
    inputs[passed] = inputs[i];
    outcomes[passed++] = outcomes[i];
  }
  inputs.resize(passed);
  outcomes.resize(passed);
  return {};
}

void Network::apply_gate(double score, Outcome& outcome) const {
  if (!std::isfinite(score)) return refuse(outcome, "not-finite", "the gate's score is no number");
  outcome.gate_score = score;
  if (score >= description_.gate->threshold) return;
  refuse(outcome, "not-in-distribution",
         "unlike the pictures that " + description_.name + " was trained on: its gate gives " + fixed(score) +
             " and asks for " + fixed(description_.gate->threshold));
}

void Network::conclude(const StageAnswer& answer, Outcome& outcome) const {
  outcome.stage = stage().name;
  outcome.reused = answer.reused;
  const std::size_t labels = description_.labels.size();
  if (!answer.said.refusal.empty()) return refuse(outcome, answer.said.refusal, stage().name + " refuses it");
  const auto values = std::span(answer.said.values).first(labels);
  if (!std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); })) {
    return refuse(outcome, "not-finite", "the network's answer has a value that is no number");
  }
  if (stage_->model().gives_probabilities()) {
    outcome.probabilities.assign(values.begin(), values.end());
  } else {
    outcome.probabilities = softmax(values, stage().temperature.value_or(1.0));
  }
  if (description_.gate && !description_.gate->model) apply_gate(answer.said.values[labels], outcome);
}

}  // namespace tenfold::neural
