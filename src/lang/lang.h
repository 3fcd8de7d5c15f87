// From text to a typed program. In: a .scl file, or text. Out: a Program (program.h) or every error found, each with
// its place. Steps, a file each: lexer, parser (text to syntax.h, the whole grammar), load (imports), names (types and
// constants), relations (declarations, attributes, networks), desugar with normal_form, aggregates and facts (to the
// conjunctions of draft.h), infer (types as equations, defaults last), lower (to program.h), ground (what binds what),
// strata_check. All of them read and write the Unit of draft.h.
// What parses and is not evaluated yet is refused with its place. Always holds afterwards: every RelationId, VarId and
// Type is valid, every rule has an order in which all its variables get bound.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lang/program.h"

namespace tenfold::lang {

struct Compiled {
  Program program;            // meaningful when errors is empty
  std::vector<Error> errors;  // in order of the text, at most 50
  bool ok() const { return errors.empty(); }
};

struct Options {
  /// Files read after the program as if it imported them (a site's own rules).
  std::vector<std::filesystem::path> overlays;
  bool tags_are_numbers = false;  // costs or counts, not probabilities: may be greater than one
  bool offload = true;            // @exact relations answer in place of networks
};

Compiled compile_file(const std::filesystem::path& file, const Options& options = {});

/// `name` stands for the file in messages; imports are relative to the working directory.
Compiled compile_text(std::string_view text, const std::string& name = "<text>", const Options& options = {});

}  // namespace tenfold::lang
