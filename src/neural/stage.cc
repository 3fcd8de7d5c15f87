#include "neural/stage.h"

#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "neural/sha256.h"

namespace tenfold::neural {
namespace {

constexpr std::uintmax_t kMaxModelBytes = std::uintmax_t{1} << 30;
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
    std::memcpy(bytes.data(), stage.content.data(), bytes.size());
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
  void pay(const Said& said) { memo_.publish(keys_[paid_++], said); }

 private:
  Memo& memo_;
  std::vector<ContentKey> keys_;
  std::size_t paid_ = 0;
};

}  // namespace

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
  auto backend = find_backend(description_.backend);
  if (!backend) {
    Error error = backend.error();
    error.place = description_.place;
    return error;
  }
  std::vector<std::byte> bytes;
  std::string sum;
  if ((*backend)->opens_file() && !description_.model.empty()) {
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
  settings.outputs.push_back({description_.output, settings_.labels.empty() ? 1 : settings_.labels.size()});
  if (settings_.gate) settings.outputs.push_back({*settings_.gate, 1});
  auto model = (*backend)->load(bytes, settings);
  if (!model) return model.error();

  const double counted = (*model)->flops_per_input(), stated = description_.flops;
  if (counted > 0.0 && std::abs(counted - stated) > kFlopsSlack * counted) {
    return Error{"wrong-flops", description_.place,
                 "an input costs " + number_text(counted) + " FLOPs counted from the model, and flops says " +
                     number_text(stated),
                 "write the counted figure: receipts are made from it", ""};
  }
  model_ = std::move(*model);
  id_ = description_.backend + ":" + sum;
  for (const OutputSpec& output : settings.outputs) id_ += ":" + output.name;
  if (model_->reads() != Reads::text) return {};
  // What a model says of a text hangs on what it may say and on how it was set up.
  id_ += "\x1f" + settings_.form.grammar;
  for (const std::string& label : settings_.labels) id_ += "\x1f" + label;
  for (const auto& [name, value] : description_.options) id_ += "\x1f" + name + "=" + value;
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
      if (auto ran = run(inputs, mine, answers); !ran) return ran.error();
    }
    for (const std::size_t i : mine) debts.pay(answers[i].said);
    open.clear();
    for (const std::size_t i : others) {
      auto said = memo_->wait(keys[i]);
      if (!said) {
        open.push_back(i);
        continue;
      }
      answers[i] = {std::move(*said), true, 0.0, {}};
    }
  }
  const std::lock_guard lock(counters_mutex_);
  for (const StageAnswer& answer : answers) counters_.reused += answer.reused;
  return answers;
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
  if (auto ran = model_->run({keys, pixels, texts}, outputs); !ran) return ran;
  const double seconds = seconds_since(start);

  for (std::size_t k = 0; k < which.size(); ++k) {
    Said said;
    if (k < outputs.refusals.size()) said.refusal = outputs.refusals[k];
    for (const auto& values : outputs.values) {
      const std::size_t size = values.size() / which.size();
      const auto begin = values.begin() + static_cast<std::ptrdiff_t>(k * size);
      said.values.insert(said.values.end(), begin, begin + static_cast<std::ptrdiff_t>(size));
    }
    if (k < outputs.records.size()) said.records = std::move(outputs.records[k]);
    answers[which[k]] = {std::move(said), false, k < outputs.flops.size() ? outputs.flops[k] : description_.flops,
                         k < outputs.tokens.size() ? outputs.tokens[k] : Tokens{}};
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
