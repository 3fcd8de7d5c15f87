// The lineage of some tuples: their firings and those of what they rest on, back to uncertain inputs and to tuples
// whose diagram is known. What is certain is left out.
#pragma once

#include <vector>

#include "engine/engine.h"
#include "provenance/lineage.h"

namespace tenfold::engine {

struct TupleRef {
  RelationId relation;
  Row row;
};

class Slice {
 public:
  /// The diagram of a tuple where it is known, else kUnknownYet.
  static constexpr provenance::Diagrams::Edge kUnknownYet = 0xFFFFFFFFu;
  using Known = std::vector<std::vector<provenance::Diagrams::Edge>>;  // by relation and row; shorter where none is

  /// Node i of lineage() is tuples()[i]; the roots are the first nodes, in their order. A certain root has no node.
  void trace(const Evaluation& e, const std::vector<TupleRef>& roots, const Known& known);
  const provenance::Lineage& lineage() const { return lineage_; }
  const std::vector<TupleRef>& tuples() const { return tuples_; }
  /// By member of lineage(), the tuple that it says; no relation for the event of a rule. Shorter where none follows.
  const std::vector<TupleRef>& said_by() const { return said_by_; }

 private:
  static constexpr provenance::Premise kUnread = kNone, kCertain = kNone - 1;
  provenance::Premise& slot(const Evaluation& e, RelationId r, Row row);
  provenance::Premise read(const Evaluation& e, RelationId r, Row row, const Known& known);
  void alternative(const Evaluation& e, RelationId head, const Firing& firing, const Known& known);

  provenance::Lineage lineage_;
  std::vector<TupleRef> tuples_, said_by_;
  LargeVector<TupleRef> seen_;
  std::vector<LargeVector<provenance::Premise>> premises_;  // what each row is as a premise, or the two above
};

/// The input that alone makes a tuple hold, or kNone: such a tuple needs no node.
provenance::Member sole_input(const Evaluation& e, RelationId r, Row row);

}  // namespace tenfold::engine
