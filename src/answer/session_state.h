// A session from inside: evaluation in steps, so that a job can put what many records ask into one batch.
//   begin(facts) → advance() … supply() … advance() → finish()
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "answer/abstention.h"
#include "answer/bounds.h"
#include "answer/change_log.h"
#include "answer/explain_tuple.h"
#include "answer/parts.h"
#include "answer/proof_builder.h"
#include "answer/touched.h"
#include "answer/usage.h"
#include "base/base.h"
#include "engine/engine.h"
#include "tenfold/session.h"

namespace tenfold {

struct Session::State {
  explicit State(std::shared_ptr<const Program::Parts> shared);

  /// Facts of one record; they must live until finish() returns. Relations that the program does not have are skipped.
  Status begin(std::vector<const FactTable*> tables);
  struct Asked {
    std::uint32_t network;
    std::vector<Cell> inputs;
    std::string key;  // the inputs as text, "\x1f" between
  };
  /// What networks are asked next; empty when the evaluation is done. Inputs that were answered before are not asked
  /// again.
  Result<std::vector<Asked>> advance();
  Status supply(const Asked& asked, answer::Seen seen);
  /// Asks the networks at once and supplies what they say.
  Status answer_now(const std::vector<Asked>& asked);
  Result<Answer> finish();
  /// After a limit was reached: the queries that were finished before. Other errors are handed back.
  Result<Answer> stopped(const Error& error);
  /// One tuple of the evaluation that has just ended.
  Result<answer::Explanation> explain(const std::string& relation, const std::vector<std::string>& args,
                                      const answer::ExplainOptions& options);

  /// Settings::updates: facts that come or go from the next evaluate() on.
  void change(std::uint32_t relation, bool insert, FactTable table);
  /// Evaluates all facts of this session's own, networks included; what changed since it last did so is carried through
  /// where that can be done.
  Status evaluate();

  Symbols& symbols() { return symbols_; }
  /// The one that says what networks are asked.
  const engine::Evaluation& evaluation() const { return bounding_ ? bounds_->evaluation() : evaluation_; }
  void forget_symbols();

 private:
  friend class Session;
  Result<bool> settle();  // false: begin() afresh
  struct Found {
    std::size_t query;
    std::vector<Cell> row;
    double low, high;
    std::size_t worlds;
    answer::Proofs proofs;
    std::optional<bool> decision = std::nullopt;  // fixed before all was seen
  };
  using Key = std::pair<std::uint32_t, std::vector<Cell>>;
  using World = std::map<Key, std::size_t>;  // refused input to the label it is taken to have
  /// What networks refused, and which answers that can touch.
  struct Refusals {
    std::vector<Key> inputs;
    std::vector<answer::TouchedRows> touched;  // by query
    std::vector<bool> stays;                   // by query: what is certain without the open inputs is so with them
    /// Of inputs that may touch one answer, where all worlds are looked at: `worlds` at most.
    std::vector<std::vector<std::uint32_t>> groups;
    std::size_t worlds = 1;
    std::vector<bool> open;  // by input: there are no worlds, or too many
  };

  Status add_all();
  Status restart(engine::Evaluation& evaluation, SymbolId without);
  std::string key_of(std::uint32_t network, std::span<const Cell> inputs) const;
  Result<std::vector<Asked>> next_by_bounds();
  Status learn(const Asked& asked);
  void gather_bounds(std::vector<Found>& found);
  Status run_on();
  Result<bool> run_to_end(const World& world, SymbolId without);
  void read_tuples(std::uint32_t network, answer::Seen& seen);
  void read_facts(std::uint32_t network, answer::Seen& seen);
  Result<bool> read_medium(std::uint32_t network, std::span<const Cell> inputs);
  Status give(std::uint32_t network, std::span<const Cell> inputs, const World& world);
  Status see(const std::vector<Asked>& asked);
  answer::Perceived perceived(std::uint32_t network, std::span<const Cell> row, const World& world) const;
  void gather(std::vector<Found>& found, bool with_proofs, const World& world);
  /// From the evaluation at hand, which has ended, and of what networks refused from others.
  Result<Refusals> gather_worlds(std::vector<Found>& found, SymbolId without, bool with_proofs);
  Status find_dependencies(Answer& answer);
  std::vector<std::optional<bool>> decide(const std::vector<Found>& found) const;
  void fill_answer(std::vector<Found>& found, const Refusals& refusals, Answer& answer);
  std::vector<answer::Refused> said_of(const Refusals& refusals, std::span<const std::uint32_t> inputs) const;
  bool less(const Found& a, const Found& b) const;
  AnswerTuple tuple(const Found& found) const;
  Receipt receipt() const;
  Refusals refusals() const;
  std::size_t refused() const;  // how many inputs
  std::size_t labels(const Key& input) const { return parts_->language.networks[input.first].labels.size(); }

  std::shared_ptr<const Program::Parts> parts_;
  Symbols symbols_;
  engine::Evaluation evaluation_;
  std::vector<const FactTable*> tables_;
  std::vector<FactTable> own_;              // of Session::add
  answer::ChangeLog changes_;               // with Settings::updates: of Session::add and erase
  bool settled_ = false;                    // the evaluation is finished and knows all changes
  std::unique_ptr<answer::Bounds> bounds_;  // null where the lever is off
  bool bounding_ = false;                   // it says what is asked, and has not given up
  std::map<Key, std::size_t> bounded_;      // what it asked last, as numbers of its inputs
  std::map<Key, answer::Seen> seen_;
  std::vector<answer::Usage> usage_;  // per network
  std::vector<answer::Reach> reach_;
  double cpu_start_ = 0.0, wall_start_ = 0.0;
};

}  // namespace tenfold
