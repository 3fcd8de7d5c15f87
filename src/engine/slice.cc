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

std::uint32_t Slice::node(const Evaluation& e, RelationId r, Row row) {
  if (number_.size() <= r) number_.resize(r + 1);
  if (number_[r].size() <= row) number_[r].resize(e.relation(r).size(), kNone);
  std::uint32_t& number = number_[r][row];
  if (number == kNone) {
    number = static_cast<std::uint32_t>(tuples_.size());
    tuples_.push_back({r, row});
  }
  return number;
}

void Slice::alternative(const Evaluation& e, RelationId head, const Firing& firing, const Known& known) {
  const auto diagram = [&](RelationId r, Row row) {
    return r < known.size() && row < known[r].size() ? known[r][row] : kUnknownYet;
  };
  if (firing.kind == FiringKind::rule) {
    const plan::PlanRule& rule = e.plan().rules[firing.source];
    const auto rows = e.premises(head, firing);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i] == kNone) continue;
      const lang::Literal& literal = rule.body[rule.premises[i]].literal;
      const bool negative = literal.kind == lang::LiteralKind::negative;
      const RelationId r = literal.relation;
      if (e.relation(r).certain(rows[i])) {
        if (!negative) continue;
        lineage_.drop_alternative();
        return;
      }
      if (const auto made = diagram(r, rows[i]); made != kUnknownYet) {
        lineage_.add(premise(PremiseKind::diagram, static_cast<std::uint32_t>(lineage_.diagrams.size()), negative));
        lineage_.diagrams.push_back(made);
      } else if (const auto input = sole_input(e, r, rows[i]); input != kNone) {
        lineage_.add(premise(PremiseKind::member, input, negative));
        if (said_by_.size() <= input) said_by_.resize(input + 1, {kNone, 0});
        said_by_[input] = {r, rows[i]};
      } else {
        lineage_.add(premise(PremiseKind::node, node(e, r, rows[i]), negative));
      }
    }
  }
  if (firing.event != kNone) lineage_.add(premise(PremiseKind::member, firing.event));
  lineage_.end_alternative();
}

void Slice::trace(const Evaluation& e, std::vector<TupleRef> roots, const Known& known) {
  lineage_.clear();
  tuples_.clear();
  said_by_.clear();
  for (const TupleRef& root : roots)
    if (!e.relation(root.relation).certain(root.row)) node(e, root.relation, root.row);
  for (std::size_t i = 0; i < tuples_.size(); ++i) {
    const auto [r, row] = tuples_[i];
    for (std::uint32_t f = e.relation(r).firing(row); f != kNone;) {
      const Firing& firing = e.firing(r, f);
      alternative(e, r, firing, known);
      f = firing.next;
    }
    lineage_.end_node();
  }
  for (const auto [r, row] : tuples_) number_[r][row] = kNone;
}

}  // namespace tenfold::engine
