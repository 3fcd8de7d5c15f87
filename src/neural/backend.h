// What runs a model. A back end is one file in backends/: "table" answers from a table (tests, stub networks),
// "openvino" runs ONNX and its own format on the processor and lives in a module of its own that is opened at first
// use.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "neural/language.h"
#include "neural/preprocess.h"

namespace tenfold::neural {

struct OutputSpec {
  std::string name;
  std::size_t size = 0;  // values an input
};

struct LoadSettings {
  std::string path;  // for messages; the model's bytes are given beside it
  InputShape input;  // of pictures; of size 0 for a model that reads none
  std::vector<OutputSpec> outputs;
  std::vector<std::string> labels;  // of the first output; none for a gate
  unsigned threads = 1;
  AnswerForm form = {};                                          // what a language model may say
  std::map<std::string, std::string, std::less<>> options = {};  // the back end's own, from NAME.toml
  std::string weights = {}, weights_sha256 = {};  // path of a second file, which the back end reads and checks
  /// The value of an option, or `fallback`.
  std::string option(std::string_view name, std::string fallback = "") const {
    const auto found = options.find(name);
    return found == options.end() ? std::move(fallback) : found->second;
  }
};

/// What a model needs to know of an input.
enum class Reads : std::uint8_t {
  key,     // nothing but its key: no picture is decoded for it
  pixels,  // the decoded picture
  text,    // a text; where the network has a prompt, that, with what the input says in its place
};

/// A picture within a text, before the byte `at`. No text can say that a picture is there.
struct Shown {
  std::size_t at = 0;
  const ColourPicture* picture = nullptr;
};

/// n inputs. `pixels` is [n, channels, height, width] and `texts` [n], each empty for a model that does not read it.
/// `shown` is [n] too, or empty where no text has pictures: those of each, in their order.
struct Batch {
  std::span<const std::string_view> keys;
  std::span<const float> pixels;
  std::span<const std::string_view> texts = {};
  std::span<const std::span<const Shown>> shown = {};
  std::size_t size() const { return keys.size(); }
};

struct Outputs {
  std::vector<std::vector<double>> values;  // one for each OutputSpec, in its order: [n, size]
  std::vector<std::string> refusals;        // [n]: why the model says nothing about an input; empty where it does
  // [n] each, or empty where the model has none:
  std::vector<std::vector<Record>> records;  // what a language model says that has no labels
  std::vector<Tokens> tokens;
  std::vector<double> usd;           // that a remote service charged, at most
  std::vector<double> flops;         // of this run; empty: flops_per_input() each
  std::vector<std::string> details;  // [n] or none: the same for people
};

/// Thread-safe. What it says about an input does not depend on the rest of the batch nor on the number of threads.
class Model {
 public:
  virtual ~Model() = default;
  /// Replaces `outputs`. Errors: "network-failed".
  virtual Status run(const Batch& batch, Outputs& outputs) = 0;
  /// Counted from the model itself, a multiply-add as two; 0 when there is nothing to count, or inputs differ in it.
  virtual double flops_per_input() const = 0;
};

/// What is known of a model that is not loaded yet: with its file's checksum and its settings all that a memo needs to
/// find what it said.
struct Traits {
  Reads reads = Reads::key;
  bool gives_probabilities = true;  // its first output is probabilities, calibrated as they are; false: logits
  /// What its answers hang on beside its file and the input: a library's version, the kind of processor. A memo starts
  /// anew with it.
  std::string identity = {};
  bool sees = false;  // it reads texts, and the pictures within them
};

class Backend {
 public:
  virtual ~Backend() = default;
  /// Of any model that load() gives for these settings. Thread-safe.
  virtual Traits traits(const LoadSettings& settings) const = 0;
  /// Errors: "bad-model" (not a model of the kind), "wrong-shape" (input), "no-output" (a name or size it does not
  /// have).
  virtual Result<std::unique_ptr<Model>> load(std::span<const std::byte> model, const LoadSettings& settings) = 0;
  /// True: load() is given no bytes and opens the file at `settings.path` itself, as it is larger than memory may be.
  virtual bool opens_file() const { return false; }
};

/// The back end of that name, opened once a process and never closed. Thread-safe.
/// Errors: "unknown-backend", "no-backend" (its module is not there or was built for another version).
Result<Backend*> find_backend(std::string_view name);

}  // namespace tenfold::neural
