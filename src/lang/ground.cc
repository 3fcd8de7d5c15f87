// Grounding: an order in which all variables of a rule get bound, or the places where none exists.
#include <algorithm>

#include "lang/checks.h"
#include "lang/expression.h"

namespace tenfold::lang {
namespace {

void variables_of(const Expr& e, std::vector<VarId>& out) {
  if (e.op == Op::variable) out.push_back(e.variable);
  for (const Expr& arg : e.args) variables_of(arg, out);
}

class Grounding {
 public:
  Grounding(Unit& unit, const Program& program, const DraftRule& draft, const Rule& rule)
      : unit_(unit),
        program_(program),
        draft_(draft),
        rule_(rule),
        bound_(rule.variables.size(), false),
        placed_(rule.body.size(), false),
        told_(rule.variables.size(), false) {}

  void run() {
    const Relation& head = program_.relations[rule_.head];
    for (std::size_t c = 0; c < rule_.head_args.size(); ++c)
      if (head.columns[c].bound && rule_.head_args[c].op == Op::variable) bound_[rule_.head_args[c].variable] = true;
    place();
    // An atom whose inputs are missing is one error: what it would have bound is not another.
    for (std::size_t i = 0; i < rule_.body.size(); ++i)
      if (!placed_[i] && rule_.body[i].kind != LiteralKind::constraint) missing_inputs(i);
    place();
    for (std::size_t i = 0; i < rule_.body.size(); ++i)
      if (!placed_[i]) unbound(i);
    std::vector<VarId> used;
    for (const Expr& arg : rule_.head_args) variables_of(arg, used);
    for (VarId v : used) tell(v, in_head(v));
    used.clear();
    if (rule_.tag) variables_of(*rule_.tag, used);
    for (VarId v : used) tell(v, "the probability of a rule needs values: let an atom of the body bind it");
  }

 private:
  bool known(const Expr& arg) const { return arg.op != Op::variable || bound_[arg.variable]; }

  bool inputs_known(const Literal& l) const {
    const auto& columns = program_.relations[l.relation].columns;
    for (std::size_t c = 0; c < l.args.size(); ++c)
      if (columns[c].bound && !known(l.args[c])) return false;
    return true;
  }

  bool all_known(const Literal& l) const {
    return std::all_of(l.args.begin(), l.args.end(),
                       [&](const Expr& arg) { return known(arg) || rule_.variables[arg.variable].wildcard; });
  }

  void bind(const Literal& l) {
    for (const Expr& arg : l.args)
      if (arg.op == Op::variable) bound_[arg.variable] = true;
  }

  void place() {
    for (bool changed = true; changed;) {
      changed = false;
      for (std::size_t i = 0; i < rule_.body.size(); ++i)
        if (!placed_[i] && place(rule_.body[i])) placed_[i] = changed = true;
      if (!changed) changed = reads_what_is_there();
    }
  }

  // A rule that keeps the terms of a head may read a relation of bound columns without asking (plan/order.cc).
  bool reads_what_is_there() {
    if (program_.relations[rule_.head].kind != RelationKind::terms) return false;
    for (std::size_t i = 0; i < rule_.body.size(); ++i) {
      const Literal& l = rule_.body[i];
      if (placed_[i] || l.kind != LiteralKind::positive || program_.relations[l.relation].kind != RelationKind::plain)
        continue;
      bind(l);
      return placed_[i] = true;
    }
    return false;
  }

  bool place(const Literal& l) {
    switch (l.kind) {
      case LiteralKind::positive:
        if (!inputs_known(l)) return false;
        bind(l);
        return true;
      case LiteralKind::negative:
        return all_known(l) && inputs_known(l);
      case LiteralKind::constraint:
        if (ready(l.condition, bound_)) return true;
        const auto assigned = assignment(l.condition, bound_);
        if (assigned) bound_[assigned->variable] = true;
        return assigned.has_value();
    }
    return false;
  }

  // ---- complaints ----

  std::string column_name(const Relation& r, std::size_t c) const {
    return r.columns[c].name.empty() ? "column " + std::to_string(c + 1) : ticked(r.columns[c].name);
  }

  /// What the text says for a variable: a made one stands for an expression.
  std::string shown(VarId v) const {
    const DraftVariable& variable = draft_.variables[v];
    if (variable.wildcard) return "`_`";
    if (!variable.made) return ticked(variable.name);
    const std::string_view text = unit_.sources.text(variable.span);
    return text.size() > 40 ? "this expression" : ticked(text);
  }

  void missing_inputs(std::size_t i) {
    const Literal& l = rule_.body[i];
    const Relation& r = program_.relations[l.relation];
    const bool refusal = l.relation < unit_.relations.size() && unit_.relations[l.relation].refuses != kNone;
    bool explained = false;
    for (std::size_t c = 0; c < l.args.size(); ++c) {
      if (!r.columns[c].bound || known(l.args[c])) continue;
      const VarId v = l.args[c].variable;
      if (made_of_unbound(v)) continue;  // the variable inside of the expression is reported
      explained = true;
      std::string what, hint;
      const std::string input = column_name(r, c);
      if (r.kind == RelationKind::perceived || refusal) {
        what = "network " + ticked(r.name) + " needs its input " + input;
        hint = "join a relation that gives it in the same rule: " + giver(r.columns[c]) + " and " + r.name + "(…)";
      } else if (r.kind == RelationKind::foreign) {
        what =
            r.foreign == "range" ? "`range` needs both of its ends" : ticked(r.foreign) + " needs its input " + input;
        hint = r.foreign == "range" ? "join a relation that gives the end in the same rule, or write a number"
                                    : "join a relation that gives the value in the same rule";
      } else {
        what = ticked(r.name) + " is computed for given values of " + input + " only";
        hint = "join a relation that gives the value in the same rule, or leave out `bound` where it is declared";
      }
      what += rule_.variables[v].wildcard ? ", and `_` gives none" : ", and nothing binds " + shown(v);
      unit_.error("unbound-input", draft_.body[i].args[c].span, std::move(what), std::move(hint));
      told_[v] = true;
    }
    if (explained && l.kind == LiteralKind::positive) bind(l);
  }

  /// A given relation with a column of that declared type, as an example to follow.
  std::string giver(const Column& column) const {
    for (const Relation& r : program_.relations) {
      if (r.kind != RelationKind::plain || r.synthetic || column.domain.empty()) continue;
      const auto found = std::find_if(r.columns.begin(), r.columns.end(),
                                      [&](const Column& c) { return c.domain == column.domain && !c.bound; });
      if (found != r.columns.end()) return r.name + "(…)";
    }
    return "given(…)";
  }

  bool made_of_unbound(VarId v) const {
    if (!rule_.variables[v].made || rule_.variables[v].wildcard) return false;
    for (std::size_t i = 0; i < rule_.body.size(); ++i) {
      if (rule_.body[i].kind != LiteralKind::constraint || placed_[i]) continue;
      std::vector<VarId> used;
      variables_of(rule_.body[i].condition, used);
      if (std::find(used.begin(), used.end(), v) != used.end()) return true;
    }
    return false;
  }

  void unbound(std::size_t i) {
    const Literal& l = rule_.body[i];
    std::vector<VarId> used;
    for (const Expr& arg : l.args) variables_of(arg, used);
    if (l.kind == LiteralKind::constraint) variables_of(l.condition, used);
    for (VarId v : used) {
      if (l.kind == LiteralKind::negative)
        tell(v,
             "`not` and the left side of `=>` only test: bind it with a relation in the same rule, or write `_` where "
             "any "
             "value will do");
      else
        tell(v, "bind it with a relation of the body, or an equation such as " + rule_.variables[v].name +
                    " == …, which can be solved through + and - only");
    }
  }

  std::string in_head(VarId v) const {
    if (program_.relations[rule_.head].synthetic) return "let an atom inside of the aggregate bind it";
    return "let an atom of the body bind " + shown(v) + (draft_.body.size() > 1 ? ", in every alternative" : "");
  }

  void tell(VarId v, std::string hint) {
    if (bound_[v] || told_[v]) return;
    told_[v] = true;
    if (rule_.variables[v].wildcard || made_of_unbound(v)) return;
    unit_.error("unbound-variable", draft_.variables[v].span, "nothing binds " + shown(v), std::move(hint));
  }

  Unit& unit_;
  const Program& program_;
  const DraftRule& draft_;
  const Rule& rule_;
  std::vector<bool> bound_, placed_, told_;
};

}  // namespace

void check_grounding(Unit& unit, const Program& program) {
  std::size_t next = 0;
  for (const DraftRule& draft : unit.rules)
    if (!draft.broken) Grounding(unit, program, draft, program.rules[next++]).run();
}

}  // namespace tenfold::lang
