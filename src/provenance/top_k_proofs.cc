#include "provenance/top_k_proofs.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "provenance/diagram.h"

namespace tenfold::provenance {

namespace {

// The k greatest of these are a sample of k without repetition, each draw by weight: log(u) / w, u uniform.
double draw(double weight, const std::vector<std::uint64_t>& content, std::uint64_t seed) {
  std::uint64_t h = seed + 0x9E3779B97F4A7C15u;
  for (std::uint64_t c : content) {
    h = (h ^ c) * 0xD6E8FEB86659FD93u;
    h ^= h >> 32;
  }
  h = (h ^ (h >> 29)) * 0xBF58476D1CE4E5B9u;
  h ^= h >> 32;
  return std::log((static_cast<double>(h >> 11) + 0.5) * 0x1p-53) / weight;
}

}  // namespace

TopKProofs::Tag TopKProofs::input(Member m) const {
  if (inputs_->probability[m] == 0.0) return {};
  return {Proof{holds(m)}};
}

// The conjunction of two proofs, or false when they contradict each other.
bool TopKProofs::join(const Proof& a, const Proof& b, Proof& out) const {
  out.clear();
  std::set_union(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(out));
  for (std::size_t i = 0; i + 1 < out.size(); ++i)
    if (member(out[i]) == member(out[i + 1])) return false;  // holds and fails
  // Within a group: two that hold contradict, and one that holds makes every other fail by itself.
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (negative(out[i])) continue;
    const std::uint32_t group = inputs_->group[member(out[i])];
    for (std::size_t j = out.size(); j-- > 0;) {
      if (j == i || inputs_->group[member(out[j])] != group) continue;
      if (!negative(out[j])) return false;
      out.erase(out.begin() + static_cast<std::ptrdiff_t>(j));
      if (j < i) --i;
    }
  }
  return true;
}

// Probability of one conjunction. Several failing members of one group fail together: 1 - their sum.
double TopKProofs::weight(const Proof& proof) const {
  double product = 1.0;
  for (std::size_t i = 0; i < proof.size(); ++i) {
    const Member m = member(proof[i]);
    if (!negative(proof[i])) {
      product *= inputs_->probability[m];
      continue;
    }
    const std::uint32_t group = inputs_->group[m];
    double failing = 0.0;
    bool first = true;
    for (std::size_t j = 0; j < proof.size(); ++j) {
      if (inputs_->group[member(proof[j])] != group) continue;
      if (j < i) first = false;
      failing += inputs_->probability[member(proof[j])];
    }
    if (first) product *= std::max(0.0, 1.0 - failing);
  }
  return product;
}

// Whether `p` says all that `q` says: a member that holds says that the others of its group fail.
bool TopKProofs::implies(const Proof& p, const Proof& q) const {
  return std::all_of(q.begin(), q.end(), [&](Literal l) {
    return std::any_of(p.begin(), p.end(), [&](Literal k) {
      return k == l || (negative(l) && !negative(k) && member(k) != member(l) &&
                        inputs_->group[member(k)] == inputs_->group[member(l)]);
    });
  });
}

TopKProofs::Tag TopKProofs::best(std::vector<Proof> proofs) const {
  std::sort(proofs.begin(), proofs.end(), [](const Proof& a, const Proof& b) {
    return std::forward_as_tuple(a.size(), a) < std::forward_as_tuple(b.size(), b);
  });
  proofs.erase(std::unique(proofs.begin(), proofs.end()), proofs.end());
  if (keep_ != Keep::likeliest) {  // a draw may come before what it implies
    const std::vector<Proof> all = proofs;
    std::erase_if(proofs, [&](const Proof& p) {
      return std::any_of(all.begin(), all.end(), [&](const Proof& q) { return p != q && implies(p, q); });
    });
  }
  struct Ranked {
    double weight;
    std::vector<std::uint64_t> content;
    Proof proof;
  };
  std::vector<Ranked> ranked;
  ranked.reserve(proofs.size());
  for (Proof& p : proofs) {
    const double w = weight(p);
    if (w <= 0.0) continue;
    std::vector<std::uint64_t> content;
    for (Literal l : p) content.push_back(inputs_->key[member(l)] * 2 + (negative(l) ? 1 : 0));
    std::sort(content.begin(), content.end());
    ranked.push_back({keep_ == Keep::likeliest ? w : draw(w, content, seed_), std::move(content), std::move(p)});
  }
  std::sort(ranked.begin(), ranked.end(), [](const Ranked& a, const Ranked& b) {
    return std::forward_as_tuple(-a.weight, a.content.size(), a.content) <
           std::forward_as_tuple(-b.weight, b.content.size(), b.content);
  });
  // Absorption: a proof that implies another adds nothing. What it implies is at least as likely, so it comes before.
  Tag kept;
  for (Ranked& r : ranked) {
    if (std::any_of(kept.begin(), kept.end(), [&](const Proof& q) { return implies(r.proof, q); })) continue;
    if (kept.size() == k_) {
      cut_ = true;
      break;
    }
    kept.push_back(std::move(r.proof));
  }
  return kept;
}

TopKProofs::Tag TopKProofs::plus(const std::vector<Tag>& all) const {
  std::vector<Proof> proofs;
  for (const Tag& t : all) proofs.insert(proofs.end(), t.begin(), t.end());
  return best(std::move(proofs));
}

TopKProofs::Tag TopKProofs::times(const Tag& a, const Tag& b) const {
  std::vector<Proof> proofs;
  Proof joined;
  for (const Proof& p : a)
    for (const Proof& q : b)
      if (join(p, q, joined)) proofs.push_back(joined);
  return best(std::move(proofs));
}

// De Morgan, one proof at a time, cut to k after each: not (p1 or p2 …) = (not p1) and (not p2) and …
TopKProofs::Tag TopKProofs::negate(const Tag& a) const {
  Tag out = one();
  for (const Proof& p : a) {
    std::vector<Proof> one_fails;
    for (Literal l : p) one_fails.push_back({l ^ 1u});
    out = times(out, best(std::move(one_fails)));
  }
  return out;
}

// Shannon expansion over the group of the first literal: one branch a mentioned member, one for all else.
double TopKProofs::count(std::vector<Proof> clauses) const {
  if (clauses.empty()) return 0.0;
  for (const Proof& c : clauses)
    if (c.empty()) return 1.0;
  if (clauses.size() == 1) return weight(clauses[0]);
  const std::uint32_t group = inputs_->group[member(clauses[0][0])];
  std::vector<Member> mentioned;
  for (const Proof& c : clauses)
    for (Literal l : c)
      if (inputs_->group[member(l)] == group) mentioned.push_back(member(l));
  std::sort(mentioned.begin(), mentioned.end());
  mentioned.erase(std::unique(mentioned.begin(), mentioned.end()), mentioned.end());

  constexpr Member kOther = 0xFFFFFFFFu;
  double rest = 1.0;
  for (Member m : mentioned) rest -= inputs_->probability[m];
  mentioned.push_back(kOther);
  double total = 0.0;
  for (Member choice : mentioned) {
    const double p = choice == kOther ? std::max(0.0, rest) : inputs_->probability[choice];
    if (p <= 0.0) continue;
    std::vector<Proof> left;
    bool proved = false;
    for (const Proof& c : clauses) {
      Proof reduced;
      bool alive = true;
      for (Literal l : c) {
        if (inputs_->group[member(l)] != group) {
          reduced.push_back(l);
        } else if ((member(l) == choice) == negative(l)) {
          alive = false;
          break;
        }
      }
      if (!alive) continue;
      if (reduced.empty()) {
        proved = true;
        break;
      }
      left.push_back(std::move(reduced));
    }
    total += p * (proved ? 1.0 : count(std::move(left)));
  }
  return total;
}

double TopKProofs::probability(const Tag& a) const { return std::clamp(count(a), 0.0, 1.0); }

std::vector<std::pair<Member, double>> TopKProofs::gradient(const Tag& a) const {
  Diagrams diagrams(inputs_);
  std::vector<Diagrams::Edge> proofs;
  for (const Proof& proof : a) {
    std::vector<Diagrams::Edge> literals;
    for (Literal l : proof) {
      const Diagrams::Edge e = diagrams.literal(member(l));
      literals.push_back(negative(l) ? Diagrams::negate(e) : e);
    }
    proofs.push_back(diagrams.every(std::move(literals)));
  }
  std::vector<double> slopes;
  diagrams.add_gradient(diagrams.any(std::move(proofs)), 1.0, slopes);
  std::vector<std::pair<Member, double>> out;
  for (Member m = 0; m < slopes.size(); ++m)
    if (slopes[m] != 0.0) out.emplace_back(m, slopes[m]);
  return out;
}

}  // namespace tenfold::provenance
