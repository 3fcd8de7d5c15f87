// Answers spoken token by token and held to a grammar, several at once. Of the tokens that the grammar lets through the
// likeliest is taken; a stretch of text that it leaves no choice about is appended in one piece.
#pragma once

#include <memory>
#include <vector>

#include "neural/backends/llama_context.h"
#include "neural/grammar.h"
#include "neural/token_masks.h"

namespace tenfold::neural {

class LlamaAnswers {
 public:
  /// Errors: those of Grammar::parse.
  static Result<LlamaAnswers> make(const LlamaContext& context, const LoadSettings& settings,
                                   const LlamaOptions& options);

  /// Records; a refusal "not-an-answer" where an answer got too long, "too-long" where a prompt is.
  Status answer(LlamaContext& context, const Batch& batch, Outputs& outputs);

 private:
  /// A sequence, and the answer that is being spoken in it.
  struct Speaker {
    LlamaTokens held;        // what its memory has evaluated, up to the first picture
    bool saw = false;        // there is a picture after that
    std::size_t filled = 0;  // tokens in its memory
    llama_pos position = 0;  // of what is evaluated next
    LlamaTokens waiting;     // what is evaluated next
    LlamaTokens queued;      // with forced = false: the rest of a stretch, last first
    bool busy = false;
    std::size_t input = 0;
    Grammar::State state = Grammar::kDead;
    std::string said;
    std::size_t spoken = 0;                            // tokens
    std::vector<std::pair<std::size_t, double>> odds;  // of each choice: where its text begins, its probability
  };
  explicit LlamaAnswers(Grammar grammar, TokenMasks masks) : grammar_(std::move(grammar)), masks_(std::move(masks)) {}

  Status begin(LlamaContext& context, std::size_t speaker, const LlamaPrompt& prompt, std::size_t input,
               Outputs& outputs);
  bool go_on(LlamaContext& context, Speaker& speaker, const float* logits, Outputs& outputs);
  bool force(LlamaContext& context, Speaker& speaker, Outputs& outputs);
  bool over(const Speaker& speaker) const;
  void append(Speaker& speaker, llama_token token);
  bool has_room(const LlamaContext& context, Speaker& speaker, Outputs& outputs) const;
  void refuse(Speaker& speaker, Outputs& outputs, const char* code) const;
  void forget(LlamaContext& context);
  bool finish(Speaker& speaker, Outputs& outputs);

  AnswerForm form_;
  LlamaOptions options_;
  Grammar grammar_;
  TokenMasks masks_;
  LlamaTokens ends_;  // end an answer
  std::vector<Speaker> speakers_;
};

}  // namespace tenfold::neural
