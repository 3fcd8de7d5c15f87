// Tables of a program into its base: each @file of a relation, the site's own rows after the pack's, and --facts.
#pragma once

#include "answer/parts.h"

namespace tenfold::answer {

/// Errors: a missing table (unless it may be missing: then a warning), and those of media::read_csv.
Status load_tables(Program::Parts& parts, const Sources& sources);

}  // namespace tenfold::answer
