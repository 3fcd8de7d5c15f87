// Proofs as people read them: what holds on the left, where it comes from on the right.
#pragma once

#include <string>

#include "proof/proof.h"

namespace tenfold::proof {

struct TextStyle {
  bool colour = false;
  std::size_t width = 110;  // where the column of origins begins to be dropped to a line of its own
  bool whole = true;  // the whole tree; else only what it rests on: facts, what networks said, and the sources cited
};

std::string paint(const TextStyle& style, std::string_view code, std::string text);

/// What the conclusion rests on: `because a(1)`, `and not b(2)`, a tree by indentation. A step that others rest on too
/// is told once; past kMaxIndent levels the indentation stays.
std::string tree(const Proof& proof, const TextStyle& style = {});
/// Only its leaves, once each, and the publications that its rules cite.
std::string ground(const Proof& proof, const TextStyle& style = {});
/// `path(1, 9)` is not there, and what each rule would have needed.
std::string to_text(const WhyNot& why, const TextStyle& style = {});

/// What a step says: "path(1, 2)", "not edge(2, 3)", "count(x: edge(0, x)) gives (2)".
std::string sentence(const ProofStep& step);
/// An absence that is nothing but one input that failed: that input, which says it all; else null.
const ProofStep* only_denied(const Proof& proof, const ProofStep& step);
/// Where a step comes from: "family.scl:3", "0.07  chest-xray small-int8, calibrated".
std::string origin_text(const Proof& proof, const ProofStep& step);
std::string probability_text(double p);

}  // namespace tenfold::proof
