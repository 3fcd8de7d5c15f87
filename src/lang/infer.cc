// What equations the facts, rules and aggregates of a program put on its types.
#include <algorithm>
#include <array>
#include <map>

#include "lang/aggregate_forms.h"
#include "lang/lexer.h"
#include "lang/types.h"
#include "modules/predicates.h"

namespace tenfold::lang {
namespace {

class Inference {
 public:
  Inference(Unit& unit, Slots& slots) : unit_(unit), slots_(slots) {}

  void run() {
    columns();
    for (DraftExpr& e : unit_.term_constants) expression(e, nullptr);
    for (const DraftFact& fact : unit_.facts) given(fact);
    for (const Aggregate& aggregate : unit_.aggregates) connect(aggregate);
    for (DraftRule& rule : unit_.rules)
      if (!rule.broken) derived(rule);
    settle_operations();
    // Tags are probabilities: exact as far as a double goes.
    for (Slot slot : tags_) slots_.decide(slot, set_of(Type::f64));
    for (Slot slot = 0; slot < last_; ++slot) slots_.decide(slot, kAny);
    for (const Cast& cast : casts_) check(cast);
    for (const Aggregate& aggregate : unit_.aggregates) order_of_amounts(aggregate);
  }

 private:
  struct Cast {
    Slot from;
    Type to;
    Span span;
  };

  Slot fresh(TypeSet set, Span why) { return last_ = slots_.fresh(set, why) + 1, last_ - 1; }

  void columns() {
    for (DraftRelation& r : unit_.relations) {
      r.slots = last_;
      for (std::size_t c = 0; c < r.relation.columns.size(); ++c)
        fresh(r.typed[c] ? set_of(r.relation.columns[c].type) : kAny, r.span);
    }
  }

  // ---- complaints ----

  std::string subject(const DraftExpr& e, const DraftRule* rule) const {
    if (e.op == Op::variable && rule && !rule->variables[e.variable].made)
      return ticked(rule->variables[e.variable].name);
    const std::string_view text = unit_.sources.text(e.span);
    if (text.size() <= 40 && text.find('\n') == std::string_view::npos) return ticked(text);
    return "this";
  }

  std::string column_text(RelationId r, std::size_t c) const {
    const DraftRelation& draft = unit_.relations[r];
    if (draft.relation.synthetic) return "a value of this aggregate";
    const std::string& name = draft.relation.columns[c].name;
    const std::string which = name.empty() ? "column " + std::to_string(c + 1) : "the column " + ticked(name);
    return which + " of " + ticked(draft.relation.name);
  }

  /// Of a variable that does not fit, only the first place in its rule is told.
  void complain(const DraftExpr& e, const DraftRule* rule, TypeSet wanted, const std::string& wants, Span why) {
    if (e.op == Op::variable && rule) {
      if (rule != told_rule_) told_.assign(rule->variables.size(), false);
      told_rule_ = rule;
      if (told_[e.variable]) return;
      told_[e.variable] = true;
    }
    complain(e.span, subject(e, rule), slots_.set(e.slot), wanted, wants, why);
  }

  void complain(Span span, const std::string& what, TypeSet is, TypeSet wanted, const std::string& wants, Span why) {
    const bool dates = is == set_of(Type::datetime) || wanted == set_of(Type::datetime);
    std::string hint = "give both the same type, or convert one with `as`";
    if (dates)
      hint = "dates are compared with < and ==, and moved by durations: time + d\"3 days\"";
    else if (what.rfind("`\"", 0) == 0 && (wanted & kNumbers))
      hint = "leave out the quotes";
    else if (is == set_of(Type::string) && (wanted & kNumbers))
      hint = "convert the text with `as`: a text that is no number gives nothing";
    else if (is == kWithSign && (wanted & kUnsigned))
      hint = "no number below 0 fits: declare the column with a sign, such as i64";
    else if (wanted == set_of(Type::string) && (is & kNumbers))
      hint = "text stands between quotes; a number becomes text with `as String`";
    std::string reason;
    if (why.end > why.begin && unit_.sources.place(why).line != unit_.sources.place(span).line)
      reason = " (" + unit_.sources.where_text(why, span) + ")";
    unit_.error("type", span, what + " is " + text(is) + ", and " + wants + " is " + text(wanted) + reason,
                std::move(hint));
  }

  bool require(const DraftExpr& e, TypeSet wanted, const DraftRule* rule, const std::string& wants) {
    if (slots_.restrict(e.slot, wanted, e.span)) return true;
    complain(e, rule, wanted, wants, e.span);
    return false;
  }

  void same(const DraftExpr& a, const DraftExpr& b, const DraftRule* rule) {
    if (slots_.unify(a.slot, b.slot)) return;
    complain(b, rule, slots_.set(a.slot), subject(a, rule), slots_.why(a.slot));
  }

  void fits(const DraftExpr& e, RelationId r, std::size_t c, const DraftRule* rule) {
    const Slot column = unit_.relations[r].slots + static_cast<Slot>(c);
    if (slots_.unify(column, e.slot)) return;
    complain(e, rule, slots_.set(column), column_text(r, c), slots_.why(column));
  }

  // ---- facts ----

  void given(const DraftFact& fact) {
    const DraftRelation& r = unit_.relations[fact.relation];
    for (std::uint32_t c = 0; c < fact.count; ++c) {
      const DraftCell& cell = unit_.fact_cells[fact.first + c];
      if (cell.expr != kNone) {
        DraftExpr& e = unit_.fact_exprs[cell.expr];
        expression(e, nullptr);
        fits(e, fact.relation, c, nullptr);
        continue;
      }
      const Slot column = r.slots + c;
      const TypeSet types = literal_types(cell.literal, unit_.sources.text(cell.span));
      if (slots_.restrict(column, types, cell.span)) continue;
      if (++fact_complaints_[column] > kFactComplaints) continue;
      complain(cell.span, ticked(unit_.sources.text(cell.span).substr(0, 40)), types, slots_.set(column),
               column_text(fact.relation, c), slots_.why(column));
    }
    if (!fact.tag) return;
    if (fact.tag->expr != kNone) {
      DraftExpr& e = unit_.fact_exprs[fact.tag->expr];
      expression(e, nullptr);
      require(e, kNumbers | set_of(Type::boolean), nullptr, "a probability");
      tags_.push_back(e.slot);
    } else if (fact.tag->literal != Tok::end) {
      const TypeSet types = literal_types(fact.tag->literal, unit_.sources.text(fact.tag->span));
      if (!(types & (kNumbers | set_of(Type::boolean))))
        complain(fact.tag->span, ticked(unit_.sources.text(fact.tag->span).substr(0, 40)), types,
                 kNumbers | set_of(Type::boolean), "a probability", {});
    }
  }

  // ---- aggregates ----

  void unify_columns(RelationId a, std::size_t i, RelationId b, std::size_t j, Span span) {
    const Slot x = unit_.relations[a].slots + static_cast<Slot>(i), y = unit_.relations[b].slots + static_cast<Slot>(j);
    if (slots_.unify(x, y)) return;
    complain(span, "a value of this aggregate", slots_.set(x), slots_.set(y), "what it is used as", slots_.why(y));
  }

  void connect(const Aggregate& a) {
    const Span span = unit_.relations[a.result].span;
    for (std::uint32_t g = 0; g < a.groups; ++g) {
      unify_columns(a.result, g, a.body, g, span);
      if (a.domain != kNone) unify_columns(a.result, g, a.domain, g, span);
    }
    const Slot value = unit_.relations[a.result].slots + a.groups;
    const std::uint32_t last = a.groups + a.args;
    const AggregateForm& form = aggregate_form(a.op);
    if (!form.gives_value()) {
      if (form.index) slots_.restrict(value, set_of(Type::usize), span);
      std::uint32_t to = a.groups + (form.index ? 1 : 0);
      for (std::uint32_t i = form.gives_args ? 0 : a.args; i < (form.gives_vars ? a.args + a.vars : a.args); ++i)
        unify_columns(a.result, to++, a.body, a.groups + i, span);
      return;
    }
    switch (a.op) {
      case AggregateOp::count:
        slots_.restrict(value, set_of(Type::usize), span);
        break;
      case AggregateOp::string_join:
        unify_columns(a.result, a.groups, a.body, last, span);
        if (!slots_.restrict(value, set_of(Type::string), span))
          complain(span, "a value of this aggregate", slots_.set(value), set_of(Type::string), "what it joins", span);
        break;
      case AggregateOp::exists:
      case AggregateOp::forall:
        slots_.restrict(value, set_of(Type::boolean), span);
        break;
      default: {
        const bool weighted = a.op == AggregateOp::weighted_sum || a.op == AggregateOp::weighted_avg;
        const bool adds = a.op == AggregateOp::sum || a.op == AggregateOp::avg;
        const TypeSet wanted = weighted ? kFloats : adds ? kNumbers | set_of(Type::money) : kNumbers;
        unify_columns(a.result, a.groups, a.body, last, span);
        if (!slots_.restrict(value, wanted, span))
          complain(span, "a value of this aggregate", slots_.set(value), wanted, "what it adds up", span);
      }
    }
  }

  // ---- rules ----

  void derived(DraftRule& rule) {
    for (DraftVariable& v : rule.variables) v.slot = fresh(v.type ? set_of(*v.type) : kAny, v.span);
    for (DraftLiteral& l : rule.body) literal(l, rule);
    for (std::size_t c = 0; c < rule.head_args.size(); ++c) {
      expression(rule.head_args[c], &rule);
      fits(rule.head_args[c], rule.head, c, &rule);
    }
    if (!rule.tag) return;
    expression(*rule.tag, &rule);
    require(*rule.tag, kNumbers | set_of(Type::boolean), &rule, "a probability");
    tags_.push_back(rule.tag->slot);
  }

  void literal(DraftLiteral& l, DraftRule& rule) {
    if (l.kind == LiteralKind::constraint) {
      expression(l.condition, &rule);
      require(l.condition, set_of(Type::boolean), &rule, "a condition");
      return;
    }
    for (std::size_t c = 0; c < l.args.size(); ++c) {
      expression(l.args[c], &rule);
      if (l.relation != kForeign) fits(l.args[c], l.relation, c, &rule);
    }
    if (l.relation == kForeign) foreign(l, rule);
  }

  void foreign(DraftLiteral& l, const DraftRule& rule) {
    const modules::Predicate& predicate = modules::predicates()[l.predicate];
    const DraftExpr* first = nullptr;  // of the columns that share a type
    for (std::size_t c = 0; c < l.args.size(); ++c) {
      const modules::Family family = predicate.columns[c].family;
      const std::string wants = "`" + std::string(predicate.columns[c].name) + "` of " + ticked(predicate.name);
      require(l.args[c], shared(family) && l.predicate_type ? set_of(*l.predicate_type) : family_types(family), &rule,
              wants);
      if (predicate.refuse) look_at(l.args[c], c, predicate.refuse);
      if (!shared(family)) continue;
      require(l.args[c], family_types(family), &rule, wants);
      if (first)
        same(*first, l.args[c], &rule);
      else
        first = &l.args[c];
    }
  }

  /// A family that stands for one type wherever it occurs in a signature.
  static bool shared(modules::Family family) {
    using modules::Family;
    return family == Family::number || family == Family::integer || family == Family::floating;
  }

  void expression(DraftExpr& e, const DraftRule* rule) {
    for (DraftExpr& arg : e.args) expression(arg, rule);
    switch (e.op) {
      case Op::variable:
        e.slot = rule->variables[e.variable].slot;
        return;
      case Op::constant:
        e.slot = fresh(e.value && !e.type ? kNumbers
                       : e.value          ? set_of(*e.type)
                                          : literal_types(e.literal, unit_.sources.text(e.literal_span)),
                       e.span);
        break;
      case Op::cast:
        e.slot = fresh(set_of(*e.type), e.span);
        // 0.1 as Rational is a tenth, and not what f32 makes of it.
        if (e.type == Type::rational && e.args[0].op == Op::constant)
          slots_.restrict(e.args[0].slot, kRational, e.span);
        casts_.push_back({e.args[0].slot, *e.type, e.span});
        return;
      case Op::conditional:
        require(e.args[0], set_of(Type::boolean), rule, "a condition");
        same(e.args[1], e.args[2], rule);
        e.slot = e.args[1].slot;
        break;
      case Op::call:
        call(e, rule);
        break;
      case Op::construct:
        fields(e, rule);
        e.slot = fresh(set_of(Type::entity), e.span);
        break;
      case Op::is_term:
        require(e.args[0], set_of(Type::entity), rule, "a term");
        e.slot = fresh(set_of(Type::boolean), e.span);
        break;
      case Op::field: {
        require(e.args[0], set_of(Type::entity), rule, "a term");
        const auto type = unit_.constructor(e.function).fields[static_cast<std::size_t>(*e.value)];
        e.slot = fresh(type ? set_of(*type) : kAny, e.span);
        return;
      }
      case Op::logical_and:
      case Op::logical_or:
      case Op::logical_xor:
      case Op::logical_not:
        for (DraftExpr& arg : e.args) require(arg, set_of(Type::boolean), rule, "a condition");
        e.slot = fresh(set_of(Type::boolean), e.span);
        break;
      case Op::equal:
      case Op::not_equal:
      case Op::less:
      case Op::less_equal:
      case Op::greater:
      case Op::greater_equal:
        same(e.args[0], e.args[1], rule);
        e.slot = fresh(set_of(Type::boolean), e.span);
        break;
      case Op::add:
      case Op::subtract:
      case Op::multiply:
      case Op::divide:
      case Op::modulo:
        operation(e, rule);
        break;
      case Op::negate:
        operand(e.args[0], kWithSign, set_of(Type::duration) | set_of(Type::money), rule, e.op);
        e.slot = e.args[0].slot;
        break;
    }
    if (e.type) require(e, set_of(*e.type), rule, "the declared type");
  }

  void fields(DraftExpr& e, const DraftRule* rule) {
    const DeclaredConstructor& c = unit_.constructor(e.function);
    for (std::size_t f = 0; f < e.args.size(); ++f)
      if (c.fields[f])
        require(e.args[f], set_of(*c.fields[f]), rule,
                "field " + std::to_string(f + 1) + " of " + ticked(c.member->name.text));
  }

  // ---- operators ----

  /// One way to use an operator besides numbers of one type.
  struct Form {
    Op op;
    Type left, right, result;
  };
  static constexpr std::array kForms = {
      Form{Op::add, Type::datetime, Type::duration, Type::datetime},
      Form{Op::add, Type::duration, Type::datetime, Type::datetime},
      Form{Op::add, Type::duration, Type::duration, Type::duration},
      Form{Op::subtract, Type::datetime, Type::duration, Type::datetime},
      Form{Op::subtract, Type::datetime, Type::datetime, Type::duration},
      Form{Op::subtract, Type::duration, Type::duration, Type::duration},
      Form{Op::multiply, Type::duration, Type::i32, Type::duration},
      Form{Op::divide, Type::duration, Type::i32, Type::duration},
      Form{Op::add, Type::money, Type::money, Type::money},
      Form{Op::subtract, Type::money, Type::money, Type::money},
      Form{Op::multiply, Type::money, Type::rational, Type::money},
      Form{Op::multiply, Type::rational, Type::money, Type::money},
      Form{Op::divide, Type::money, Type::rational, Type::money},
      Form{Op::divide, Type::money, Type::money, Type::rational},
      Form{Op::add, Type::tensor, Type::tensor, Type::tensor},
      Form{Op::add, Type::tensor, Type::f64, Type::tensor},
      Form{Op::add, Type::f64, Type::tensor, Type::tensor},
      Form{Op::subtract, Type::tensor, Type::tensor, Type::tensor},
      Form{Op::subtract, Type::tensor, Type::f64, Type::tensor},
      Form{Op::subtract, Type::f64, Type::tensor, Type::tensor},
      Form{Op::multiply, Type::tensor, Type::tensor, Type::tensor},
      Form{Op::multiply, Type::tensor, Type::f64, Type::tensor},
      Form{Op::multiply, Type::f64, Type::tensor, Type::tensor},
  };

  struct Operation {
    const DraftExpr* expr;
    const DraftRule* rule;
  };

  static TypeSet of_one_type(Op op) { return op == Op::add ? kNumbers | set_of(Type::string) : kNumbers; }

  bool operand(const DraftExpr& e, TypeSet wanted, TypeSet also, const DraftRule* rule, Op op) {
    if (slots_.restrict(e.slot, wanted | also, e.span)) return true;
    complain(e, rule, wanted, "an operand of " + operator_text(op), e.span);
    return false;
  }

  void operation(DraftExpr& e, const DraftRule* rule) {
    TypeSet left = 0, right = 0, result = of_one_type(e.op);
    for (const Form& form : kForms) {
      if (form.op != e.op) continue;
      left |= set_of(form.left);
      right |= set_of(form.right);
      result |= set_of(form.result);
    }
    const bool fine = operand(e.args[0], of_one_type(e.op), left, rule, e.op) &
                      operand(e.args[1], of_one_type(e.op), right, rule, e.op);
    const TypeSet any = slots_.set(e.args[0].slot), other = slots_.set(e.args[1].slot);
    const bool plain = !(any & left & ~kNumbers) && !(other & right & ~kNumbers);
    if (!fine || plain) {
      if (fine) same(e.args[0], e.args[1], rule);
      e.slot = e.args[0].slot;
      return;
    }
    e.slot = fresh(result, e.span);
    open_.push_back({&e, rule});
  }

  /// Narrows an operator's types to the forms that are left; true when nothing is open any more. With `force` the first
  /// form is taken, numbers of one type before all others.
  bool settle(const Operation& operation, bool force) {
    const DraftExpr& e = *operation.expr;
    const DraftExpr &a = e.args[0], &b = e.args[1];
    const TypeSet left = slots_.set(a.slot), right = slots_.set(b.slot), result = slots_.set(e.slot);
    const bool plain = left & right & result & of_one_type(e.op);
    Form found{};
    int forms = 0;
    TypeSet lefts = 0, rights = 0, results = 0;
    for (const Form& form : kForms) {
      if (form.op != e.op || !(left & set_of(form.left)) || !(right & set_of(form.right)) ||
          !(result & set_of(form.result)))
        continue;
      if (forms++ == 0) found = form;
      lefts |= set_of(form.left);
      rights |= set_of(form.right);
      results |= set_of(form.result);
    }
    if (forms == 0 || (plain && force)) {
      for (const DraftExpr* arg : {&a, &b})
        require(*arg, of_one_type(e.op), operation.rule, "an operand of " + operator_text(e.op));
      same(a, b, operation.rule);
      if (!slots_.unify(a.slot, e.slot)) complain(e, operation.rule, slots_.set(a.slot), "what it is made of", a.span);
      return true;
    }
    if (plain) return false;
    if (force && forms > 1) lefts = set_of(found.left), rights = set_of(found.right), results = set_of(found.result);
    slots_.restrict(a.slot, lefts, a.span);
    slots_.restrict(b.slot, rights, b.span);
    slots_.restrict(e.slot, results, e.span);
    return forms == 1 || force;
  }

  void settle_operations() {
    constexpr int kMaxPasses = 64;  // each settles what the last one made plain; a longer chain is settled by force
    while (!open_.empty()) {
      for (int pass = 0; pass < kMaxPasses; ++pass)
        if (std::erase_if(open_, [&](const Operation& o) { return settle(o, false); }) == 0) break;
      std::erase_if(open_, [&](const Operation& o) { return settle(o, true); });
    }
  }

  static std::string operator_text(Op op) {
    switch (op) {
      case Op::add:
        return "`+`";
      case Op::multiply:
        return "`*`";
      case Op::divide:
        return "`/`";
      case Op::modulo:
        return "`%`";
      default:
        return "`-`";
    }
  }

  static TypeSet family_types(modules::Family family) {
    using modules::Family;
    switch (family) {
      case Family::number:
        return kNumbers;
      case Family::integer:
        return kIntegers;
      case Family::floating:
        return kFloats;
      case Family::text:
        return kTexts;
      case Family::any:
        return kAny;
      default:
        return set_of(modules::type_of(family));
    }
  }

  void call(DraftExpr& e, const DraftRule* rule) {
    using modules::Family;
    const modules::Function& f = modules::functions()[e.function];
    const std::string wants = "an argument of `$" + std::string(f.name) + "`";
    std::array<const DraftExpr*, 3> first = {nullptr, nullptr, nullptr};  // of each shared family
    for (std::size_t i = 0; i < e.args.size(); ++i) {
      const Family family = f.args[std::min(i, f.args.size() - 1)];
      require(e.args[i], family_types(family), rule, wants);
      if (f.refuse) look_at(e.args[i], i, f.refuse);
      if (!shared(family)) continue;
      const DraftExpr*& known = first[static_cast<std::size_t>(family)];
      if (known)
        same(*known, e.args[i], rule);
      else
        known = &e.args[i];
    }
    if (shared(f.result) && first[static_cast<std::size_t>(f.result)])
      e.slot = first[static_cast<std::size_t>(f.result)]->slot;
    else
      e.slot = fresh(f.result == Family::text ? set_of(Type::string) : family_types(f.result), e.span);
  }

  /// A text that stands in the program is refused at its place rather than in every tuple.
  void look_at(const DraftExpr& e, std::size_t argument, modules::Refuse refuse) {
    if (e.op != Op::constant || e.value || e.literal != Tok::string) return;
    const std::string text = unescape(literal_body(e.literal, unit_.sources.text(e.literal_span)));
    if (auto complaint = refuse(argument, text))
      unit_.error("argument", e.span, std::move(complaint->what), std::move(complaint->hint));
  }

  /// The least of amounts in two currencies would be no amount at all.
  void order_of_amounts(const Aggregate& a) {
    using enum AggregateOp;
    if (a.op != min && a.op != max && a.op != argmin && a.op != argmax && a.op != sort && a.op != argsort) return;
    for (std::uint32_t v = 0; v < a.vars; ++v)
      if (slots_.set(unit_.relations[a.body].slots + a.groups + a.args + v) == set_of(Type::money))
        unit_.error("type", unit_.relations[a.result].span, "amounts of different currencies have no order",
                    "pick by $money_amount(m) among those of one $money_currency(m)");
  }

  void check(const Cast& cast) {
    const Type from = default_type(slots_.set(cast.from));
    const bool possible =
        from == cast.to || cast.to == Type::string ||
        (is_number(cast.to) && (is_number(from) || from == Type::string || from == Type::character)) ||
        (cast.to == Type::money && from == Type::string);
    if (possible) return;
    const std::string hint = cast.to == Type::datetime ? "dates are written t\"2020-01-31\", or read from files"
                             : cast.to == Type::boolean
                                 ? "compare it: x == 1"
                                 : "any type becomes String, and numbers, text and char become numbers";
    unit_.error("cast", cast.span, std::string(name(from)) + " cannot become " + std::string(name(cast.to)), hint);
  }

  Unit& unit_;
  Slots& slots_;
  Slot last_ = 0;
  std::vector<Slot> tags_;
  std::vector<bool> told_;  // of told_rule_: variables that were complained about
  const DraftRule* told_rule_ = nullptr;
  static constexpr int kFactComplaints = 3;  // a column: a table with the wrong type is one mistake
  std::map<Slot, int> fact_complaints_;
  std::vector<Cast> casts_;
  std::vector<Operation> open_;  // operators whose form is not known yet
};

}  // namespace

void infer(Unit& unit, Slots& slots) { Inference(unit, slots).run(); }

}  // namespace tenfold::lang
