// The tag layer of `exact`. Nothing is computed when a stratum ends: what is asked for is traced back through the
// firings (slice.h), split into parts that share no input, and each part compiled once for all parts of its shape.
// Aggregates need formulas that can be combined further, so what they read is compiled into one store of diagrams.
#pragma once

#include <memory>

#include "engine/tags.h"

namespace tenfold::engine {

std::unique_ptr<TagLayer> make_exact_tags(const provenance::Inputs& inputs, const TagLimits& limits);

}  // namespace tenfold::engine
