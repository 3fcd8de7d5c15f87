// The name of an atomic query, under which its answers are printed: the atom as Scallop writes it, operations in brackets.
#pragma once

#include <string>

#include "lang/source.h"
#include "lang/syntax.h"

namespace tenfold::lang {

/// `p(1, (x + 1))` for query p(1,x+1).
std::string query_name(const Sources& sources, const syntax::Atom& atom);

}  // namespace tenfold::lang
