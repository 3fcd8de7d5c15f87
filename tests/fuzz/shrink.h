// The smallest program that still goes wrong, and that program as a case of tests/run.
#pragma once

#include <functional>
#include <string>

#include "fuzz/generate.h"

namespace tenfold::fuzz {

/// Empty: nothing is wrong.
using Wrong = std::function<std::string(const Source&)>;

/// Drops rules, literals, facts, tags and columns, and makes arguments simpler, as long as `wrong` still finds
/// something. Tries at most `attempts` programs.
Source shrink(Source source, const Wrong& wrong, int attempts = 3000);

/// A case for tests/run/found/NAME.test with the answers of the reference.
std::string as_test(const Source& source, const std::string& title);

/// Writes the case to the folder of TENFOLD_FUZZ_FOUND, by default fuzz-found in the working directory.
/// @return the file, or nothing where it cannot be written
std::string write_found(const std::string& name, const std::string& test);

}  // namespace tenfold::fuzz
