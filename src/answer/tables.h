// Tables of a program into its base: each @file of a relation, the site's own rows after the pack's, and --facts.
#pragma once

#include "answer/parts.h"

namespace tenfold::answer {

/// Errors: a missing table (unless it may be missing: then a warning), and those of media::read_table.
Status load_tables(Program::Parts& parts, const Sources& sources);

/// One file as --facts takes it, REL=FILE. Errors: unknown-relation (naming `option`), and those of media::read_table.
Result<FactTable> read_table(const Program::Parts& parts, Symbols& symbols, const std::string& relation,
                             const std::string& file, const std::string& option);

}  // namespace tenfold::answer
