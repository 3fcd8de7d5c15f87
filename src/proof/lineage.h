// What the tuples of a program rest on, whatever the world: a formula over inputs for each, and so its probability; and
// with them what an aggregate says that orders, picks or reweighs the rows of a group by how likely they are. Bounded:
// where formulas grow too long, or a weight is no probability of worlds, it says that it cannot tell.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "proof/formula.h"
#include "proof/model.h"

namespace tenfold::proof {

class GivenFacts;
struct CheckSettings;

/// One result of an aggregate that looks at all rows of a group, and the event that it makes (kNoEvent: none).
struct Told {
  Outcome outcome;
  Event event = kNoEvent;
};

class Lineages {
 public:
  /// `open` is the model in which every input is open; all outlive this.
  Lineages(GivenFacts& given, Model& open, const CheckSettings& settings);

  /// Null: it cannot be told, and why() says what is missing. Empty for a group that no world has.
  const std::vector<Told>* outcomes(const lang::Aggregate& aggregate, const Row& key);
  /// The rows that some world has of one group of the aggregate, with their probabilities; null as above.
  const std::vector<WeighedRow>* group(const lang::Aggregate& aggregate, const Row& key);
  const std::string& why() const { return why_; }
  /// False: no tuple like this holds in any world of these literals. True also where that takes too long to tell.
  bool possible(lang::RelationId relation, const std::vector<std::optional<Cell>>& args, const Literals& literals);

 private:
  using Rows = std::map<Row, Formula>;
  using GroupId = std::pair<const lang::Aggregate*, Row>;
  struct Instance {
    Row head;
    Formula settled = always();                             // of lower strata, and of its tag
    std::vector<std::pair<lang::RelationId, Row>> growing;  // premises of the same stratum
  };
  struct Worlds;

  bool evaluate(lang::RelationId relation);
  bool run(const std::vector<lang::RelationId>& stratum);
  bool collect(const lang::Rule& rule, const std::vector<lang::RelationId>& stratum, std::vector<Instance>& out);
  bool aggregate(const lang::Aggregate& a);
  bool group_results(const lang::Aggregate& a, const Row& key, const std::vector<Row>& rows);
  bool result(const lang::Aggregate& a, const Row& key, const Row& value, const Formula& formula);
  bool existence(const lang::Aggregate& a, const Row& key, const std::vector<Row>& rows, const Formula& there);
  bool extremes(const lang::Aggregate& a, const Row& key, const std::vector<Row>& rows, const Formula& there);
  bool some(lang::RelationId relation, const std::vector<std::optional<Cell>>& args, Formula& out);
  const Formula& of(lang::RelationId relation, const Row& row) const;
  std::map<Row, std::vector<Row>> groups(const lang::Aggregate& a) const;
  bool weight(const lang::Aggregate& a, const Formula& formula, double& out);
  bool join(Formula& to, const Formula& with);
  bool negate(Formula& of);
  bool unite(Formula& to, const Formula& with);
  bool fail(const std::string& why);

  GivenFacts& given_;
  Model& open_;
  const CheckSettings& settings_;
  const lang::Program& program_;
  std::vector<Rows> rows_;  // by relation; of what is certain nothing is kept
  std::vector<bool> done_;
  std::vector<std::string> failed_;  // why a relation cannot be told
  std::map<GroupId, std::vector<WeighedRow>> groups_;
  std::map<GroupId, std::vector<Told>> told_;
  std::string why_;
  std::size_t work_ = 0;
};

}  // namespace tenfold::proof
