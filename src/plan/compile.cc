#include "plan/compile.h"

#include <algorithm>

#include "lang/expression.h"

namespace tenfold::plan {
namespace {

Operand operand(const lang::Expr& arg) {
  if (arg.op == lang::Op::constant) return {true, arg.constant, kNone};
  return {false, 0, arg.variable};
}

class Compiler {
 public:
  /// `indexes` gets those that steps ask for; null: none is asked for.
  Compiler(const Plan& plan, std::vector<IndexSpec>* indexes, const PlanRule& rule, std::uint32_t delta,
           const std::vector<bool>& same_stratum)
      : plan_(plan),
        indexes_(indexes),
        rule_(rule),
        delta_(delta),
        same_(same_stratum),
        bound_(rule.variables.size(), false) {}

  std::vector<Step> run(const std::vector<std::uint32_t>& order) {
    for (std::uint32_t i : order) {
      const lang::Literal& l = rule_.body[i].literal;
      switch (l.kind) {
        case lang::LiteralKind::constraint:
          steps_.push_back(constraint(i, l));
          break;
        case lang::LiteralKind::negative:
          steps_.push_back(negative(i, l));
          break;
        case lang::LiteralKind::positive:
          steps_.push_back(foreign(l) ? compute(i, l) : positive(i, l));
          break;
      }
      bind(l, bound_);
    }
    return std::move(steps_);
  }

 private:
  bool foreign(const lang::Literal& l) const {
    return l.relation < plan_.program->relations.size() &&
           plan_.program->relations[l.relation].kind == lang::RelationKind::foreign;
  }

  Step constraint(std::uint32_t i, const lang::Literal& l) const {
    Step step;
    step.literal = i;
    if (lang::ready(l.condition, bound_)) {
      step.kind = StepKind::filter;
      step.expression = l.condition;
      return step;
    }
    lang::Assignment assigned = *lang::assignment(l.condition, bound_);
    step.kind = StepKind::assign;
    step.variable = assigned.variable;
    step.expression = std::move(assigned.value);
    return step;
  }

  Step negative(std::uint32_t i, const lang::Literal& l) const {
    Step step;
    step.kind = foreign(l) ? computed(l) : StepKind::absent;
    step.literal = i;
    step.relation = l.relation;
    for (std::uint32_t c = 0; c < l.args.size(); ++c) step.keys.emplace_back(c, operand(l.args[c]));
    return step;
  }

  // The values of ranges of 64 bits and less are counted in place.
  StepKind computed(const lang::Literal& l) const {
    const lang::Relation& r = plan_.program->relations[l.relation];
    const Type type = r.columns[0].type;
    return r.foreign == "range" && r.columns.size() == 3 && type != Type::i128 && type != Type::u128
               ? StepKind::range
               : StepKind::foreign;
  }

  Step compute(std::uint32_t i, const lang::Literal& l) const {
    Step step;
    step.kind = computed(l);
    step.literal = i;
    step.relation = l.relation;
    std::vector<bool> here = bound_;
    for (std::uint32_t c = 0; c < l.args.size(); ++c) {
      const lang::Expr& arg = l.args[c];
      if (arg.op == lang::Op::constant || bound_[arg.variable]) {
        step.keys.emplace_back(c, operand(arg));
      } else if (here[arg.variable]) {
        step.checks.emplace_back(c, arg.variable);
      } else {
        here[arg.variable] = true;
        step.outputs.emplace_back(c, arg.variable);
      }
    }
    return step;
  }

  Step positive(std::uint32_t i, const lang::Literal& l) {
    Step step;
    step.literal = i;
    step.relation = l.relation;
    if (same_[l.relation])
      step.rows = i == delta_ ? Rows::delta : i < delta_ && delta_ != kNone ? Rows::before_delta : Rows::all;
    std::vector<bool> here = bound_;
    for (std::uint32_t c = 0; c < l.args.size(); ++c) {
      const lang::Expr& arg = l.args[c];
      if (arg.op == lang::Op::constant || bound_[arg.variable]) {
        step.keys.emplace_back(c, operand(arg));
      } else if (here[arg.variable]) {
        step.checks.emplace_back(c, arg.variable);
      } else {
        here[arg.variable] = true;
        step.outputs.emplace_back(c, arg.variable);
      }
    }
    if (step.keys.size() == l.args.size()) {
      step.kind = StepKind::contains;
    } else if (step.keys.empty() || (step.rows == Rows::delta && !repeats())) {
      step.kind = StepKind::scan;  // a delta is short, and read once: its keys are tested row by row
    } else {
      step.kind = StepKind::probe;
      step.index = index(l.relation, step.keys);
    }
    return step;
  }

  // What comes next runs once for each of several bindings.
  bool repeats() const {
    return std::any_of(steps_.begin(), steps_.end(), [](const Step& s) {
      return s.kind == StepKind::scan || s.kind == StepKind::probe || s.kind == StepKind::range ||
             s.kind == StepKind::foreign;
    });
  }

  std::uint32_t index(RelationId relation, const std::vector<std::pair<std::uint32_t, Operand>>& keys) {
    if (!indexes_) return kNone;
    std::vector<std::uint32_t> columns;
    for (const auto& key : keys) columns.push_back(key.first);
    for (std::uint32_t i = 0; i < indexes_->size(); ++i)
      if ((*indexes_)[i].relation == relation && (*indexes_)[i].columns == columns) return i;
    indexes_->push_back({relation, std::move(columns)});
    return static_cast<std::uint32_t>(indexes_->size() - 1);
  }

  const Plan& plan_;
  std::vector<IndexSpec>* indexes_;
  const PlanRule& rule_;
  std::uint32_t delta_;
  const std::vector<bool>& same_;
  std::vector<bool> bound_;
  std::vector<Step> steps_;
};

// Named variables that this conjunction binds: a rule with `or` may bind others in its other conjunctions.
void name_event(PlanRule& rule) {
  std::vector<bool> bound(rule.variables.size(), false);
  for (std::uint32_t i : rule.order) bind(rule.body[i].literal, bound);
  for (VarId v = 0; v < rule.variables.size(); ++v)
    if (bound[v] && !rule.variables[v].wildcard && !rule.variables[v].made) rule.named.push_back(v);
  std::sort(rule.named.begin(), rule.named.end(),
            [&](VarId a, VarId b) { return rule.variables[a].name < rule.variables[b].name; });
}

// That a term exists is no evidence: it is certain, and has no proof.
bool of_terms(const lang::Program& program, const lang::Literal& l) {
  return l.relation < program.relations.size() && program.relations[l.relation].kind == lang::RelationKind::terms;
}

}  // namespace

std::vector<Step> compile_delta(const Plan& plan, const PlanRule& rule, std::uint32_t delta,
                                std::vector<IndexSpec>* indexes) {
  std::vector<bool> reads(plan.relations.size(), false);
  if (delta != kNone) reads[rule.body[delta].literal.relation] = true;
  return Compiler(plan, indexes, rule, delta, reads).run(rule.order);
}

Status compile_steps(Plan& plan, const OrderContext& context) {
  for (PlanRule& rule : plan.rules) {
    if (rule.tag) name_event(rule);
    for (std::uint32_t i = 0; i < rule.body.size(); ++i)
      if (!rule.body[i].guard && rule.body[i].literal.kind != lang::LiteralKind::constraint &&
          !of_terms(*plan.program, rule.body[i].literal))
        rule.premises.push_back(i);
  }
  std::vector<bool> same(plan.relations.size());
  for (Stratum& stratum : plan.strata) {
    std::fill(same.begin(), same.end(), false);
    for (RelationId r : stratum.relations) same[r] = true;
    for (std::uint32_t r : stratum.rules) {
      const PlanRule& rule = plan.rules[r];
      stratum.first.push_back({r, kNone, Compiler(plan, &plan.indexes, rule, kNone, same).run(rule.order)});
      for (std::uint32_t i = 0; i < rule.body.size(); ++i) {
        const lang::Literal& l = rule.body[i].literal;
        if (l.kind != lang::LiteralKind::positive || !same[l.relation]) continue;
        // Demand, domain and count rules keep their order: it says what may be asked.
        const bool free = rule.kind == RuleKind::derived || rule.kind == RuleKind::terms;
        auto order = free && ready(l, *plan.program, std::vector<bool>(rule.variables.size()))
                         ? join_order(rule, i, context)
                         : Result<std::vector<std::uint32_t>>(rule.order);
        if (!order) order = rule.order;
        stratum.recursive.push_back({r, i, Compiler(plan, &plan.indexes, rule, i, same).run(*order)});
      }
    }
  }
  return {};
}

}  // namespace tenfold::plan
