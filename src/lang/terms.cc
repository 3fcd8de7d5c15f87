#include "lang/terms.h"

#include <algorithm>
#include <map>

#include "modules/predicates.h"

namespace tenfold::lang {
namespace {

DraftExpr node(Op op, ConstructorId constructor, std::vector<DraftExpr> args, Span span) {
  DraftExpr e;
  e.op = op;
  e.function = constructor;
  e.args = std::move(args);
  e.span = span;
  return e;
}

DraftExpr field(const DraftExpr& term, ConstructorId constructor, std::size_t number) {
  DraftExpr e = node(Op::field, constructor, {term}, term.span);
  e.value = static_cast<std::int64_t>(number);
  return e;
}

DraftExpr is_term(const DraftExpr& term, ConstructorId constructor) {
  return node(Op::is_term, constructor, {term}, term.span);
}

bool is_wildcard(const DraftExpr& e, const DraftRule& rule) {
  return e.op == Op::variable && rule.variables[e.variable].wildcard;
}

// ---- finding the terms of patterns ----

class Patterns {
 public:
  Patterns(Unit& unit, DraftRule& rule) : unit_(unit), rule_(rule) {}

  void run() {
    for (;;) {
      const auto left = pattern();
      if (left == rule_.body.end()) return;
      find_bound();
      const auto known = std::find_if(rule_.body.begin(), rule_.body.end(), [&](const DraftLiteral& l) {
        return l.relation == kTerm && is_bound(l.args[0]);
      });
      if (known != rule_.body.end())
        take_apart(static_cast<std::size_t>(known - rule_.body.begin()));
      else
        left->relation = terms_of(unit_, left->constructor, left->span);
    }
  }

  static RelationId terms_of(Unit& unit, ConstructorId id, Span span);

 private:
  std::vector<DraftLiteral>::iterator pattern() {
    return std::find_if(rule_.body.begin(), rule_.body.end(),
                        [](const DraftLiteral& l) { return l.relation == kTerm; });
  }

  bool is_bound(const DraftExpr& e) const {
    if (e.op == Op::variable) return bound_[e.variable];
    return is_constant_term(e) ||
           std::all_of(e.args.begin(), e.args.end(), [&](const DraftExpr& a) { return is_bound(a); });
  }

  bool bind(const DraftExpr& e) {
    if (e.op != Op::variable || bound_[e.variable]) return false;
    return bound_[e.variable] = true;
  }

  bool column_bound(const DraftLiteral& l, std::size_t c) const {
    if (l.relation == kForeign) return c < modules::predicates()[l.predicate].inputs;
    const auto& columns = unit_.relations[l.relation].relation.columns;
    return c < columns.size() && columns[c].bound;
  }

  bool inputs_bound(const DraftLiteral& l) const {
    for (std::size_t c = 0; c < l.args.size(); ++c)
      if (column_bound(l, c) && !is_bound(l.args[c])) return false;
    return true;
  }

  // What the head's demand and the literals other than patterns are sure to bind.
  void find_bound() {
    bound_.assign(rule_.variables.size(), false);
    const auto& columns = unit_.relations[rule_.head].relation.columns;
    for (std::size_t c = 0; c < rule_.head_args.size() && c < columns.size(); ++c)
      if (columns[c].bound) bind(rule_.head_args[c]);
    for (bool changed = true; changed;) {
      changed = false;
      for (const DraftLiteral& l : rule_.body) {
        if (l.kind == LiteralKind::positive && l.relation != kTerm && inputs_bound(l))
          for (const DraftExpr& arg : l.args) changed |= bind(arg);
        if (l.kind != LiteralKind::constraint || l.condition.op != Op::equal) continue;
        const DraftExpr &left = l.condition.args[0], &right = l.condition.args[1];
        if (is_bound(left)) changed |= bind(right);
        if (is_bound(right)) changed |= bind(left);
      }
    }
  }

  void take_apart(std::size_t at) {
    const DraftLiteral pattern = std::move(rule_.body[at]);
    std::vector<DraftLiteral> made;
    for (std::size_t f = 1; f < pattern.args.size(); ++f)
      if (!is_wildcard(pattern.args[f], rule_))
        made.push_back(constraint(equation(pattern.args[f], field(pattern.args[0], pattern.constructor, f - 1))));
    if (made.empty()) made.push_back(constraint(is_term(pattern.args[0], pattern.constructor)));
    const auto begin = rule_.body.begin() + static_cast<std::ptrdiff_t>(at);
    rule_.body.insert(rule_.body.erase(begin), made.begin(), made.end());
  }

  Unit& unit_;
  DraftRule& rule_;
  std::vector<bool> bound_;
};

DraftRelation made_relation(Unit& unit, std::string name, RelationKind kind, Span span) {
  DraftRelation draft;
  draft.relation.name = std::move(name);
  draft.relation.kind = kind;
  draft.relation.hidden = draft.relation.synthetic = true;
  draft.relation.place = unit.sources.place(span);
  draft.known = true;
  draft.span = span;
  return draft;
}

void add_column(DraftRelation& draft, std::optional<Type> type) {
  Column column;
  column.type = type.value_or(Type::i32);
  draft.relation.columns.push_back(std::move(column));
  draft.typed.push_back(type.has_value());
}

RelationId Patterns::terms_of(Unit& unit, ConstructorId id, Span span) {
  DeclaredConstructor& c = unit.constructor(id);
  if (c.terms != kNone) return c.terms;
  DraftRelation draft = made_relation(unit, std::string(c.member->name.text) + "#", RelationKind::terms, span);
  add_column(draft, Type::entity);
  for (const auto& type : c.fields) add_column(draft, type);
  unit.relations.push_back(std::move(draft));
  return c.terms = static_cast<RelationId>(unit.relations.size() - 1);
}

// ---- keeping the relations of terms full ----

class TermRules {
 public:
  explicit TermRules(Unit& unit) : unit_(unit) {}

  void run() {
    const bool read = std::any_of(unit_.constructors.begin(), unit_.constructors.end(),
                                  [](const DeclaredConstructor& c) { return c.terms != kNone; });
    if (!read) return;
    parse_ = modules::find_function("parse_entity");
    for (DraftRule& rule : unit_.rules)
      for (const auto& [v, id] : taken_apart(rule)) Patterns::terms_of(unit_, id, rule.span);
    const std::size_t rules = unit_.rules.size();
    for (std::size_t r = 0; r < rules && !unit_.overgrown(); ++r) {
      if (unit_.rules[r].broken) continue;
      std::vector<DraftExpr> made;
      for (const DraftExpr& e : unit_.rules[r].head_args) collect(e, made);
      for (const DraftLiteral& l : unit_.rules[r].body) collect(l.condition, made);
      for (const DraftExpr& e : made) keep(r, e);
    }
    for (RelationId r = 0, n = static_cast<RelationId>(unit_.relations.size()); r < n; ++r) given(r);
    if (read_ != kNone) close();
  }

 private:
  void collect(const DraftExpr& e, std::vector<DraftExpr>& made) const {
    if (is_constant_term(e)) return;
    for (const DraftExpr& arg : e.args) collect(arg, made);
    const bool constructs = e.op == Op::construct && unit_.constructor(e.function).terms != kNone;
    if (constructs || (e.op == Op::call && parse_ && e.function == *parse_)) made.push_back(e);
  }

  using TakenApart = std::map<VarId, ConstructorId>;

  static void find_parts(const DraftExpr& e, const std::vector<bool>& wanted, TakenApart& found) {
    for (const DraftExpr& arg : e.args) find_parts(arg, wanted, found);
    const bool part = e.op == Op::field || e.op == Op::is_term;
    if (part && e.args[0].op == Op::variable && wanted[e.args[0].variable])
      found.emplace(e.args[0].variable, e.function);
  }

  /// Terms that only the demand of the head gives, by the constructor as which the body takes them apart.
  TakenApart taken_apart(const DraftRule& rule) const {
    TakenApart found;
    if (rule.broken || rule.head >= unit_.relations.size()) return found;
    const auto& columns = unit_.relations[rule.head].relation.columns;
    std::vector<bool> given(rule.variables.size(), false);
    for (std::size_t c = 0; c < rule.head_args.size() && c < columns.size(); ++c)
      if (columns[c].bound && rule.head_args[c].op == Op::variable) given[rule.head_args[c].variable] = true;
    for (const DraftLiteral& l : rule.body)
      if (l.kind == LiteralKind::positive)
        for (const DraftExpr& arg : l.args)
          if (arg.op == Op::variable) given[arg.variable] = false;
    for (const DraftLiteral& l : rule.body)
      if (l.kind == LiteralKind::constraint) find_parts(l.condition, given, found);
    return found;
  }

  /// The term that `e` makes in a rule exists. Nobody demands it, so that what demand gives to the rule is sought among
  /// all terms.
  void keep(std::size_t r, const DraftExpr& e) {
    const bool parsed = e.op == Op::call;
    const RelationId head = parsed ? read_terms(e.span) : unit_.constructor(e.function).terms;
    DraftRule rule = unit_.rules[r];
    rule.head = head;
    rule.tag.reset();
    rule.head_args.clear();
    RuleBuilder builder(unit_, rule);
    for (const auto& [v, id] : taken_apart(unit_.rules[r])) {
      std::vector<DraftExpr> args{builder.variable_expr(v, e.span)};
      while (args.size() <= unit_.constructor(id).fields.size()) args.push_back(builder.wildcard(e.span));
      builder.atom(unit_.constructor(id).terms, std::move(args), LiteralKind::positive, e.span);
    }
    const auto column = [&](const DraftExpr& value) {
      DraftExpr v = builder.made(value.span);
      rule.head_args.push_back(v);
      builder.add(constraint(equation(std::move(v), value)));
    };
    column(e);
    if (!parsed)
      for (const DraftExpr& arg : e.args) column(arg);
    unit_.rules.push_back(std::move(rule));
  }

  RelationId read_terms(Span span) {
    if (read_ != kNone) return read_;
    DraftRelation draft = made_relation(unit_, "read#", RelationKind::terms, span);
    add_column(draft, Type::entity);
    unit_.relations.push_back(std::move(draft));
    return read_ = static_cast<RelationId>(unit_.relations.size() - 1);
  }

  /// Terms may come from outside into a relation that no rule derives.
  void given(RelationId r) {
    const DraftRelation& draft = unit_.relations[r];
    if (draft.relation.kind != RelationKind::plain || !draft.relation.declared) return;
    const bool derived =
        std::any_of(unit_.rules.begin(), unit_.rules.end(), [&](const DraftRule& rule) { return rule.head == r; });
    if (derived) return;
    for (std::size_t c = 0; c < unit_.relations[r].relation.columns.size(); ++c) {
      if (!unit_.relations[r].typed[c] || unit_.relations[r].relation.columns[c].type != Type::entity) continue;
      const Span span = unit_.relations[r].span;
      DraftRule rule = made_rule(read_terms(span), span);
      RuleBuilder builder(unit_, rule);
      std::vector<DraftExpr> args;
      for (std::size_t i = 0; i < unit_.relations[r].relation.columns.size(); ++i)
        args.push_back(i == c ? builder.made(span) : builder.wildcard(span));
      rule.head_args = {args[c]};
      builder.atom(r, std::move(args), LiteralKind::positive, span);
      unit_.rules.push_back(std::move(rule));
    }
  }

  DraftRule made_rule(RelationId head, Span span) const {
    DraftRule rule;
    rule.head = head;
    rule.span = span;
    rule.origin = kNone;
    return rule;
  }

  /// What is read comes with its parts.
  void close() {
    const Span span = unit_.relations[read_].span;
    for (ConstructorId id = 1; id <= unit_.constructors.size(); ++id) {
      const RelationId terms = unit_.constructor(id).terms;
      const auto fields = unit_.constructor(id).fields;
      for (std::size_t f = 0; f < fields.size(); ++f)
        if (fields[f] == Type::entity) part(read_, id, {f}, span);
      if (terms == kNone) continue;
      std::vector<std::size_t> all(fields.size());
      for (std::size_t f = 0; f < all.size(); ++f) all[f] = f;
      part(terms, id, all, span);
    }
  }

  void part(RelationId head, ConstructorId id, const std::vector<std::size_t>& fields, Span span) {
    DraftRule rule = made_rule(head, span);
    RuleBuilder builder(unit_, rule);
    const DraftExpr term = builder.made(span);
    if (head != read_) rule.head_args.push_back(term);
    builder.atom(read_, {term}, LiteralKind::positive, span);
    builder.add(constraint(is_term(term, id)));
    for (const std::size_t f : fields) {
      DraftExpr v = builder.made(span);
      rule.head_args.push_back(v);
      builder.add(constraint(equation(std::move(v), field(term, id, f))));
    }
    unit_.rules.push_back(std::move(rule));
  }

  Unit& unit_;
  std::optional<std::uint32_t> parse_;
  RelationId read_ = kNone;
};

}  // namespace

void resolve_patterns(Unit& unit, DraftRule& rule) {
  if (!rule.broken) Patterns(unit, rule).run();
}

DraftExpr no_match(RuleBuilder& builder, DraftExpr term, const syntax::Expr& pattern) {
  if (pattern.kind != syntax::ExprKind::pattern)
    return node(Op::not_equal, kNone, {std::move(term), builder.value(pattern)}, pattern.span);
  const auto id = builder.constructor(pattern);
  if (!id) return truth(true, pattern.span);
  DraftExpr differs = truth(false, pattern.span);
  for (std::size_t f = 0; f < pattern.args.size(); ++f) {
    if (pattern.args[f].kind == syntax::ExprKind::wildcard) continue;
    DraftExpr part = no_match(builder, field(term, *id, f), pattern.args[f]);
    differs = node(Op::logical_or, kNone, {std::move(differs), std::move(part)}, pattern.span);
  }
  return node(Op::conditional, kNone, {is_term(term, *id), std::move(differs), truth(true, pattern.span)},
              pattern.span);
}

void add_term_rules(Unit& unit) { TermRules(unit).run(); }

}  // namespace tenfold::lang
