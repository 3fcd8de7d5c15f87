// Parts of a lineage as words, and numbers for them that follow from structure alone: nodes and members are coloured by
// what they ask for and by what asks for them until no class splits (Weisfeiler and Leman, "The reduction of a graph to
// canonical form", 1968). Equal words are equal parts whatever the numbers, so a poor renaming only misses a likeness.
#pragma once

#include <algorithm>
#include <vector>

#include "provenance/lineage.h"

namespace tenfold::provenance {

/// One part of a lineage under its own numbers. Its words: the number of nodes, then for each whether it is asked and
/// its alternatives with their premises; for each member its group; for each group whether it leaves nothing to "none
/// of them", which changes its diagram.
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

/// New numbers: old[i] is the number that i had.
struct Renaming {
  std::vector<std::uint32_t> nodes, members, roots;
  bool empty() const { return nodes.empty(); }
};
Renaming by_structure(const Part& part);
/// The other way round.
Renaming inverse(const Renaming& renaming);
/// First one, then the other.
Renaming combined(const Renaming& first, const Renaming& second);
/// The members and roots alone, or the words too.
void rename(Part& part, const Renaming& renaming);
Part rewritten(const Part& part, const Renaming& renaming);

/// Writes the words of a part: alternatives of a node are put in the order of their words, and what is said twice is
/// written once.
class CodeWriter {
 public:
  explicit CodeWriter(std::vector<std::uint32_t>& code) : code_(code) {}
  void begin_node(bool asked) { code_.push_back(asked); }
  void add(Premise p) {
    const auto from = words_.begin() + (ends_.empty() ? 0 : ends_.back());
    if (std::find(from, words_.end(), p) == words_.end()) words_.push_back(p);
  }
  void end_alternative() { ends_.push_back(static_cast<std::uint32_t>(words_.size())); }
  void end_node();

 private:
  bool end_short_node();
  void end_long_node();

  std::vector<std::uint32_t>& code_;
  std::vector<Premise> words_;
  std::vector<std::uint32_t> ends_, order_;
  std::vector<std::uint64_t> packed_;
};

}  // namespace tenfold::provenance
