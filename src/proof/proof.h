// Proofs (tenfold/proof.h) for people and for programs, and their checker, which never links the engine. In: a proof.
// Out: text, JSON, a drawing; or what is wrong with it. Read text.h and json.h for the forms, drawing.h for SVG and
// HTML, checker.h for what is checked: instance.h (one rule), aggregate.h, computed.h (foreign predicates), model.h (a
// naive evaluator of the program), lineage.h (how likely a tuple is) and events.h (probabilities) are what it checks
// with. Always holds: nothing here recurses on the depth of a proof.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tenfold/proof.h"

namespace tenfold::proof {

/// "family.scl:3:5": the file without its folders; empty when there is no file.
std::string place_text(const Place& place);

/// "rule", "fact", "absent", …
std::string_view name(ProofStep::Kind kind);

/// path(1, "a b"): arguments quoted where a blank, comma or bracket would hide where they end.
std::string atom_text(const std::string& relation, const std::vector<std::string>& args);

/// The steps that a step rests on as a person reads them: steps of made relations give their own premises instead.
std::vector<std::uint32_t> read_through(const Proof& proof, std::uint32_t step);

/// Makes the one premise of the conclusion the conclusion. Requires that it has just one.
void drop_root(Proof& proof);

}  // namespace tenfold::proof
