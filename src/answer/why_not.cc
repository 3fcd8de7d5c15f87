#include "answer/why_not.h"

#include <algorithm>

#include "lang/expression.h"
#include "lang/operators.h"
#include "modules/modules.h"
#include "proof/computed.h"
#include "proof/proof.h"

namespace tenfold::answer {

using lang::Expr;
using lang::Literal;
using lang::LiteralKind;
using lang::Op;

namespace {

constexpr std::size_t kMaxDepth = 4, kMaxTuples = 12;
// Rows that one rule's attempt looks at before it keeps the best that it has found.
constexpr std::size_t kMaxLooks = 500'000;

}  // namespace

// One rule under way: a depth-first search for the binding that satisfies most of the body from the left.
struct WhyNotFinder::Attempt {
  const engine::Evaluation& e;
  const lang::Program& program;
  const lang::Rule& rule;
  Symbols& symbols;
  std::vector<Cell> registers;
  std::vector<bool> bound, placed;
  std::vector<std::size_t> order;  // literals placed, in turn
  std::size_t looks = 0, best = 0;
  bool any = false;
  NearMiss miss;
  std::optional<std::pair<lang::RelationId, Args>> failed;

  bool known(const Expr& arg) const { return arg.op == Op::constant || bound[arg.variable]; }
  Cell value(const Expr& arg) const { return arg.op == Op::constant ? arg.constant : registers[arg.variable]; }

  std::string text(const Expr& x) const {
    if (x.op == Op::constant) return literal(x.constant, x.type, symbols);
    if (x.op == Op::variable)
      return bound[x.variable] ? literal(registers[x.variable], x.type, symbols) : rule.variables[x.variable].name;
    std::string args;
    for (const Expr& arg : x.args) args += (args.empty() ? "" : ", ") + text(arg);
    if (x.op == Op::call) return "$" + std::string(modules::functions()[x.function].name) + "(" + args + ")";
    if (x.op == Op::conditional)
      return "if " + text(x.args[0]) + " then " + text(x.args[1]) + " else " + text(x.args[2]);
    if (x.op == Op::cast) return text(x.args[0]) + " as " + std::string(name(x.type));
    if (x.args.size() == 1) return (x.op == Op::logical_not ? "!" : "-") + text(x.args[0]);
    return text(x.args[0]) + " " + std::string(lang::spelling(x.op)) + " " + text(x.args[1]);
  }
  std::string text(const Literal& l) const {
    if (l.kind == LiteralKind::constraint) return text(l.condition);
    std::vector<std::string> args;
    for (const Expr& arg : l.args) args.push_back(known(arg) ? plain(value(arg), arg.type, symbols) : "_");
    return (l.kind == LiteralKind::negative ? "not " : "") + proof::atom_text(program.relations[l.relation].name, args);
  }

  bool computed(const Literal& l) const {
    return l.kind != LiteralKind::constraint && proof::is_computed(program.relations[l.relation]);
  }
  Args args_of(const Literal& l) const {
    Args out;
    for (const Expr& arg : l.args) out.push_back(known(arg) ? std::optional(value(arg)) : std::nullopt);
    return out;
  }
  bool ready(const Literal& l) const {
    if (l.kind == LiteralKind::constraint)
      return lang::ready(l.condition, bound) || lang::assignment(l.condition, bound);
    if (computed(l))
      return proof::compute(program.relations[l.relation], args_of(l), symbols, [](auto) { return false; }) ==
             proof::Computed::done;
    return l.kind == LiteralKind::positive || std::all_of(l.args.begin(), l.args.end(), [&](const Expr& arg) {
             return known(arg) || rule.variables[arg.variable].wildcard;
           });
  }

  bool match(const Literal& l, std::span<const Cell> row) {
    for (std::size_t c = 0; c < row.size(); ++c) {
      if (known(l.args[c])) {
        if (value(l.args[c]) != row[c]) return false;
        continue;
      }
      registers[l.args[c].variable] = row[c];
      bound[l.args[c].variable] = true;
    }
    return true;
  }

  // Rows of a stored relation that agree with what is known.
  template <class Visit>
  void rows(const Literal& l, bool certain, Visit visit) {
    const engine::Relation& r = e.relation(l.relation);
    if (std::all_of(l.args.begin(), l.args.end(), [&](const Expr& arg) { return known(arg); })) {
      std::vector<Cell> key;
      for (const Expr& arg : l.args) key.push_back(value(arg));
      ++looks;
      const engine::Row at = r.find(key);
      if (at != engine::kNone && e.holds(l.relation, at) && (!certain || r.certain(at))) visit(r.row(at));
      return;
    }
    const std::vector<bool> before = bound;
    for (engine::Row at = 0; at < r.size() && looks < kMaxLooks; ++at) {
      ++looks;
      const bool fits = match(l, r.row(at)) && e.holds(l.relation, at) && (!certain || r.certain(at));
      bound = before;
      if (fits && !visit(r.row(at))) return;
    }
  }

  // Nothing is ready: a constraint whose variable nothing binds.
  std::size_t next() const {
    for (std::size_t i = 0; i < placed.size(); ++i)
      if (!placed[i] && ready(rule.body[i])) return i;
    for (std::size_t i = 0; i < placed.size(); ++i)
      if (!placed[i]) return i;
    return placed.size();
  }

  void record(std::size_t at) {
    if (any && order.size() <= best) return;
    any = true;
    best = order.size();
    miss.matched.clear();
    for (std::size_t i : order) miss.matched.push_back(text(rule.body[i]));
    const Literal& l = rule.body[at];
    miss.failed = text(l);
    failed.reset();
    if (l.kind == LiteralKind::positive && !computed(l)) failed = {l.relation, args_of(l)};
  }

  void extend() {
    const std::size_t at = next();
    if (at == placed.size() || looks >= kMaxLooks) return;
    record(at);  // until it is found to hold
    placed[at] = true;
    order.push_back(at);
    place(rule.body[at]);
    order.pop_back();
    placed[at] = false;
  }

  void place(const Literal& l) {
    const std::vector<bool> before = bound;
    const auto go_on = [&](std::span<const Cell> row) {
      if (match(l, row)) extend();
      bound = before;
      return looks < kMaxLooks;
    };
    if (l.kind == LiteralKind::constraint) {
      const auto assigned = lang::ready(l.condition, bound) ? std::nullopt : lang::assignment(l.condition, bound);
      if (!assigned && !lang::ready(l.condition, bound)) return;
      const auto found = lang::evaluate(assigned ? assigned->value : l.condition, registers, symbols);
      if (found && assigned) {
        registers[assigned->variable] = *found;
        bound[assigned->variable] = true;
      }
      if (found && (assigned || *found)) extend();
      bound = before;
    } else if (l.kind == LiteralKind::negative) {
      bool some = false;
      if (computed(l))
        proof::compute(program.relations[l.relation], args_of(l), symbols, [&](auto) { return !(some = true); });
      else
        rows(l, true, [&](auto) { return !(some = true); });
      if (!some) extend();
    } else if (computed(l)) {
      proof::compute(program.relations[l.relation], args_of(l), symbols, go_on);
    } else {
      rows(l, false, go_on);
    }
  }
};

bool WhyNotFinder::derived(lang::RelationId relation) const {
  return program_.relations[relation].kind == lang::RelationKind::aggregate ||
         std::any_of(program_.rules.begin(), program_.rules.end(),
                     [&](const lang::Rule& rule) { return rule.head == relation; });
}

NearMiss WhyNotFinder::try_rule(const lang::Rule& rule, const Args& args,
                                std::optional<std::pair<lang::RelationId, Args>>& failed) {
  Attempt attempt{e_, program_, rule, symbols_, {}, {}, {}, {}, 0, 0, false, {}, {}};
  attempt.registers.resize(rule.variables.size(), 0);
  attempt.bound.resize(rule.variables.size(), false);
  attempt.placed.resize(rule.body.size(), false);
  attempt.miss.rule = rule.text;
  attempt.miss.place = rule.place;
  for (std::size_t c = 0; c < args.size(); ++c) {
    const Expr& head = rule.head_args[c];
    if (!args[c]) continue;
    if (attempt.known(head)) {
      if (attempt.value(head) != *args[c]) return attempt.miss;
      continue;
    }
    attempt.registers[head.variable] = *args[c];
    attempt.bound[head.variable] = true;
  }
  attempt.extend();
  failed = std::move(attempt.failed);
  return std::move(attempt.miss);
}

std::string WhyNotFinder::aggregate_note(const lang::Aggregate& a, const Args& args) const {
  const engine::Relation& result = e_.relation(a.result);
  std::string values;
  std::size_t many = 0;
  for (engine::Row r = 0; r < result.size(); ++r) {
    const auto row = result.row(r);
    bool same = e_.holds(a.result, r);
    for (std::uint32_t c = 0; c < a.groups; ++c) same = same && (!args[c] || *args[c] == row[c]);
    if (!same || ++many > 3) continue;
    values += values.empty() ? "" : ", ";
    for (std::size_t c = a.groups; c < row.size(); ++c)
      values += (c > a.groups ? " " : "") + literal(row[c], program_.relations[a.result].columns[c].type, symbols_);
  }
  if (values.empty()) return "`" + a.text + "` has no value for this group";
  return "`" + a.text + "` gives " + values + (many > 3 ? ", …" : "");
}

std::string WhyNotFinder::note(lang::RelationId relation, const Args& args) const {
  const lang::Relation& r = program_.relations[relation];
  if (r.kind == lang::RelationKind::perceived) return "no network said so";
  if (r.kind == lang::RelationKind::foreign) return "it is computed, and comes out otherwise";
  for (const lang::Aggregate& a : program_.aggregates)
    if (a.result == relation) return aggregate_note(a, args);
  return derived(relation) ? "" : "no rule derives it and no fact states it";
}

std::uint32_t WhyNotFinder::add(lang::RelationId relation, const Args& args, std::size_t depth) {
  for (std::size_t i = 0; i < pending_.size(); ++i)
    if (pending_[i].relation == relation && pending_[i].args == args) return static_cast<std::uint32_t>(i);
  if (depth > kMaxDepth || pending_.size() >= kMaxTuples) return 0;
  pending_.push_back({relation, args, depth});
  WhyNot::Tuple t;
  t.relation = program_.relations[relation].name;
  for (std::size_t c = 0; c < args.size(); ++c)
    t.args.push_back(args[c] ? plain(*args[c], program_.relations[relation].columns[c].type, symbols_) : "_");
  t.note = note(relation, args);
  out_.tuples.push_back(std::move(t));
  return static_cast<std::uint32_t>(pending_.size() - 1);
}

void WhyNotFinder::look(std::size_t number) {
  const Pending at = pending_[number];
  for (const lang::Rule& rule : program_.rules) {
    if (rule.head != at.relation) continue;
    std::optional<std::pair<lang::RelationId, Args>> failed;
    NearMiss miss = try_rule(rule, at.args, failed);
    if (failed && derived(failed->first)) miss.inner = add(failed->first, failed->second, at.depth + 1);
    out_.tuples[number].rules.push_back(std::move(miss));
  }
}

WhyNot WhyNotFinder::explain(lang::RelationId relation, const Args& args) {
  pending_.clear();
  out_ = {};
  add(relation, args, 0);
  for (std::size_t i = 0; i < pending_.size(); ++i) look(i);
  return std::move(out_);
}

}  // namespace tenfold::answer
