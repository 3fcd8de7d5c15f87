// A choice among labels: the log-probability of each label's tokens after the prompt. The tokens of all labels are a
// tree, whose inner nodes are evaluated in one batch over the prompt's memory, each branch as a sequence of its own.
#pragma once

#include <vector>

#include "neural/backends/llama_context.h"

namespace tenfold::neural {

class LlamaLabels {
 public:
  static constexpr std::uint32_t kSequences = 256;  // the prompt's, and branches

  /// Errors: "bad-option": two labels that are the same to the model, one that is too long, or more branches than fit.
  static Result<LlamaLabels> make(const LlamaContext& context, const LoadSettings& settings,
                                  const LlamaOptions& options);

  /// Values [n, labels]: log-probabilities. Where a label begins another, it has what goes not on to that.
  Status answer(LlamaContext& context, const Batch& batch, Outputs& outputs);

 private:
  struct Node {
    llama_token token = -1;
    std::size_t parent = 0;
    std::int32_t depth = 0;  // tokens after the prompt; the root's is 0
    std::vector<std::size_t> children;
    std::vector<llama_seq_id> sequences;  // of the branches through it; of inner nodes
  };
  LlamaLabels() = default;
  Status answer_one(LlamaContext& context, const LlamaPrompt& prompt, std::span<double> out, Tokens& tokens,
                    double& flops);

  std::vector<Node> nodes_;         // the root first, a parent before its children
  std::vector<std::size_t> ends_;   // the node of each label
  std::vector<std::size_t> inner_;  // nodes with children, but for the root
  llama_seq_id branches_ = 0;       // sequences 1 to this
  std::int32_t deepest_ = 0;
  bool prefix_ = true;
  LlamaTokens held_;  // what sequence 0 has evaluated, up to the first picture
};

}  // namespace tenfold::neural
