#include "proof/instance.h"

#include <algorithm>

#include "lang/expression.h"

namespace tenfold::proof {

using lang::Expr;
using lang::Literal;
using lang::LiteralKind;
using lang::Op;

namespace {
// Bindings of computed atoms that are tried before the instance is given up.
constexpr std::size_t kMaxSteps = 1'000'000;
}  // namespace

Instance::Instance(const lang::Program& program, const lang::Rule& rule, Symbols& symbols, TermRows terms, bool tags)
    : program_(program),
      rule_(rule),
      symbols_(symbols),
      terms_(std::move(terms)),
      tags_(tags),
      registers_(rule.variables.size(), 0),
      bound_(rule.variables.size(), false),
      placed_(rule.body.size(), false),
      matched_(rule.body.size(), false) {}

bool Instance::known(const Expr& arg) const { return arg.op == Op::constant || bound_[arg.variable]; }

Cell Instance::value(const Expr& arg) const { return arg.op == Op::constant ? arg.constant : registers_[arg.variable]; }

bool Instance::match(std::span<const Expr> args, std::span<const Cell> row) {
  if (args.size() != row.size()) return false;
  for (std::size_t c = 0; c < row.size(); ++c) {
    if (known(args[c])) {
      if (value(args[c]) != row[c]) return false;
      continue;
    }
    registers_[args[c].variable] = row[c];
    bound_[args[c].variable] = true;
  }
  return true;
}

bool Instance::stored(const Literal& literal) const {
  return literal.kind != LiteralKind::constraint && !is_computed(program_.relations[literal.relation]);
}

Completion Instance::complete(const std::function<bool()>& visit) {
  visit_ = &visit;
  steps_ = 0;
  unknown_ = false;
  for (std::size_t i = 0; i < placed_.size(); ++i) {
    const bool uncertain =
        rule_.body[i].kind != LiteralKind::constraint && is_uncertain(program_.relations[rule_.body[i].relation]);
    placed_[i] = stored(rule_.body[i]) || matched_[i] || (uncertain && !terms_);
  }
  if (extend()) return Completion::accepted;
  return unknown_ ? Completion::unknown : Completion::refused;
}

bool Instance::of_terms(const Literal& l) const {
  return terms_ && l.kind != LiteralKind::constraint &&
         program_.relations[l.relation].kind == lang::RelationKind::terms;
}

Computed Instance::rows(const Literal& l, const std::function<bool(std::span<const Cell>)>& visit) {
  std::vector<std::optional<Cell>> args;
  for (const Expr& arg : l.args) args.push_back(known(arg) ? std::optional(value(arg)) : std::nullopt);
  const lang::Relation& relation = program_.relations[l.relation];
  if (is_uncertain(relation))  // rows that are certain, or (negated) any that may be
    return compute_weighed(relation, args, symbols_, [&](std::span<const Cell> row, double p) {
      const bool counts = !tags_ || (l.kind == LiteralKind::negative ? p > 0.0 : p >= 1.0);
      return !counts || visit(row);
    });
  return of_terms(l) ? terms_(l.relation, args, visit) : compute(relation, args, symbols_, visit);
}

bool Instance::ready(const Literal& l) {
  if (l.kind == LiteralKind::constraint)
    return lang::ready(l.condition, bound_) || lang::assignment(l.condition, bound_);
  // What is bound decides whether a computed atom is ready: ask without looking at a row.
  return rows(l, [](std::span<const Cell>) { return false; }) == Computed::done;
}

// Places the first literal that is ready (terms, which can be sought among all, after the others), then the rest; true
// when a binding was accepted.
bool Instance::extend() {
  if (++steps_ > kMaxSteps) {
    unknown_ = true;
    return false;
  }
  bool all = true;
  for (const bool terms : {false, true})
    for (std::size_t i = 0; i < placed_.size(); ++i) {
      if (placed_[i]) continue;
      all = false;
      if (of_terms(rule_.body[i]) != terms || !ready(rule_.body[i])) continue;
      placed_[i] = true;
      const bool accepted = place(i);
      placed_[i] = false;
      return accepted;
    }
  if (all) return (*visit_)();
  unknown_ = true;
  return false;
}

bool Instance::place(std::size_t literal) {
  const Literal& l = rule_.body[literal];
  if (l.kind == LiteralKind::constraint) {
    const auto assigned = lang::ready(l.condition, bound_) ? std::nullopt : lang::assignment(l.condition, bound_);
    const auto found = lang::evaluate(assigned ? assigned->value : l.condition, registers_, symbols_);
    if (!found) return false;
    if (!assigned) return *found && extend();
    registers_[assigned->variable] = *found;
    bound_[assigned->variable] = true;
    const bool accepted = extend();
    if (!accepted) bound_[assigned->variable] = false;
    return accepted;
  }
  bool accepted = false, any = false;
  const std::vector<bool> before = bound_;
  rows(l, [&](std::span<const Cell> row) {
    any = true;
    if (l.kind == LiteralKind::negative) return false;
    if (match(l.args, row)) accepted = extend();
    if (!accepted) bound_ = before;
    return !accepted && !unknown_;
  });
  if (l.kind == LiteralKind::negative) return !any && extend();
  return accepted;
}

std::vector<std::pair<std::string, std::string>> Instance::named() const {
  std::vector<std::pair<std::string, std::string>> out;
  for (std::size_t v = 0; v < rule_.variables.size(); ++v) {
    const lang::Variable& x = rule_.variables[v];
    if (!x.wildcard && !x.made && bound_[v]) out.emplace_back(x.name, plain(registers_[v], x.type, symbols_));
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace tenfold::proof
