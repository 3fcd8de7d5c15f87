// Language models in GGUF on the processor through llama.cpp: labels by the log-probabilities of their tokens, records
// and texts held to a grammar, embeddings; with a mmproj (LoadSettings::weights) pictures within the texts, through
// mtmd. Everything here is in the module libtenfold_llama.so (module.h).
//
// An answer has the same bits whatever else was asked and whatever of its prompt was evaluated before. So each sequence
// has its part of the memory, filled from the start in the order of its tokens; flash attention is off; weights are not
// repacked; and llama.cpp is built without llamafile's kernels (scripts/llama-folder): what is left computes a token
// the same way in a batch of any size. backends/llama_test.cc compares bits.
//
// Options, from `options` of a stage in NAME.toml:
//   threads = 1          of one evaluation; more are slower where cores are shared
//   context = 2048       tokens of a prompt with its answer, at most what the model was trained for
//   sequences = 4        answers spoken at once; labels need one sequence a branch of their tokens, and take it
//   max_tokens = 256     of an answer; a longer one is a refusal
//   template = "model"   how the prompt is put as a message: the model's own chat template, a name of llama.cpp's list
//                        ("chatml"), or "none" for the bare text
//   system = ""          a message before it
//   picture_tokens = 0   of one picture, at most, where its model has a choice; 0: the model's own limit
//   prefix = true        what prompts have in common is evaluated once
//   forced = true        what the form leaves no choice about is appended, not chosen
#pragma once

#include <memory>
#include <span>

#include "neural/backend.h"

namespace tenfold::neural {

class LlamaBackend : public Backend {
 public:
  Traits traits(const LoadSettings& settings) const override;
  /// Checks the mmproj by its checksum; whoever asks has checked the model's.
  /// With an output named "embedding" of the model's width and no labels, a model that gives the mean of its last layer
  /// over the text, of length 1.
  Result<std::unique_ptr<Model>> load(std::span<const std::byte> model, const LoadSettings& settings) override;
  bool opens_file() const override { return true; }
};

}  // namespace tenfold::neural
