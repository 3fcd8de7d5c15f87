#include "answer/proof_builder.h"

#include <algorithm>

namespace tenfold::answer {

using engine::Firing;
using engine::FiringKind;
using engine::RelationId;
using engine::Row;

namespace {
// Deeper proofs are cut with a fact that says so; a chain of this many steps is read by a program, not by a person.
constexpr int kMaxDepth = 200;
}  // namespace

std::vector<std::string> ProofBuilder::args_text(RelationId relation, std::span<const Cell> cells) const {
  std::vector<std::string> out;
  for (std::size_t c = 0; c < cells.size(); ++c)
    out.push_back(plain(cells[c], e_.plan().relations[relation].types[c], e_.symbols()));
  return out;
}

double ProofBuilder::score(RelationId relation, const Firing& firing, int depth) {
  double product = firing.event != engine::kNone ? e_.inputs().probability[firing.event] : 1.0;
  if (firing.kind != FiringKind::rule) return product;
  const plan::PlanRule& rule = e_.plan().rules[firing.source];
  const auto rows = e_.premises(relation, firing);
  for (std::size_t i = 0; i < rows.size() && product > 0.0; ++i) {
    if (rows[i] == engine::kNone) continue;
    const lang::Literal& l = rule.body[rule.premises[i]].literal;
    if (l.kind == lang::LiteralKind::negative) {
      product *= 1.0 - e_.probability(l.relation, rows[i]);
    } else {
      product *= choose(l.relation, rows[i], depth + 1).score;
    }
  }
  return product;
}

// The likeliest firing that does not lead back to the tuple itself; among equals the oldest.
ProofBuilder::Choice ProofBuilder::choose(RelationId relation, Row row, int depth) {
  const auto key = std::pair(relation, row);
  if (auto known = chosen_.find(key); known != chosen_.end()) return known->second;
  const engine::Relation& r = e_.relation(relation);
  std::uint32_t f = r.firing(row);
  Choice best;
  if (r.certain(row)) {
    best = {1.0, f};  // the first firing of a certain tuple rests on older tuples alone
  } else if (depth < kMaxDepth && under_way_.insert(key).second) {
    for (; f != engine::kNone; f = e_.firing(relation, f).next) {
      const double s = score(relation, e_.firing(relation, f), depth);
      if (s > best.score) best = {s, f};
    }
    under_way_.erase(key);
    chosen_[key] = best;
  }
  return best;
}

Proof ProofBuilder::prove(RelationId relation, Row row) { return step(relation, row, 0); }

Proof ProofBuilder::step(RelationId relation, Row row, int depth) {
  Proof proof;
  const engine::Relation& r = e_.relation(relation);
  proof.relation = e_.plan().relations[relation].name;
  proof.args = args_text(relation, r.row(row));
  proof.probability = e_.probability(relation, row);
  if (r.origin(row) != engine::kNone) proof.origin = std::string(e_.symbols().text(r.origin(row)));
  const Choice choice = choose(relation, row, depth);
  if (choice.firing == engine::kNone || depth >= kMaxDepth) return proof;
  const Firing& firing = e_.firing(relation, choice.firing);
  switch (firing.kind) {
    case FiringKind::given:
      break;
    case FiringKind::perceived: {
      proof.kind = Proof::Kind::perceived;
      const Perceived by = perceived_by_(firing.source, r.row(row).first(program_.networks[firing.source].inputs));
      proof.origin = by.origin;
      if (by.assumed) proof.kind = Proof::Kind::assumed;
      break;
    }
    case FiringKind::rule: {
      proof.kind = Proof::Kind::rule;
      const lang::Rule& rule = program_.rules[e_.plan().rules[firing.source].source];
      proof.rule = rule.text;
      proof.place = rule.place;
      proof.source = rule.source;
      premises(firing, relation, proof, depth);
      break;
    }
    case FiringKind::aggregate: {
      proof.kind = Proof::Kind::aggregate;
      const lang::Aggregate& a = program_.aggregates[firing.source];
      proof.rule = a.text;
      proof.place = a.place;
      for (Row counted : e_.premises(relation, firing)) {
        if (proof.premises.size() >= Proof::kMaxCounted) break;
        append(a.body, counted, proof, depth);
      }
      break;
    }
  }
  return proof;
}

// Adds the proof of a premise; one made by desugaring gives its own premises instead.
void ProofBuilder::append(RelationId relation, Row row, Proof& proof, int depth) {
  Proof premise = step(relation, row, depth + 1);
  if (synthetic(relation) && premise.kind == Proof::Kind::rule) {
    for (Proof& inner : premise.premises) proof.premises.push_back(std::move(inner));
  } else {
    proof.premises.push_back(std::move(premise));
  }
}

void ProofBuilder::premises(const Firing& firing, RelationId relation, Proof& proof, int depth) {
  const plan::PlanRule& rule = e_.plan().rules[firing.source];
  const auto rows = e_.premises(relation, firing);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const lang::Literal& l = rule.body[rule.premises[i]].literal;
    if (l.kind == lang::LiteralKind::negative) {
      proof.premises.push_back(absence(rule, l, rows[i], rows, depth));
    } else if (rows[i] != engine::kNone) {
      append(l.relation, rows[i], proof, depth);
    }
  }
}

Proof ProofBuilder::absence(const plan::PlanRule& rule, const lang::Literal& literal, Row row,
                            std::span<const Row> matched, int depth) {
  Proof out;
  out.kind = Proof::Kind::absent;
  const plan::PlanRelation& relation = e_.plan().relations[literal.relation];
  out.relation = relation.name;
  // Values of the literal's variables, read back from the positive atoms that bound them.
  std::vector<std::string> args;
  for (std::size_t c = 0; c < literal.args.size(); ++c) {
    const lang::Expr& arg = literal.args[c];
    std::string text = "_";
    if (arg.op == lang::Op::constant) text = plain(arg.constant, relation.types[c], e_.symbols());
    for (std::size_t i = 0; i < matched.size() && arg.op == lang::Op::variable; ++i) {
      const lang::Literal& other = rule.body[rule.premises[i]].literal;
      if (other.kind != lang::LiteralKind::positive || matched[i] == engine::kNone) continue;
      for (std::size_t k = 0; k < other.args.size(); ++k)
        if (other.args[k].op == lang::Op::variable && other.args[k].variable == arg.variable)
          text = plain(e_.relation(other.relation).row(matched[i])[k], relation.types[c], e_.symbols());
    }
    if (row != engine::kNone) text = plain(e_.relation(literal.relation).row(row)[c], relation.types[c], e_.symbols());
    args.push_back(std::move(text));
  }
  // "some#p#x_" stands for p with its second column open.
  if (out.relation.starts_with("some#")) {
    const std::size_t last = out.relation.rfind('#');
    const std::string pattern = out.relation.substr(last + 1);
    out.relation = out.relation.substr(5, last - 5);
    std::size_t next = 0;
    for (char c : pattern) out.args.push_back(c == '_' || next >= args.size() ? "_" : args[next++]);
  } else {
    out.args = std::move(args);
  }
  if (row == engine::kNone) return out;
  out.probability = e_.probability(literal.relation, row);
  Proof seen = step(literal.relation, row, depth + 1);
  out.origin = seen.origin;
  out.premises.push_back(std::move(seen));
  return out;
}

namespace {
void collect(const Proof& proof, std::vector<std::string>& out) {
  const bool known = std::find(out.begin(), out.end(), proof.origin) != out.end();
  if (proof.kind == Proof::Kind::fact && !proof.origin.empty() && !known) out.push_back(proof.origin);
  for (const Proof& premise : proof.premises) collect(premise, out);
}
}  // namespace

std::vector<std::string> origins(const Proof& proof) {
  std::vector<std::string> out;
  collect(proof, out);
  return out;
}

}  // namespace tenfold::answer
