// Which demanded inputs a run that sees everything would ask too, whatever the open ones turn out to be. An evaluation
// with open inputs (Options::open) takes every label as possible, so it demands more than such a run where a network
// says a label with certainty or not at all, as each does under `unit`. Two least fixpoints over the traced firings, a
// stratum at a time: `there` (the tuple is found in any case) and `sure` (it may be found as certain, which is what a
// negation fails on).
#pragma once

#include <vector>

#include "engine/engine.h"

namespace tenfold::engine {

/// One input that was demanded.
struct OpenInput {
  std::uint32_t network;
  std::vector<Cell> inputs;
  provenance::Member first;  // of its labels
  std::vector<double> seen;  // a probability a label; empty: still open
  bool open() const { return seen.empty(); }
};

class AskedAnyway {
 public:
  explicit AskedAnyway(const Evaluation& evaluation) : e_(evaluation) {}

  /// Per input whether it is asked in any case. Inputs are in the order in which they were demanded.
  std::vector<bool> of(const std::vector<OpenInput>& inputs);

 private:
  struct State {
    bool there = false, sure = false;
  };
  State& state(RelationId r, Row row) { return states_[r][row]; }
  void prepare();
  bool fire(const TracedFiring& firing);

  const Evaluation& e_;
  std::vector<std::vector<State>> states_;              // of relations that hang on networks
  std::vector<std::vector<std::uint32_t>> by_stratum_;  // traced firings, in the order of evaluation
};

}  // namespace tenfold::engine
