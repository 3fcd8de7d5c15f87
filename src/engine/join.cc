#include "engine/join.h"

#include <algorithm>
#include <string>

#include "base/value_order.h"
#include "base/value_text.h"
#include "lang/expression.h"
#include "modules/predicates.h"

namespace tenfold::engine {

using plan::Rows;
using plan::Step;
using plan::StepKind;
using plan::VarId;

Join::Range Join::rows(const Step& s) const {
  const Row size = e_.relation(s.relation).size();
  if (made_) return {0, size};
  switch (s.rows) {
    case Rows::delta:
      return {e_.low_[s.relation], e_.high_[s.relation]};
    case Rows::before_delta:
      return {0, e_.low_[s.relation]};
    case Rows::all:
      break;
  }
  return {0, std::min(size, e_.high_[s.relation])};
}

// A rule with an empty atom derives nothing; most rules of a pack end here for most records.
bool Join::possible() {
  sources_.clear();
  for (const Step& s : variant_->steps) {
    Source& source = sources_.emplace_back(Source{nullptr, nullptr, {0, 0}});
    if (s.kind != StepKind::scan && s.kind != StepKind::probe && s.kind != StepKind::contains) continue;
    source.range = rows(s);
    if (source.range.low >= source.range.high) return false;
    source.relation = &e_.relation(s.relation);
    if (s.kind == StepKind::probe) source.index = &e_.index(s.index);
  }
  return true;
}

Status Join::run(const plan::Variant& variant) {
  variant_ = &variant;
  number_ = variant.rule;
  return run(e_.plan_.rules[variant.rule]);
}

Status Join::run_changed(const plan::Variant& variant, const plan::PlanRule& rule, std::uint32_t number,
                         std::span<const Row> changed, const Made& made) {
  variant_ = &variant;
  number_ = number;
  changed_ = changed;
  made_ = &made;
  return run(rule);
}

Status Join::run(const plan::PlanRule& rule) {
  rule_ = &rule;
  if (!possible()) return {};
  registers_.assign(rule_->variables.size(), 0);
  matched_.assign(rule_->body.size(), kNone);
  head_args_.clear();
  for (const lang::Expr& arg : rule_->head_args)
    head_args_.push_back({arg.op == lang::Op::constant, arg.constant, arg.variable});
  witness_ = first_witness();
  uncertain_ = 0;
  step(0);
  return status_;
}

std::size_t Join::first_witness() const {
  if (rule_->kind == plan::RuleKind::derived || e_.derivations_ || e_.hangs(rule_->head)) return kNone;
  const auto in_head = [&](VarId v) {
    return std::any_of(head_args_.begin(), head_args_.end(),
                       [&](const auto& a) { return !a.constant && a.variable == v; });
  };
  std::size_t first = 0;
  for (std::size_t i = 0; i < variant_->steps.size(); ++i) {
    const Step& s = variant_->steps[i];
    const bool binds =
        std::any_of(s.outputs.begin(), s.outputs.end(), [&](const auto& o) { return in_head(o.second); });
    if (binds || (s.kind == StepKind::assign && in_head(s.variable))) first = i + 1;
  }
  return first;
}

bool Join::step(std::size_t i) {
  if (i == witness_) found_ = false;
  if (i == variant_->steps.size()) return emit();
  const Step& s = variant_->steps[i];
  if (made_ && s.rows == Rows::delta && s.literal == variant_->delta) return changed(s, i);
  switch (s.kind) {
    case StepKind::scan:
      return scan(s, i);
    case StepKind::probe:
      return probe(s, i);
    case StepKind::contains:
      return contains(s, i);
    case StepKind::absent:
      return absent(s, i);
    case StepKind::range:
      return range(s, i);
    case StepKind::foreign:
      return foreign(s, i);
    case StepKind::filter: {
      const auto truth = lang::evaluate(s.expression, registers_, e_.symbols_);
      return truth && *truth ? step(i + 1) : true;
    }
    case StepKind::assign: {
      const auto found = lang::evaluate(s.expression, registers_, e_.symbols_);
      if (!found) return true;
      registers_[s.variable] = *found;
      return step(i + 1);
    }
  }
  return true;
}

bool Join::take(const Step& s, const Relation& relation, Row row, std::size_t i) {
  const auto cells = relation.row(row);
  for (const auto& [column, variable] : s.outputs) registers_[variable] = cells[column];
  for (const auto& [column, variable] : s.checks)
    if (cells[column] != registers_[variable]) return true;
  if (e_.derivations_ && !relation.there(row) && !(made_ && s.literal == variant_->delta)) return true;
  matched_[s.literal] = row;
  const bool unsure = !relation.certain(row);
  uncertain_ += unsure;
  const bool go_on = step(i + 1);
  uncertain_ -= unsure;
  return go_on;
}

bool Join::scan(const Step& s, std::size_t i) {
  const auto [source, index, range] = sources_[i];
  const Relation& relation = *source;
  for (Row r = range.low; r < range.high; ++r) {
    const auto cells = relation.row(r);
    const bool fits = std::all_of(s.keys.begin(), s.keys.end(),
                                  [&](const auto& key) { return cells[key.first] == value(key.second); });
    if (fits && !take(s, relation, r, i)) return false;
    if (witnessed(i)) break;
  }
  return true;
}

bool Join::probe(const Step& s, std::size_t i) {
  const auto [source, found, range] = sources_[i];
  const Relation& relation = *source;
  const Index& index = *found;
  Cell key[16];
  std::vector<Cell> wide;
  Cell* at = key;
  if (s.keys.size() > 16) {
    wide.resize(s.keys.size());
    at = wide.data();
  }
  for (std::size_t k = 0; k < s.keys.size(); ++k) at[k] = value(s.keys[k].second);
  // Newest first: past a delta there is none.
  for (Row r = index.first({at, s.keys.size()}, relation); r != kNone && r >= range.low; r = index.next(r)) {
    if (r < range.high && !take(s, relation, r, i)) return false;
    if (witnessed(i)) break;
  }
  return true;
}

// A row that changed may not be there any more: a literal under `not` is triggered by that.
bool Join::changed(const Step& s, std::size_t i) {
  const Relation& relation = e_.relation(s.relation);
  for (Row r : changed_) {
    const auto cells = relation.row(r);
    const bool fits = std::all_of(s.keys.begin(), s.keys.end(),
                                  [&](const auto& key) { return cells[key.first] == value(key.second); });
    if (fits && !take(s, relation, r, i)) return false;
  }
  return true;
}

bool Join::contains(const Step& s, std::size_t i) {
  key_.clear();
  for (const auto& key : s.keys) key_.push_back(value(key.second));
  const Relation& relation = *sources_[i].relation;
  const Row r = relation.find(key_);
  const Range range = sources_[i].range;
  if (r == kNone || r < range.low || r >= range.high) return true;
  return take(s, relation, r, i);
}

bool Join::absent(const Step& s, std::size_t i) {
  key_.clear();
  for (const auto& key : s.keys) key_.push_back(value(key.second));
  const Relation& relation = e_.relation(s.relation);
  Row r = relation.find(key_);
  if (r != kNone && relation.certain(r)) return true;
  // An update finds the firing by the row that was not there.
  if (r == kNone && e_.derivations_) r = e_.own(s.relation).insert(key_).first;
  matched_[s.literal] = r;
  const bool open = r != kNone && relation.there(r);
  uncertain_ += open;
  const bool go_on = step(i + 1);
  uncertain_ -= open;
  return go_on;
}

// range(lo, hi, x): half-open. Negated, all three are bound and it is a test.
bool Join::range(const Step& s, std::size_t i) {
  const Cell low = value(s.keys[0].second), high = value(s.keys[1].second);
  const bool has_sign = is_signed(e_.plan_.relations[s.relation].types[0]);
  const auto below = [&](Cell a, Cell b) { return has_sign ? as_int(a) < as_int(b) : a < b; };
  if (s.outputs.empty()) {
    const Cell x = value(s.keys[2].second);
    const bool inside = !below(x, low) && below(x, high);
    const bool wanted = rule_->body[s.literal].literal.kind == lang::LiteralKind::positive;
    return inside == wanted ? step(i + 1) : true;
  }
  for (Cell x = low; below(x, high); ++x) {
    registers_[s.outputs[0].second] = x;
    if ((x & 0xFFF) == 0 && !(status_ = e_.check_limits()).ok()) return false;
    if (!step(i + 1)) return false;
    if (witnessed(i)) break;
  }
  return true;
}

// A computed predicate. Negated, it holds where no row fits; of a predicate with tags there is one row at most.
bool Join::foreign(const Step& s, std::size_t i) {
  const lang::Relation& relation = e_.plan_.program->relations[s.relation];
  const modules::Predicate& predicate = modules::predicates()[relation.predicate];
  std::vector<Cell> inputs, row(relation.kept.size());
  std::vector<Type> types;
  for (const modules::PredicateColumn& c : predicate.columns) types.push_back(modules::type_of(c.family));
  for (std::size_t c = 0; c < relation.kept.size(); ++c) types[relation.kept[c]] = relation.columns[c].type;
  for (std::uint32_t k = 0; k < predicate.inputs; ++k) inputs.push_back(value(s.keys[k].second));
  std::copy(inputs.begin(), inputs.end(), row.begin());
  const bool positive = rule_->body[s.literal].literal.kind == lang::LiteralKind::positive;
  bool some = false, go_on = true;
  std::uint32_t given = 0;
  auto take = [&](std::span<const Cell> outputs, double probability) {
    if (++given % 4096 == 0 && !(status_ = e_.check_limits()).ok()) return go_on = false;
    for (std::size_t c = predicate.inputs; c < row.size(); ++c) row[c] = outputs[relation.kept[c] - predicate.inputs];
    const bool fits = std::all_of(s.keys.begin() + predicate.inputs, s.keys.end(),
                                  [&](const auto& key) { return row[key.first] == value(key.second); });
    if (!fits) return true;
    if (!positive && (!e_.has_tags() || probability == 1.0)) return !(some = true);
    if (e_.has_tags() && probability == 0.0) return true;
    some = true;
    return go_on = computed(s, row, probability, i);
  };
  predicate.rows({inputs, types, e_.symbols_}, modules::RowSink(take));
  return !positive && !some && go_on ? step(i + 1) : go_on;
}

// One row of a computed predicate; an uncertain one is an input of its own, the same wherever it is asked for.
bool Join::computed(const Step& s, std::span<const Cell> row, double probability, std::size_t i) {
  for (const auto& [column, variable] : s.outputs) registers_[variable] = row[column];
  for (const auto& [column, variable] : s.checks)
    if (row[column] != registers_[variable]) return true;
  if (!e_.has_tags() || probability == 1.0) return step(i + 1);
  matched_[s.literal] = e_.uncertain_row(s.relation, row, probability);
  ++uncertain_;
  const bool go_on = step(i + 1);
  --uncertain_;
  matched_[s.literal] = kNone;
  return go_on;
}

// What tells the event of a tagged rule from others: the rule in the text and its named variables with their values.
std::uint64_t Join::event_key() const {
  ContentHash hash;
  hash.add(std::to_string(e_.plan_.program->rules[rule_->source].origin));
  for (plan::VarId v : rule_->named) {
    hash.add(rule_->variables[v].name);
    const Type type = rule_->variables[v].type;
    hash.add(type == Type::entity ? std::to_string(content(registers_[v], type, e_.symbols_))
                                  : plain(registers_[v], type, e_.symbols_));
  }
  return hash.value;
}

// The event of a tagged rule: one for each binding of the rule's named variables. False: the tag is 0, nothing is
// derived.
bool Join::event(provenance::Member& made) {
  const auto tag = lang::evaluate(*rule_->tag, registers_, e_.symbols_);
  if (!tag) return false;
  const Type type = rule_->tag->type;
  const double p = lang::probability(*tag, type, e_.symbols_);
  if (!e_.in_range(p)) {
    status_ = Error{"probability-range", rule_->tag->place, "a rule's tag is " + number_text(p) + ", outside [0, 1]",
                    "make the tag a probability", ""};
    return false;
  }
  if (p == 0.0 && !e_.costs_) return false;
  made = kNone;
  if (p == 1.0 && !e_.costs_ && rule_->choices < 2) return true;
  const std::uint64_t key = event_key();
  auto [at, fresh] = e_.events_.try_emplace(key, 0);
  // The heads of a choice are members of one group, each with an equal share of what can be shared.
  const std::uint32_t members = std::max(rule_->choices, 1u);
  const double share = e_.numbers_ ? p : p / members;
  if (fresh) {
    const std::uint32_t group = e_.inputs_.new_group();
    at->second = e_.inputs_.add(share, group, key);
    for (std::uint32_t m = 1; m < members; ++m) e_.inputs_.add(share, group, key + m);
  }
  made = at->second + rule_->choice;
  return true;
}

bool Join::emit() {
  if (++e_.ticks_ % 4096 == 0 && !(status_ = e_.check_limits()).ok()) return false;
  provenance::Member happened = kNone;
  if (rule_->tag && e_.has_tags() && !event(happened)) return status_.ok();
  found_ = true;
  head_.clear();
  for (const plan::Operand& arg : head_args_) head_.push_back(value(arg));
  Relation& relation = e_.own(rule_->head);
  if (made_) return emit_changed(relation, happened);
  const auto [row, fresh] = relation.insert(head_);
  if (e_.hangs(rule_->head)) e_.trace(number_, row, matched_, happened != kNone);
  const bool derived = rule_->kind == plan::RuleKind::derived;
  const bool certain = !derived || (uncertain_ == 0 && happened == kNone && !e_.counts_);
  if (certain) relation.set_certain(row);
  if ((!derived || (certain && !e_.options_.proofs)) && !e_.derivations_) return true;
  record(relation, row, happened);
  return true;
}

std::uint32_t Join::record(Relation& relation, Row row, provenance::Member happened) {
  premises_.clear();
  for (std::uint32_t literal : rule_->premises) premises_.push_back(matched_[literal]);
  const std::uint32_t firing = e_.firings_.add(FiringKind::rule, number_, premises_, happened);
  e_.firings_.attach(relation, row, firing);
  if (e_.derivations_) e_.derivations_->add(firing, number_, row, matched_);
  return firing;
}

bool Join::emit_changed(Relation& relation, provenance::Member happened) {
  if (e_.derivations_->has(e_.firings_, number_, matched_)) return true;
  const Row row = relation.insert(head_).first;
  (*made_)(rule_->head, row, kNone);
  (*made_)(rule_->head, row, record(relation, row, happened));
  return true;
}

}  // namespace tenfold::engine
