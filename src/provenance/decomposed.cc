#include "provenance/decomposed.h"

#include <algorithm>
#include <numeric>

namespace tenfold::provenance {
namespace {

constexpr std::int64_t kMostSteps = 4'000'000;            // some 20 ms
constexpr std::size_t kMostWords = std::size_t{1} << 22;  // of supports
constexpr std::uint32_t kMostMasked = 64;                 // groups whose members are kept apart in masks
constexpr int kDeepest = 64;                              // of the search for what excludes

// What was found of pairs, by a key that is never ~0.
class Remembered {
 public:
  /// 0 or 1, or kNew; then set() is due before the next find().
  static constexpr std::uint8_t kNew = 2;
  std::uint8_t find(std::uint64_t key) {
    for (std::size_t at = place(key);; at = (at + 1) & (keys_.size() - 1)) {
      if (keys_[at] == key) return found_[at];
      if (keys_[at] == kFree) return kNew;
    }
  }
  void set(std::uint64_t key, bool found) {
    if (++used_ * 2 > keys_.size()) grow();
    std::size_t at = place(key);
    while (keys_[at] != kFree && keys_[at] != key) at = (at + 1) & (keys_.size() - 1);
    keys_[at] = key;
    found_[at] = found;
  }

 private:
  static constexpr std::uint64_t kFree = ~std::uint64_t{0};
  std::size_t place(std::uint64_t key) const {
    key *= 0xD6E8FEB86659FD93u;
    return (key ^ key >> 32) & (keys_.size() - 1);
  }
  void grow() {
    std::vector<std::uint64_t> keys(keys_.size() * 2, kFree);
    std::vector<std::uint8_t> found(keys.size());
    keys.swap(keys_);
    found.swap(found_);
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i] == kFree) continue;
      std::size_t at = place(keys[i]);
      while (keys_[at] != kFree) at = (at + 1) & (keys_.size() - 1);
      keys_[at] = keys[i];
      found_[at] = found[i];
    }
  }

  std::vector<std::uint64_t> keys_ = std::vector<std::uint64_t>(256, kFree);
  std::vector<std::uint8_t> found_ = std::vector<std::uint8_t>(256);
  std::size_t used_ = 0;
};

// Which groups each node rests on, and which nodes cannot hold together. Where there is room, also which members of
// each group a node leaves open, a bit each, several in one bit past 64: two that leave nothing in common exclude.
class Exclusion {
 public:
  explicit Exclusion(const OwnLineage& part)
      : part_(part), words_((part.inputs.groups + 63) / 64), support_(part.lineage.nodes() * words_, 0) {
    if (part.inputs.groups > kMostMasked) return;
    groups_ = part.inputs.groups;
    open_.assign(part.lineage.nodes() * groups_, 0);
    std::vector<std::uint32_t> next(groups_, 0);
    for (std::uint32_t group : part.inputs.group) bit_.push_back(std::uint64_t{1} << next[group]++ % 64);
  }

  bool spent(std::int64_t steps) { return (left_ -= steps) < 0; }
  std::size_t words() const { return words_; }
  std::uint64_t* support(std::uint32_t node) { return support_.data() + node * words_; }
  /// Words of what is left open; 0 where that is not kept.
  std::size_t groups() const { return groups_; }
  std::uint64_t* open(std::uint32_t node) { return open_.data() + node * groups_; }
  /// What an alternative leaves open, which is all before.
  void narrow(std::uint32_t alternative, std::uint64_t* open_to) {
    for (Premise p : part_.lineage.premises(alternative)) {
      if (negated(p)) continue;
      if (kind_of(p) == PremiseKind::member) {
        open_to[part_.inputs.group[index_of(p)]] &= bit_[index_of(p)];
      } else {
        const std::uint64_t* its = open(index_of(p));
        for (std::size_t g = 0; g < groups_; ++g) open_to[g] &= its[g];
      }
    }
  }
  bool nothing_in_common(const std::uint64_t* a, const std::uint64_t* b) const {
    bool some = false;
    for (std::size_t g = 0; g < groups_; ++g) some |= (a[g] & b[g]) == 0;
    return some;
  }

  /// Adds the groups of an alternative to `into`, whose premises are done. False where two premises share one.
  bool add_support(std::uint32_t alternative, std::uint64_t* into) {
    for (Premise p : part_.lineage.premises(alternative)) {
      if (kind_of(p) == PremiseKind::member) {
        const std::uint32_t group = part_.inputs.group[index_of(p)];
        if (into[group / 64] >> group % 64 & 1) return false;
        into[group / 64] |= std::uint64_t{1} << group % 64;
      } else {
        const std::uint64_t* other = support(index_of(p));
        for (std::size_t w = 0; w < words_; ++w) {
          if (into[w] & other[w]) return false;
          into[w] |= other[w];
        }
      }
    }
    return true;
  }

  bool alternatives(std::uint32_t a, std::uint32_t b, int depth = 0) {
    for (Premise p : part_.lineage.premises(a))
      for (Premise q : part_.lineage.premises(b))
        if (premises(p, q, depth)) return true;
    return false;
  }

 private:
  bool premises(Premise p, Premise q, int depth) {
    if (spent(1)) return false;
    if (kind_of(p) == kind_of(q) && index_of(p) == index_of(q)) return negated(p) != negated(q);
    if (negated(p) || negated(q)) return false;
    if (kind_of(p) == PremiseKind::member) {
      if (kind_of(q) == PremiseKind::node) return node_and_member(index_of(q), p, depth);
      return part_.inputs.group[index_of(p)] == part_.inputs.group[index_of(q)];
    }
    return kind_of(q) == PremiseKind::node ? nodes(index_of(p), index_of(q), depth)
                                           : node_and_member(index_of(p), q, depth);
  }

  template <class Decide>
  bool remembered(std::uint64_t key, Decide decide) {
    if (const std::uint8_t known = known_.find(key); known != Remembered::kNew) return known;
    known_.set(key, false);
    const bool found = decide();
    if (found) known_.set(key, true);
    return found;
  }

  bool nodes(std::uint32_t u, std::uint32_t v, int depth) {
    if (depth == kDeepest) return false;
    if (nothing_in_common(open(u), open(v))) return true;
    if (!share(u, v)) return false;
    if (u > v) std::swap(u, v);
    return remembered(std::uint64_t{u} << 32 | v, [&] {
      const Lineage& l = part_.lineage;
      for (std::uint32_t a = l.first_alternative(u); a < l.first_alternative(u + 1); ++a)
        for (std::uint32_t b = l.first_alternative(v); b < l.first_alternative(v + 1); ++b)
          if (!alternatives(a, b, depth + 1)) return false;
      return true;
    });
  }

  bool node_and_member(std::uint32_t v, Premise m, int depth) {
    const std::uint32_t group = part_.inputs.group[index_of(m)];
    if (depth == kDeepest || !(support(v)[group / 64] >> group % 64 & 1)) return false;
    if (groups_ > 0 && (open(v)[group] & bit_[index_of(m)]) == 0) return true;
    return remembered(std::uint64_t{v} << 32 | 0x80000000u | index_of(m), [&] {
      const Lineage& l = part_.lineage;
      for (std::uint32_t a = l.first_alternative(v); a < l.first_alternative(v + 1); ++a) {
        bool excluded = false;
        for (Premise p : l.premises(a)) excluded = excluded || premises(p, m, depth + 1);
        if (!excluded) return false;
      }
      return true;
    });
  }

  bool share(std::uint32_t u, std::uint32_t v) {
    const std::uint64_t *x = support(u), *y = support(v);
    for (std::size_t w = 0; w < words_; ++w)
      if (x[w] & y[w]) return true;
    return false;
  }

  const OwnLineage& part_;
  std::size_t words_, groups_ = 0;
  std::vector<std::uint64_t> support_, open_, bit_;
  Remembered known_;
  std::int64_t left_ = kMostSteps;
};

// The alternatives of a node, those that share a group together; nothing where two of these may both hold.
class Clusters {
 public:
  Clusters(const OwnLineage& part, Exclusion& exclusion)
      : part_(part), exclusion_(exclusion), owner_(part.inputs.groups, kNever) {}

  bool find(std::uint32_t node) {
    first_ = part_.lineage.first_alternative(node);
    const std::uint32_t many = part_.lineage.first_alternative(node + 1) - first_;
    cluster_.resize(many);
    std::iota(cluster_.begin(), cluster_.end(), 0u);
    for (std::uint32_t a = 0; a < many; ++a) {
      support_.assign(exclusion_.words(), 0);
      if (!exclusion_.add_support(first_ + a, support_.data())) return false;
      if (exclusion_.spent(static_cast<std::int64_t>(exclusion_.words()))) return false;
      for (std::size_t w = 0; w < support_.size(); ++w) {
        exclusion_.support(node)[w] |= support_[w];
        for (std::uint64_t bits = support_[w]; bits; bits &= bits - 1) join(w * 64 + __builtin_ctzll(bits), a);
      }
    }
    for (std::size_t w = 0; w < exclusion_.words(); ++w)
      for (std::uint64_t bits = exclusion_.support(node)[w]; bits; bits &= bits - 1)
        owner_[w * 64 + __builtin_ctzll(bits)] = kNever;
    for (std::uint32_t a = 0; a < many; ++a) cluster_[a] = top(a);
    leave_open(node, many);
    order_.resize(many);
    std::iota(order_.begin(), order_.end(), 0u);
    const auto before = [&](auto a, auto b) { return cluster_[a] < cluster_[b]; };
    if (!std::is_sorted(order_.begin(), order_.end(), before)) std::stable_sort(order_.begin(), order_.end(), before);
    for (std::uint32_t i = 0; i < many; ++i)
      for (std::uint32_t j = i + 1; j < many && !begins(j); ++j)
        if (!exclude(order_[i], order_[j])) return false;
    return true;
  }
  std::uint32_t many() const { return static_cast<std::uint32_t>(order_.size()); }
  /// Alternatives of the lineage, cluster after cluster; begins(i): a cluster does with the i-th.
  std::uint32_t alternative(std::uint32_t i) const { return first_ + order_[i]; }
  bool begins(std::uint32_t i) const { return i == 0 || cluster_[order_[i]] != cluster_[order_[i - 1]]; }

 private:
  // A node leaves open what some alternative does.
  void leave_open(std::uint32_t node, std::uint32_t many) {
    const std::size_t groups = exclusion_.groups();
    if (groups == 0) return;
    open_.assign(many * groups, ~std::uint64_t{0});
    for (std::uint32_t a = 0; a < many; ++a) {
      exclusion_.narrow(first_ + a, open_.data() + a * groups);
      for (std::size_t g = 0; g < groups; ++g) exclusion_.open(node)[g] |= open_[a * groups + g];
    }
  }
  bool exclude(std::uint32_t a, std::uint32_t b) {
    const std::size_t groups = exclusion_.groups();
    return exclusion_.nothing_in_common(open_.data() + a * groups, open_.data() + b * groups) ||
           exclusion_.alternatives(first_ + a, first_ + b);
  }
  std::uint32_t top(std::uint32_t a) {
    while (cluster_[a] != a) a = cluster_[a] = cluster_[cluster_[a]];
    return a;
  }
  void join(std::size_t group, std::uint32_t a) {
    if (owner_[group] == kNever) owner_[group] = a;
    const std::uint32_t x = top(owner_[group]), y = top(a);
    cluster_[std::max(x, y)] = std::min(x, y);
  }

  const OwnLineage& part_;
  Exclusion& exclusion_;
  std::uint32_t first_ = 0;
  std::vector<std::uint32_t> cluster_, order_, owner_;
  std::vector<std::uint64_t> support_, open_;  // of each alternative in turn; of all
};

// Where a group leaves nothing to "none of them", a negation may be false though rounding leaves it a weight.
bool weighs_nothing(const OwnLineage& part) {
  bool some = false;
  for (std::uint32_t v = 0; v < part.lineage.nodes(); ++v)
    for (Premise p : part.lineage.premises_of_node(v)) some = some || negated(p);
  if (!some) return false;
  std::vector<double> rest(part.inputs.groups, 1.0);
  for (Member m = 0; m < part.inputs.probability.size(); ++m) rest[part.inputs.group[m]] -= part.inputs.probability[m];
  return std::any_of(rest.begin(), rest.end(), [](double left) { return left <= Diagrams::kNothing; });
}

}  // namespace

std::optional<Decomposed> Decomposed::of(const OwnLineage& part) {
  const Lineage& lineage = part.lineage;
  if (!lineage.diagrams.empty() || weighs_nothing(part)) return std::nullopt;
  if (std::size_t{lineage.nodes()} * ((part.inputs.groups + 63) / 64) > kMostWords) return std::nullopt;
  const Components components = strong_components(lineage);
  Exclusion exclusion(part);
  Clusters clusters(part, exclusion);
  Decomposed out;
  out.members_ = part.inputs.probability.size();
  for (std::size_t i = 0; i < components.size(); ++i) {
    const std::uint32_t v = components[i][0];
    if (components.cyclic[i] || !clusters.find(v)) return std::nullopt;
    Node node{v, 0};
    for (std::uint32_t a = 0; a < clusters.many(); ++a) {
      if (clusters.begins(a)) {
        ++node.clusters;
        out.clusters_.push_back(0);
      }
      ++out.clusters_.back();
      const auto premises = lineage.premises(clusters.alternative(a));
      out.alternatives_.push_back(static_cast<std::uint32_t>(premises.size()));
      for (Premise p : premises) {
        const std::size_t place = index_of(p) + (kind_of(p) == PremiseKind::node ? out.members_ : 0);
        out.factors_.push_back(static_cast<std::uint32_t>(place << 1 | negated(p)));
      }
    }
    out.nodes_.push_back(node);
  }
  for (std::uint32_t v : part.roots) out.roots_.push_back(static_cast<std::uint32_t>(v + out.members_));
  return out;
}

void Decomposed::evaluate(std::span<const double> probability, std::vector<double>& values) const {
  values_.resize(members_ + nodes_.size());
  std::copy(probability.begin(), probability.end(), values_.begin());
  const std::uint32_t *cluster = clusters_.data(), *alternative = alternatives_.data(), *factor = factors_.data();
  for (const Node& node : nodes_) {
    double value = 0.0;
    for (std::uint32_t c = 0; c < node.clusters; ++c) {
      double sum = 0.0;
      for (std::uint32_t left = *cluster++; left > 0; --left) {
        double product = 1.0;
        for (const std::uint32_t* end = factor + *alternative++; factor < end; ++factor) {
          const double p = values_[*factor >> 1];
          product *= *factor & 1u ? 1.0 - p : p;
        }
        sum += product;
      }
      value += sum - value * sum;
    }
    values_[members_ + node.number] = std::clamp(value, 0.0, 1.0);
  }
  values.clear();
  for (std::uint32_t root : roots_) values.push_back(values_[root]);
}

}  // namespace tenfold::provenance
