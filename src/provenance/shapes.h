// Sixty chains of one shape are one compilation: a part of a lineage is written down with its own numbers for nodes,
// groups and members, and parts that read the same share a circuit. Only their probabilities differ.
#pragma once

#include <optional>
#include <unordered_map>
#include <vector>

#include "provenance/circuit.h"
#include "provenance/lineage.h"

namespace tenfold::provenance {

/// One part of a lineage under its own numbers.
struct Part {
  std::vector<std::uint32_t> code;   // equal for parts of one shape
  std::vector<Member> members;       // by own number
  std::vector<std::uint32_t> roots;  // asked nodes, numbers of the lineage
};

/// A part as a lineage of its own, for the order that a diagram would take.
struct OwnLineage {
  Lineage lineage;
  Inputs inputs;
  std::vector<std::uint32_t> roots;
};
OwnLineage decode(const Part& part, const Inputs& inputs);

/// What is kept of a shape: its circuit, or nothing where its diagram did not fit.
struct Shape {
  std::vector<std::uint32_t> code;
  std::optional<Circuit> circuit;  // one root an asked node
};

class Shapes {
 public:
  /// `nodes` ascending; the first `asked` nodes of the lineage are those whose values are wanted.
  Part write(const Lineage& lineage, const Inputs& inputs, std::span<const std::uint32_t> nodes, std::uint32_t asked);
  /// Compiles a shape the first time it is seen. `limit` is applied to the diagrams that it is compiled with.
  const Shape& shape(const Part& part, const Inputs& inputs, const std::function<void(Diagrams&)>& limit);
  void clear();

 private:
  std::vector<Shape> shapes_;
  std::unordered_multimap<std::uint64_t, std::size_t> by_hash_;
  std::vector<std::uint32_t> node_, group_, member_;  // own numbers, kNever where there is none
};

}  // namespace tenfold::provenance
