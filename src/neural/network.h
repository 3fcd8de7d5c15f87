// A network as a program names it: labels, stages cheapest first, and a gate that turns away what it was not made for.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/base.h"
#include "neural/memo.h"
#include "neural/preprocess.h"
#include "neural/stage.h"

namespace tenfold::neural {

/// For whom a network was trained, for rules and for people.
struct Population {
  std::string text;
  std::optional<double> age_years_min, age_years_max;
};

/// Turns away an input whose score is below the threshold. With a model of its own it is asked before any stage;
/// without, its score is an output of the stage itself.
struct GateDescription {
  std::optional<StageDescription> model;
  std::string output;
  double threshold = 0.0;
};

/// NAME.toml, read and checked (registry.h).
struct NetworkDescription {
  std::string name;
  std::vector<std::string> labels;  // exclusive, in the order of the outputs
  InputShape input;
  Resize resize = Resize::bicubic;
  Population population;
  // A picture that deviates less once resized is refused as blank. One grey level of 256 is a deviation of 0.004 at
  // most.
  double blank_deviation = 0.01;
  std::optional<GateDescription> gate;
  std::vector<StageDescription> stages;  // cheapest first, at least one
  Place place;
};

/// A network of one table stage, as .test files write it: "a pneumonia 0.93 | b normal 0.8" (backends/table.h).
NetworkDescription stub_network(std::string name, std::vector<std::string> labels, std::string table,
                                double flops = 1.0);

struct NetworkSettings {
  std::string stage = {};                          // empty: the cheapest
  unsigned threads = 1;                            // answers do not depend on it
  std::size_t batch = 64;                          // inputs decoded and asked at a time: bounds memory
  std::size_t memo_bytes = std::size_t{64} << 20;  // 0: without reuse, everything asked is run
};

struct Request {
  std::string key;  // where the picture lies, for the decoder; all that a table needs
};

/// Why an input has no probabilities.
/// blank: (nearly) one shade · not-in-distribution: turned away by the gate · unreadable: could not be decoded ·
/// not-finite: the network said something that is no number · outside-population: a decoder may say so, as it may any
/// of these by its error's code; every other code of a decoder becomes unreadable.
inline constexpr std::string_view kRefusals[] = {"blank", "not-in-distribution", "unreadable", "not-finite",
                                                 "outside-population"};

struct Outcome {
  std::vector<double> probabilities;  // one a label, calibrated, sum 1; empty when refused
  std::string refusal;                // empty, or a code as above
  std::string detail;                 // for people: why it was refused
  std::string stage;                  // which answered; empty when refused before any
  bool reused = false;                // answered from memory, nothing ran
  std::optional<double> gate_score;
};

/// Thread-safe: one network serves all threads of a process.
class Network {
 public:
  /// Reads no model yet. Errors: "unknown-stage", "bad-network" (no stage or label, a batch of 0).
  static Result<std::unique_ptr<Network>> open(NetworkDescription description, const NetworkSettings& settings = {});

  const NetworkDescription& description() const { return description_; }
  /// The stage that answers, and the one with the most FLOPs an input, by which `flops_neural_only` is reckoned.
  const StageDescription& stage() const { return stage_->description(); }
  const StageDescription& dearest_stage() const;

  /// Loads the models that run() would use, for whoever wants to know early. Errors: those of Stage::load.
  Status load();
  /// One outcome a request, in their order. A request whose key occurred before in the same run is answered with it.
  /// `decode` may be empty for a network that does not read pixels.
  /// Errors: those of load(), and "network-failed". What cannot be read or is turned away is a refusal, not an error.
  Result<std::vector<Outcome>> run(std::span<const Request> requests, const Decoder& decode);

  /// What ran in the stage, and in the gate where that has a model of its own (zeros otherwise). Every input asked for
  /// is in stage.run or stage.reused, or was refused before.
  Counters stage_counters() const { return stage_->counters(); }
  Counters gate_counters() const { return gate_ ? gate_->counters() : Counters{}; }

 private:
  Network(NetworkDescription description, const NetworkSettings& settings, std::size_t chosen);
  Status run_batch(std::span<const std::string* const> keys, const Decoder& decode, std::span<Outcome*> outcomes);
  bool read(const std::string& key, const Decoder& decode, std::span<float> tensor, Outcome& outcome) const;
  Status ask_gate(std::vector<Seen>& inputs, std::vector<Outcome*>& outcomes);
  void conclude(const StageAnswer& answer, Outcome& outcome) const;
  void apply_gate(double score, Outcome& outcome) const;

  const NetworkDescription description_;
  const NetworkSettings settings_;
  const std::shared_ptr<Memo> memo_;
  std::unique_ptr<Stage> stage_, gate_;
};

}  // namespace tenfold::neural
