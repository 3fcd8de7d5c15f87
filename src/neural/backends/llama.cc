#include "neural/backends/llama.h"

#include <algorithm>
#include <cmath>
#include <mutex>

#include "neural/backends/llama_answers.h"
#include "neural/backends/llama_labels.h"
#include "neural/backends/load_error.h"
#include "neural/backends/module.h"

namespace tenfold::neural {
namespace {

/// One call at a time: there is one memory, and what it holds of the last prompt is what the next is spared.
class LlamaModel : public Model {
 public:
  explicit LlamaModel(std::unique_ptr<LlamaContext> context) : context_(std::move(context)) {}
  double flops_per_input() const override { return 0.0; }

  Status run(const Batch& batch, Outputs& outputs) override {
    const std::lock_guard lock(mutex_);
    outputs = {};
    const std::size_t n = batch.size();
    outputs.refusals.assign(n, "");
    outputs.tokens.assign(n, {});
    outputs.flops.assign(n, 0.0);
    try {
      return answer(batch, outputs);
    } catch (const std::exception& error) {
      return Error{"network-failed", {}, std::string("llama.cpp failed: ") + error.what(), "", ""};
    }
  }

 protected:
  virtual Status answer(const Batch& batch, Outputs& outputs) = 0;
  std::unique_ptr<LlamaContext> context_;

 private:
  std::mutex mutex_;
};

class LabelModel : public LlamaModel {
 public:
  LabelModel(std::unique_ptr<LlamaContext> context, LlamaLabels labels)
      : LlamaModel(std::move(context)), labels_(std::move(labels)) {}

 protected:
  Status answer(const Batch& batch, Outputs& outputs) override { return labels_.answer(*context_, batch, outputs); }

 private:
  LlamaLabels labels_;
};

class AnswerModel : public LlamaModel {
 public:
  AnswerModel(std::unique_ptr<LlamaContext> context, LlamaAnswers answers)
      : LlamaModel(std::move(context)), answers_(std::move(answers)) {}

 protected:
  Status answer(const Batch& batch, Outputs& outputs) override { return answers_.answer(*context_, batch, outputs); }

 private:
  LlamaAnswers answers_;
};

class EmbeddingModel : public LlamaModel {
 public:
  using LlamaModel::LlamaModel;

 protected:
  Status answer(const Batch& batch, Outputs& outputs) override {
    const std::size_t width = context_->width();
    outputs.values.assign(1, std::vector<double>(batch.size() * width, 0.0));
    const auto [prompts, order] = context_->prompts(batch, 0, outputs);
    for (const std::size_t i : order) {
      const LlamaTokens& tokens = prompts[i].tokens;
      const auto out = std::span(outputs.values[0]).subspan(i * width, width);
      if (Status s = context_->embed(tokens, out); !s.ok()) return s;
      outputs.tokens[i].prompt = tokens.size();
      for (std::size_t p = 0; p < tokens.size(); ++p) outputs.flops[i] += context_->flops(p);
    }
    return {};
  }
};

}  // namespace

Traits LlamaBackend::traits(const LoadSettings& settings) const {
  return {Reads::text, settings.form.kind != AnswerForm::Kind::labels, llama_identity(), !settings.weights.empty()};
}

Result<std::unique_ptr<Model>> LlamaBackend::load(std::span<const std::byte>, const LoadSettings& settings) {
  auto options = llama_options(settings);
  if (!options) return options.error();
  if (settings.outputs.size() != 1) {
    return error_at("no-output", settings.path, "a language model has no output for a gate",
                    "give the gate a model of its own");
  }
  using Use = LlamaContext::Use;
  if (settings.labels.empty() && settings.outputs[0].name == "embedding") {
    auto context = LlamaContext::open(settings, *options, Use::embeddings, 1);
    if (!context) return context.error();
    if ((*context)->width() != settings.outputs[0].size) {
      return error_at("no-output", settings.path,
                      "an embedding of this model has " + std::to_string((*context)->width()) + " values",
                      "ask for so many");
    }
    return std::unique_ptr<Model>(std::make_unique<EmbeddingModel>(std::move(*context)));
  }
  if (settings.form.kind == AnswerForm::Kind::labels) {
    if (settings.labels.empty())
      return error_at("no-output", settings.path, "there are no labels to choose from", "name them");
    auto context = LlamaContext::open(settings, *options, Use::branches, LlamaLabels::kSequences);
    if (!context) return context.error();
    auto labels = LlamaLabels::make(**context, settings, *options);
    if (!labels) return labels.error();
    return std::unique_ptr<Model>(std::make_unique<LabelModel>(std::move(*context), std::move(*labels)));
  }
  auto context = LlamaContext::open(settings, *options, Use::answers, options->sequences);
  if (!context) return context.error();
  auto answers = LlamaAnswers::make(**context, settings, *options);
  if (!answers) return answers.error();
  return std::unique_ptr<Model>(std::make_unique<AnswerModel>(std::move(*context), std::move(*answers)));
}

}  // namespace tenfold::neural

extern "C" __attribute__((visibility("default"))) tenfold::neural::Backend* tenfold_backend(unsigned interface) {
  static auto* const backend = new tenfold::neural::LlamaBackend;
  return interface == tenfold::neural::kBackendInterface ? backend : nullptr;
}
