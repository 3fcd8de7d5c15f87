#include "engine/set_program.h"

#include <algorithm>
#include <optional>
#include <set>

#include "modules/predicates.h"

namespace tenfold::engine {
namespace {

using plan::kNone;
using plan::Step;
using plan::StepKind;

void collect(const lang::Expr& e, std::vector<VarId>& out) {
  if (e.op == lang::Op::variable && std::find(out.begin(), out.end(), e.variable) == out.end())
    out.push_back(e.variable);
  for (const lang::Expr& arg : e.args) collect(arg, out);
}

bool is_atom(StepKind k) {
  return k == StepKind::scan || k == StepKind::probe || k == StepKind::contains || k == StepKind::absent;
}

class RuleCompiler {
 public:
  /// `variant`'s steps name the relations that copies stand for; expressions are taken from `original`, which lives.
  RuleCompiler(const plan::Plan& plan, const plan::PlanRule& rule, const plan::Variant& variant,
               const plan::Variant& original, std::vector<SetRelation>& relations, IdCodec& codec)
      : plan_(plan),
        variant_(variant),
        original_(original),
        rule_(rule),
        relations_(relations),
        codec_(codec),
        bound_(rule_.variables.size(), false) {}

  SetRule run() {
    out_.rule = variant_.rule;
    out_.head = rule_.head;
    for (const lang::Variable& v : rule_.variables) out_.kinds.push_back(IdCodec::kind(v.type));
    head();
    for (at_ = 0; at_ < variant_.steps.size(); ++at_) step(variant_.steps[at_]);
    if (out_.carried && !carrying_) out_.carried = false;
    return std::move(out_);
  }

 private:
  SetArg arg(const lang::Expr& e) {
    if (e.op == lang::Op::constant) return {true, codec_.encode(e.constant, IdCodec::kind(e.type)), kNone};
    return {false, 0, e.variable};
  }
  const std::vector<lang::Expr>& args(const Step& s) const { return rule_.body[s.literal].literal.args; }

  // Steps after this one that were not folded into it, or the head, read the variable.
  bool read_later(VarId v) const {
    std::vector<VarId> read;
    for (std::size_t next = at_ + 1; next < variant_.steps.size(); ++next) {
      if (done_.contains(next)) continue;
      const lang::Literal& l = rule_.body[variant_.steps[next].literal].literal;
      for (const lang::Expr& x : l.args) collect(x, read);
      if (l.kind == lang::LiteralKind::constraint) collect(l.condition, read);
    }
    for (const lang::Expr& x : rule_.head_args) collect(x, read);
    return std::find(read.begin(), read.end(), v) != read.end();
  }

  void head() {
    const SetRelation& r = relations_[rule_.head];
    if (!r.bits()) {
      for (const lang::Expr& a : rule_.head_args) out_.tuple.push_back(arg(a));
      return;
    }
    if (r.arity == 0) return;
    if (r.packed) {
      packed_head(r);
      return;
    }
    out_.bit = arg(rule_.head_args[r.arity == 2 ? 1 - r.row_column() : 0]);
    if (r.arity == 2) out_.row = arg(rule_.head_args[r.row_column()]);
    if (out_.bit.constant || (r.arity == 2 && !out_.row.constant && out_.row.variable == out_.bit.variable)) return;
    carry(out_.bit.variable);
  }

  void packed_head(const SetRelation& r) {
    for (std::uint32_t c = 0; c < r.arity; ++c)
      if (c != r.bit_column) out_.prefix.push_back(arg(rule_.head_args[c]));
    out_.bit = arg(rule_.head_args[r.bit_column]);
    if (out_.bit.constant) return;
    for (const SetArg& a : out_.prefix)
      if (!a.constant && a.variable == out_.bit.variable) return;
    carry(out_.bit.variable);
  }

  void carry(VarId v) {
    carry_ = v;
    if (!carryable()) carry_ = kNone;
    out_.carried = carry_ != kNone;
  }

  // Besides the atom that enumerates it, only tests of bits against a row read the carried variable.
  bool carryable() const {
    bool made = false;
    for (const Step& s : variant_.steps) {
      if (!is_atom(s.kind)) {
        std::vector<VarId> read;
        const lang::Literal& l = rule_.body[s.literal].literal;
        for (const lang::Expr& a : l.args) collect(a, read);
        collect(l.condition, read);
        if (std::find(read.begin(), read.end(), carry_) != read.end()) return false;
        continue;
      }
      const auto times = std::count_if(args(s).begin(), args(s).end(), [this](const lang::Expr& a) {
        return a.op == lang::Op::variable && a.variable == carry_;
      });
      if (times == 0) continue;
      if (times > 1 || !relations_[s.relation].bits()) return false;
      if (made ? !can_test(s) : !can_carry(s)) return false;
      made = true;
    }
    return made;
  }

  std::uint32_t carried_column(const Step& s) const {
    const auto& a = args(s);
    std::uint32_t c = 0;
    while (a[c].op != lang::Op::variable || a[c].variable != carry_) ++c;
    return c;
  }
  bool can_test(const Step& s) const {
    const SetRelation& r = relations_[s.relation];
    if (s.kind != StepKind::contains && s.kind != StepKind::absent) return false;
    if (r.packed) return carried_column(s) == r.bit_column;
    return r.arity == 1 || s.rows != plan::Rows::delta || carried_column(s) != r.row_column();
  }
  // The atom can give the carried variable as bits: a delta only those of its own rows.
  bool can_carry(const Step& s) const {
    const SetRelation& r = relations_[s.relation];
    if (s.kind != StepKind::scan && s.kind != StepKind::probe) return false;
    if (r.packed) return carried_column(s) == r.bit_column;
    if (r.arity < 2) return r.arity == 1;
    return s.rows != plan::Rows::delta || carried_column(s) != r.row_column();
  }

  bool bound(const lang::Expr& e) const { return e.op == lang::Op::constant || bound_[e.variable]; }

  void step(const Step& s) {
    if (done_.contains(at_)) return;
    switch (s.kind) {
      case StepKind::filter:
      case StepKind::assign:
        expression(s);
        return;
      case StepKind::range:
      case StepKind::foreign:
        computed(s);
        return;
      default:
        break;
    }
    const SetRelation& r = relations_[s.relation];
    if (!r.bits())
      rows_atom(s);
    else if (r.packed)
      packed_atom(s);
    else
      bits_atom(s);
    if (s.kind != StepKind::absent)
      for (const lang::Expr& a : args(s))
        if (a.op == lang::Op::variable) bound_[a.variable] = true;
  }

  void expression(const Step& s) {
    SetOp op;
    op.kind = s.kind == StepKind::filter ? SetOp::Kind::filter : SetOp::Kind::assign;
    op.expression = &original_.steps[at_].expression;
    op.target = s.variable;
    collect(s.expression, op.reads);
    simplify(s.expression, op);
    if (op.target != kNone) bound_[op.target] = true;
    out_.ops.push_back(std::move(op));
  }

  void simplify(const lang::Expr& e, SetOp& op) {
    using enum lang::Op;
    const bool compares = e.op == equal || e.op == not_equal || e.op == less || e.op == less_equal || e.op == greater ||
                          e.op == greater_equal;
    if ((!compares && e.op != add && e.op != subtract) || e.args.size() != 2) return;
    for (const lang::Expr& a : e.args)
      if ((a.op != variable && a.op != constant) || a.type != e.args[0].type) return;
    const Type type = e.args[0].type;
    const bool same = e.op == equal || e.op == not_equal;  // of any type: equal ids
    if (!same && type != Type::i32 && type != Type::i16 && type != Type::i8 && type != Type::u32 && type != Type::u16 &&
        type != Type::u8)
      return;
    op.simple = true;
    op.left = arg(e.args[0]);
    op.right = arg(e.args[1]);
    op.number = IdCodec::kind(type);
    const int bits = type == Type::i8 || type == Type::u8 ? 8 : type == Type::i16 || type == Type::u16 ? 16 : 32;
    op.least = is_signed(type) ? -(std::int64_t{1} << (bits - 1)) : 0;
    op.most = (std::int64_t{1} << (is_signed(type) ? bits - 1 : bits)) - 1;
  }

  void computed(const Step& s) {
    SetOp op;
    op.kind = s.kind == StepKind::range ? SetOp::Kind::range : SetOp::Kind::foreign;
    op.negative = rule_.body[s.literal].literal.kind == lang::LiteralKind::negative;
    op.literal = s.literal;
    if (op.kind == SetOp::Kind::foreign) {
      const lang::Relation& relation = plan_.program->relations[rule_.body[s.literal].literal.relation];
      op.predicate = relation.predicate;
      op.kept = relation.kept;
      for (const modules::PredicateColumn& c : modules::predicates()[op.predicate].columns)
        op.types.push_back(modules::type_of(c.family));
      for (std::size_t c = 0; c < op.kept.size(); ++c) op.types[op.kept[c]] = relation.columns[c].type;
    }
    std::vector<bool> here = bound_;
    for (std::uint32_t c = 0; c < args(s).size(); ++c) {
      const lang::Expr& a = args(s)[c];
      if (bound(a)) {
        op.keys.emplace_back(c, arg(a));
      } else if (here[a.variable]) {
        op.checks.emplace_back(c, a.variable);
      } else {
        here[a.variable] = true;
        op.outputs.emplace_back(c, a.variable);
      }
    }
    for (const auto& output : op.outputs) bound_[output.second] = true;
    out_.ops.push_back(std::move(op));
  }

  void rows_atom(const Step& s) {
    SetOp op;
    op.relation = s.relation;
    op.delta = s.rows == plan::Rows::delta;
    op.negative = s.kind == StepKind::absent;
    look_up(args(s), op);
    if (op.keys.size() == args(s).size() && !op.delta) {
      op.kind = SetOp::Kind::test_rows;
    } else if (op.keys.empty() || op.delta) {
      op.kind = SetOp::Kind::scan_rows;
    } else {
      op.kind = SetOp::Kind::probe_rows;
      op.index = row_index(s.relation, op.keys);
    }
    out_.ops.push_back(std::move(op));
  }

  void look_up(const std::vector<lang::Expr>& columns, SetOp& op) {
    std::vector<bool> here = bound_;
    for (std::uint32_t c = 0; c < columns.size(); ++c) {
      const lang::Expr& a = columns[c];
      if (bound(a)) {
        op.keys.emplace_back(c, arg(a));
      } else if (here[a.variable]) {
        op.checks.emplace_back(c, a.variable);
      } else {
        here[a.variable] = true;
        op.outputs.emplace_back(c, a.variable);
      }
    }
  }

  std::uint32_t row_index(RelationId relation, const std::vector<std::pair<std::uint32_t, SetArg>>& keys) {
    std::vector<std::uint32_t> columns;
    for (const auto& key : keys) columns.push_back(key.first);
    auto& indexes = relations_[relation].indexes;
    for (std::uint32_t i = 0; i < indexes.size(); ++i)
      if (indexes[i].columns() == columns) return i;
    indexes.emplace_back(std::move(columns));
    return static_cast<std::uint32_t>(indexes.size() - 1);
  }

  // A test of `variable`'s bits against one row of the step's relation; nothing when the step is no such test.
  std::optional<SetTest> as_test(const Step& s, VarId variable) {
    if (s.kind != StepKind::contains && s.kind != StepKind::absent) return std::nullopt;
    SetRelation& r = relations_[s.relation];
    if (!r.bits() || r.arity == 0) return std::nullopt;
    SetTest test{s.relation, false, s.rows == plan::Rows::delta, s.kind == StepKind::absent, {}, {}};
    const auto& a = args(s);
    auto is_it = [&](std::uint32_t c) { return a[c].op == lang::Op::variable && a[c].variable == variable; };
    if (r.arity == 1) return is_it(0) ? std::optional(test) : std::nullopt;
    if (r.packed) return as_packed_test(s, variable, std::move(test));
    if (is_it(0) == is_it(1)) return std::nullopt;
    const std::uint32_t column = is_it(0) ? 0 : 1;
    const lang::Expr& row = a[1 - column];
    if (!bound(row)) return std::nullopt;
    // The carried variable is in no register: the step is its test, not this variable's.
    if (carrying_ && variable != carry_ && row.op == lang::Op::variable && row.variable == carry_) return std::nullopt;
    test.row = arg(a[1 - column]);
    test.second = column == r.row_column();
    if (test.second && test.delta) return std::nullopt;
    r.wants_second = r.wants_second || test.second;
    return test;
  }

  std::optional<SetTest> as_packed_test(const Step& s, VarId variable, SetTest test) {
    const SetRelation& r = relations_[s.relation];
    const auto& a = args(s);
    for (std::uint32_t c = 0; c < r.arity; ++c) {
      const bool it = a[c].op == lang::Op::variable && a[c].variable == variable;
      if (it != (c == r.bit_column)) return std::nullopt;
      if (it) continue;
      if (!bound(a[c]) || (carrying_ && a[c].op == lang::Op::variable && a[c].variable == carry_)) return std::nullopt;
      test.prefix.push_back(arg(a[c]));
    }
    return test;
  }

  void packed_atom(const Step& s) {
    const SetRelation& r = relations_[s.relation];
    if (carrying_ && mask_carried(s)) return;
    SetOp op;
    op.packed = true;
    op.relation = s.relation;
    op.delta = s.rows == plan::Rows::delta;
    op.negative = s.kind == StepKind::absent;
    std::vector<lang::Expr> others = args(s);
    const lang::Expr bit = others[r.bit_column];
    others.erase(others.begin() + r.bit_column);
    const bool known = std::all_of(others.begin(), others.end(), [this](const lang::Expr& e) { return bound(e); });
    if (known)
      for (const lang::Expr& e : others) op.prefix.push_back(arg(e));
    if (known && bound(bit)) {
      op.kind = SetOp::Kind::test_bit;
      op.bit_arg = arg(bit);
      out_.ops.push_back(std::move(op));
      return;
    }
    op.kind = SetOp::Kind::scan_bits;
    op.one_row = known;
    if (!known) look_up(others, op);
    if (!op.keys.empty() && !op.delta) op.index = row_index(s.relation, op.keys);
    for (const lang::Expr& e : others)
      if (e.op == lang::Op::variable) bound_[e.variable] = true;
    payload(op, bit, kNone);
    out_.ops.push_back(std::move(op));
  }

  void bits_atom(const Step& s) {
    SetRelation& r = relations_[s.relation];
    SetOp op;
    op.relation = s.relation;
    op.delta = s.rows == plan::Rows::delta;
    op.negative = s.kind == StepKind::absent;
    if (carrying_ && mask_carried(s)) return;
    const auto& a = args(s);
    if (std::all_of(a.begin(), a.end(), [this](const lang::Expr& e) { return bound(e); })) {
      op.kind = SetOp::Kind::test_bit;
      if (r.arity == 2) op.row_arg = arg(a[r.row_column()]);
      if (r.arity > 0) op.bit_arg = arg(a[r.arity == 2 ? 1 - r.row_column() : 0]);
      out_.ops.push_back(std::move(op));
      return;
    }
    op.kind = SetOp::Kind::scan_bits;
    std::uint32_t row_column = r.row_column();
    if (r.arity == 2) {
      if (!op.delta && look_from_second(a, row_column)) {
        op.second = true;
        r.wants_second = true;
        row_column = 1 - row_column;
      }
      op.row_arg = arg(a[row_column]);
      op.one_row = bound(a[row_column]);
    } else {
      op.one_row = true;
    }
    payload(op, a[r.arity == 2 ? 1 - row_column : 0], op.one_row ? kNone : op.row_arg.variable);
    out_.ops.push_back(std::move(op));
  }

  // Rows by the other column: where only that one is known, or where the carried variable would be the rows.
  bool look_from_second(const std::vector<lang::Expr>& a, std::uint32_t row_column) const {
    const bool row_known = bound(a[row_column]), other_known = bound(a[1 - row_column]);
    if (row_known) return false;
    if (other_known) return true;
    return carry_ != kNone && !carrying_ && a[row_column].variable == carry_ && a[1 - row_column].variable != carry_;
  }

  bool mask_carried(const Step& s) {
    const auto test = as_test(s, carry_);
    if (!test) return false;
    SetOp op;
    op.kind = SetOp::Kind::mask_carry;
    op.tests.push_back(*test);
    out_.ops.push_back(std::move(op));
    return true;
  }

  void payload(SetOp& op, const lang::Expr& e, VarId row_variable) {
    if (bound(e)) {
      op.payload = SetOp::Payload::known;
      op.bit_arg = arg(e);
      return;
    }
    op.bit_arg = arg(e);
    if (e.variable == row_variable) {
      op.payload = SetOp::Payload::same;
      return;
    }
    if (row_variable != kNone) bound_[row_variable] = true;
    for (std::size_t next = at_ + 1; next < variant_.steps.size(); ++next) {
      const auto test = as_test(variant_.steps[next], e.variable);
      if (!test) break;
      op.tests.push_back(*test);
      done_.insert(next);
    }
    if (!read_later(e.variable)) {
      op.payload = SetOp::Payload::exists;
    } else if (e.variable == carry_) {
      op.payload = SetOp::Payload::carry;
      carrying_ = true;
    } else {
      op.payload = SetOp::Payload::expand;
    }
  }

  const plan::Plan& plan_;
  const plan::Variant& variant_;
  const plan::Variant& original_;
  const plan::PlanRule& rule_;
  std::vector<SetRelation>& relations_;
  IdCodec& codec_;
  std::vector<bool> bound_;
  std::set<std::size_t> done_;  // steps folded into an earlier one
  std::size_t at_ = 0;
  VarId carry_ = kNone;
  bool carrying_ = false;
  SetRule out_;
};

}  // namespace

bool sets_can_run(const plan::Plan& plan) {
  if (!plan.program->networks.empty()) return false;
  return std::none_of(plan.rules.begin(), plan.rules.end(),
                      [](const plan::PlanRule& rule) { return rule.head_args.size() > 64; });
}

SetRule compile_set_rule(const plan::Plan& plan, const plan::PlanRule& rule, const plan::Variant& original,
                         std::vector<SetRelation>& relations, const std::vector<RelationId>& copy_of, IdCodec& codec) {
  plan::Variant variant = original;
  for (Step& step : variant.steps)
    if (step.relation != kNone) step.relation = copy_of[step.relation];
  return RuleCompiler(plan, rule, variant, original, relations, codec).run();
}

}  // namespace tenfold::engine
