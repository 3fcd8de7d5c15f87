// One model of a network: found by its checksum, loaded when there is something to ask it that the memo does not know,
// asked in batches, each distinct content once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/base.h"
#include "neural/backend.h"
#include "neural/memo.h"

namespace tenfold::neural {

/// What NAME.toml says of a model. Every figure is an input's.
struct StageDescription {
  std::string name;
  std::string backend = "openvino";
  std::string model;                              // path of the file
  std::string content;                            // the model itself, in place of a file (stub networks)
  std::string sha256;                             // of the file; may be empty for a table only
  std::string weights = {}, weights_sha256 = {};  // of a model in two files, the second
  std::string output = "logits";                  // name of [n, labels]; of a gate: [n, 1]
  double flops = 0.0;                             // a multiply-add counts two
  std::optional<double> temperature;              // none: not calibrated, logits are taken as they are
  // Of a network of two labels, the second's probability as the stage says it and as it is; empty: taken as said.
  std::vector<std::pair<double, double>> isotonic = {};
  std::optional<double> accept;  // answers where its calibrated confidence is at least this; else the next stage
  std::map<std::string, std::string, std::less<>> options = {};  // the back end's own
  std::string distilled_from = {};  // the dearer stage whose answers it was trained on; empty: none
  Place place;                      // where NAME.toml says so
};

/// What ran, since the stage was made.
struct Counters {
  std::uint64_t run = 0;     // inputs that went through the model
  std::uint64_t reused = 0;  // inputs answered from memory
  double flops = 0.0;        // of those run
  Tokens tokens = {};        // of a language model
  double seconds = 0.0;      // wall time within the model, loading apart
};

/// What a stage needs to know of its network.
struct StageSettings {
  InputShape input;
  std::vector<std::string> labels;  // empty for a gate
  std::optional<std::string> gate;  // name of a further output [n, 1]
  unsigned threads = 1;
  AnswerForm form = {};
  bool shown = false;  // there are pictures within the texts
};

/// One input of a batch: its key, and what the model reads of it.
struct Seen {
  std::string_view key;
  std::span<const float> pixels;
  std::string_view text = {};
  std::span<const Shown> shown = {};
};

/// The stage did not do its work, which says nothing about the input: another may do better, or the same one later.
/// Such a refusal is not remembered.
bool is_failure(std::string_view code);

struct StageAnswer {
  Said said;  // values: the labels' logits or probabilities, then the gate's score
  bool reused = false;
  double flops = 0.0;    // of this run; 0 when reused
  double seconds = 0.0;  // its share of the batch's wall time within the model; 0 when reused
  Tokens tokens = {};
  double usd = 0.0;    // charged by a remote service
  std::string detail;  // of a refusal, for people; may be empty
};

/// Thread-safe.
class Stage {
 public:
  Stage(StageDescription description, StageSettings settings, std::shared_ptr<Memo> memo);

  const StageDescription& description() const { return description_; }
  /// Looks for the back end and sums up the file: all that is needed to know again what the model said. A failure is
  /// kept, and said again. Errors: "bad-options", "no-model", "wrong-checksum", "no-pictures" (it is to be shown some,
  /// and cannot be), those of find_backend.
  Status find();
  /// find(), and reads and loads the model; does nothing the second time. A failure is kept, and said again.
  /// Errors: those of find(), "wrong-flops", those of Backend::load.
  Status load();
  /// Requires find() to have succeeded, here and below.
  const Traits& traits() const { return traits_; }
  /// Answers in the order of `inputs`, one by one an answer or an error. The model is loaded when there is an input
  /// that the memo does not know. Garbage (no numbers, no probabilities, not as many as there should be) is a refusal
  /// that is_failure. Errors: those of load() and of Model::run.
  std::vector<Result<StageAnswer>> ask(std::span<const Seen> inputs);
  /// Counts an input that its asker answered with an earlier one's answer.
  void count_reused();
  Counters counters() const;

 private:
  Status find_once();
  Status sum_model();
  void make_id();
  Status load_once();
  std::vector<std::size_t> recall(std::span<const ContentKey> keys, std::span<const std::size_t> which,
                                  std::span<Result<StageAnswer>> answers);
  void keep(std::span<const ContentKey> keys, std::span<const std::size_t> which,
            std::span<const Result<StageAnswer>> answers);
  void run(std::span<const Seen> inputs, std::span<const std::size_t> which, std::span<Result<StageAnswer>> answers);
  Status run_together(std::span<const Seen> inputs, std::span<const std::size_t> which,
                      std::span<Result<StageAnswer>> answers);
  bool writes() const { return settings_.form.kind != AnswerForm::Kind::labels; }
  bool fits(const Said& said) const;
  void examine(StageAnswer& answer) const;

  const StageDescription description_;
  const StageSettings settings_;
  const std::shared_ptr<Memo> memo_;
  std::mutex load_mutex_;
  std::optional<Status> found_, loaded_;
  // By find():
  bool isolated_ = false;
  Backend* backend_ = nullptr;
  std::string sum_;  // of the model
  LoadSettings load_settings_;
  Traits traits_;
  std::string id_;  // what the memo calls this model: all that its answers hang on beside the input
  // By load():
  std::unique_ptr<Model> model_;
  mutable std::mutex counters_mutex_;
  Counters counters_;
};

}  // namespace tenfold::neural
