// topkproofs: a tuple's tag is its k likeliest proofs, each a conjunction of input facts and their negations. The
// probability is the weighted model count of their disjunction, over one many-valued variable a group, so members of an
// exclusive group are exclusive. Exact while nothing was cut; `cut()` says whether something was. Truncation makes
// `times` non-associative, hence the order of the text. Source: Huang et al., "Scallop", NeurIPS 2021, section 3.
#pragma once

#include <cstddef>
#include <utility>

#include "provenance/provenance.h"

namespace tenfold::provenance {

/// A member and whether it holds, as 2 * member + (holds ? 0 : 1).
using Literal = std::uint32_t;
constexpr Literal holds(Member m) { return 2 * m; }
constexpr Literal fails(Member m) { return 2 * m + 1; }
constexpr Member member(Literal l) { return l / 2; }
constexpr bool negative(Literal l) { return l % 2 == 1; }

/// A conjunction: literals sorted by their number, no contradiction among them, none implied by another.
using Proof = std::vector<Literal>;

class TopKProofs {
 public:
  /// sampled: k drawn by weight without repetition. A proof draws the same number wherever it turns up, from its
  /// content and the seed, so that a cycle settles. Source: Efraimidis, Spirakis, "Weighted random sampling", 2006.
  enum class Keep : std::uint8_t { likeliest, sampled };
  using Tag = std::vector<Proof>;  // best first; {} is false, {{}} is true
  static constexpr std::string_view kName = "topkproofs";
  static constexpr bool kIdempotent = true;

  TopKProofs(const Inputs* inputs, std::size_t k, Keep keep = Keep::likeliest, std::uint64_t seed = 0)
      : inputs_(inputs), k_(k), keep_(keep), seed_(seed) {}

  Tag zero() const { return {}; }
  Tag one() const { return {Proof{}}; }
  Tag input(Member m) const;
  Tag plus(const std::vector<Tag>& all) const;
  Tag times(const Tag& a, const Tag& b) const;
  Tag negate(const Tag& a) const;
  bool is_zero(const Tag& a) const { return a.empty(); }
  bool saturated(const Tag& before, const Tag& after) const { return before == after; }
  double probability(const Tag& a) const;
  /// Of the kept formula, by each input that it names.
  std::vector<std::pair<Member, double>> gradient(const Tag& a) const;
  /// Some proof was left out since this object was made: probabilities of positive answers are then lower bounds.
  bool cut() const { return cut_; }
  void forget_cut() { cut_ = false; }

 private:
  bool join(const Proof& a, const Proof& b, Proof& out) const;
  bool implies(const Proof& p, const Proof& q) const;
  double weight(const Proof& proof) const;
  Tag best(std::vector<Proof> proofs) const;
  double count(std::vector<Proof> clauses) const;

  const Inputs* inputs_;
  std::size_t k_;
  Keep keep_;
  std::uint64_t seed_;
  mutable bool cut_ = false;
};
static_assert(Provenance<TopKProofs>);

}  // namespace tenfold::provenance
