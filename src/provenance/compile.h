// From lineage to diagrams: what is in no cycle bottom-up through its intermediate tuples, so nothing is flattened into
// proofs; a cycle by semi-naive rounds until the diagrams, which are canonical, no longer change.
#pragma once

#include <vector>

#include "provenance/lineage.h"

namespace tenfold::provenance {

/// The diagram of every node; kUnknown for one that did not fit into what `diagrams` may hold. Place the groups first.
std::vector<Diagrams::Edge> compile(const Lineage& lineage, Diagrams& diagrams);

}  // namespace tenfold::provenance
