// Text to syntax tree: the whole grammar, whether or not it is evaluated. An error ends its item; the next item is
// read.
#pragma once

#include "lang/source.h"
#include "lang/syntax.h"

namespace tenfold::lang {

/// Views of `sources` go into the tree.
syntax::File parse(const Sources& sources, std::uint32_t file, Diagnostics& diagnostics);

}  // namespace tenfold::lang
