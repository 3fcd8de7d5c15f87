// What is decided of answers, from intervals that their probabilities lie in: over or under a threshold, whether they
// are among the n most likely of their group, or known to a tolerance. One place for answers that were computed to the
// end and for those that the lever `bounds` stops before.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tenfold/session.h"
#include "tenfold/value.h"

namespace tenfold::answer {

/// One answer as decisions see it.
struct Candidate {
  const std::string* relation = nullptr;  // the name of its query
  std::uint32_t group = 0;                // of those that differ from it in the last column alone
  double low = 0.0, high = 1.0;
  bool known = false;  // low and high are its probability to the last bit
};

struct Verdict {
  bool fixed = false;            // nothing that is not known yet can change what is said of it
  std::optional<bool> decision;  // where one was asked for and is fixed
};

/// Something is to be decided, so that not every probability is wanted to the end.
bool decides(const Settings& settings);
/// Whether answers of this query are decided.
bool decides(const Settings& settings, const std::string& relation);

/// Whether two answers of one query differ in their last column alone.
bool rivals(std::span<const Cell> a, std::span<const Cell> b);

/// In the order of the candidates, which is that of answers: equals are told apart by it.
/// @param margin  what two computations of one probability may differ by
std::vector<Verdict> judge(const Settings& settings, const std::vector<Candidate>& candidates, double margin);

}  // namespace tenfold::answer
