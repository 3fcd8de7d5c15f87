// Which tokens of a vocabulary a grammar lets through, from each of its states: what a model speaks is held to a form
// by choosing among these alone.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "neural/grammar.h"

namespace tenfold::neural {

/// A bit a token.
struct TokenMask {
  std::vector<std::uint64_t> words;
  std::size_t count = 0;
  std::int32_t first = -1;  // the least token that is let through
  bool test(std::size_t token) const { return words[token / 64] >> token % 64 & 1; }
};

/// Not thread-safe.
class TokenMasks {
 public:
  /// What each token says, in the order of the vocabulary; empty: it may never be said.
  explicit TokenMasks(std::vector<std::string> pieces);

  /// Tokens whose bytes lead from the state to one that is not dead. Kept for the next time; the reference holds until
  /// then. Cost: one pass over the vocabulary in the order of the alphabet, where a prefix that is dead is left at
  /// once.
  const TokenMask& allowed(Grammar& grammar, Grammar::State state);

  const std::string& piece(std::size_t token) const { return pieces_[token]; }
  /// Tokens that say just this text, the longest first at each place; nothing when it cannot be said.
  std::optional<std::vector<std::int32_t>> spell(const std::string& text) const;

 private:
  static constexpr std::size_t kMaxKept = 1024;  // masks of 6 KiB for a vocabulary of 50,000

  std::vector<std::string> pieces_;
  std::vector<std::int32_t> sorted_;   // tokens with a piece, by piece
  std::vector<std::uint32_t> common_;  // bytes that a piece has in common with the one before it
  std::unordered_map<Grammar::State, TokenMask> kept_;
};

/// The allowed token with the largest logit (of equals the least), and the probability that it has among the allowed.
struct Choice {
  std::int32_t token = -1;
  double probability = 0.0;
};
Choice choose(const float* logits, const TokenMask& mask);

/// log of the sum of exp(logits): what turns a logit into a log-probability.
double log_sum_exp(const float* logits, std::size_t n);

}  // namespace tenfold::neural
