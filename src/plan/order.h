// order: joins each body cheapest ready literal first, so no network sees a tuple that would be joined away.
//   before  alert(p) = finding(i, "pneumonia") and study(p, i) and takes(p, d)
//   after   alert(p) = takes(p, d) and study(p, i) and finding(i, "pneumonia")
// Atoms that reach networks of one cost stay as they would be joined without this: which of them spares the others is
// not known, and nothing may be asked that would not have been.
// Same answer: tags still multiply in the order of the text, because topkproofs' `times` is not associative.
// Switched off, atoms are joined in the order of the text, each as soon as it is ready, and tests as soon as they can
// be.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "plan/plan.h"

namespace tenfold::plan {

/// Small tables that the program states: how many rows a probe of some of their columns finds is counted, not guessed.
class StatedTables {
 public:
  explicit StatedTables(const Plan& plan);
  /// How much of the table is left once the columns of `literal` that are bound are given: 0 for one row, 1 for all, on
  /// a scale of logarithms. Nothing for other relations.
  std::optional<double> left(const lang::Literal& literal, const std::vector<bool>& bound) const;

 private:
  const lang::Program& program_;
  std::vector<std::vector<std::uint32_t>> facts_;  // by relation; empty where there is no such table
  mutable std::map<std::pair<RelationId, std::vector<bool>>, double> left_;
};

/// What ordering needs to know of relations: `dear` is the FLOPs that one tuple may cost in networks, 0 = none.
struct OrderContext {
  const lang::Program* program;
  const std::vector<double>* dear;  // per plan relation
  bool by_cost;                     // false: the order of the text
  const StatedTables* stated = nullptr;
};

/// The order for one rule, the literal `first` (a delta, or kNone) at the front. The rule's guards come before all
/// else.
Result<std::vector<std::uint32_t>> join_order(const PlanRule& rule, std::uint32_t first, const OrderContext& context);

/// Marks what a literal binds once it has been joined.
void bind(const lang::Literal& literal, std::vector<bool>& bound);

/// Whether a literal can be joined under `bound`.
bool ready(const lang::Literal& literal, const lang::Program& program, const std::vector<bool>& bound);

}  // namespace tenfold::plan
