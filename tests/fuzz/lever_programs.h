// Random programs whose answers hang on stub networks in ways that leave something to spare: several networks over few
// inputs, exclusive labels and facts, recursion, negation, tagged rules.
#pragma once

#include <cstdint>
#include <vector>

#include "fuzz/generate.h"

namespace tenfold::fuzz {

struct LeverProgram {
  Source source;
  /// What a network of so many labels may say of an input, each equally likely: the prior of the optimal policy.
  std::map<std::size_t, std::vector<std::vector<double>>> prior;
};

/// The same seed gives the same program everywhere. `extreme`: networks also say a label with certainty or not at all.
LeverProgram lever_program(std::uint64_t seed, bool extreme);

}  // namespace tenfold::fuzz
