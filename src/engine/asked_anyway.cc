#include "engine/asked_anyway.h"

#include <algorithm>

namespace tenfold::engine {

void AskedAnyway::prepare() {
  const plan::Plan& plan = e_.plan();
  if (by_stratum_.empty()) {
    std::vector<std::size_t> stratum(plan.relations.size(), 0);
    for (std::size_t s = 0; s < plan.strata.size(); ++s)
      for (RelationId r : plan.strata[s].relations) stratum[r] = s;
    by_stratum_.resize(plan.strata.size());
    for (std::uint32_t f = 0; f < e_.traced().size(); ++f)
      by_stratum_[stratum[plan.rules[e_.traced()[f].rule].head]].push_back(f);
  }
  states_.resize(plan.relations.size());
  for (RelationId r = 0; r < states_.size(); ++r) {
    if (!e_.hangs(r)) continue;
    states_[r].assign(e_.relation(r).size(), {});
    std::fill(states_[r].begin(), states_[r].begin() + e_.given(r), State{true, true});
  }
}

bool AskedAnyway::fire(const TracedFiring& firing) {
  const plan::PlanRule& rule = e_.plan().rules[firing.rule];
  State& head = state(rule.head, firing.head);
  bool there = true, sure = !firing.event;
  for (std::size_t i = 0; i < rule.body.size() && (there || sure); ++i) {
    const lang::Literal& l = rule.body[i].literal;
    if (l.kind == lang::LiteralKind::constraint) continue;
    const Row row = e_.traced_row(firing, i);
    if (row == kNone) continue;
    const bool hangs = e_.hangs(l.relation);
    const bool premise_there = hangs ? state(l.relation, row).there : true;
    const bool premise_sure = hangs ? state(l.relation, row).sure : e_.relation(l.relation).certain(row);
    if (l.kind == lang::LiteralKind::positive) {
      there = there && premise_there;
      sure = sure && premise_sure;
    } else {
      there = there && !premise_sure;
      sure = sure && !premise_there;
    }
  }
  // What is asked is asked for certain.
  if (rule.kind != plan::RuleKind::derived) sure = true;
  const bool changed = (there && !head.there) || (sure && !head.sure);
  head.there = head.there || there;
  head.sure = head.sure || sure;
  return changed;
}

std::vector<bool> AskedAnyway::of(const std::vector<OpenInput>& inputs) {
  prepare();
  const plan::Plan& plan = e_.plan();
  for (const OpenInput& input : inputs) {
    const lang::Network& network = plan.program->networks[input.network];
    std::vector<Cell> row(input.inputs);
    row.push_back(0);
    for (std::size_t l = 0; l < network.labels.size(); ++l) {
      row.back() = *e_.symbols().find(network.labels[l]);
      const Row at = e_.relation(network.relation).find(row);
      state(network.relation, at) =
          input.open() ? State{false, true} : State{input.seen[l] > 0.0, input.seen[l] >= 1.0};
    }
  }
  for (const auto& firings : by_stratum_)
    for (bool changed = true; changed;) {
      changed = false;
      for (std::uint32_t f : firings) changed = fire(e_.traced()[f]) || changed;
    }
  std::vector<bool> out;
  for (const OpenInput& input : inputs) {
    const RelationId asked = plan.networks[input.network].asked;
    out.push_back(!e_.hangs(asked) || state(asked, e_.relation(asked).find(input.inputs)).there);
  }
  return out;
}

}  // namespace tenfold::engine
