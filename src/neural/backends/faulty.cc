// A back end that fails in the way that an input's key names, for tests: the module libtenfold_faulty.so, which is not
// installed. Two labels, 0.25 and 0.75, and a token, where all is well.
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <thread>

#include "neural/backends/module.h"

namespace tenfold::neural {
namespace {

class FaultyModel : public Model {
 public:
  explicit FaultyModel(std::size_t labels) : labels_(labels) {}

  Status run(const Batch& batch, Outputs& outputs) override {
    outputs = {};
    outputs.values.assign(1, std::vector<double>(batch.size() * labels_));
    outputs.tokens.assign(batch.size(), {.prompt = 1});
    std::vector<double>& values = outputs.values[0];
    for (std::size_t i = 0; i < batch.size(); ++i) {
      double& first = values[i * labels_];
      double& second = values[i * labels_ + 1];
      first = 0.25, second = 0.75;
      const std::string_view way = batch.keys[i].substr(0, batch.keys[i].find('-'));
      if (way == "nan") first = std::nan("");
      if (way == "inf") first = std::numeric_limits<double>::infinity();
      if (way == "negative") first = -0.5, second = 1.5;
      if (way == "sum") first = 1.0, second = 1.0;
      if (way == "zero") first = 0.0, second = 0.0;
      if (way == "error") return Error{"network-failed", {}, "it says that it failed", "", ""};
      if (way == "throw") throw std::runtime_error("thrown");
      if (way == "abort") std::abort();
      if (way == "exit") _exit(0);
      if (way == "null") raise_segv();
      if (way == "hang") std::this_thread::sleep_for(std::chrono::hours(1));
      if (way == "grow") grow();
      if (way == "noise") noise();
    }
    for (const std::string_view key : batch.keys) {
      const std::string_view way = key.substr(0, key.find('-'));
      if (way == "short") values.pop_back();
      if (way == "long") values.push_back(0.5);
      if (way == "none") outputs.values.clear();
      if (way == "refusals") outputs.refusals.assign(batch.size() + 1, "");
    }
    return {};
  }
  double flops_per_input() const override { return 0.0; }

 private:
  static void raise_segv() { kill(getpid(), SIGSEGV); }
  static void grow() {
    std::vector<std::vector<char>> all;
    while (true) all.emplace_back(std::size_t{64} << 20, 'x');
  }
  // Where the worker's socket is.
  static void noise() {
    const std::string text(64, 'n');
    if (write(STDIN_FILENO, text.data(), text.size()) < 0) std::abort();
  }
  const std::size_t labels_;
};

class FaultyBackend : public Backend {
 public:
  Traits traits(const LoadSettings&) const override { return {}; }
  Result<std::unique_ptr<Model>> load(std::span<const std::byte> model, const LoadSettings& settings) override {
    const std::string_view text(reinterpret_cast<const char*>(model.data()), model.size());
    if (settings.options.contains("isolate")) return Error{"bad-option", {}, "there is no option `isolate`", "", ""};
    if (text == "abort") std::abort();
    if (text == "throw") throw std::runtime_error("thrown");
    if (text == "error") return Error{"bad-model", {}, "it says that it cannot be loaded", "", ""};
    return std::unique_ptr<Model>(std::make_unique<FaultyModel>(settings.labels.size()));
  }
};

}  // namespace
}  // namespace tenfold::neural

extern "C" __attribute__((visibility("default"))) tenfold::neural::Backend* tenfold_backend(unsigned interface) {
  static auto* const backend = new tenfold::neural::FaultyBackend;
  return interface == tenfold::neural::kBackendInterface ? backend : nullptr;
}
