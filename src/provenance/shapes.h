// Sixty chains of one shape are one compilation: a part of a lineage is written down with its own numbers for nodes,
// groups and members, and parts that read the same share a circuit. Only their probabilities differ. The numbers follow
// what the tuples say, and where that is new, the structure alone (canonical.h), so facts may arrive in any order.
#pragma once

#include <functional>
#include <optional>
#include <unordered_map>
#include <vector>

#include "provenance/canonical.h"
#include "provenance/circuit.h"
#include "provenance/decomposed.h"
#include "provenance/lineage.h"

namespace tenfold::provenance {

/// What is kept of a shape: sums of products where those are enough, else a circuit; neither if its diagram did not
/// fit.
struct Shape {
  std::optional<Decomposed> decomposed;
  std::optional<Circuit> circuit;  // one root an asked node
  std::size_t known = 0;

  bool whole() const { return decomposed || circuit; }
  bool is_false(std::size_t root) const { return circuit && circuit->is_false(root); }
  void evaluate(std::span<const double> probability, std::vector<double>& values) const {
    if (decomposed)
      decomposed->evaluate(probability, values);
    else
      circuit->evaluate(probability, values);
  }
};

class Shapes {
 public:
  /// `nodes` in the order of what they say, members in that of place[m], those with equal ones as they are met; the
  /// first `asked` nodes of the lineage are those whose values are wanted.
  Part write(const Lineage& lineage, const Inputs& inputs, std::span<const std::uint32_t> nodes, std::uint32_t asked,
             std::span<const std::uint32_t> place);
  /// Compiles a shape the first time it is seen, and gives `part` the numbers of the shape. `limit` is applied to the
  /// diagrams that it is compiled with. What is returned is good until the next call.
  const Shape& shape(Part& part, const Inputs& inputs, const std::function<void(Diagrams&)>& limit);
  void clear();

 private:
  // A way of writing a shape down, and how to come from its numbers to those of the shape.
  struct Known {
    std::vector<std::uint32_t> code;
    std::size_t shape;
    Renaming renaming;  // empty: none needed
  };
  const Known* find(const std::vector<std::uint32_t>& code, std::uint64_t key) const;
  const Shape& taken(Part& part, std::size_t shape) const;
  std::size_t keep(std::vector<std::uint32_t> code, std::uint64_t key, std::size_t shape, Renaming renaming);

  std::vector<Shape> shapes_;
  std::vector<Known> known_;
  std::unordered_multimap<std::uint64_t, std::size_t> by_hash_;
  bool sums_ = true;                                  // the last new shape was sums of products, or there was none
  std::vector<std::uint32_t> node_, group_, member_;  // own numbers, kNever where there is none
};

}  // namespace tenfold::provenance
