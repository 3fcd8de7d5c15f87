// Why tuples hold, as a ground AND/OR graph: a node is a tuple, which holds if some alternative does; an alternative
// asks for all its premises: nodes, uncertain inputs, formulas that are diagrams already, or the negation of one.
// Cyclic where the program is; it means the least model, so negation never lies on a cycle.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "provenance/diagram.h"

namespace tenfold::provenance {

/// index << 3 | kind << 1 | negated.
using Premise = std::uint32_t;
enum class PremiseKind : std::uint32_t { node, member, diagram };
constexpr Premise premise(PremiseKind kind, std::uint32_t index, bool negated = false) {
  return index << 3 | static_cast<std::uint32_t>(kind) << 1 | (negated ? 1u : 0u);
}
constexpr PremiseKind kind_of(Premise p) { return static_cast<PremiseKind>(p >> 1 & 3u); }
constexpr std::uint32_t index_of(Premise p) { return p >> 3; }
constexpr bool negated(Premise p) { return p & 1u; }

/// Filled node after node: add() each premise, end_alternative(), end_node().
class Lineage {
 public:
  void add(Premise p) { premises_.push_back(p); }
  void drop_alternative() { premises_.resize(alternatives_.back()); }
  void end_alternative() { alternatives_.push_back(static_cast<std::uint32_t>(premises_.size())); }
  void end_node() { nodes_.push_back(static_cast<std::uint32_t>(alternatives_.size() - 1)); }
  void clear();

  std::uint32_t nodes() const { return static_cast<std::uint32_t>(nodes_.size() - 1); }
  std::uint32_t alternatives() const { return static_cast<std::uint32_t>(alternatives_.size() - 1); }
  /// The alternatives of a node are numbered from here to first_alternative(node + 1).
  std::uint32_t first_alternative(std::uint32_t node) const { return nodes_[node]; }
  std::span<const Premise> premises(std::uint32_t alternative) const {
    return {premises_.data() + alternatives_[alternative], premises_.data() + alternatives_[alternative + 1]};
  }
  std::span<const Premise> premises_of_node(std::uint32_t node) const {
    return {premises_.data() + alternatives_[nodes_[node]], premises_.data() + alternatives_[nodes_[node + 1]]};
  }
  std::vector<Diagrams::Edge> diagrams;  // what premises of that kind name

 private:
  LargeVector<std::uint32_t> nodes_{0}, alternatives_{0};
  LargeVector<Premise> premises_;
};

/// Strongly connected components, premises before those that ask for them.
struct Components {
  std::vector<std::uint32_t> nodes;  // component after component
  std::vector<std::uint32_t> begin;  // of each, and the end
  std::vector<bool> cyclic;
  std::size_t size() const { return cyclic.size(); }
  std::span<const std::uint32_t> operator[](std::size_t i) const {
    return {nodes.data() + begin[i], nodes.data() + begin[i + 1]};
  }
};
Components strong_components(const Lineage& lineage);

/// The round in which each node is first derived, from inputs in round 0 on; kNever for one that cannot hold.
constexpr std::uint32_t kNever = 0xFFFFFFFFu;
std::vector<std::uint32_t> first_rounds(const Lineage& lineage);

/// Parts of a lineage that share no node and no group: each is one number for all its nodes.
std::vector<std::uint32_t> independent_parts(const Lineage& lineage, const Inputs& inputs, std::uint32_t& parts);

}  // namespace tenfold::provenance
