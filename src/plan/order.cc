#include "plan/order.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "lang/expression.h"

namespace tenfold::plan {
namespace {

bool is_bound(const lang::Expr& arg, const std::vector<bool>& bound) {
  return arg.op == lang::Op::constant || bound[arg.variable];
}

constexpr std::size_t kLargestTable = 4096;

// Smaller is joined earlier. Tests come first: they cost nothing and remove tuples; an atom that is bound whole is one,
// if it needs no network and computes nothing. Then atoms, those with the largest
// share of bound columns first; a table read from a file only once something selects in it.
struct Rank {
  bool guard;  // negated: guards that select, or begin, come first
  double dear;
  int kind;        // 0 test, 1 atom with all columns bound, 2 some bound, 3 none bound
  double unbound;  // share of columns
  bool from_file;
  std::uint32_t text;
  // Of equally dear atoms nobody knows which spares the other: as without this lever, so that none is asked that would
  // not have been.
  auto key() const {
    return dear > 0.0 ? std::tuple(guard, dear, 0, 0.0, false, text)
                      : std::tuple(guard, dear, kind, unbound, from_file, text);
  }
  bool operator<(const Rank& other) const { return key() < other.key(); }
};

bool computed(const lang::Literal& literal, const lang::Program& program) {
  return literal.relation < program.relations.size() &&
         program.relations[literal.relation].kind == lang::RelationKind::foreign;
}

Rank rank(const PlanRule& rule, std::uint32_t i, const OrderContext& context, const std::vector<bool>& bound) {
  const PlanLiteral& l = rule.body[i];
  Rank r{!l.guard, 0.0, 0, 0.0, false, i};
  // After a delta, what merely tests goes before a guard that finds several.
  const bool begun = std::find(bound.begin(), bound.end(), true) != bound.end();
  if (l.literal.kind == lang::LiteralKind::constraint) {
    r.guard = !begun;
    return r;
  }
  r.dear = (*context.dear)[l.literal.relation];
  const bool tests = begun && r.dear == 0.0 && !computed(l.literal, *context.program);
  if (l.literal.kind == lang::LiteralKind::negative) {
    r.guard = r.guard && !tests;
    return r;
  }
  std::size_t known = 0;
  for (const lang::Expr& arg : l.literal.args) known += is_bound(arg, bound);
  const std::size_t columns = l.literal.args.size();
  r.kind = known == columns ? 1 : known > 0 ? 2 : 3;
  r.unbound = columns == 0 ? 0.0 : 1.0 - static_cast<double>(known) / static_cast<double>(columns);
  if (r.kind == 2 && context.stated) r.unbound = context.stated->left(l.literal, bound).value_or(r.unbound);
  if (r.kind == 1 && tests) r.guard = false;
  // A guard that shares nothing with a delta would be scanned for each of its tuples.
  if (l.guard && r.kind == 3 && begun) r.guard = true;
  if (r.kind == 3 && l.literal.relation < context.program->relations.size())
    r.from_file = !context.program->relations[l.literal.relation].files.empty();
  return r;
}

Error unready(const PlanRule& rule, const lang::Program& program, const std::vector<bool>& placed) {
  for (std::size_t i = 0; i < rule.body.size(); ++i) {
    if (placed[i]) continue;
    const lang::Literal& l = rule.body[i].literal;
    std::string name = l.relation < program.relations.size() ? program.relations[l.relation].name : "constraint";
    return Error{"unbound-input", l.place, "nothing in this rule binds an input of `" + name + "`",
                 "join a relation that gives the value in the same rule", ""};
  }
  return Error{"unbound-input", {}, "a rule has no order in which its variables are bound", "report this program", ""};
}

// A rule that keeps the terms of another rule's head (lang/terms.cc) has that rule's body, without what its head is
// asked for: a relation that is computed for given values is then read as far as others asked for it, which is as far
// as the other rule goes.
std::uint32_t reads_what_is_there(const PlanRule& rule, const lang::Program& program, const std::vector<bool>& placed) {
  if (rule.kind != RuleKind::terms) return kNone;
  for (std::uint32_t i = 0; i < rule.body.size(); ++i) {
    const lang::Literal& l = rule.body[i].literal;
    if (placed[i] || l.kind != lang::LiteralKind::positive || l.relation >= program.relations.size()) continue;
    if (program.relations[l.relation].kind == lang::RelationKind::plain) return i;
  }
  return kNone;
}

}  // namespace

StatedTables::StatedTables(const Plan& plan) : program_(*plan.program), facts_(program_.relations.size()) {
  std::vector<bool> derived(facts_.size(), false);
  for (const PlanRule& rule : plan.rules)
    if (rule.head < derived.size()) derived[rule.head] = true;
  for (RelationId r = 0; r < derived.size(); ++r)
    if (!program_.relations[r].files.empty()) derived[r] = true;
  for (std::uint32_t f = 0; f < program_.facts.size(); ++f) {
    const RelationId r = program_.facts[f].relation;
    if (r >= derived.size() || derived[r]) continue;
    facts_[r].push_back(f);
    if (facts_[r].size() <= kLargestTable) continue;
    facts_[r].clear();
    derived[r] = true;
  }
}

std::optional<double> StatedTables::left(const lang::Literal& literal, const std::vector<bool>& bound) const {
  const RelationId r = literal.relation;
  if (r >= facts_.size() || facts_[r].empty()) return std::nullopt;
  std::vector<bool> given;
  for (const lang::Expr& arg : literal.args) given.push_back(is_bound(arg, bound));
  if (const auto known = left_.find({r, given}); known != left_.end()) return known->second;
  std::vector<std::vector<Cell>> keys;
  for (std::uint32_t f : facts_[r]) {
    const std::vector<Cell>& row = program_.facts[f].row;
    if (row.size() != given.size()) return std::nullopt;
    keys.emplace_back();
    for (std::size_t c = 0; c < row.size(); ++c)
      if (given[c]) keys.back().push_back(row[c]);
  }
  std::sort(keys.begin(), keys.end());
  const auto distinct = static_cast<double>(std::unique(keys.begin(), keys.end()) - keys.begin());
  const auto rows = static_cast<double>(keys.size());
  return left_[{r, given}] = rows <= 1.0 ? 0.0 : std::log(rows / distinct) / std::log(rows);
}

bool ready(const lang::Literal& literal, const lang::Program& program, const std::vector<bool>& bound) {
  switch (literal.kind) {
    case lang::LiteralKind::constraint:
      return lang::ready(literal.condition, bound) || lang::assignment(literal.condition, bound).has_value();
    case lang::LiteralKind::negative:
      return std::all_of(literal.args.begin(), literal.args.end(), [&](const auto& a) { return is_bound(a, bound); });
    case lang::LiteralKind::positive:
      break;
  }
  if (literal.relation >= program.relations.size()) return true;
  const lang::Relation& relation = program.relations[literal.relation];
  for (std::size_t c = 0; c < literal.args.size(); ++c)
    if (relation.columns[c].bound && !is_bound(literal.args[c], bound)) return false;
  return true;
}

void bind(const lang::Literal& literal, std::vector<bool>& bound) {
  if (literal.kind == lang::LiteralKind::positive) {
    for (const lang::Expr& arg : literal.args)
      if (arg.op == lang::Op::variable) bound[arg.variable] = true;
  } else if (literal.kind == lang::LiteralKind::constraint) {
    if (auto assigned = lang::assignment(literal.condition, bound)) bound[assigned->variable] = true;
  }
}

Result<std::vector<std::uint32_t>> join_order(const PlanRule& rule, std::uint32_t first, const OrderContext& context) {
  std::vector<bool> bound(rule.variables.size(), false), placed(rule.body.size(), false);
  std::vector<std::uint32_t> order, turn(rule.body.size());
  std::iota(turn.begin(), turn.end(), 0u);
  const bool asks = std::any_of(rule.body.begin(), rule.body.end(), [&](const PlanLiteral& l) {
    return l.literal.kind != lang::LiteralKind::constraint && (*context.dear)[l.literal.relation] > 0.0;
  });
  if (context.by_cost && asks) {
    auto as_written = join_order(rule, kNone, {context.program, context.dear, false, context.stated});
    if (!as_written) return as_written;
    for (std::uint32_t at = 0; at < as_written->size(); ++at) turn[(*as_written)[at]] = at;
  }
  auto place = [&](std::uint32_t i) {
    placed[i] = true;
    order.push_back(i);
    bind(rule.body[i].literal, bound);
  };
  if (first != kNone && context.by_cost) place(first);
  while (order.size() < rule.body.size()) {
    std::uint32_t next = kNone;
    Rank best{};
    for (std::uint32_t i = 0; i < rule.body.size(); ++i) {
      if (placed[i] || !ready(rule.body[i].literal, *context.program, bound)) continue;
      if (!context.by_cost) {
        // Tests are no joins: put off, they could let a recursion ask for ever.
        const bool test = rule.body[i].literal.kind == lang::LiteralKind::constraint;
        if (next == kNone || test) next = i;
        if (test) break;
        continue;
      }
      Rank r = rank(rule, i, context, bound);
      if (r.dear > 0.0) r.text = turn[i];
      if (next == kNone || r < best) {
        next = i;
        best = r;
      }
    }
    if (next == kNone) next = reads_what_is_there(rule, *context.program, placed);
    if (next == kNone) return unready(rule, *context.program, placed);
    place(next);
  }
  return order;
}

}  // namespace tenfold::plan
