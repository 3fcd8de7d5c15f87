// topbottomkclauses: k likeliest proofs, or the negation of k proofs (k clauses, by De Morgan), so that negation loses
// nothing. A formula of one kind is turned into the other only where both meet in one conjunction or alternative.
// Truncation breaks the laws that it breaks for topkproofs, but not-not holds.
#pragma once

#include <utility>

#include "provenance/top_k_proofs.h"

namespace tenfold::provenance {

class TopBottomKClauses {
 public:
  struct Tag {
    bool negated = false;  // of what `proofs` say
    TopKProofs::Tag proofs;
    bool operator==(const Tag&) const = default;
  };
  static constexpr std::string_view kName = "topbottomkclauses";
  static constexpr bool kIdempotent = true;

  TopBottomKClauses(const Inputs* inputs, std::size_t k) : proofs_(inputs, k) {}

  Tag zero() const { return {false, proofs_.zero()}; }
  Tag one() const { return {false, proofs_.one()}; }
  Tag input(Member m) const { return {false, proofs_.input(m)}; }
  Tag plus(std::vector<Tag> all) const {
    std::erase_if(all, [&](const Tag& t) { return t == zero(); });
    if (all.size() == 1) return all[0];
    bool every_negated = !all.empty();
    for (const Tag& t : all) every_negated = every_negated && t.negated;
    if (every_negated) {
      TopKProofs::Tag both = all[0].proofs;
      for (std::size_t i = 1; i < all.size(); ++i) both = proofs_.times(both, all[i].proofs);
      return simple({true, std::move(both)});
    }
    std::vector<TopKProofs::Tag> ways;
    for (const Tag& t : all) ways.push_back(positive(t));
    return {false, proofs_.plus(ways)};
  }
  Tag times(const Tag& a, const Tag& b) const {
    if (a == one()) return b;
    if (b == one()) return a;
    if (a.negated && b.negated) return simple({true, proofs_.plus({a.proofs, b.proofs})});
    return {false, proofs_.times(positive(a), positive(b))};
  }
  Tag negate(const Tag& a) const { return simple({!a.negated, a.proofs}); }
  bool is_zero(const Tag& a) const { return a.negated ? proofs_.probability(a.proofs) >= 1.0 : a.proofs.empty(); }
  bool saturated(const Tag& before, const Tag& after) const { return before == after; }
  double probability(const Tag& a) const {
    const double p = proofs_.probability(a.proofs);
    return a.negated ? 1.0 - p : p;
  }
  std::vector<std::pair<Member, double>> gradient(const Tag& a) const {
    auto out = proofs_.gradient(a.proofs);
    if (a.negated)
      for (auto& [member, slope] : out) slope = -slope;
    return out;
  }
  bool cut() const { return proofs_.cut(); }
  void forget_cut() { proofs_.forget_cut(); }

 private:
  TopKProofs::Tag positive(const Tag& t) const { return t.negated ? proofs_.negate(t.proofs) : t.proofs; }
  // The constants have one form each.
  Tag simple(Tag t) const {
    if (t.negated && t.proofs.empty()) return one();
    if (t.negated && t.proofs == proofs_.one()) return zero();
    return t;
  }

  TopKProofs proofs_;
};
static_assert(Provenance<TopBottomKClauses>);

}  // namespace tenfold::provenance
