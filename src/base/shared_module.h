// Shared modules of the program, opened when they are first needed: a run pays for no library that it does not use.
//
// A module is looked for beside the executable, in ../lib/tenfold from there (where it is installed), and on the
// executable's run path (the build tree).
#pragma once

#include <string>

#include "tenfold/result.h"

namespace tenfold {

/// The address of `symbol` in the module; it stays loaded. Errors: "no-module", saying what the loader said.
Result<void*> open_shared_module(const std::string& file, const char* symbol);

/// The path of a program that comes with this one, looked for in the same places. Errors: "no-module".
Result<std::string> find_beside(const std::string& file);

}  // namespace tenfold
