// The lever `bounds`: networks are asked one after another, and no more once every decision is fixed. The rules run
// once, with every demanded input open: each of its labels is possible. What that finds says how the answers hang on
// the inputs (engine/slice.h), so that after each call only intervals are computed anew (provenance/open_bounds.h). The
// decisions are those of a run that sees everything; where that cannot be proved the lever is off, and says so.
//   begin(facts) → next() … learn() … next() → decided() or all()
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "answer/decision.h"
#include "answer/parts.h"
#include "engine/asked_anyway.h"
#include "engine/engine.h"
#include "engine/slice.h"
#include "provenance/open_bounds.h"

namespace tenfold::answer {

/// Something is to be decided, a network could be spared, and the lever is not switched off.
bool could_spare(const Program::Parts& parts);
/// Not only media are asked.
bool has_networks(const Program::Parts& parts);
/// Why it is off all the same; empty where it is on (Program::Parts::bounds).
std::string why_no_bounds(const Program::Parts& parts);

/// One record's. Reusable; not thread-safe.
class Bounds {
 public:
  Bounds(const Program::Parts& parts, Symbols& symbols);

  /// The evaluation that takes the facts; begin() comes after them.
  engine::Evaluation& evaluation() { return evaluation_; }
  const engine::Evaluation& evaluation() const { return evaluation_; }
  /// Reads a part of a medium into evaluation(); false where that is refused.
  using Reads = std::function<Result<bool>(std::uint32_t network, std::span<const Cell> inputs)>;
  /// Runs the rules. What is read from media is read at once: it is known for certain and costs no network. False: the
  /// lever gives up, and everything demanded has to be asked.
  Result<bool> begin(const Reads& reads);

  enum class State : std::uint8_t { asking, decided, gave_up };
  State state() const { return state_; }
  /// What to ask now, as numbers of inputs(): empty once every decision is fixed, or this has given up. Answer each
  /// with learn(). Every one of them is one that a run without this lever asks too.
  std::vector<std::size_t> next();
  const std::vector<engine::OpenInput>& inputs() const { return inputs_; }
  void learn(std::size_t input, const std::vector<double>& probabilities);

  /// Once decided: the answers, with what their probabilities lie between.
  struct Row {
    std::size_t query;
    engine::Row row;
    double low, high;
    std::optional<bool> decision;
  };
  const std::vector<Row>& rows() const { return rows_; }

 private:
  void find_rows();
  void start_lineage();
  double undecided(const std::vector<provenance::Interval>& roots) const;
  std::vector<Verdict> verdicts(const std::vector<provenance::Interval>& roots) const;
  bool proves(std::size_t row) const;
  double worth(std::size_t input, double now);
  double expected(std::uint32_t network, std::size_t label) const;

  const Program::Parts& parts_;
  Symbols& symbols_;
  engine::Evaluation evaluation_;
  engine::AskedAnyway asked_anyway_;
  engine::Slice slice_;
  provenance::OpenBounds bounds_;
  State state_ = State::asking;
  std::vector<engine::OpenInput> inputs_;
  std::vector<std::uint32_t> input_of_group_;
  std::vector<Row> rows_;
  std::vector<Candidate> candidates_;       // of rows_
  std::vector<std::uint32_t> root_of_row_;  // kNone: certain
  std::vector<provenance::Interval> intervals_;
  std::vector<std::vector<double>> said_;  // per network and label: what it said so far, added up
  std::size_t asked_ = 0;
};

}  // namespace tenfold::answer
