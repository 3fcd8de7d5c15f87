// What makes pictures into what a language model reads: its mmproj, a second GGUF with the vision tower and the
// projector, run by llama.cpp's mtmd on the processor.
#pragma once

#include <llama.h>
#include <mtmd.h>

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "neural/backend.h"

namespace tenfold::neural {

struct LlamaOptions;

/// A prompt in pieces: texts, as tokens, and pictures, cut and scaled for the tower.
using LlamaChunks = mtmd::input_chunks_ptr;

/// Not thread-safe.
class LlamaPictures {
 public:
  /// Reads the mmproj at settings.weights. Errors: "wrong-checksum", "bad-model" (no GGUF, no mmproj, of another
  /// model).
  static Result<std::unique_ptr<LlamaPictures>> open(const LoadSettings& settings, const LlamaOptions& options,
                                                     const llama_model* model);

  /// A prompt between what the chat template puts before and after it. Errors: "unreadable" (a picture that no model is
  /// shown: empty, larger than 30000 on a side, or longer than 200 times its width), "network-failed".
  Result<LlamaChunks> chunks(std::string_view before, std::string_view text, std::span<const Shown> shown,
                             std::string_view after) const;

  /// Its tokens see each other and not only those before: they are evaluated at once or not at all.
  bool at_once(const mtmd_input_chunk* chunk) const { return mtmd_decode_use_non_causal(context_.get(), chunk); }
  /// Without knowing one: whether pictures are so at all.
  bool at_once() const { return mtmd_decode_use_non_causal(context_.get(), nullptr); }

  /// Runs the tower on a picture of a prompt, and the model on what that gives, as sequence `sequence` from `position`.
  /// @param flops  of the tower: two a multiply-add of each matrix product of its graph
  /// @return the position of what follows
  /// Errors: "network-failed".
  Result<llama_pos> evaluate(llama_context* context, const mtmd_input_chunk* chunk, llama_seq_id sequence,
                             llama_pos position, double& flops);

 private:
  LlamaPictures() = default;
  Status try_one(const LoadSettings& settings, const llama_model* model) const;

  std::string path_;
  double counted_ = 0.0;  // FLOPs, by the graph's callback
  mtmd::context_ptr context_;
};

}  // namespace tenfold::neural
