// One random program against the reference evaluator, in every way that the engine can run it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/generate.h"
#include "lang/program.h"
#include "run/answers.h"

namespace tenfold::fuzz {

/// A provenance as the fuzzer runs it, and the definition of reference.h that it has to meet; none: it cuts, and only
/// has to say the same under every switch.
struct Way {
  std::string provenance;
  std::size_t k = 3;
  std::string meaning;
  bool idempotent = true;  // a rule, a fact or a literal that adds nothing new changes nothing
  bool adds_up = true;     // a tuple that does not hold has zero: not where tags are costs
  std::string text() const { return provenance + " k " + std::to_string(k); }
};
/// One a provenance that the engine knows and whose meaning the reference can say, then those that cut.
std::vector<Way> ways();

/// A variable of the environment, as TENFOLD_FUZZ_RUNS and its like.
std::uint64_t number_from(const char* name, std::uint64_t otherwise);

/// What was run, so that a report can say what a silence is worth.
struct Counts {
  std::uint64_t programs = 0, refused = 0, compared = 0, too_many_worlds = 0, open = 0, cut = 0, asked = 0, tuples = 0;
  /// Programs whose answers need this aggregate and agreed with the reference: by (aggregate, provenance).
  std::map<std::pair<std::string, std::string>, std::uint64_t> covered;
  std::string text() const;
  std::string table() const;  // of `covered`, a line a pair: tests/fuzz/coverage.py adds these up over runs
};

answers::Stub stub_of(const Source& source);

/// What the reference says; nothing where that takes too long.
std::optional<answers::Answers> expected(const Source& source, const lang::Program& program,
                                         const std::string& meaning);

/// Nothing when both say the same. @param absent  what a tuple that is missing has
/// @param sums  values that differ by a rounding are cases of one whose tags add up; else the better tag stands
std::string difference(const answers::Answers& wanted, const answers::Answers& found, double absent = 0.0,
                       bool sums = true);

/// Errors that are answers: an add-mult cycle that never settles, sums that can have too many values, alternatives that
/// sum to more than one, a relation that nothing but its callers grounds and whose callers it decides.
bool allowed(const Error& error);

struct Limits {
  std::string provenance;  // this one alone, where it is not empty
  bool brief = false;  // what does not end within a second is not wrong: a program that is being shrunk need not end
};

/// Nothing when the engine says what the reference says, whatever is switched off; else what differs.
std::string check(const Source& source, Counts& counts, const Limits& limits = {});

}  // namespace tenfold::fuzz
