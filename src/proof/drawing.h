// Proofs drawn: an SVG of the tree with the conclusion on top, and an HTML page whose branches fold, without scripts.
#pragma once

#include <string>

#include "proof/proof.h"

namespace tenfold::proof {

/// A drawing that stands alone. At most kMaxDrawn steps; what is left out is said in the drawing.
std::string to_svg(const Proof& proof);
std::string to_svg(const WhyNot& why);
/// A page for several proofs of one tuple.
std::string to_html(const std::string& title, const std::vector<const Proof*>& proofs);
std::string to_html(const std::string& title, const WhyNot& why);

}  // namespace tenfold::proof
