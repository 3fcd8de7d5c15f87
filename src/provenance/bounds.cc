#include "provenance/bounds.h"

#include <algorithm>

namespace tenfold::provenance {
namespace {

using Edge = Diagrams::Edge;

constexpr std::size_t kFirstSize = 250;  // nodes of one diagram; four times as many in each further attempt
constexpr int kMaxRounds = 100;          // of a cycle, before `high` is given up
constexpr double kProgress = 1e-9;       // what a round must add to `low` to go on

class Bounder {
 public:
  Bounder(const Lineage& lineage, const Inputs& inputs, const std::vector<std::uint32_t>& order,
          const BoundLimits& limits, std::size_t size)
      : lineage_(lineage),
        limits_(limits),
        d_(&inputs),
        size_(size),
        low_(lineage.nodes(), Diagrams::kFalse),
        high_(lineage.nodes(), Diagrams::kFalse) {
    d_.limit(limits.bytes, limits.expired);
    for (std::uint32_t group : order) d_.place(group);
  }

  void run(const Components& components, const std::vector<std::uint32_t>& rounds) {
    for (std::size_t i = 0; i < components.size(); ++i) {
      if (components.cyclic[i]) {
        cycle(components[i], rounds);
      } else {
        const std::uint32_t v = components[i][0];
        low_[v] = derive(v, false);
        high_[v] = derive(v, true);
      }
      collect();
    }
  }
  std::pair<double, double> interval(std::uint32_t v) const {
    const double low = std::clamp(d_.probability(low_[v]), 0.0, 1.0);
    return {low, std::clamp(d_.probability(high_[v]), low, 1.0)};
  }

 private:
  Edge value(Premise p, bool above) {
    Edge e = Diagrams::kFalse;
    const bool side = above != negated(p);
    if (kind_of(p) == PremiseKind::node)
      e = side ? high_[index_of(p)] : low_[index_of(p)];
    else if (kind_of(p) == PremiseKind::member)
      e = d_.literal(index_of(p));
    else
      return above ? Diagrams::kTrue : Diagrams::kFalse;  // a diagram of another store: nothing is known of it
    return negated(p) ? Diagrams::negate(e) : e;
  }

  // Small again, and known: what is too dear to know is false below and true above.
  Edge fitted(Edge e, bool above) {
    if (e != Diagrams::kUnknown) return d_.shrink(e, size_, above);
    d_.forgive();
    return above ? Diagrams::kTrue : Diagrams::kFalse;
  }

  Edge derive(std::uint32_t v, bool above) {
    Edge any = Diagrams::kFalse;
    for (std::uint32_t a = lineage_.first_alternative(v); a < lineage_.first_alternative(v + 1); ++a) {
      Edge all = Diagrams::kTrue;
      for (Premise p : lineage_.premises(a)) all = fitted(d_.conjoin(all, value(p, above)), above);
      any = fitted(d_.disjoin(any, all), above);
      if (any == Diagrams::kTrue) break;
    }
    return any;
  }

  void cycle(std::span<const std::uint32_t> nodes, const std::vector<std::uint32_t>& rounds) {
    std::vector<std::uint32_t> order(nodes.begin(), nodes.end());
    std::sort(order.begin(), order.end(),
              [&](std::uint32_t a, std::uint32_t b) { return rounds[a] != rounds[b] ? rounds[a] < rounds[b] : a < b; });
    for (int round = 0; round < kMaxRounds; ++round) {
      bool grew = false;
      for (std::uint32_t v : order) {
        const Edge now = derive(v, false);
        if (d_.probability(now) <= d_.probability(low_[v]) + kProgress) continue;
        low_[v] = now;
        grew = true;
      }
      collect();
      if (!grew || limits_.expired()) break;
    }
    bool closed = false;
    for (int round = 0; round < kMaxRounds && !closed && !limits_.expired(); ++round) {
      closed = true;
      for (std::uint32_t v : order) {
        if (high_[v] == Diagrams::kTrue) continue;
        const Edge now = d_.disjoin(high_[v], derive(v, true));
        if (now == high_[v]) continue;
        high_[v] = fitted(now, true);
        closed = false;
      }
      collect();
    }
    if (!closed)
      for (std::uint32_t v : order) high_[v] = Diagrams::kTrue;
  }

  // Diagrams that nothing names any more make room.
  void collect() {
    if (limits_.bytes == 0 || d_.bytes() < limits_.bytes / 2) return;
    std::vector<Edge> live = low_;
    live.insert(live.end(), high_.begin(), high_.end());
    d_.keep_only(live);
    std::copy(live.begin(), live.begin() + static_cast<std::ptrdiff_t>(low_.size()), low_.begin());
    std::copy(live.begin() + static_cast<std::ptrdiff_t>(low_.size()), live.end(), high_.begin());
  }

  const Lineage& lineage_;
  const BoundLimits& limits_;
  Diagrams d_;
  std::size_t size_;
  std::vector<Edge> low_, high_;
};

}  // namespace

std::vector<std::pair<double, double>> bounds(const Lineage& lineage, const Inputs& inputs,
                                              std::span<const std::uint32_t> roots,
                                              const std::vector<std::uint32_t>& group_order,
                                              const BoundLimits& limits) {
  const Components components = strong_components(lineage);
  const auto rounds = first_rounds(lineage);
  std::vector<std::pair<double, double>> out(roots.size(), {0.0, 1.0});
  for (std::size_t size = kFirstSize; !limits.expired(); size *= 4) {
    Bounder bounder(lineage, inputs, group_order, limits, size);
    bounder.run(components, rounds);
    bool narrow = true;
    for (std::size_t i = 0; i < roots.size(); ++i) {
      const auto [low, high] = bounder.interval(roots[i]);
      out[i] = {std::max(out[i].first, low), std::min(out[i].second, high)};
      narrow = narrow && out[i].second - out[i].first <= limits.narrow;
    }
    if (narrow || size > limits.bytes / 64) break;
  }
  return out;
}

}  // namespace tenfold::provenance
