// Runs one variant of a rule: nested loops over its steps, a register a variable, and at the end the head tuple with
// the firing that made it.
#pragma once

#include <functional>
#include <vector>

#include "engine/engine.h"

namespace tenfold::engine {

class Join {
 public:
  explicit Join(Evaluation& evaluation) : e_(evaluation) {}
  Status run(const plan::Variant& variant);

  /// Called before a firing is recorded, then with it.
  using Made = std::function<void(RelationId head, Row row, std::uint32_t firing)>;
  /// A variant of `rule` (of another number, as plan/updates.h makes them) for what changed: its delta is these rows,
  /// all other steps read all rows. What has fired before does not fire again; nothing becomes certain.
  Status run_changed(const plan::Variant& variant, const plan::PlanRule& rule, std::uint32_t number,
                     std::span<const Row> changed, const Made& made);

 private:
  struct Range {
    Row low, high;
  };
  // What a step reads, which stays the same while a variant runs: what it adds lies past the ranges.
  struct Source {
    const Relation* relation;
    const Index* index;
    Range range;
  };
  Status run(const plan::PlanRule& rule);
  Range rows(const plan::Step& step) const;
  Cell value(const plan::Operand& operand) const {
    return operand.constant ? operand.value : registers_[operand.variable];
  }
  bool possible();  // and finds the sources
  // Each returns false to stop the whole variant (a limit was hit).
  bool step(std::size_t i);
  bool scan(const plan::Step& s, std::size_t i);
  bool probe(const plan::Step& s, std::size_t i);
  bool changed(const plan::Step& s, std::size_t i);
  bool contains(const plan::Step& s, std::size_t i);
  bool absent(const plan::Step& s, std::size_t i);
  bool range(const plan::Step& s, std::size_t i);
  bool foreign(const plan::Step& s, std::size_t i);
  bool computed(const plan::Step& s, std::span<const Cell> row, double probability, std::size_t i);
  bool take(const plan::Step& s, const Relation& relation, Row row, std::size_t i);
  bool emit();
  std::uint32_t record(Relation& relation, Row row, provenance::Member happened);
  bool emit_changed(Relation& relation, provenance::Member happened);
  std::size_t first_witness() const;
  bool witnessed(std::size_t i) const { return i >= witness_ && found_; }
  bool event(provenance::Member& member);
  std::uint64_t event_key() const;

  Evaluation& e_;
  const plan::Variant* variant_ = nullptr;
  const plan::PlanRule* rule_ = nullptr;
  std::uint32_t number_ = 0;  // of the rule
  std::span<const Row> changed_;
  const Made* made_ = nullptr;   // of an update
  std::vector<Source> sources_;  // per step
  std::vector<Cell> registers_;
  std::vector<Row> matched_;  // per body literal
  std::vector<plan::Operand> head_args_;
  std::vector<Cell> key_, head_;
  std::vector<Row> premises_;
  std::size_t witness_ = 0;      // steps from here on bind nothing of a head without firings: one way through will do
  bool found_ = false;           // and there was one, since the step at witness_ began
  std::uint32_t uncertain_ = 0;  // premises under way that are not certain
  Status status_;
};

}  // namespace tenfold::engine
