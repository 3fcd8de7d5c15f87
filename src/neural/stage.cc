#include "neural/stage.h"

#include <algorithm>
#include <chrono>
#include <cmath>
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
                                           "tokens_per_picture",
                                           "prefix"};
// Ways to count elementwise work (is a ReLU one operation or none?) differ by a few percent of a convolutional network;
// a figure for another model or input size is off by far more.
constexpr double kFlopsSlack = 0.1;

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The model itself, of a back end that does not open the file.
Result<std::vector<std::byte>> read_model(const StageDescription& stage) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(stage.model, failed);
  std::ifstream file(stage.model, std::ios::binary);
  std::vector<std::byte> bytes(failed || size > kMaxModelBytes ? 0 : size);
  if (failed || !file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()))) {
    return Error{"no-model", stage.place, "the model file " + stage.model + " cannot be read",
                 "restore it from the pack", ""};
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

/// What a model that is shown pictures is told: the text, and all that there is of them.
std::string told(const Seen& input) {
  std::string out;
  add_part(out, input.text);
  for (const Shown& shown : input.shown) {
    const ColourPicture& picture = *shown.picture;
    for (const std::size_t number : {shown.at, std::size_t{picture.width}, std::size_t{picture.height}})
      add_part(out, std::to_string(number));
    add_part(out, sha256(std::as_bytes(std::span(picture.rgb))));
  }
  return out;
}

/// Gives back, at the end of its scope, every claim that was not paid, so that nobody waits for it for ever.
class Debts {
 public:
  Debts(Memo& memo, std::span<const ContentKey> keys) : memo_(memo), keys_(keys), owed_(keys.size()) {}
  Debts(const Debts&) = delete;
  Debts& operator=(const Debts&) = delete;
  ~Debts() {
    for (std::size_t i = 0; i < keys_.size(); ++i)
      if (owed_[i]) memo_.abandon(keys_[i]);
  }
  void owe(std::size_t i) { owed_[i] = true; }
  /// A failure is not remembered.
  void pay(std::size_t i, const Result<StageAnswer>& answer) {
    if (!answer || is_failure(answer->said.refusal)) return;
    memo_.publish(keys_[i], answer->said);
    owed_[i] = false;
  }

 private:
  Memo& memo_;
  const std::span<const ContentKey> keys_;
  std::vector<bool> owed_;
};

StageAnswer remembered(Said said) {
  StageAnswer answer;
  answer.said = std::move(said);
  answer.reused = true;
  return answer;
}

}  // namespace

bool is_failure(std::string_view code) {
  return code == "network-failed" || code == "not-finite" || code == "over-budget";
}

Stage::Stage(StageDescription description, StageSettings settings, std::shared_ptr<Memo> memo)
    : description_(std::move(description)), settings_(std::move(settings)), memo_(std::move(memo)) {}

Status Stage::find() {
  const std::lock_guard lock(load_mutex_);
  if (!found_) found_ = find_once();
  return *found_;
}

Status Stage::load() {
  if (auto found = find(); !found) return found;
  const std::lock_guard lock(load_mutex_);
  if (!loaded_) loaded_ = load_once();
  return *loaded_;
}

Status Stage::find_once() {
  const auto isolate = description_.options.find("isolate");
  isolated_ = isolate != description_.options.end() && isolate->second == "true";
  if (isolate != description_.options.end() && !isolated_ && isolate->second != "false") {
    return Error{"bad-options", description_.place, "option isolate is `" + isolate->second + "`", "give true or false",
                 ""};
  }
  if (isolated_ && description_.backend == "remote") {
    return Error{"bad-options", description_.place,
                 "a remote model cannot be isolated: a process that is started again would spend its budget again",
                 "leave `isolate` out: what a server does ends no process", ""};
  }
  auto backend = find_backend(description_.backend);
  if (!backend) {
    Error error = backend.error();
    error.place = description_.place;
    return error;
  }
  backend_ = *backend;
  if (auto summed = sum_model(); !summed) return summed;
  load_settings_ = {description_.model.empty() ? description_.name : description_.model,
                    settings_.input,
                    {},
                    settings_.labels,
                    settings_.threads,
                    settings_.form,
                    description_.options,
                    description_.weights,
                    description_.weights_sha256};
  load_settings_.options.erase("isolate");
  load_settings_.outputs.push_back({description_.output, settings_.labels.empty() ? 1 : settings_.labels.size()});
  if (settings_.gate) load_settings_.outputs.push_back({*settings_.gate, 1});
  traits_ = backend_->traits(load_settings_);
  if (settings_.shown && traits_.reads != Reads::key && !traits_.sees) {
    return Error{"no-pictures", description_.place,
                 "the stage " + description_.name + " of `" + description_.backend + "` cannot be shown pictures",
                 "use a vision-language model and the back end llama, with the model's mmproj in `weights`", ""};
  }
  traits_.sees = traits_.sees && settings_.shown;
  make_id();
  return {};
}

Status Stage::sum_model() {
  if (description_.model.empty()) {
    sum_ = sha256(std::as_bytes(std::span(description_.content)));
  } else if (auto sum = sha256_of_file(description_.model)) {
    sum_ = std::move(*sum);
  } else {
    return Error{"no-model", description_.place, "the model file " + description_.model + " cannot be read",
                 "make it with the recipe beside it, or restore it from the pack", ""};
  }
  std::error_code failed;
  if (!description_.model.empty() && !isolated_ && !backend_->opens_file() &&
      std::filesystem::file_size(description_.model, failed) > kMaxModelBytes) {
    return Error{"no-model", description_.place, "the model file " + description_.model + " is larger than 1 GiB",
                 "use a smaller one", ""};
  }
  if (!description_.sha256.empty() && sum_ != description_.sha256) {
    return Error{"wrong-checksum", description_.place,
                 "the model file " + description_.model + " has sha256 " + sum_ + " and not " + description_.sha256,
                 "restore the file, or measure the new one and write its checksum and temperature here", ""};
  }
  return {};
}

void Stage::make_id() {
  for (const std::string_view part : {std::string_view(description_.backend), std::string_view(sum_)})
    add_part(id_, part);
  add_part(id_, traits_.identity);
  for (const OutputSpec& output : load_settings_.outputs)
    add_part(id_, output.name + " " + std::to_string(output.size));
  for (const std::uint32_t edge : {settings_.input.channels, settings_.input.height, settings_.input.width})
    add_part(id_, std::to_string(edge));
  for (const std::string& label : settings_.labels) add_part(id_, label);
  if (!description_.weights.empty()) add_part(id_, description_.weights_sha256);
  add_part(id_, settings_.form.grammar);
  add_part(id_, settings_.form.schema);
  for (const auto& [name, value] : description_.options)
    if (std::find(std::begin(kOperating), std::end(kOperating), name) == std::end(kOperating))
      add_part(id_, name + "=" + value);
}

Status Stage::load_once() {
  const bool is_file = !description_.model.empty();
  std::vector<std::byte> read;
  if (is_file && !isolated_ && !backend_->opens_file()) {
    auto bytes = read_model(description_);
    if (!bytes) return bytes.error();
    read = std::move(*bytes);
    if (sha256(read) != sum_) {
      return Error{"wrong-checksum", description_.place,
                   "the model file " + description_.model + " has changed while it was being loaded", "run it again",
                   ""};
    }
  }
  const auto bytes = is_file ? std::span<const std::byte>(read) : std::as_bytes(std::span(description_.content));
  auto model = isolated_ ? load_isolated({description_.backend, is_file ? sum_ : "", bytes}, load_settings_)
                         : guarded([&] { return backend_->load(bytes, load_settings_); });
  if (!model) return model.error();

  const double counted = (*model)->flops_per_input(), stated = description_.flops;
  if (counted > 0.0 && std::abs(counted - stated) > kFlopsSlack * counted) {
    return Error{"wrong-flops", description_.place,
                 "an input costs " + number_text(counted) + " FLOPs counted from the model, and flops says " +
                     number_text(stated),
                 "write the counted figure: receipts are made from it", ""};
  }
  model_ = std::move(*model);
  return {};
}

std::vector<Result<StageAnswer>> Stage::ask(std::span<const Seen> inputs) {
  std::vector<Result<StageAnswer>> answers(inputs.size(), StageAnswer{});
  std::vector<ContentKey> keys;
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    std::string with_pictures;
    std::string_view words = traits_.reads == Reads::text ? inputs[i].text : inputs[i].key;
    if (traits_.sees) words = with_pictures = told(inputs[i]);
    keys.push_back(content_key(id_, traits_.reads == Reads::pixels
                                        ? std::as_bytes(inputs[i].pixels)
                                        : std::as_bytes(std::span(words.data(), words.size()))));
    open.push_back(i);
  }
  // Usually once around. What another thread is just asking is waited for after our own is published; if that thread
  // failed, or its answer was forgotten before we looked, the input is claimed again.
  while (!open.empty()) {
    std::vector<std::size_t> mine, others;
    {
      Debts debts(*memo_, keys);
      for (const std::size_t i : open) {
        switch (memo_->claim(keys[i], answers[i]->said)) {
          case Memo::Claim::known:
            answers[i]->reused = true;
            break;
          case Memo::Claim::owed_by_me:
            mine.push_back(i), debts.owe(i);
            break;
          case Memo::Claim::owed_by_other:
            others.push_back(i);
            break;
        }
      }
      const auto left = recall(keys, mine, answers);
      for (const std::size_t i : mine)
        if (answers[i]->reused) debts.pay(i, answers[i]);
      run(inputs, left, answers);
      keep(keys, left, answers);
      for (const std::size_t i : left) debts.pay(i, answers[i]);
    }  // what failed is given back before anyone is waited for: it may be an input of this very batch, of one content
    open.clear();
    for (const std::size_t i : others) {
      auto said = memo_->wait(keys[i]);
      if (!said) {
        open.push_back(i);
        continue;
      }
      *answers[i] = remembered(std::move(*said));
    }
  }
  const std::lock_guard lock(counters_mutex_);
  for (const auto& answer : answers) counters_.reused += answer && answer->reused;
  return answers;
}

/// Takes what the disk has from there; returns what is left to run.
std::vector<std::size_t> Stage::recall(std::span<const ContentKey> keys, std::span<const std::size_t> which,
                                       std::span<Result<StageAnswer>> answers) {
  std::vector<ContentKey> wanted;
  for (const std::size_t i : which) wanted.push_back(keys[i]);
  auto recalled = memo_->recall(description_.name, wanted);
  std::vector<std::size_t> left;
  for (std::size_t k = 0; k < which.size(); ++k) {
    if (recalled[k] && fits(*recalled[k])) {
      *answers[which[k]] = remembered(std::move(*recalled[k]));
    } else {
      left.push_back(which[k]);
    }
  }
  return left;
}

void Stage::keep(std::span<const ContentKey> keys, std::span<const std::size_t> which,
                 std::span<const Result<StageAnswer>> answers) {
  std::vector<std::pair<ContentKey, const Said*>> kept;
  for (const std::size_t i : which)
    if (answers[i] && !is_failure(answers[i]->said.refusal)) kept.emplace_back(keys[i], &answers[i]->said);
  memo_->keep(description_.name, kept);
}

/// A batch that fails is run again one by one: what an input is told may not depend on its neighbours.
void Stage::run(std::span<const Seen> inputs, std::span<const std::size_t> which,
                std::span<Result<StageAnswer>> answers) {
  if (which.empty()) return;
  const Status loaded = load();
  const Status all = loaded ? run_together(inputs, which, answers) : loaded;
  if (all) return;
  const bool again = loaded && which.size() > 1;
  for (const std::size_t i : which) {
    const Status one = again ? run_together(inputs, std::span(&i, 1), answers) : all;
    if (!one) answers[i] = one.error();
  }
}

/// As many values as the outputs have, or none with a refusal or with records in their place.
bool Stage::fits(const Said& said) const {
  if (writes() && said.values.empty()) return true;
  std::size_t size = 0;
  for (const OutputSpec& output : load_settings_.outputs) size += output.size;
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
  } else if (traits_.gives_probabilities && !settings_.labels.empty() &&
             !are_probabilities(std::span(said.values).first(settings_.labels.size()))) {
    spoil("network-failed", "it gave numbers that are no probabilities");
  }
}

Status Stage::run_together(std::span<const Seen> inputs, std::span<const std::size_t> which,
                           std::span<Result<StageAnswer>> answers) {
  std::vector<std::string_view> keys, texts;
  std::vector<float> pixels;
  std::vector<std::span<const Shown>> shown;
  for (const std::size_t i : which) {
    keys.push_back(inputs[i].key);
    if (traits_.reads == Reads::text) texts.push_back(inputs[i].text);
    if (traits_.sees) shown.push_back(inputs[i].shown);
    if (traits_.reads == Reads::pixels) pixels.insert(pixels.end(), inputs[i].pixels.begin(), inputs[i].pixels.end());
  }
  const std::vector<OutputSpec>& specs = load_settings_.outputs;
  Outputs outputs;
  const auto start = std::chrono::steady_clock::now();
  if (auto ran = guarded([&] { return model_->run({keys, pixels, texts, shown}, outputs); }); !ran) return ran;
  const double seconds = seconds_since(start);

  const std::size_t n = which.size();
  bool whole = outputs.values.size() == specs.size() || (writes() && outputs.values.empty());
  for (std::size_t o = 0; whole && o < outputs.values.size(); ++o)
    whole = outputs.values[o].size() == n * specs[o].size;
  for (const std::size_t size : {outputs.refusals.size(), outputs.details.size(), outputs.records.size(),
                                 outputs.flops.size(), outputs.tokens.size(), outputs.usd.size()})
    whole = whole && (size == 0 || size == n);
  if (!whole) {
    return Error{"network-failed", description_.place, description_.name + " gave an answer of the wrong size",
                 "its back end is at fault", ""};
  }
  for (std::size_t k = 0; k < n; ++k) {
    StageAnswer& answer = *answers[which[k]];
    answer = {};
    if (!outputs.refusals.empty()) answer.said.refusal = outputs.refusals[k];
    if (!outputs.details.empty()) answer.detail = outputs.details[k];
    for (std::size_t o = 0; o < outputs.values.size(); ++o) {
      const auto begin = outputs.values[o].begin() + static_cast<std::ptrdiff_t>(k * specs[o].size);
      answer.said.values.insert(answer.said.values.end(), begin, begin + static_cast<std::ptrdiff_t>(specs[o].size));
    }
    if (!outputs.records.empty()) answer.said.records = std::move(outputs.records[k]);
    answer.seconds = seconds / static_cast<double>(n);
    answer.flops = outputs.flops.empty() ? description_.flops : outputs.flops[k];
    if (!outputs.tokens.empty()) answer.tokens = outputs.tokens[k];
    if (!outputs.usd.empty()) answer.usd = outputs.usd[k];
    examine(answer);
  }
  const std::lock_guard lock(counters_mutex_);
  counters_.run += which.size();
  for (const std::size_t i : which) {
    counters_.flops += answers[i]->flops;
    counters_.tokens += answers[i]->tokens;
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
