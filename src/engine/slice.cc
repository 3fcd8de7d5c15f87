#include "engine/slice.h"

namespace tenfold::engine {

using provenance::premise;
using provenance::PremiseKind;

provenance::Member sole_input(const Evaluation& e, RelationId r, Row row) {
  const std::uint32_t f = e.relation(r).firing(row);
  if (f == kNone) return kNone;
  const Firing& firing = e.firing(r, f);
  const bool input = firing.kind == FiringKind::given || firing.kind == FiringKind::perceived;
  return input && firing.next == kNone ? firing.event : kNone;
}

provenance::Premise& Slice::slot(const Evaluation& e, RelationId r, Row row) {
  if (premises_.size() <= r) premises_.resize(r + 1);
  if (premises_[r].size() <= row) premises_[r].resize(e.relation(r).size(), kUnread);
  return premises_[r][row];
}

// A row is a premise of many firings and looked up once.
provenance::Premise Slice::read(const Evaluation& e, RelationId r, Row row, const Known& known) {
  provenance::Premise& p = slot(e, r, row);
  if (p != kUnread) return p;
  seen_.push_back({r, row});
  if (e.relation(r).certain(row)) return p = kCertain;
  if (r < known.size() && row < known[r].size() && known[r][row] != kUnknownYet) {
    lineage_.diagrams.push_back(known[r][row]);
    return p = premise(PremiseKind::diagram, static_cast<std::uint32_t>(lineage_.diagrams.size() - 1));
  }
  if (const auto input = sole_input(e, r, row); input != kNone) {
    if (said_by_.size() <= input) said_by_.resize(input + 1, {kNone, 0});
    said_by_[input] = {r, row};
    return p = premise(PremiseKind::member, input);
  }
  tuples_.push_back({r, row});
  return p = premise(PremiseKind::node, static_cast<std::uint32_t>(tuples_.size() - 1));
}

void Slice::alternative(const Evaluation& e, RelationId head, const Firing& firing, const Known& known) {
  if (firing.kind == FiringKind::rule) {
    const plan::PlanRule& rule = e.plan().rules[firing.source];
    const auto rows = e.premises(head, firing);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i] == kNone) continue;
      const lang::Literal& literal = rule.body[rule.premises[i]].literal;
      const bool negative = literal.kind == lang::LiteralKind::negative;
      if (negative && !e.relation(literal.relation).there(rows[i])) continue;
      const provenance::Premise p = read(e, literal.relation, rows[i], known);
      if (p != kCertain) {
        lineage_.add(p | (negative ? 1u : 0u));
      } else if (negative) {
        lineage_.drop_alternative();
        return;
      }
    }
  }
  if (firing.event != kNone) lineage_.add(premise(PremiseKind::member, firing.event));
  lineage_.end_alternative();
}

void Slice::trace(const Evaluation& e, const std::vector<TupleRef>& roots, const Known& known) {
  lineage_.clear();
  tuples_.clear();
  said_by_.clear();
  for (const TupleRef& root : roots) {
    if (e.relation(root.relation).certain(root.row) || slot(e, root.relation, root.row) != kUnread) continue;
    slot(e, root.relation, root.row) = premise(PremiseKind::node, static_cast<std::uint32_t>(tuples_.size()));
    seen_.push_back(root);
    tuples_.push_back(root);
  }
  for (std::size_t i = 0; i < tuples_.size(); ++i) {
    const auto [r, row] = tuples_[i];
    for (std::uint32_t f = e.relation(r).firing(row); f != kNone;) {
      const Firing& firing = e.firing(r, f);
      f = firing.next;
      if (f != kNone) __builtin_prefetch(&e.firing(r, f));  // they lie apart, as rounds made them
      alternative(e, r, firing, known);
    }
    lineage_.end_node();
  }
  for (const auto [r, row] : seen_) premises_[r][row] = kUnread;
  seen_.clear();
}

}  // namespace tenfold::engine
