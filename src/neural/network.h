// A network as a program names it: labels, stages cheapest first, and a gate that turns away what it was not made for.
// Where NAME.toml gives thresholds, stages are walked cheapest first and the first that is sure enough answers
// (cascade); without, one stage answers. Either way a stage that fails hands its inputs to the next.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/base.h"
#include "neural/drift.h"
#include "neural/guarantee.h"
#include "neural/memo.h"
#include "neural/preprocess.h"
#include "neural/stage.h"

namespace tenfold::neural {

/// For whom a network was trained, for rules and for people.
struct Population {
  std::string text;
  std::optional<double> age_years_min, age_years_max;
};

/// Turns away an input whose score is below the threshold. With a model of its own it is asked before any stage; else
/// its score is an output of each stage: all of a cascade but the last hand on what is below, and the last refuses it.
struct GateDescription {
  std::optional<StageDescription> model;
  std::string output;
  double threshold = 0.0;
};

/// What a calibration found that its thresholds promise (guarantee.h): with probability `confidence` over the draw of
/// `items` calibration items, the error is at most `error` on inputs like them.
struct GuaranteeDescription {
  std::string target;       // "accuracy", "against-dearest", "precision", "recall"
  std::string scope;        // "network", or "decision": what the rules conclude
  double error = 0.0;       // α
  double confidence = 0.0;  // 1 - δ
  std::uint64_t items = 0;
  std::string method;
};

/// NAME.toml, read and checked (registry.h).
struct NetworkDescription {
  std::string name;
  std::vector<std::string> labels;  // exclusive, in the order of the outputs; none: the program says them, or tuples
  std::string prompt = {};          // of a language network; empty: the program says it
  std::vector<std::string> pictures = {};  // bound columns that name a picture each, for a language network
  InputShape input;
  Resize resize = Resize::bicubic;
  Population population;
  // A picture that deviates less once resized is refused as blank. One grey level of 256 is a deviation of 0.004 at
  // most.
  double blank_deviation = 0.01;
  std::optional<GateDescription> gate;
  std::vector<StageDescription> stages;  // cheapest first, at least one
  std::optional<GuaranteeDescription> guarantee;
  // Confidences of the first stage on calibration items, rising: what later ones are compared with (drift.h).
  std::vector<double> drift_scores;
  Place place;
};

/// A network of one table stage, as .test files write it: "a pneumonia 0.93 | b normal 0.8" (backends/table.h).
NetworkDescription stub_network(std::string name, std::vector<std::string> labels, std::string table,
                                double flops = 1.0);

struct NetworkSettings {
  std::string stage = {};        // this alone answers; empty: as NAME.toml says
  bool cascade = true;           // false: where there are thresholds, the dearest answers everything
  unsigned threads = 1;          // answers do not depend on it
  std::size_t batch = 64;        // inputs decoded and asked at a time: bounds memory
  double audit = 0.0;            // share of cheap answers that the dearest stage is asked about as well
  std::uint64_t audit_seed = 0;  // which ones: by this and the input's key alone
  std::size_t memo_bytes = std::size_t{64} << 20;  // 0: without reuse, everything asked is run
  AnswerForm form = {};                            // of a network without labels: what a language model may say
  std::shared_ptr<store::DiskMemo> disk = {};      // what earlier runs were told, and where this one's answers go
  ColourDecoder colours = {};                      // reads what Request::pictures names
};

struct Request {
  std::string key;        // where the picture lies, for the decoder; all that a table needs
  std::string text = {};  // for a model that reads text; empty: the key is the text, unless there are pictures
  struct Picture {
    std::size_t at = 0;  // the byte of the text that it stands before
    std::string key;     // where it lies
  };
  std::vector<Picture> pictures = {};  // within the text, in their order
};

/// A stage that was asked for an input, and answered.
struct StageRun {
  std::size_t stage = 0;  // index into NetworkDescription::stages
  bool reused = false;    // answered from memory; then all else is 0
  double flops = 0.0;
  double seconds = 0.0;  // wall time within the model, its share of a batch
  Tokens tokens = {};    // of a language model
  double usd = 0.0;      // charged by a remote service
};

/// A stage that was asked for an input, and did not answer.
struct StageFailure {
  std::size_t stage = 0;
  std::string code;    // of the error: "network-failed", "not-finite", "over-budget", those of Stage::load
  std::string detail;  // for people
};

struct Outcome {
  std::vector<double> probabilities;       // one a label, calibrated, sum 1; empty when refused
  std::string refusal;                     // empty, or a code of base/abstention.h
  std::string detail;                      // for people: why it was refused
  std::string stage;                       // which answered or refused; empty when refused before any
  std::vector<Record> records;             // of a language network without labels; none is an answer too
  std::optional<std::size_t> accepted_by;  // index of the stage whose probabilities these are
  double confidence = 0.0;                 // of the winning label; 0 when refused
  std::vector<StageRun> runs;              // in the order asked
  std::vector<StageFailure> failed;        // in the order asked
  bool reused = false;                     // at least one stage was asked, and nothing ran
  std::optional<double> gate_score;
  double gate_flops = 0.0;  // of a gate with a model that ran for this input
};

/// What asking the dearest stage about a random share of the cheap answers brought to light. Each input counts once.
struct AuditReport {
  std::uint64_t answered = 0, cheap = 0;  // while auditing: answers, and those not of the dearest stage
  std::uint64_t audited = 0, disagreed = 0;
  std::uint64_t failed = 0;           // the dearest stage gave no answer to compare with
  double flops = 0.0, seconds = 0.0;  // of the audit alone; in no other counter
  /// Of the rate of disagreement among cheap answers, exact, 95%.
  std::pair<double, double> interval() const { return binomial_interval(disagreed, audited); }
  /// The same of all answers, of which the cheap ones are a part.
  std::pair<double, double> interval_of_all() const {
    const double share = answered == 0 ? 1.0 : static_cast<double>(cheap) / static_cast<double>(answered);
    const auto [low, high] = interval();
    return {low * share, high * share};
  }
};

/// One step of the walk: a stage, and the confidence from which it answers (none: it answers everything).
struct Step {
  std::size_t stage = 0;
  std::optional<double> accept;
};

/// Thread-safe: one network serves all threads of a process.
class Network {
 public:
  /// Reads no model yet. Errors: "unknown-stage", "bad-network" (no stage or label, a batch of 0).
  static Result<std::unique_ptr<Network>> open(NetworkDescription description, const NetworkSettings& settings = {});

  const NetworkDescription& description() const { return description_; }
  /// The stage asked first, and the last, by which `flops_neural_only` is reckoned.
  const StageDescription& stage() const { return stages_[walk_.front().stage]->description(); }
  const StageDescription& dearest_stage() const { return description_.stages.back(); }
  /// The stages that may be asked, in this order; more than the first only where it is not sure enough or fails.
  const std::vector<Step>& walk() const { return walk_; }
  /// A stage's answer may be turned down for being unsure.
  bool cascades() const { return walk_.size() > 1 && walk_.front().accept.has_value(); }

  /// A stage's first output is probabilities, which no temperature is applied to. False of one that cannot be found.
  bool gives_probabilities(std::size_t stage) const;

  /// Loads every model that run() might use, for whoever wants to know early. Errors: those of Stage::load.
  Status load();
  /// One outcome a request, in their order; it depends on the request alone. A request whose key occurred before in the
  /// same run is answered with it. `decode` may be empty for a network that does not read pixels.
  /// Nothing is loaded where nothing is asked that the memo does not know. Errors: those of Stage::load, when the gate
  /// is needed and cannot be loaded, or a stage is and every one of the walk cannot be. What cannot be read, is turned
  /// away or finds no stage that works is a refusal, not an error.
  Result<std::vector<Outcome>> run(std::span<const Request> requests, const Decoder& decode);

  /// What ran in one stage, in all, and in the gate where that has a model of its own (zeros otherwise).
  Counters stage_counters(std::size_t stage) const;
  Counters stage_counters() const;
  Counters gate_counters() const { return gate_ ? gate_->counters() : Counters{}; }
  AuditReport audit() const;
  /// The promise of NAME.toml and whether it still holds: withdrawn when confidences have drifted from the calibration
  /// items' (drift.h), or when the lower end of the audit's interval of disagreement with the dearest stage exceeds α:
  /// among cheap answers where the promise is about those ("accepted"), else among all. A promise about decisions is
  /// not withdrawn by single answers: whoever sees decisions audits them. Nothing without a promise.
  std::optional<Guarantee> guarantee() const;

 private:
  struct Open;
  Network(NetworkDescription description, const NetworkSettings& settings, std::vector<Step> walk);
  Status load_any();
  Status run_batch(std::span<const Request* const> requests, const Decoder& decode, std::span<Outcome*> outcomes);
  bool read(const std::string& key, const Decoder& decode, std::span<float> tensor, Outcome& outcome) const;
  void read_pixels(Open& open) const;
  void read_shown(Open& open) const;
  void read_for(const Stage& stage, Open& open) const;
  Status ask_gate(Open& open);
  Status ask_stage(const Step& step, Open& open);
  bool is_audited(std::string_view key);
  void audit_batch(std::span<const Request* const> requests, const Decoder& decode, std::span<Outcome* const> outcomes);
  bool conclude(const Step& step, const StageAnswer& answer, Outcome& outcome) const;
  bool conclude_records(const Step& step, const StageAnswer& answer, Outcome& outcome) const;
  bool passes_gate(double score, Outcome& outcome) const;
  void refuse_unlike(Outcome& outcome) const;

  const NetworkDescription description_;
  const NetworkSettings settings_;
  const std::vector<Step> walk_;
  const std::shared_ptr<Memo> memo_;
  std::vector<std::unique_ptr<Stage>> stages_;  // as described
  std::unique_ptr<Stage> gate_;
  std::unique_ptr<DriftMonitor> drift_;  // of the first stage's confidence, where calibration kept it
  mutable std::mutex audit_mutex_;
  AuditReport audit_;
  std::uint64_t audit_run_ = 0, audit_reused_ = 0;  // of the dearest stage, by the audit
  Tokens audit_tokens_;                             // the same
  std::unordered_set<std::string> audited_;         // keys
};

}  // namespace tenfold::neural
