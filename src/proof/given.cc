#include "proof/given.h"

#include <algorithm>

namespace tenfold::proof {
namespace {

/// Of a network with labels one is true of an input; tuples that a network says are each true by themselves.
bool says_labels(const lang::Program& program, const lang::Relation& r) {
  return r.kind == lang::RelationKind::perceived && !program.networks[r.network].labels.empty();
}

}  // namespace

namespace {

// {1; 2} states no probabilities: one of its facts holds, each as likely as the other. 0: a group that states them.
std::map<std::uint32_t, double> equal_shares(const lang::Program& program) {
  std::map<std::uint32_t, double> out;
  for (const lang::Fact& fact : program.facts)
    if (fact.group != lang::kNone) ++out[fact.group];
  for (auto& [group, share] : out) share = 1.0 / share;
  for (const lang::Fact& fact : program.facts)
    if (fact.group != lang::kNone && fact.probability) out[fact.group] = 0.0;
  return out;
}

}  // namespace

GivenFacts::GivenFacts(lang::Program& program, const std::vector<FactTable>& tables, const std::string& provenance)
    : program_(program),
      tags_(provenance != "unit"),
      rows_(program.relations.size()),
      stated_(program.relations.size(), false) {
  std::map<std::uint32_t, std::uint32_t> groups;
  const auto shares = provenance == "proofs" ? std::map<std::uint32_t, double>() : equal_shares(program);
  for (const lang::Fact& fact : program.facts) {
    std::uint32_t group = lang::kNone;
    if (fact.group != lang::kNone) {
      const auto [at, fresh] = groups.try_emplace(fact.group, events.groups);
      if (fresh) ++events.groups;
      group = at->second;
    }
    const auto share = shares.find(fact.group);
    const bool shared = share != shares.end() && share->second > 0.0;
    add(fact.relation, fact.row, shared ? share->second : fact.probability.value_or(1.0), place_text(fact.place),
        group);
    stated_[fact.relation] = true;
  }
  for (const FactTable& table : tables) {
    const lang::RelationId relation = program.find(table.relation);
    if (relation == lang::kNone) continue;
    stated_[relation] = true;
    for (std::size_t i = 0; i < table.rows(); ++i) {
      const Row row(table.row(i).begin(), table.row(i).end());
      std::uint32_t group = lang::kNone;
      if (const lang::Relation& r = program.relations[relation]; says_labels(program, r)) {
        const Row inputs(row.begin(), row.begin() + program.networks[r.network].inputs);
        const auto [at, fresh] = network_groups_.try_emplace({relation, inputs}, events.groups);
        if (fresh) ++events.groups;
        group = at->second;
      }
      add(relation, row, table.probabilities.empty() ? 1.0 : table.probabilities[i],
          std::string(program.symbols.text(table.origins[i])), group);
    }
  }
}

void GivenFacts::add(lang::RelationId relation, const Row& row, double p, const std::string& origin,
                     std::uint32_t group) {
  if (tags_ && p <= 0.0) return;
  Given given{tags_ ? p : 1.0, origin, kNoEvent};
  // Certain by itself; a certain member of a group still excludes the others.
  if (tags_ && (p < 1.0 || group != lang::kNone))
    given.event = events.add(p, group == lang::kNone ? events.groups++ : group);
  rows_[relation][row].push_back(std::move(given));
}

bool GivenFacts::may_learn(lang::RelationId relation, bool records) const {
  const lang::Relation& r = program_.relations[relation];
  if (r.kind == lang::RelationKind::perceived) return !stated_[relation];
  return records && r.declared && r.kind == lang::RelationKind::plain;
}

std::optional<Given> GivenFacts::learn(lang::RelationId relation, const Row& row, const ProofStep& step) {
  if (step.origin.empty()) return std::nullopt;
  for (const Given& known : rows_[relation][row])
    if (known.probability == step.probability && known.origin == step.origin) return known;
  std::uint32_t group = lang::kNone;
  if (const lang::Relation& r = program_.relations[relation]; says_labels(program_, r)) {
    const Row inputs(row.begin(), row.begin() + program_.networks[r.network].inputs);
    const auto [at, fresh] = network_groups_.try_emplace({relation, inputs}, events.groups);
    if (fresh) ++events.groups;
    // A network says one probability a label, and all of an input's sum to one at most.
    if (!rows_[relation][row].empty()) return std::nullopt;
    double sum = step.probability;
    for (Event e = 0; e < events.group.size(); ++e)
      if (events.group[e] == at->second) sum += events.probability[e];
    if (tags_ && sum > 1.0 + 1e-4) return std::nullopt;
    group = step.probability < 1.0 ? at->second : lang::kNone;
  }
  add(relation, row, step.probability, step.origin, group);
  learnt_.emplace_back(relation, row);
  return rows_[relation][row].empty() ? std::nullopt : std::optional(rows_[relation][row].back());
}

const Given* GivenFacts::find(lang::RelationId relation, const Row& row, const ProofStep& step) const {
  const auto at = rows_[relation].find(row);
  if (at == rows_[relation].end()) return nullptr;
  // What a network said comes from the network, whatever file repeats it here.
  const bool perceived = program_.relations[relation].kind == lang::RelationKind::perceived;
  for (const Given& given : at->second)
    if (given.probability == step.probability && (perceived || given.origin == step.origin)) return &given;
  return nullptr;
}

Event GivenFacts::rule_event_of(const lang::Rule& rule, const std::vector<std::pair<std::string, std::string>>& named,
                                double p) {
  const auto [at, fresh] = rule_events.try_emplace(rule_event(rule, named, rule.choice), kNoEvent);
  if (!fresh) return at->second;
  const std::uint32_t group = events.groups++;
  for (std::uint32_t c = 0; c < std::max(rule.choices, 1u); ++c)  // the heads of a choice exclude one another
    rule_events[rule_event(rule, named, c)] = events.add(p, group);
  return rule_events[rule_event(rule, named, rule.choice)];
}

Event GivenFacts::computed_event_of(lang::RelationId relation, const Row& row, double p) {
  const auto [at, fresh] =
      rule_events.try_emplace(computed_event(program_.relations[relation], row, program_.symbols), kNoEvent);
  if (fresh) at->second = events.add(p, events.groups++);
  return at->second;
}

// Their events stay, and are in nobody's way.
bool GivenFacts::forget_learnt(bool drop) {
  const bool any = !learnt_.empty();
  if (!drop) return any;
  for (const auto& [relation, row] : learnt_) rows_[relation].erase(row);
  learnt_.clear();
  return any;
}

ModelInputs GivenFacts::inputs() { return {&program_, &rows_, &events, &rule_events, &program_.symbols, tags_}; }

}  // namespace tenfold::proof
