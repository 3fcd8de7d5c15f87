#include "neural/stage.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "neural/backends/isolated.h"
#include "neural/sha256.h"

namespace tenfold::neural {
namespace {

constexpr std::uintmax_t kMaxModelBytes = std::uintmax_t{1} << 30;
// Options that say how a model is run and not what it says: the memo does not start anew with them.
constexpr std::string_view kOperating[] = {"threads",
                                           "isolate",
                                           "timeout_s",
                                           "memory_mib",
                                           "restarts",
                                           "key_env",
                                           "key_file",
                                           "max_usd",
                                           "max_calls",
                                           "idle_s",
                                           "backoff_s",
                                           "retries",
                                           "parallel",
                                           "usd_per_million_input",
                                           "usd_per_million_output",
                                           "sequences",
                                           "prefix"};
// Ways to count elementwise work (is a ReLU one operation or none?) differ by a few percent of a convolutional network;
// a figure for another model or input size is off by far more.
constexpr double kFlopsSlack = 0.1;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The checksum of a file that is too large to be read into memory.
Result<std::string> file_checksum(const StageDescription& stage) {
  std::error_code failed;
  const bool file = std::filesystem::is_regular_file(stage.model, failed);
  std::ifstream in(stage.model, std::ios::binary);
  if (!file || !in) {
    return Error{"no-model", stage.place, "the model file " + stage.model + " cannot be read",
                 "restore it, or fetch it again", ""};
  }
  Sha256 sum;
  std::vector<char> block(std::size_t{1} << 20);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0) {
    sum.add(std::as_bytes(std::span(block).first(static_cast<std::size_t>(in.gcount()))));
  }
  if (in.bad()) return Error{"no-model", stage.place, "the model file " + stage.model + " ended early", "", ""};
  return sum.hex();
}

Result<std::vector<std::byte>> read_model(const StageDescription& stage) {
  std::vector<std::byte> bytes;
  if (stage.model.empty()) {
    bytes.resize(stage.content.size());
    if (!bytes.empty()) std::memcpy(bytes.data(), stage.content.data(), bytes.size());
    return bytes;
  }
  std::error_code failed;
  const auto size = std::filesystem::file_size(stage.model, failed);  // fails on folders and devices
  std::ifstream file(stage.model, std::ios::binary);
  if (failed || !file) {
    return Error{"no-model", stage.place, "the model file " + stage.model + " cannot be read",
                 "make it with the recipe beside it, or restore it from the pack", ""};
  }
  if (size > kMaxModelBytes) {
    return Error{"no-model", stage.place, "the model file " + stage.model + " is larger than 1 GiB",
                 "use a smaller one", ""};
  }
  bytes.resize(size);
  if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) {
    return Error{"no-model", stage.place, "the model file " + stage.model + " ended early", "restore it from the pack",
                 ""};
  }
  return bytes;
}

/// A back end may throw what a library below it throws.
template <class F>
auto guarded(F work) -> decltype(work()) {
  try {
    return work();
  } catch (const std::exception& error) {
    return Error{"network-failed", {}, std::string("the back end failed: ") + error.what(), "", ""};
  }
}

/// What claims to be probabilities and is not, is garbage. The slack is that of a softmax in half precision.
bool are_probabilities(std::span<const double> values) {
  double sum = 0.0;
  for (const double p : values) sum += p;
  return std::abs(sum - 1.0) <= 1e-2 && std::all_of(values.begin(), values.end(), [](double p) { return p >= 0.0; });
}

/// The length first, so that parts cannot run into each other.
void add_part(std::string& id, std::string_view part) {
  id += std::to_string(part.size()) + ":";
  id += part;
}

/// Gives back, at the end of its scope, every claim that was not kept, so that nobody waits for it for ever.
class Debts {
 public:
  explicit Debts(Memo& memo) : memo_(memo) {}
  Debts(const Debts&) = delete;
  Debts& operator=(const Debts&) = delete;
  ~Debts() {
    for (std::size_t i = paid_; i < keys_.size(); ++i) memo_.abandon(keys_[i]);
  }
  void owe(const ContentKey& key) { keys_.push_back(key); }
  /// A failure is not remembered.
  void pay(const Said& said) {
    const ContentKey& key = keys_[paid_++];
    if (is_failure(said.refusal)) return memo_.abandon(key);
    memo_.publish(key, said);
  }

 private:
  Memo& memo_;
  std::vector<ContentKey> keys_;
  std::size_t paid_ = 0;
};

}  // namespace

bool is_failure(std::string_view code) {
  return code == "network-failed" || code == "not-finite" || code == "over-budget";
}

Stage::Stage(StageDescription description, StageSettings settings, std::shared_ptr<Memo> memo)
    : description_(std::move(description)), settings_(std::move(settings)), memo_(std::move(memo)) {}

Status Stage::load() {
  const std::lock_guard lock(load_mutex_);
  if (!loaded_) {
    const auto start = std::chrono::steady_clock::now();
    loaded_ = load_once();
    const std::lock_guard counting(counters_mutex_);
    counters_.load_seconds = seconds_since(start);
  }
  return *loaded_;
}

Status Stage::load_once() {
  const auto isolate = description_.options.find("isolate");
  const bool isolated = isolate != description_.options.end() && isolate->second == "true";
  if (isolate != description_.options.end() && !isolated && isolate->second != "false") {
    return Error{"bad-options", description_.place, "option isolate is `" + isolate->second + "`", "give true or false",
                 ""};
  }
  Backend* backend = nullptr;  // of this process; the worker has its own
  if (!isolated) {
    auto found = find_backend(description_.backend);
    if (!found) {
      Error error = found.error();
      error.place = description_.place;
      return error;
    }
    backend = *found;
  }
  std::vector<std::byte> bytes;
  std::string sum;
  const bool opens_file = isolated || backend->opens_file();
  if (opens_file && !description_.model.empty()) {
    auto of_file = file_checksum(description_);
    if (!of_file) return of_file.error();
    sum = std::move(*of_file);
  } else {
    auto read = read_model(description_);
    if (!read) return read.error();
    bytes = std::move(*read);
    sum = sha256(bytes);
  }
  if (!description_.sha256.empty() && sum != description_.sha256) {
    return Error{"wrong-checksum", description_.place,
                 "the model file " + description_.model + " has sha256 " + sum + " and not " + description_.sha256,
                 "restore the file, or measure the new one and write its checksum and temperature here", ""};
  }
  LoadSettings settings{description_.model.empty() ? description_.name : description_.model,
                        settings_.input,
                        {},
                        settings_.labels,
                        settings_.threads,
                        settings_.form,
                        description_.options};
  settings.options.erase("isolate");
  settings.outputs.push_back({description_.output, settings_.labels.empty() ? 1 : settings_.labels.size()});
  if (settings_.gate) settings.outputs.push_back({*settings_.gate, 1});
  auto model = isolated ? load_isolated({description_.backend, description_.model.empty() ? "" : sum, bytes}, settings)
                        : guarded([&] { return backend->load(bytes, settings); });
  if (!model) return model.error();

  const double counted = (*model)->flops_per_input(), stated = description_.flops;
  if (counted > 0.0 && std::abs(counted - stated) > kFlopsSlack * counted) {
    return Error{"wrong-flops", description_.place,
                 "an input costs " + number_text(counted) + " FLOPs counted from the model, and flops says " +
                     number_text(stated),
                 "write the counted figure: receipts are made from it", ""};
  }
  model_ = std::move(*model);
  outputs_ = settings.outputs;
  for (const std::string_view part : {std::string_view(description_.backend), std::string_view(sum)})
    add_part(id_, part);
  add_part(id_, model_->identity());
  for (const OutputSpec& output : outputs_) add_part(id_, output.name + " " + std::to_string(output.size));
  for (const std::uint32_t edge : {settings_.input.channels, settings_.input.height, settings_.input.width})
    add_part(id_, std::to_string(edge));
  for (const std::string& label : settings_.labels) add_part(id_, label);
  add_part(id_, settings_.form.grammar);
  add_part(id_, settings_.form.schema);
  for (const auto& [name, value] : description_.options)
    if (std::find(std::begin(kOperating), std::end(kOperating), name) == std::end(kOperating))
      add_part(id_, name + "=" + value);
  return {};
}

Result<std::vector<StageAnswer>> Stage::ask(std::span<const Seen> inputs) {
  std::vector<StageAnswer> answers(inputs.size());
  std::vector<ContentKey> keys;
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::string_view words = model_->reads() == Reads::text ? inputs[i].text : inputs[i].key;
    keys.push_back(content_key(id_, model_->reads() == Reads::pixels
                                        ? std::as_bytes(inputs[i].pixels)
                                        : std::as_bytes(std::span(words.data(), words.size()))));
    open.push_back(i);
  }
  // Usually once around. What another thread is just asking is waited for after our own is published; if that thread
  // failed, or its answer was forgotten before we looked, the input is claimed again.
  while (!open.empty()) {
    std::vector<std::size_t> mine, others;
    Debts debts(*memo_);
    for (const std::size_t i : open) {
      switch (memo_->claim(keys[i], answers[i].said)) {
        case Memo::Claim::known:
          answers[i].reused = true;
          break;
        case Memo::Claim::owed_by_me:
          mine.push_back(i), debts.owe(keys[i]);
          break;
        case Memo::Claim::owed_by_other:
          others.push_back(i);
          break;
      }
    }
    if (!mine.empty()) {
      if (auto answered = recall_or_run(inputs, keys, mine, answers); !answered) return answered.error();
    }
    for (const std::size_t i : mine) debts.pay(answers[i].said);
    open.clear();
    for (const std::size_t i : others) {
      auto said = memo_->wait(keys[i]);
      if (!said) {
        open.push_back(i);
        continue;
      }
      answers[i] = {std::move(*said), true, 0.0, 0.0, {}, ""};
    }
  }
  const std::lock_guard lock(counters_mutex_);
  for (const StageAnswer& answer : answers) counters_.reused += answer.reused;
  return answers;
}

/// What the disk has is taken from there, the rest is run and kept.
Status Stage::recall_or_run(std::span<const Seen> inputs, std::span<const ContentKey> keys,
                            std::span<const std::size_t> which, std::vector<StageAnswer>& answers) {
  std::vector<ContentKey> wanted;
  for (const std::size_t i : which) wanted.push_back(keys[i]);
  auto recalled = memo_->recall(description_.name, wanted);
  std::vector<std::size_t> left;
  for (std::size_t k = 0; k < which.size(); ++k) {
    if (recalled[k] && fits(*recalled[k])) {
      answers[which[k]].said = std::move(*recalled[k]);
      answers[which[k]].reused = true;
    } else {
      left.push_back(which[k]);
    }
  }
  if (left.empty()) return {};
  if (auto ran = run(inputs, left, answers); !ran) return ran;
  std::vector<std::pair<ContentKey, const Said*>> kept;
  for (const std::size_t i : left)
    if (!is_failure(answers[i].said.refusal)) kept.emplace_back(keys[i], &answers[i].said);
  memo_->keep(description_.name, kept);
  return {};
}

/// As many values as the outputs have, or none with a refusal or with records in their place.
bool Stage::fits(const Said& said) const {
  if (writes() && said.values.empty()) return true;
  std::size_t size = 0;
  for (const OutputSpec& output : outputs_) size += output.size;
  return said.values.size() == size || (said.values.empty() && !said.refusal.empty());
}

/// Whatever a back end gave: as many numbers as there should be, finite, and probabilities where it says so.
void Stage::examine(StageAnswer& answer) const {
  const auto spoil = [&](std::string code, std::string detail) {
    answer.said = {{}, std::move(code), {}};
    answer.detail = std::move(detail);
  };
  Said& said = answer.said;
  if (!said.refusal.empty()) {
    said.values.clear();
    said.records.clear();
  } else if (!fits(said)) {
    spoil("network-failed", "it gave " + std::to_string(said.values.size()) + " numbers for an input");
  } else if (!std::all_of(said.values.begin(), said.values.end(), [](double v) { return std::isfinite(v); })) {
    spoil("not-finite", "its answer has a value that is no number");
  } else if (model_->gives_probabilities() && !settings_.labels.empty() &&
             !are_probabilities(std::span(said.values).first(settings_.labels.size()))) {
    spoil("network-failed", "it gave numbers that are no probabilities");
  }
}

Status Stage::run(std::span<const Seen> inputs, std::span<const std::size_t> which, std::vector<StageAnswer>& answers) {
  std::vector<std::string_view> keys, texts;
  std::vector<float> pixels;
  for (const std::size_t i : which) {
    keys.push_back(inputs[i].key);
    if (model_->reads() == Reads::text) texts.push_back(inputs[i].text);
    if (model_->reads() == Reads::pixels) pixels.insert(pixels.end(), inputs[i].pixels.begin(), inputs[i].pixels.end());
  }
  Outputs outputs;
  const auto start = std::chrono::steady_clock::now();
  if (auto ran = guarded([&] { return model_->run({keys, pixels, texts}, outputs); }); !ran) return ran;
  const double seconds = seconds_since(start);

  const std::size_t n = which.size();
  bool whole = outputs.values.size() == outputs_.size() || (writes() && outputs.values.empty());
  for (std::size_t o = 0; whole && o < outputs.values.size(); ++o)
    whole = outputs.values[o].size() == n * outputs_[o].size;
  for (const std::size_t size : {outputs.refusals.size(), outputs.details.size(), outputs.records.size(),
                                 outputs.flops.size(), outputs.tokens.size()})
    whole = whole && (size == 0 || size == n);
  if (!whole) {
    return Error{"network-failed", description_.place, description_.name + " gave an answer of the wrong size",
                 "its back end is at fault", ""};
  }
  for (std::size_t k = 0; k < n; ++k) {
    StageAnswer& answer = answers[which[k]];
    answer = {};
    if (!outputs.refusals.empty()) answer.said.refusal = outputs.refusals[k];
    if (!outputs.details.empty()) answer.detail = outputs.details[k];
    for (std::size_t o = 0; o < outputs.values.size(); ++o) {
      const auto begin = outputs.values[o].begin() + static_cast<std::ptrdiff_t>(k * outputs_[o].size);
      answer.said.values.insert(answer.said.values.end(), begin, begin + static_cast<std::ptrdiff_t>(outputs_[o].size));
    }
    if (!outputs.records.empty()) answer.said.records = std::move(outputs.records[k]);
    answer.seconds = seconds / static_cast<double>(n);
    answer.flops = outputs.flops.empty() ? description_.flops : outputs.flops[k];
    if (!outputs.tokens.empty()) answer.tokens = outputs.tokens[k];
    examine(answer);
  }
  const std::lock_guard lock(counters_mutex_);
  counters_.run += which.size();
  for (const std::size_t i : which) {
    counters_.flops += answers[i].flops;
    counters_.tokens += answers[i].tokens;
  }
  counters_.seconds += seconds;
  return {};
}

void Stage::count_reused() {
  const std::lock_guard lock(counters_mutex_);
  ++counters_.reused;
}

Counters Stage::counters() const {
  const std::lock_guard lock(counters_mutex_);
  return counters_;
}

}  // namespace tenfold::neural
