// Checks proofs against the program and its facts, without the engine. Of each step: that its fact is stated, with this
// probability and from this place; that its rule stands in the text and this is an instance of it, with constraints,
// expressions and computed relations worked out anew; that what it says is absent cannot be derived (model.h) once the
// inputs that it names fell as it says, and that it names none in vain; that an aggregate counted every tuple of its
// group, and ordered, drew or reweighed its rows by probabilities that are worked out anew (lineage.h). Of the whole:
// every step is used, none rests on itself, and the probability is that of its inputs. What the checker cannot work out
// it says, and does not accept.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/facts.h"
#include "proof/events.h"
#include "proof/proof.h"

namespace tenfold::proof {

/// An answer as it was written down.
struct Claim {
  std::string relation;  // a query's name
  std::vector<std::string> args;
  double probability = 1.0;
  bool bounded = false;  // an interval was given
  std::vector<Proof> proofs;
  bool complete = false;  // these are all proofs
};

/// What is wrong, and with which step of which proof (kWhole: with the answer itself).
struct Objection {
  static constexpr std::size_t kWhole = SIZE_MAX;
  std::size_t proof = kWhole, step = kWhole;
  std::string what;
};

struct CheckSettings {
  std::string provenance = "topkproofs";
  /// Facts of declared relations that nothing states are taken as a record's, if they say where they came from; what
  /// networks said is taken as said.
  bool records = false;
  std::uint64_t seed = 0;  // of the samplers
  /// By network: what its tuples must say they come from ("see small, calibrated"); others are taken by their name.
  std::map<std::string, std::string> stages;
};

class Checker {
 public:
  /// The program outlives this, and its symbols grow. `tables`: of @file and --facts.
  Checker(lang::Program& program, const std::vector<FactTable>& tables, const CheckSettings& settings);
  ~Checker();

  /// All claims about one input, which share their facts; every objection, none when all is well.
  std::vector<std::pair<std::size_t, Objection>> check(const std::vector<Claim>& claims);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tenfold::proof
