// Proofs as JSON: `{"probability": 0.25, "steps": [{"kind": "rule", "relation": "path", "args": ["1", "3"], "rule":
// "…", "place": "p.scl:2:5", "premises": [1, 2]}, …]}`. The conclusion is step 0; premises are numbers of later steps,
// so a step that many rest on is written once, and there is no cycle. Left out: a probability of 1, what is empty. An
// open column of an absence is null.
#pragma once

#include <nlohmann/json.hpp>

#include "proof/proof.h"

namespace tenfold::proof {

nlohmann::ordered_json to_json(const Proof& proof);
nlohmann::ordered_json to_json(const WhyNot& why);

/// What to_json wrote. The rule's place comes back as its text alone (Place::file holds "p.scl", line and column).
/// Errors: "bad-proof", with what is wrong and in which step; unknown keys are errors too.
Result<Proof> from_json(const nlohmann::json& json);

}  // namespace tenfold::proof
