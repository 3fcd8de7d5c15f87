#include "neural/backends/llama_labels.h"

#include <algorithm>
#include <cmath>

#include "neural/backends/load_error.h"
#include "neural/token_masks.h"

namespace tenfold::neural {
namespace {

constexpr std::size_t kMaxTokens = 512;  // of one label

}  // namespace

Result<LlamaLabels> LlamaLabels::make(const LlamaContext& context, const LoadSettings& settings,
                                      const LlamaOptions& options) {
  LlamaLabels out;
  out.prefix_ = options.prefix;
  out.nodes_.emplace_back();
  for (const std::string& label : settings.labels) {
    const auto tokens = context.tokens(label);
    if (tokens.empty() || tokens.size() > kMaxTokens)
      return error_at("bad-option", settings.path,
                      "the label `" + label + "` has " + std::to_string(tokens.size()) + " tokens",
                      "use shorter texts");
    std::size_t at = 0;
    for (const llama_token token : tokens) {
      const auto& children = out.nodes_[at].children;
      const auto found =
          std::find_if(children.begin(), children.end(), [&](std::size_t c) { return out.nodes_[c].token == token; });
      if (found != children.end()) {
        at = *found;
        continue;
      }
      const std::size_t made = out.nodes_.size();
      out.nodes_.push_back({token, at, out.nodes_[at].depth + 1, {}, {}});
      out.nodes_[at].children.push_back(made);
      at = made;
    }
    if (std::find(out.ends_.begin(), out.ends_.end(), at) != out.ends_.end())
      return error_at("bad-option", settings.path, "the label `" + label + "` has the tokens of another",
                      "rename one of the two");
    out.ends_.push_back(at);
    out.deepest_ = std::max(out.deepest_, out.nodes_[at].depth);
  }
  // A sequence ends in each inner node below which no inner node is, and goes through all above it.
  for (std::size_t node = 1; node < out.nodes_.size(); ++node) {
    const auto& children = out.nodes_[node].children;
    if (children.empty()) continue;
    out.inner_.push_back(node);
    if (std::any_of(children.begin(), children.end(), [&](std::size_t c) { return !out.nodes_[c].children.empty(); }))
      continue;
    if (++out.branches_ >= static_cast<llama_seq_id>(kSequences))
      return error_at("bad-option", settings.path, "these labels branch more than 255 times",
                      "use fewer, or shorter ones");
    for (std::size_t at = node; at != 0; at = out.nodes_[at].parent) out.nodes_[at].sequences.push_back(out.branches_);
  }
  return out;
}

Status LlamaLabels::answer(LlamaContext& context, const Batch& batch, Outputs& outputs) {
  outputs.values.assign(1, std::vector<double>(batch.size() * ends_.size(), 0.0));
  const LlamaPrompts prompts = context.prompts(batch, inner_.size(), outputs);
  for (const std::size_t i : prompts.order) {
    const auto out = std::span(outputs.values[0]).subspan(i * ends_.size(), ends_.size());
    if (Status s = answer_one(context, prompts.prompts[i], out, outputs.tokens[i], outputs.flops[i]); !s.ok()) return s;
  }
  return {};
}

Status LlamaLabels::answer_one(LlamaContext& context, const LlamaPrompt& prompt, std::span<double> out, Tokens& tokens,
                               double& flops) {
  const std::size_t same = prefix_ ? prompt.reusable(held_) : 0;
  if (same == 0) context.forget();
  held_.clear();  // until this one is evaluated: what fails on the way leaves nothing behind
  const std::size_t known = same == 0 ? 0 : context.cut(0, same);
  auto rest_of_prompt = context.show(prompt, 0, known, flops);
  if (!rest_of_prompt) return rest_of_prompt.error();
  auto& [position, left] = *rest_of_prompt;
  std::vector<LlamaContext::Step> steps;
  for (std::size_t p = 0; p < left.size(); ++p) {
    steps.push_back({left[p], position++, {0}, p + 1 == left.size()});
    flops += context.flops(prompt.size - left.size() + p);
  }
  if (Status s = context.evaluate(steps); !s.ok()) return s;
  tokens.prompt = prompt.size - known;
  tokens.reused = known;

  // score[n]: log-probability of the tokens down to node n.
  std::vector<double> score(nodes_.size(), 0.0), rest(nodes_.size(), 0.0);
  const auto weigh = [&](std::size_t node, const float* logits) {
    const double total = log_sum_exp(logits, context.vocabulary());
    double on = 0.0;
    for (const std::size_t child : nodes_[node].children) {
      const double p = static_cast<double>(logits[nodes_[child].token]) - total;
      score[child] = score[node] + p;
      on += std::exp(p);
    }
    rest[node] = std::log(std::max(1.0 - on, 1e-30));
  };
  weigh(0, context.logits(0));
  if (!inner_.empty()) {
    for (llama_seq_id s = 1; s <= branches_; ++s) context.copy(0, s);
    steps.clear();
    for (const std::size_t node : inner_) {
      const std::int32_t before = nodes_[node].depth - 1;
      steps.push_back({nodes_[node].token, position + before, nodes_[node].sequences, true});
      flops += context.flops(prompt.size + static_cast<std::size_t>(before));
    }
    Status evaluated = context.evaluate(steps);
    for (llama_seq_id s = 1; s <= branches_; ++s) context.drop(s);
    if (!evaluated.ok()) return evaluated;
    // Not sampled: what is asked is how likely they are.
    tokens.prompt += inner_.size();
    for (std::size_t i = 0; i < inner_.size(); ++i) weigh(inner_[i], context.logits(i));
  }
  held_ = prompt.tokens;
  for (std::size_t l = 0; l < ends_.size(); ++l) {
    const std::size_t end = ends_[l];
    out[l] = score[end] + (nodes_[end].children.empty() ? 0.0 : rest[end]);
  }
  return {};
}

}  // namespace tenfold::neural
