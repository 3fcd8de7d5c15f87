// The facts that a checker takes as given: of the program, of its tables, and (where allowed) of the record and the
// networks that the proofs themselves speak of.
#pragma once

#include <optional>

#include "base/facts.h"
#include "proof/checker.h"
#include "proof/model.h"

namespace tenfold::proof {

class GivenFacts {
 public:
  GivenFacts(lang::Program& program, const std::vector<FactTable>& tables, const std::string& provenance);

  /// Takes in what a leaf claims of a relation that nothing here states; nothing where it may not.
  std::optional<Given> learn(lang::RelationId relation, const Row& row, const ProofStep& step);
  /// The statement that a leaf repeats, by its probability and origin.
  const Given* find(lang::RelationId relation, const Row& row, const ProofStep& step) const;
  /// Facts, tables or a network's sayings were handed in for it.
  bool stated(lang::RelationId relation) const { return stated_[relation]; }
  /// A proof may bring facts of it.
  bool may_learn(lang::RelationId relation, bool records) const;
  const GivenRows& rows(lang::RelationId relation) const { return rows_[relation]; }
  Symbols& symbols() const { return program_.symbols; }
  /// The event of a tagged rule with these named values.
  Event rule_event_of(const lang::Rule& rule, const std::vector<std::pair<std::string, std::string>>& named, double p);
  /// The event of an uncertain row of a computed predicate.
  Event computed_event_of(lang::RelationId relation, const Row& row, double p);
  /// Says whether anything was learnt; drops it with `drop`.
  bool forget_learnt(bool drop);

  ModelInputs inputs();
  Events events;
  std::map<std::string, Event> rule_events;

 private:
  void add(lang::RelationId relation, const Row& row, double p, const std::string& origin, std::uint32_t group);

  lang::Program& program_;
  bool tags_;
  std::vector<GivenRows> rows_;
  std::vector<bool> stated_;
  std::map<std::pair<lang::RelationId, Row>, std::uint32_t> network_groups_;  // by the inputs
  std::vector<std::pair<lang::RelationId, Row>> learnt_;
};

}  // namespace tenfold::proof
