#include "provenance/circuit.h"

#include <algorithm>

namespace tenfold::provenance {

using Edge = Diagrams::Edge;

Circuit::Circuit(const Diagrams& diagrams, std::span<const Edge> roots) {
  std::vector<std::uint32_t> number(diagrams.nodes(), 0);
  std::uint32_t top = 0;
  for (Edge e : roots) top = std::max(top, e >> 1);
  for (Edge e : roots) number[e >> 1] = 1;
  for (std::uint32_t n = top; n > 0; --n)
    if (number[n])
      diagrams.visit(
          n, [&](Member, Edge to) { number[to >> 1] = 1; }, [&](Edge to) { number[to >> 1] = 1; });
  nodes_.push_back({0, 0, 0});
  const auto renumbered = [&](Edge e) { return e >> 1 == 0 ? e : number[e >> 1] * 2 + (e & 1u); };
  for (std::uint32_t n = 1; n <= top; ++n) {
    if (!number[n]) continue;
    number[n] = static_cast<std::uint32_t>(nodes_.size());
    Node node{0, static_cast<std::uint32_t>(pool_.size()), 0};
    diagrams.visit(
        n,
        [&](Member m, Edge to) {
          pool_.push_back({m, renumbered(to)});
          ++node.count;
        },
        [&](Edge to) { node.otherwise = renumbered(to); });
    nodes_.push_back(node);
  }
  for (Edge e : roots) roots_.push_back(renumbered(e));
}

void Circuit::evaluate(std::span<const double> probability, std::vector<double>& values) const {
  values_.resize(nodes_.size());
  values_[0] = 1.0;
  for (std::size_t n = 1; n < nodes_.size(); ++n) {
    const Node& node = nodes_[n];
    double rest = 1.0, sum = 0.0;
    for (std::uint32_t i = node.branches; i < node.branches + node.count; ++i) {
      const double p = probability[pool_[i].member];
      rest -= p;
      sum += p * value(pool_[i].to);
    }
    values_[n] = sum + std::max(0.0, rest) * value(node.otherwise);
  }
  values.clear();
  for (Edge e : roots_) values.push_back(std::clamp(value(e), 0.0, 1.0));
}

void Circuit::add_gradient(std::size_t root, double scale, std::span<const double> probability,
                           std::vector<double>& gradient) const {
  const Edge top = roots_[root];
  std::vector<double> weight((top >> 1) + 1, 0.0);
  weight[top >> 1] = top & 1u ? -scale : scale;
  for (std::uint32_t n = top >> 1; n > 0; --n) {
    if (weight[n] == 0.0) continue;
    const Node& node = nodes_[n];
    const double otherwise = value(node.otherwise);
    double rest = 1.0;
    for (std::uint32_t i = node.branches; i < node.branches + node.count; ++i) {
      const Branch& b = pool_[i];
      const double p = probability[b.member];
      rest -= p;
      gradient[b.member] += weight[n] * (value(b.to) - otherwise);
      weight[b.to >> 1] += b.to & 1u ? -weight[n] * p : weight[n] * p;
    }
    weight[node.otherwise >> 1] += (node.otherwise & 1u ? -1.0 : 1.0) * weight[n] * std::max(0.0, rest);
  }
}

}  // namespace tenfold::provenance
