// A small bottom-up evaluator of a program, for the checker alone: which tuples are possible and which certain when
// some inputs are taken to hold or to fail and the rest is open. Possible is an over-approximation (each tuple by
// itself), certain an under-approximation; `not p` passes for possible tuples unless p is certain, for certain ones
// only if p is not possible. Strata in order, semi-naive rounds, one hash index a set of bound columns. What an
// aggregate makes of all worlds is asked of lineage.h; which terms exist does not depend on what is taken. Bounded by a
// number of steps.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "proof/events.h"

namespace tenfold::proof {

/// Tuples of one relation, in order of arrival, with indexes that catch up when used.
class Table {
 public:
  bool insert(Row row);
  bool contains(const Row& row) const { return set_.contains(row); }
  std::size_t size() const { return rows_.size(); }
  const Row& operator[](std::size_t i) const { return *rows_[i]; }
  /// Numbers of the rows that have `key` in the columns of the mask, ascending.
  const std::vector<std::uint32_t>& with(std::uint64_t mask, const Row& key);

 private:
  struct Hash {
    std::size_t operator()(const Row& row) const;
  };
  struct Index {
    std::size_t seen = 0;
    std::unordered_map<Row, std::vector<std::uint32_t>, Hash> rows;
  };
  std::set<Row> set_;
  std::vector<const Row*> rows_;
  std::map<std::uint64_t, Index> indexes_;
};

class Model;
class Models;

/// What a model is made of; all of it outlives the model.
struct ModelInputs {
  const lang::Program* program = nullptr;
  const std::vector<GivenRows>* given = nullptr;  // by relation
  Events* events = nullptr;                       // grows by events of tagged rules
  std::map<std::string, Event>* rule_events = nullptr;
  Symbols* symbols = nullptr;
  bool tags = true;          // false: every input is certain
  Models* models = nullptr;  // what all worlds say of a group
  Model* open = nullptr;     // the model in which every input is open; null: this is it
};

/// The name of the event of a tagged rule: the rule in the text, and its named variables with their values.
/// @param choice  of an exclusive head, which of its heads
std::string rule_event(const lang::Rule& rule, const std::vector<std::pair<std::string, std::string>>& named,
                       std::uint32_t choice);
/// The name of the event of an uncertain row of a computed predicate.
std::string computed_event(const lang::Relation& relation, std::span<const Cell> row, const Symbols& symbols);
/// What a rule's tag, as it was computed, leaves to one of its heads.
double share(const lang::Rule& rule, Cell tag, const Symbols& symbols);

/// One instance of a rule over tuples that are possible.
struct Firing {
  Row head;
  std::vector<std::pair<lang::RelationId, Row>> premises;
  std::vector<std::pair<lang::RelationId, std::vector<std::optional<Cell>>>> absent;
  double probability = 1.0;                                // of the event of its tag
  std::vector<std::pair<std::string, std::string>> named;  // where that is below 1: which event
  struct Computed {
    lang::RelationId relation;
    Row row;
    double probability;
    bool positive;
  };
  std::vector<Computed> computed;  // uncertain rows of predicates
};

class Model {
 public:
  Model(const ModelInputs& in, const Literals& literals);

  /// Makes the tables of a relation and of all that it rests on. False: it cannot be told; why() says what is missing.
  bool evaluate(lang::RelationId relation);
  const std::string& why() const { return why_; }
  /// Relations that a relation rests on and itself, in the order in which they can be evaluated.
  std::vector<std::vector<lang::RelationId>> strata(lang::RelationId root) const;
  /// All instances of a rule whose head was evaluated; a visitor that returns false stops.
  bool firings(const lang::Rule& rule, const std::function<bool(const Firing&)>& visit);

  /// Of evaluated relations. `args`: nothing = any value.
  bool possible(lang::RelationId relation, const std::vector<std::optional<Cell>>& args);
  bool certain(lang::RelationId relation, const std::vector<std::optional<Cell>>& args);
  /// Possible tuples.
  std::vector<const Row*> matching(lang::RelationId relation, const std::vector<std::optional<Cell>>& args);
  Table& possible(lang::RelationId relation) { return possible_[relation]; }
  Table& certain(lang::RelationId relation) { return certain_[relation]; }

 private:
  struct Join;
  void reads(lang::RelationId r, const std::function<void(lang::RelationId)>& visit) const;
  bool run(const std::vector<lang::RelationId>& stratum);
  void load(lang::RelationId r);
  bool rounds(const std::vector<lang::RelationId>& stratum, bool certain);
  bool join(const lang::Rule& rule, bool certain, std::size_t delta, std::pair<std::size_t, std::size_t> rows,
            const std::function<bool(const Firing&)>* visit, std::vector<Row>* heads);
  void load_terms(lang::RelationId r);
  bool aggregate(const lang::Aggregate& a);
  bool over_all(const lang::Aggregate& a);
  bool group(const lang::Aggregate& a, const Row& key, const std::vector<Row>& sure, const std::vector<Row>& open);
  bool put(const lang::Aggregate& a, const Row& key, const std::vector<Row>& rows, bool sure);
  bool fail(const std::string& why);
  bool matches(Table& table, const std::vector<std::optional<Cell>>& args);

  ModelInputs in_;
  const lang::Program& program_;
  Literals literals_;
  std::vector<Table> possible_, certain_;
  std::vector<bool> done_;
  std::vector<std::string> failed_;  // why a relation cannot be told
  std::string why_;
  std::size_t steps_ = 0;
};

}  // namespace tenfold::proof
