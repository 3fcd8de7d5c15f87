// What decides a Problem, behind one interface. The solver is a shared module of its own, opened when the first problem
// is asked, so that no other run pays for it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "modules/constraints.h"
#include "tenfold/result.h"

namespace tenfold::modules {

enum class Verdict : std::uint8_t { satisfiable, unsatisfiable, unknown };

/// A problem being searched. Effort is counted in steps of the solver, not in time: the same question gets the same
/// answer on every machine.
class Search {
 public:
  virtual ~Search() = default;

  /// Of what the problem requires, and what was required since.
  virtual Verdict check() = 0;
  /// Within the last push(), which pop() forgets. `term` is of the problem, which may have grown.
  virtual void require(std::uint32_t term) = 0;
  virtual void push() = 0;
  virtual void pop() = 0;

  /// What a variable is in the solution that the last check() found: a number as Rational text, the index of a name, 0
  /// or 1. Valid until the next call of another kind.
  virtual std::string value(std::uint32_t variable) = 0;
  /// The least or greatest value of a number over all solutions, as Rational text; nothing where there is no solution,
  /// no bound, none that is reached, or no answer within the effort.
  virtual std::optional<std::string> optimum(std::uint32_t term, bool greatest) = 0;
};

class Solver {
 public:
  virtual ~Solver() = default;
  /// `problem` outlives the search. Null when it does not fit into memory.
  virtual std::unique_ptr<Search> search(const Problem& problem) const = 0;
};

/// The solver that this build has. Errors: "no-module".
Result<const Solver*> open_solver();

}  // namespace tenfold::modules
