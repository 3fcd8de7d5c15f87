// The typed program: drafts with their types filled in, facts evaluated.
#include <cmath>
#include <map>

#include "lang/expression.h"
#include "lang/literals.h"
#include "lang/types.h"
#include "modules/predicates.h"

namespace tenfold::lang {
namespace {

// Probabilities written with rounding may sum to a little more than one.
constexpr double kGroupTolerance = 1e-6;

class Lowering {
 public:
  Lowering(Unit& unit, Slots& slots, Program& program) : unit_(unit), slots_(slots), program_(program) {}

  void run() {
    for (const DeclaredConstructor& c : unit_.constructors) {
      std::vector<Type> fields;
      for (const auto& type : c.fields) fields.push_back(type.value_or(Type::i32));
      program_.symbols.terms().declare(std::string(c.member->name.text), std::move(fields));
    }
    for (const DraftRelation& draft : unit_.relations) program_.relations.push_back(relation(draft));
    for (const DraftRule& draft : unit_.rules)
      if (!draft.broken) program_.rules.push_back(rule(draft));
    program_.aggregates = unit_.aggregates;
    program_.networks = unit_.networks;
    for (const Network& network : program_.networks)  // a network may say any of them
      for (const std::string& label : network.labels) program_.symbols.intern(label);
    facts();
    terms();
    for (const DraftQuery& draft : unit_.queries) program_.queries.push_back(query(draft));
  }

 private:
  Relation relation(const DraftRelation& draft) {
    Relation r = draft.relation;
    for (std::size_t c = 0; c < r.columns.size(); ++c) r.columns[c].type = type(draft.slots + static_cast<Slot>(c));
    return r;
  }

  Type type(Slot slot) { return default_type(slots_.set(slot)); }

  // ---- expressions ----

  Expr constant(Tok kind, std::string_view token, Type type, Span span) {
    Expr e;
    e.op = Op::constant;
    e.type = type;
    e.place = unit_.sources.place(span);
    const auto cell = literal_cell(kind, token, type, program_.symbols);
    if (cell)
      e.constant = *cell;
    else
      complain(why_not(kind, token, type), span);
    return e;
  }

  void complain(LiteralComplaint complaint, Span span) {
    unit_.error(complaint.code, span, std::move(complaint.what), std::move(complaint.hint));
  }

  Expr expression(const DraftExpr& draft) {
    const Type type = this->type(draft.slot);
    if (draft.op == Op::constant) {
      if (draft.value) return constant(Tok::integer, std::to_string(*draft.value), type, draft.span);
      return constant(draft.literal, unit_.sources.text(draft.literal_span), type, draft.span);
    }
    Expr e;
    e.op = draft.op;
    e.type = type;
    e.variable = draft.variable;
    e.function = draft.function;
    if (e.op == Op::field) e.constant = static_cast<Cell>(*draft.value);
    e.place = unit_.sources.place(draft.span);
    for (const DraftExpr& arg : draft.args) e.args.push_back(expression(arg));
    if (e.op == Op::call) check_format(draft, e);
    if (is_constant_term(draft)) fold(e, draft.span);
    return e;
  }

  void fold(Expr& e, Span span) {
    const auto value = unit_.diagnostics.any() ? std::nullopt : evaluate(e, {}, program_.symbols);
    if (!value && !unit_.diagnostics.any())
      unit_.error("no-value", span, "this constant has no value",
                  "check for a division by zero, an overflow, or a text that is no number");
    e.op = Op::constant;
    e.constant = value.value_or(0);
    e.args.clear();
  }

  /// A format that is a literal has as many {} as there are values.
  void check_format(const DraftExpr& draft, const Expr& e) {
    if (modules::functions()[e.function].name != "format" || e.args.empty() || e.args[0].op != Op::constant) return;
    const std::string_view format = program_.symbols.text(as_symbol(e.args[0].constant));
    std::size_t holes = 0;
    for (std::size_t at = 0; (at = format.find("{}", at)) != std::string_view::npos; at += 2) ++holes;
    if (holes == e.args.size() - 1) return;
    unit_.error("format", draft.args[0].span,
                "this format has " + std::to_string(holes) + " {}, and " + std::to_string(e.args.size() - 1) +
                    (e.args.size() == 2 ? " value follows" : " values follow"),
                "write one {} for each value");
  }

  // ---- rules ----

  Rule rule(const DraftRule& draft) {
    Rule r;
    r.head = draft.head;
    r.origin = draft.origin;
    r.choice = draft.choice;
    r.choices = draft.choices;
    r.text = draft.text;
    r.source = draft.source;
    r.place = unit_.sources.place(draft.span);
    for (const DraftVariable& v : draft.variables) r.variables.push_back({v.name, type(v.slot), v.wildcard, v.made});
    for (const DraftExpr& arg : draft.head_args) r.head_args.push_back(expression(arg));
    for (const DraftLiteral& l : draft.body) r.body.push_back(literal(l, r));
    if (draft.tag) r.tag = expression(*draft.tag);
    bound_below(r);
    return r;
  }

  /// p(x - 1) in a body asks for the tuple whose value is one less than x: where there is no such unsigned number it
  /// asks for nothing, though x - 1 elsewhere stays at 0. So p(x - 1) means the same whether x or the tuple comes
  /// first.
  void bound_below(Rule& r) {
    std::vector<bool> asked(r.variables.size(), false);
    for (const Literal& l : r.body)
      for (const Expr& arg : l.args)
        if (arg.op == Op::variable && r.variables[arg.variable].made) asked[arg.variable] = true;
    const std::size_t count = r.body.size();
    for (std::size_t i = 0; i < count; ++i) {
      const Expr& c = r.body[i].condition;
      if (r.body[i].kind != LiteralKind::constraint || c.op != Op::equal || c.args[0].op != Op::variable ||
          !asked[c.args[0].variable] || c.args[1].op != Op::subtract || !is_unsigned(c.args[1].type))
        continue;
      Literal fits;
      fits.kind = LiteralKind::constraint;
      fits.place = r.body[i].place;
      fits.condition.op = Op::less_equal;
      fits.condition.type = Type::boolean;
      fits.condition.place = c.place;
      fits.condition.args = {c.args[1].args[1], c.args[1].args[0]};
      r.body.push_back(std::move(fits));
    }
  }

  Literal literal(const DraftLiteral& draft, const Rule& rule) {
    Literal l;
    l.kind = draft.kind;
    l.place = unit_.sources.place(draft.span);
    if (draft.kind == LiteralKind::constraint) {
      l.condition = expression(draft.condition);
      return l;
    }
    for (const DraftExpr& arg : draft.args) l.args.push_back(expression(arg));
    l.relation = draft.relation == kForeign ? foreign(draft, l, rule) : draft.relation;
    return l;
  }

  /// The instance of a computed predicate for the types of a literal. `not p(x, _)` asks whether there is no row: its
  /// instance leaves the open columns out.
  RelationId foreign(const DraftLiteral& draft, Literal& l, const Rule& rule) {
    const modules::Predicate& predicate = modules::predicates()[draft.predicate];
    Relation r;
    r.name = std::string(predicate.name);
    r.kind = RelationKind::foreign;
    r.foreign = r.name;
    r.predicate = draft.predicate;
    r.hidden = true;
    std::string types, open;
    std::vector<Expr> args;
    for (std::uint32_t c = 0; c < l.args.size(); ++c) {
      Expr& arg = l.args[c];
      const auto family = predicate.columns[c].family;
      const bool shared = family == modules::Family::number || family == modules::Family::integer ||
                          family == modules::Family::floating;
      if (shared && types.empty()) types = "<" + std::string(name(arg.type)) + ">";
      const bool left_out = c >= predicate.inputs && l.kind == LiteralKind::negative && arg.op == Op::variable &&
                            rule.variables[arg.variable].wildcard;
      if (left_out) {
        open += "_";
        continue;
      }
      open += "x";
      r.columns.push_back({std::string(predicate.columns[c].name), arg.type, "", c < predicate.inputs});
      r.kept.push_back(c);
      args.push_back(std::move(arg));
    }
    r.name += types;
    if (open.find('_') != std::string::npos) r.name += "#" + open;
    for (const Expr& arg : args)  // String and Symbol are two instances
      if (arg.type == Type::symbol) r.name += "#";
    l.args = std::move(args);
    const auto [known, fresh] = foreign_.emplace(r.name, static_cast<RelationId>(program_.relations.size()));
    if (fresh) program_.relations.push_back(std::move(r));
    return known->second;
  }

  // ---- facts ----

  void facts() {
    program_.facts.reserve(unit_.facts.size());
    std::vector<double> sums(unit_.groups, 0.0);
    std::vector<bool> told(unit_.groups, false), stated(unit_.groups, false);
    for (const DraftFact& draft : unit_.facts)
      if (draft.group != kNone && draft.tag) stated[draft.group] = true;
    for (const DraftFact& draft : unit_.facts) {
      Fact fact;
      fact.relation = draft.relation;
      fact.group = draft.group;
      fact.place = unit_.sources.place(draft.span);
      if (!row(draft, fact) || !probability(draft, fact)) continue;
      if (fact.group != kNone && stated[fact.group] && !told[fact.group]) {
        sums[fact.group] += fact.probability.value_or(1.0);
        if (sums[fact.group] > 1.0 + kGroupTolerance) {
          told[fact.group] = true;
          unit_.diagnostics.warning("group-sum", draft.span,
                                    "the probabilities of this set of " +
                                        ticked(program_.relations[fact.relation].name) +
                                        " sum to more than 1: only one of its facts can hold",
                                    "lower them, or separate the facts with commas if they do not exclude each other");
        }
      }
      program_.facts.push_back(std::move(fact));
    }
  }

  /// Every term of the text exists: a fact of its constructor's relation, where some rule reads that.
  void terms() {
    for (const DraftExpr& e : unit_.term_constants) evaluated(e);
    const Terms& terms = program_.symbols.terms();
    for (TermId t = 0; t < terms.size(); ++t) {
      const ConstructorId id = terms.constructor_of(t);
      if (id == 0 || unit_.constructor(id).terms == kNone) continue;
      Fact fact;
      fact.relation = unit_.constructor(id).terms;
      fact.place = program_.relations[fact.relation].place;
      fact.row = {t};
      fact.row.insert(fact.row.end(), terms.args(t).begin(), terms.args(t).end());
      program_.facts.push_back(std::move(fact));
    }
  }

  bool row(const DraftFact& draft, Fact& fact) {
    const auto& columns = program_.relations[draft.relation].columns;
    for (std::uint32_t c = 0; c < draft.count; ++c) {
      const DraftCell& cell = unit_.fact_cells[draft.first + c];
      std::optional<Cell> value;
      if (cell.expr != kNone) {
        value = evaluated(unit_.fact_exprs[cell.expr]);
      } else {
        if (cell.literal == Tok::end) return false;  // told where it was read
        const std::string_view token = unit_.sources.text(cell.span);
        const Type type = columns[c].type;
        if (!(literal_types(cell.literal, token) & set_of(type))) return false;  // told by inference
        value = literal_cell(cell.literal, token, type, program_.symbols);
        if (!value) complain(why_not(cell.literal, token, type), cell.span);
      }
      if (!value) return false;
      fact.row.push_back(*value);
    }
    return true;
  }

  std::optional<Cell> evaluated(const DraftExpr& draft) {
    const Expr e = expression(draft);
    if (unit_.diagnostics.any()) return std::nullopt;  // types that do not fit cannot be computed with
    const auto value = evaluate(e, {}, program_.symbols);
    if (!value)
      unit_.diagnostics.warning("no-value", draft.span, "this has no value, so the fact does not exist",
                                "check for a division by zero, an overflow, or a text that is no number");
    return value;
  }

  bool probability(const DraftFact& draft, Fact& fact) {
    if (!draft.tag) return true;
    const DraftCell& tag = *draft.tag;
    std::optional<double> p;
    if (tag.expr != kNone) {
      const DraftExpr& e = unit_.fact_exprs[tag.expr];
      const auto value = evaluated(e);
      if (!value) return false;
      const Type type = this->type(e.slot);
      p = lang::probability(*value, type, program_.symbols);
    } else if (tag.literal == Tok::k_true || tag.literal == Tok::k_false) {
      p = tag.literal == Tok::k_true ? 1.0 : 0.0;
    } else if (tag.literal == Tok::integer || tag.literal == Tok::real) {
      const auto value = literal_cell(tag.literal, unit_.sources.text(tag.span), Type::f64, program_.symbols);
      p = value ? as_double(*value) : -1.0;
    }
    if (!p) return false;
    if (!(*p >= 0.0 && (unit_.tags_are_numbers ? *p < 1e300 : *p <= 1.0))) {
      unit_.error("probability-range", tag.span, "a probability lies between 0 and 1", "write a number such as 0.9");
      return false;
    }
    fact.probability = p;
    return true;
  }

  Query query(const DraftQuery& draft) {
    Query q;
    q.relation = draft.relation;
    q.name = draft.name;
    q.place = unit_.sources.place(draft.span);
    q.pattern.resize(program_.relations[draft.relation].columns.size());
    if (draft.rule == kNone || unit_.rules[draft.rule].broken) return q;
    const auto& args = unit_.rules[draft.rule].head_args;
    for (std::size_t c = 0; c < args.size(); ++c)
      if (args[c].op == Op::constant || is_constant_term(args[c])) q.pattern[c] = expression(args[c]).constant;
    return q;
  }

  Unit& unit_;
  Slots& slots_;
  Program& program_;
  std::map<std::string, RelationId> foreign_;  // instances of computed predicates
};

}  // namespace

void lower(Unit& unit, Program& program) {
  Slots slots;
  infer(unit, slots);
  Lowering(unit, slots, program).run();
}

}  // namespace tenfold::lang
