// Which relations are mere copies, which column a relation keeps its rows by, and which relations of three columns and
// more are packed: where a rule can give one of their columns by blocks, hop(x, z, n + 1) = hop(x, y, n) and edge(y, z)
// is `or` the row (y, n) into the row (z, n + 1).
#include <algorithm>
#include <array>
#include <set>

#include "engine/set_program.h"

namespace tenfold::engine {
namespace {

using plan::kNone;
using plan::Step;
using plan::StepKind;

// How much of a rule's work goes by blocks when its head keeps rows by `row_column`: more when what is carried grows.
int block_gain(const plan::Plan& plan, const plan::Variant& variant, const std::vector<SetRelation>& relations,
               const std::vector<bool>& grows, std::uint32_t row_column) {
  const plan::PlanRule& rule = plan.rules[variant.rule];
  const lang::Expr& bit = rule.head_args[1 - row_column];
  if (bit.op != lang::Op::variable) return 0;
  for (const Step& s : variant.steps) {
    if (s.kind != StepKind::scan && s.kind != StepKind::probe) continue;
    const auto& a = rule.body[s.literal].literal.args;
    for (std::uint32_t c = 0; c < a.size(); ++c) {
      if (a[c].op != lang::Op::variable || a[c].variable != bit.variable) continue;
      if (!relations[s.relation].bits()) return 0;
      if (s.rows == plan::Rows::delta && relations[s.relation].arity == 2) {
        // The head's own relation will be laid out as the head is.
        const std::uint32_t rows_by = s.relation == rule.head ? row_column : relations[s.relation].row_column();
        return c == rows_by ? 0 : 3;
      }
      return grows[s.relation] ? 2 : 1;
    }
  }
  return 0;
}

constexpr int kDeepest = 64;

bool is_variable(const lang::Expr& e, VarId v) { return e.op == lang::Op::variable && e.variable == v; }

bool reads(const lang::Expr& e, VarId v) {
  return is_variable(e, v) ||
         std::any_of(e.args.begin(), e.args.end(), [v](const lang::Expr& x) { return reads(x, v); });
}

bool is_atom(const Step& s) { return s.kind <= StepKind::absent; }

class Packing {
 public:
  Packing(const plan::Plan& plan, const std::vector<RelationId>& copy_of, std::vector<SetRelation>& relations)
      : plan_(plan), copy_of_(copy_of), relations_(relations), sought_(relations.size()), grows_(relations.size()) {
    for (const plan::Stratum& stratum : plan.strata)
      for (const auto* variants : {&stratum.first, &stratum.recursive})
        for (const plan::Variant& variant : *variants) note_sought(variant);
  }

  void stratum(const plan::Stratum& stratum) {
    for (std::uint32_t number : stratum.aggregates) extreme(plan_.program->aggregates[number]);
    std::fill(grows_.begin(), grows_.end(), false);
    if (!stratum.recursive.empty())
      for (RelationId r : stratum.relations) grows_[r] = true;
    // Twice: what one relation can carry depends on how another of the same stratum is laid out.
    for (int pass = 0; pass < 2; ++pass)
      for (RelationId r : stratum.relations) choose(stratum, r);
  }

 private:
  // Columns by whose value alone some rule looks for tuples: an index finds them, bits of a row do not.
  void note_sought(const plan::Variant& variant) {
    const plan::PlanRule& rule = plan_.rules[variant.rule];
    std::vector<bool> bound(rule.variables.size(), false);
    for (const Step& s : variant.steps) {
      if (s.kind == StepKind::assign) bound[s.variable] = true;
      for (const auto& output : s.outputs)
        if (!is_atom(s)) bound[output.second] = true;
      if (!is_atom(s) || s.kind == StepKind::absent) continue;
      const auto& args = rule.body[s.literal].literal.args;
      auto known = [&](const lang::Expr& e) { return e.op == lang::Op::constant || bound[e.variable]; };
      const bool all = std::all_of(args.begin(), args.end(), known);
      for (std::size_t c = 0; c < args.size() && s.rows != plan::Rows::delta; ++c) {
        if (!known(args[c]) || all) continue;
        bool others = true;
        for (std::size_t o = 0; o < args.size(); ++o) others = others && (o == c || known(args[o]));
        if (!others) sought_[copy_of_[s.relation]].insert(static_cast<std::uint32_t>(c));
      }
      for (const lang::Expr& e : args)
        if (e.op == lang::Op::variable) bound[e.variable] = true;
    }
  }

  // min and max over a packed body come out in blocks as well (set_aggregate.cc).
  void extreme(const lang::Aggregate& a) {
    const SetRelation& body = relations_[copy_of_[a.body]];
    SetRelation& result = relations_[a.result];
    if ((a.op != lang::AggregateOp::min && a.op != lang::AggregateOp::max) || a.args > 0 || a.domain != lang::kNone)
      return;
    if (!body.packed || body.bit_column >= a.groups || body.arity != a.groups + 1 || result.arity != body.arity) return;
    if (sought_[a.result].contains(body.bit_column)) return;
    result.packed = true;
    result.bit_column = body.bit_column;
  }

  void choose(const plan::Stratum& stratum, RelationId r) {
    SetRelation& relation = relations_[r];
    if (relation.arity < 3 || relation.arity > 64 || copy_of_[r] != r) return;
    int best = 0;
    for (std::uint32_t column = 0; column < relation.arity; ++column) {
      if (sought_[r].contains(column)) continue;
      int gain = 0;
      for (const auto* variants : {&stratum.first, &stratum.recursive})
        for (const plan::Variant& variant : *variants)
          if (plan_.rules[variant.rule].head == r) gain += carry_gain(variant, column);
      if (gain <= best) continue;
      best = gain;
      relation.bit_column = column;
    }
    relation.packed = relation.packed || best > 0;
  }

  // How much of a rule's work goes by blocks if its head's bits are those of `column`: first by what is carried, then
  // by how many loops are around it.
  int carry_gain(const plan::Variant& variant, std::uint32_t column) const {
    const plan::PlanRule& rule = plan_.rules[variant.rule];
    if (rule.head_args[column].op != lang::Op::variable) return 0;
    const VarId v = rule.head_args[column].variable;
    if (std::count_if(rule.head_args.begin(), rule.head_args.end(),
                      [v](const lang::Expr& e) { return is_variable(e, v); }) != 1)
      return 0;
    int gain = -1, depth = 0;
    bool tested = false, dense = false;
    for (const Step& s : variant.steps) {
      const lang::Literal& l = rule.body[s.literal].literal;
      if (!is_atom(s)) {
        if (reads(l.condition, v) ||
            std::any_of(l.args.begin(), l.args.end(), [v](const lang::Expr& e) { return reads(e, v); }))
          return 0;
        continue;
      }
      for (std::uint32_t c = 0; c < l.args.size(); ++c) {
        if (!is_variable(l.args[c], v)) continue;
        const bool gives = s.kind == StepKind::scan || s.kind == StepKind::probe;
        if (gives == (gain >= 0)) return 0;
        const int found = given(copy_of_[s.relation], c, s.rows == plan::Rows::delta, rule.head, column);
        if (found == 0) return 0;
        tested = tested || !gives;
        dense = dense || (gives && (found > 1 || relations_[copy_of_[s.relation]].packed));
        if (gives) gain = found * kDeepest + std::min(depth, kDeepest - 1);
      }
      ++depth;
    }
    // What is stated may have one bit a row: then only tests go by blocks, and what a projection puts together.
    return tested || dense || projects(rule) ? std::max(gain, 0) : 0;
  }

  static bool projects(const plan::PlanRule& rule) {
    for (VarId v = 0; v < rule.variables.size(); ++v)
      if (std::none_of(rule.head_args.begin(), rule.head_args.end(), [v](const lang::Expr& e) { return reads(e, v); }))
        return true;
    return false;
  }

  // By column c of an atom, which is a row's bits or can be.
  int given(RelationId r, std::uint32_t c, bool delta, RelationId head, std::uint32_t column) const {
    const SetRelation& relation = relations_[r];
    const int grown = delta ? 3 : grows_[r] ? 2 : 1;
    if (r == head) return c == column ? grown : 0;  // it will be laid out so
    if (!relation.bits()) return 0;
    if (relation.packed) return c == relation.bit_column ? grown : 0;
    return relation.arity == 2 && delta && c == relation.row_column() ? 0 : grown;
  }

  const plan::Plan& plan_;
  const std::vector<RelationId>& copy_of_;
  std::vector<SetRelation>& relations_;
  std::vector<std::set<std::uint32_t>> sought_;
  std::vector<bool> grows_;
};

}  // namespace

std::vector<RelationId> copies(const plan::Plan& plan) {
  std::vector<RelationId> out(plan.relations.size());
  std::vector<std::uint32_t> rules(plan.relations.size(), 0);
  for (const plan::PlanRule& rule : plan.rules) ++rules[rule.head];
  for (RelationId r = 0; r < out.size(); ++r) out[r] = r;
  for (const plan::PlanRule& rule : plan.rules) {
    if (rules[rule.head] != 1 || !plan.relations[rule.head].synthetic || rule.body.size() != 1) continue;
    const lang::Literal& l = rule.body[0].literal;
    if (l.kind != lang::LiteralKind::positive || l.relation == rule.head || l.args.size() != rule.head_args.size())
      continue;
    if (l.relation < plan.program->relations.size() &&
        plan.program->relations[l.relation].kind == lang::RelationKind::foreign)
      continue;
    std::set<VarId> seen;
    bool same = true;
    for (std::size_t c = 0; c < l.args.size() && same; ++c)
      same = l.args[c].op == lang::Op::variable && rule.head_args[c].op == lang::Op::variable &&
             l.args[c].variable == rule.head_args[c].variable && seen.insert(l.args[c].variable).second;
    // The superset of a relation takes facts as well (possible.h).
    const bool superset = std::any_of(plan.relations.begin(), plan.relations.end(),
                                      [&](const plan::PlanRelation& x) { return x.possible == rule.head; });
    const bool given = superset || std::any_of(plan.program->facts.begin(), plan.program->facts.end(),
                                               [&](const lang::Fact& f) { return f.relation == rule.head; });
    if (same && !given) out[rule.head] = l.relation;
  }
  for (RelationId r = 0; r < out.size(); ++r)  // a copy of a copy; rules cannot make a circle of them alone
    for (std::size_t hops = 0; out[r] != out[out[r]] && hops < out.size(); ++hops) out[r] = out[out[r]];
  return out;
}

std::vector<SetRelation> lay_out(const plan::Plan& plan, const std::vector<RelationId>& copy_of, bool pack) {
  std::vector<SetRelation> out(plan.relations.size());
  for (RelationId r = 0; r < out.size(); ++r) {
    out[r].arity = static_cast<std::uint32_t>(plan.relations[r].types.size());
    for (Type type : plan.relations[r].types) out[r].kinds.push_back(IdCodec::kind(type));
    out[r].rows = RowSet(out[r].arity);
    if (out[r].arity > 2) out[r].prefixes = RowSet(out[r].arity - 1);
  }
  std::vector<bool> grows(plan.relations.size());
  Packing packing(plan, copy_of, out);
  for (const plan::Stratum& stratum : plan.strata) {
    if (!stratum.recursive.empty()) {
      std::fill(grows.begin(), grows.end(), false);
      for (RelationId r : stratum.relations) grows[r] = true;
      // Twice: a relation's best layout may depend on that of another of the same stratum.
      for (int pass = 0; pass < 2; ++pass)
        for (RelationId r : stratum.relations) {
          if (out[r].arity != 2) continue;
          int gain[2] = {0, 0};
          for (const plan::Variant& variant : stratum.recursive)
            if (plan.rules[variant.rule].head == r)
              for (std::uint32_t column : {0u, 1u}) gain[column] += block_gain(plan, variant, out, grows, column);
          out[r].flipped = gain[1] > gain[0];
        }
    }
    if (pack) packing.stratum(stratum);
  }
  return out;
}

}  // namespace tenfold::engine
