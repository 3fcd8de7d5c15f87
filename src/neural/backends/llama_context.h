// A model of llama.cpp with its memory: tokens in, logits out, and what is known of a prompt is not evaluated again.
#pragma once

#include <llama.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "neural/backend.h"
#include "neural/backends/llama_pictures.h"

namespace tenfold::neural {

/// Read from LoadSettings::options.
struct LlamaOptions {
  unsigned threads = 1;
  std::uint32_t context = 2048, sequences = 4, max_tokens = 256;
  std::uint32_t picture_tokens = 0;  // of one, at most, where its model has a choice; 0: the model's own
  std::string chat = "model", system;
  bool prefix = true, forced = true;
};

/// Errors: "bad-option", which names it.
Result<LlamaOptions> llama_options(const LoadSettings& settings);

/// By its first bytes.
bool is_gguf(const std::string& path);

/// What llama.cpp and mtmd complained of last on this thread, and no more of it.
std::string llama_complaint();

/// What answers hang on beside model and prompt: the very libraries, by their content, and what they use of the
/// processor.
std::string llama_identity();

using LlamaTokens = std::vector<llama_token>;

std::size_t common_prefix(const LlamaTokens& a, const LlamaTokens& b);

/// What is asked. Pictures are evaluated anew each time, and with them what stands between and after them.
struct LlamaPrompt {
  LlamaTokens tokens;    // up to the first picture; without pictures all
  std::size_t size = 0;  // tokens in all, pictures' and texts'
  LlamaChunks chunks;    // with pictures: all, as mtmd has it
  LlamaTokens last;      // with pictures: what stands after them, at least one token
  bool shows() const { return chunks != nullptr; }
  /// How much of what a sequence holds from its start need not be evaluated again. The last token always is: its logits
  /// are wanted.
  std::size_t reusable(const LlamaTokens& held) const;
};

/// Prompts of a batch.
struct LlamaPrompts {
  std::vector<LlamaPrompt> prompts;  // of each
  std::vector<std::size_t> order;    // to ask them in: those that begin alike after one another
};

/// Not thread-safe.
class LlamaContext {
 public:
  enum class Use : std::uint8_t {
    answers,     // each sequence has its own memory
    branches,    // sequences share the memory of sequence 0, each going on by itself
    embeddings,  // one text at a time
  };
  /// Errors: "bad-model" (no GGUF, an architecture or a vocabulary that cannot be used), "bad-option".
  static Result<std::unique_ptr<LlamaContext>> open(const LoadSettings& settings, const LlamaOptions& options, Use use,
                                                    std::uint32_t sequences);

  const llama_vocab* vocab() const { return llama_model_get_vocab(model_.get()); }
  std::size_t vocabulary() const { return static_cast<std::size_t>(llama_vocab_n_tokens(vocab())); }
  std::size_t width() const { return static_cast<std::size_t>(llama_model_n_embd_out(model_.get())); }
  std::uint32_t context() const { return context_size_; }  // tokens of one sequence
  std::vector<std::string> pieces() const;                 // what each token says; empty for what ends or directs

  /// A text as it stands: what looks like a sign of the chat template in it is text.
  LlamaTokens tokens(std::string_view text) const { return tokenize(text, false, false); }
  /// The prompts as the model expects to be asked. One that is empty, has pictures that cannot be shown or nothing
  /// after them, or leaves no room for as many tokens, is refused ("unreadable", "too-long", with details) and not in
  /// the order.
  LlamaPrompts prompts(const Batch& batch, std::size_t room, Outputs& outputs) const;

  /// One token to evaluate. The sequences that it belongs to have evaluated all before `position`.
  struct Step {
    llama_token token;
    llama_pos position;
    std::vector<llama_seq_id> sequences;
    bool wanted = false;  // its logits are
  };
  /// Evaluates; logits() then gives what is wanted of the last call. Errors: "network-failed".
  Status evaluate(std::span<const Step> steps);
  /// [vocabulary], of the i-th step of the last evaluate() that was wanted.
  const float* logits(std::size_t wanted) const { return logits_[wanted]; }

  /// What is left of a prompt to be evaluated, and where.
  struct Rest {
    llama_pos position = 0;
    std::span<const llama_token> tokens;
  };
  /// Evaluates a prompt that shows pictures up to its last text, which is the rest; the sequence has the first `known`
  /// tokens, which are before the first picture. Drops all logits. Adds to `flops`. Of a prompt without pictures all is
  /// left that is not known. Errors: "network-failed".
  Result<Rest> show(const LlamaPrompt& prompt, llama_seq_id sequence, std::size_t known, double& flops);

  /// Takes sequence `sequence` back to its first `keep` tokens at most; returns how many it really has left.
  std::size_t cut(llama_seq_id sequence, std::size_t keep);
  /// Gives `to` all that `from` has.
  void copy(llama_seq_id from, llama_seq_id to) { llama_memory_seq_cp(memory_, from, to, -1, -1); }
  void drop(llama_seq_id sequence) { llama_memory_seq_rm(memory_, sequence, -1, -1); }
  /// Drops all.
  void forget() { llama_memory_clear(memory_, false); }

  /// [width], of length 1. Errors: "network-failed".
  Status embed(std::span<const llama_token> tokens, std::span<double> out);

  /// 2 a parameter, and of attention 4 a layer, token and width: what evaluating a token costs after `before` others.
  double flops(std::size_t before) const {
    return 2.0 * static_cast<double>(llama_model_n_params(model_.get())) +
           4.0 * static_cast<double>(llama_model_n_layer(model_.get())) * llama_model_n_embd(model_.get()) *
               static_cast<double>(before + 1);
  }

 private:
  struct Free {
    void operator()(llama_model* model) const { llama_model_free(model); }
    void operator()(llama_context* context) const { llama_free(context); }
  };
  LlamaContext() = default;
  Status read_template(const LoadSettings& settings, const LlamaOptions& options);
  LlamaTokens tokenize(std::string_view text, bool special, bool signs) const;
  Status prompt_with_pictures(std::string_view text, std::span<const Shown> shown, LlamaPrompt& prompt) const;
  Status evaluate_part(std::span<const Step> steps, bool last);
  Error failed(std::string what) const;

  std::unique_ptr<llama_model, Free> model_;
  std::unique_ptr<LlamaPictures> pictures_;  // of a model that sees
  std::unique_ptr<llama_context, Free> context_;
  llama_memory_t memory_ = nullptr;
  std::uint32_t context_size_ = 0;
  std::string path_;
  std::string before_text_, after_text_;  // of a prompt, by the chat template
  LlamaTokens before_, after_;            // the same
  std::vector<const float*> logits_;      // into llama.cpp's own, or kept_
  std::vector<std::vector<float>> kept_;  // of parts before the last
};

}  // namespace tenfold::neural
