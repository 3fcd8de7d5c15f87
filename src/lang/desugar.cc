#include "lang/desugar.h"

#include <algorithm>

#include "lang/aggregate_forms.h"
#include "lang/foreign.h"
#include "lang/query_name.h"
#include "lang/terms.h"
#include "modules/predicates.h"

namespace tenfold::lang {

void Desugar::run() {
  for (const syntax::File& file : unit_.files)
    for (const syntax::Item& item : file.items) {
      if (unit_.diagnostics.full()) return;
      if (unit_.overgrown()) {
        unit_.error("too-large", item.span, "up to here this program became too large",
                    "alternatives in one body multiply: give them rules of their own");
        return;
      }
      if (const auto* r = std::get_if<syntax::Rule>(&item.what)) rule(item, *r);
      if (const auto* reduce = std::get_if<syntax::ReduceRule>(&item.what)) reduce_rule(item, *reduce);
      if (const auto* set = std::get_if<syntax::FactSet>(&item.what)) fact_set(*set);
      if (const auto* f = std::get_if<syntax::Fact>(&item.what)) fact(item, *f);
      if (const auto* q = std::get_if<syntax::Query>(&item.what)) query(item, *q);
      const bool plain = std::holds_alternative<syntax::Import>(item.what) ||
                         std::holds_alternative<syntax::TypeDecl>(item.what) ||
                         std::holds_alternative<syntax::ConstDecl>(item.what);
      if (plain) read_attributes(unit_, item);
      if (const auto* c = std::get_if<syntax::ConstDecl>(&item.what)) term_constants(*c);
    }
  add_term_rules(unit_);
}

void Desugar::rule(const syntax::Item& item, const syntax::Rule& rule) {
  RuleOrigin origin{origins_++, rule.text, {}, rule.tag ? &*rule.tag : nullptr, rule.span};
  if (!item.attributes.empty()) origin.source = read_attributes(unit_, item).source;
  if (rule.exclusive) origin.choices = static_cast<std::uint32_t>(rule.heads.size());
  for (const syntax::Atom& atom : rule.heads) {
    RuleHead head;
    head.relation = defined(atom.name, atom.args.size(), atom.span);
    head.args = &atom.args;
    if (head.relation != kNone) rules(head, rule.body, false, origin);
    ++origin.choice;
  }
}

void Desugar::reduce_rule(const syntax::Item& item, const syntax::ReduceRule& rule) {
  RuleOrigin origin{origins_++, rule.text, {}, nullptr, rule.span};
  if (!item.attributes.empty()) origin.source = read_attributes(unit_, item).source;
  const auto columns = result_columns(*rule.aggregate);
  const Instance* made = instance(*rule.aggregate, {}, origin);
  if (!made || !columns) return;
  const RelationId relation = defined(rule.name, *columns, rule.name.span);
  if (relation == kNone) return;
  DraftRule draft;
  draft.head = relation;
  draft.origin = origin.number;
  draft.text = origin.text;
  draft.source = origin.source;
  draft.span = rule.name.span;
  RuleBuilder builder(unit_, draft);
  std::vector<DraftExpr> args = group_args(*made, builder);
  DraftExpr flipped;
  for (std::size_t i = 0; i < *columns; ++i) {
    args.push_back(builder.made(rule.aggregate->op.span));
    draft.head_args.push_back(args.back());
  }
  const bool forall = made->op == AggregateOp::forall;
  if (forall) {
    const DraftExpr found = args.back();
    draft.head_args.back() = builder.made(rule.aggregate->op.span);
    flipped = equation(draft.head_args.back(), negation(found));
  }
  builder.atom(made->result, std::move(args), LiteralKind::positive, rule.aggregate->span);
  if (forall) builder.add(constraint(std::move(flipped)));
  unit_.rules.push_back(std::move(draft));
}

std::vector<std::string> relation_names(const Unit& unit) {
  std::vector<std::string> names;
  for (const DraftRelation& r : unit.relations)
    if (!r.relation.synthetic) names.push_back(r.relation.name);
  return names;
}

void Desugar::unknown_relation(const syntax::Name& name) {
  if (!unit_.worth_telling(name.text)) return;
  std::string hint = "declare it: type " + std::string(name.text) + "(…), or give it facts or rules";
  // Past what is shown the search for a near name would only cost time.
  if (unit_.diagnostics.size() < 100) hint = did_you_mean(name.text, relation_names(unit_), std::move(hint));
  unit_.error("unknown-relation", name.span, "there is no relation " + ticked(name.text), std::move(hint));
}

/// A relation that only bodies name is empty.
RelationId Desugar::undeclared(const syntax::Name& name, std::size_t columns) {
  std::string hint = "declare it: type " + std::string(name.text) + "(…), or give it facts or rules";
  if (unit_.diagnostics.size() < 100) hint = did_you_mean(name.text, relation_names(unit_), std::move(hint));
  unit_.diagnostics.warning("unknown-relation", name.span,
                            "there is no relation " + ticked(name.text) + ": it is empty", std::move(hint));
  const RelationId id = made_relation(std::string(name.text), columns, RelationKind::plain, name.span);
  unit_.relations[id].relation.synthetic = unit_.relations[id].relation.hidden = false;
  unit_.relation_ids.emplace(std::string(name.text), id);
  return id;
}

bool Desugar::arity(RelationId id, std::size_t columns, Span span, bool in_body) {
  DraftRelation& draft = unit_.relations[id];
  if (!draft.known) {
    draft.known = true;
    draft.relation.columns.resize(columns);
    draft.typed.resize(columns, false);
  }
  const std::size_t has = draft.relation.columns.size();
  if (has == columns) return true;
  const std::string where = unit_.sources.where_text(draft.span, span);
  unit_.error("arity", span,
              ticked(draft.relation.name) + " has " + std::to_string(has) + (has == 1 ? " column" : " columns") +
                  ", not " + std::to_string(columns) + (draft.relation.declared ? " (declared " : " (first used ") +
                  where + ")",
              columns > has ? "remove what is too much"
              : in_body     ? "write `_` for a column that does not matter"
                            : "give every column a value");
  return false;
}

RelationId Desugar::defined(const syntax::Name& name, std::size_t columns, Span span) {
  if (reserved_predicate(name.text)) {
    unit_.error("foreign", name.span, ticked(name.text) + " is computed by the engine and cannot be defined",
                "choose another name");
    return kNone;
  }
  const auto known = unit_.relation_ids.find(std::string(name.text));
  if (known == unit_.relation_ids.end()) return kNone;
  const DraftRelation& draft = unit_.relations[known->second];
  if (draft.relation.kind == RelationKind::perceived || draft.refuses != kNone) {
    unit_.error("perceived", name.span, "a network answers " + ticked(name.text) + ": no rule or fact can",
                "give the conclusion a name of its own");
    return kNone;
  }
  return arity(known->second, columns, span, false) ? known->second : kNone;
}

void Desugar::rules(const RuleHead& head, const syntax::Formula& body, bool negated, const RuleOrigin& origin) {
  const auto all = alternatives(unit_, body, negated);
  if (!all) return;
  for (const Conjunct& conjunct : *all) {
    if (unit_.diagnostics.full() || unit_.overgrown()) return;
    conjunction(head, conjunct, origin);
  }
}

void Desugar::conjunction(const RuleHead& head, const Conjunct& conjunct, const RuleOrigin& origin) {
  DraftRule draft;
  draft.head = head.relation;
  draft.origin = origin.number;
  draft.text = origin.text;
  draft.source = origin.source;
  draft.span = origin.span;
  if (head.args) draft.choice = origin.choice, draft.choices = origin.choices;
  RuleBuilder builder(unit_, draft);

  // How often each name is used: an aggregate's groups are those used outside of it.
  std::vector<NameList> names(conjunct.size() + 1);
  std::unordered_map<std::string_view, std::size_t> uses;
  const bool aggregates =
      std::any_of(conjunct.begin(), conjunct.end(), [](const auto& l) { return l.formula->aggregate != nullptr; });
  if (aggregates) {
    for (std::size_t i = 0; i < conjunct.size(); ++i) collect_names(unit_, *conjunct[i].formula, false, names[i]);
    if (head.args)
      for (const syntax::Expr& arg : *head.args) collect_names(unit_, arg, names.back());
    for (const syntax::Binding& column : head.columns) names.back().add(column.name);
    if (origin.tag) collect_names(unit_, *origin.tag, names.back());
    for (const NameList& list : names)
      for (const syntax::Name& name : list.names()) ++uses[name.text];
  }
  for (std::size_t i = 0; i < conjunct.size(); ++i) {
    NameList outside;
    if (conjunct[i].formula->aggregate)
      for (const NameList& list : names)
        for (const syntax::Name& name : list.names())
          if (uses[name.text] > (names[i].contains(name.text) ? 1u : 0u)) outside.add(name);
    literal(conjunct[i], outside, origin, builder);
  }
  head_args(head, builder);
  if (head.domain != kNone) join_domain(head, builder);
  if (origin.tag && head.args) draft.tag = builder.value(*origin.tag);
  if (draft.choices > 0 && !draft.tag) draft.tag = whole_number(1, origin.span);
  resolve_patterns(unit_, draft);
  unit_.rules.push_back(std::move(draft));
}

void Desugar::head_args(const RuleHead& head, RuleBuilder& builder) {
  DraftRule& rule = builder.rule();
  if (!head.args) {
    for (const syntax::Binding& column : head.columns) {
      const VarId v = builder.variable(column.name);
      if (column.type) rule.variables[v].type = resolve_type(unit_, *column.type);
      rule.head_args.push_back(builder.variable_expr(v, column.name.span));
    }
    return;
  }
  std::vector<DraftLiteral> constraints;
  for (const syntax::Expr& arg : *head.args) {
    if (arg.kind == syntax::ExprKind::wildcard) {
      unit_.error("invalid-wildcard", arg.span, "the head of a rule has a value in every column",
                  "name a variable that the body binds");
      rule.broken = true;
      continue;
    }
    rule.head_args.push_back(builder.argument(arg, constraints));
  }
  for (DraftLiteral& c : constraints) builder.add(std::move(c));
}

void Desugar::literal(const SignedFormula& signed_formula, const NameList& outside, const RuleOrigin& origin,
                      RuleBuilder& builder) {
  const syntax::Formula& f = *signed_formula.formula;
  switch (f.kind) {
    case syntax::FormulaKind::atom:
      return atom(*f.atom, signed_formula.negated, builder);
    case syntax::FormulaKind::constraint: {
      const syntax::Expr& e = f.exprs[0];
      if (e.kind == syntax::ExprKind::name && !unit_.constants.contains(e.name.text)) {
        const bool relation = unit_.relation_ids.contains(std::string(e.name.text));
        unit_.error("not-a-formula", e.span, ticked(e.name.text) + " alone says nothing",
                    relation ? "a relation is written with its columns: " + std::string(e.name.text) + "(…)"
                             : "write " + std::string(e.name.text) + " == true, or a relation with its columns");
        builder.rule().broken = true;
        return;
      }
      return builder.constrain(builder.value(e), signed_formula.negated);
    }
    case syntax::FormulaKind::range:
      return range(f, signed_formula.negated, builder);
    case syntax::FormulaKind::quantifier:
      return quantifier(signed_formula, outside, origin, builder);
    case syntax::FormulaKind::aggregate:
      return assignment(signed_formula, outside, origin, builder);
    default:
      return match(f, signed_formula.negated, builder);
  }
}

/// case v is C(p, …)
void Desugar::match(const syntax::Formula& f, bool negated, RuleBuilder& builder) {
  syntax::Expr name;
  name.kind = syntax::ExprKind::name;
  name.span = f.name.span;
  name.name = f.name;
  DraftExpr term = builder.value(name);
  if (negated) return builder.add(constraint(no_match(builder, std::move(term), f.exprs[0])));
  std::vector<DraftLiteral> constraints;
  builder.match(term, f.exprs[0], constraints);
  for (DraftLiteral& c : constraints) builder.add(std::move(c));
}

void Desugar::atom(const syntax::Atom& atom, bool negated, RuleBuilder& builder) {
  DraftRule& rule = builder.rule();
  auto known = unit_.relation_ids.find(std::string(atom.name.text));
  if (foreign_predicate(atom.name.text) && (known == unit_.relation_ids.end() || !atom.type_args.empty()))
    return foreign(atom, negated, builder);
  std::vector<DraftLiteral> constraints;
  std::vector<DraftExpr> args;
  for (const syntax::Expr& arg : atom.args) args.push_back(builder.argument(arg, constraints));
  if (known == unit_.relation_ids.end()) {
    if (!unit_.worth_telling(atom.name.text)) {
      rule.broken = true;
      return;
    }
    undeclared(atom.name, atom.args.size());
    known = unit_.relation_ids.find(std::string(atom.name.text));
  }
  if (!atom.type_args.empty()) {
    rule.broken = true;
    return unit_.error("foreign", atom.span, ticked(atom.name.text) + " takes no types", "leave out <…>");
  }
  if (!arity(known->second, atom.args.size(), atom.span, true)) {
    rule.broken = true;
    return;
  }
  if (negated)
    for (DraftLiteral& c : constraints) builder.add(std::move(c));
  builder.atom(known->second, std::move(args), negated ? LiteralKind::negative : LiteralKind::positive, atom.span);
  if (!negated)
    for (DraftLiteral& c : constraints) builder.add(std::move(c));
}

void Desugar::foreign(const syntax::Atom& atom, bool negated, RuleBuilder& builder) {
  DraftRule& rule = builder.rule();
  const std::uint32_t number = *modules::find_predicate(atom.name.text);
  const modules::Predicate& predicate = modules::predicates()[number];
  if (atom.args.size() != predicate.columns.size() || atom.type_args.size() > 1) {
    rule.broken = true;
    std::string columns;
    for (const auto& c : predicate.columns) columns += (columns.empty() ? "" : ", ") + std::string(c.name);
    return unit_.error(
        "arity", atom.span,
        ticked(predicate.name) + " has " + std::to_string(predicate.columns.size()) + " columns: " + columns,
        "it gives " + std::string(predicate.doc));
  }
  DraftLiteral l;
  l.kind = negated ? LiteralKind::negative : LiteralKind::positive;
  l.relation = kForeign;
  l.predicate = number;
  l.span = atom.span;
  if (!atom.type_args.empty()) l.predicate_type = resolve_type(unit_, atom.type_args[0]);
  if (l.predicate_type && reserved_predicate(predicate.name)) {
    rule.broken = true;
    return unit_.error("foreign", atom.span, ticked(predicate.name) + " takes no types", "leave out <…>");
  }
  std::vector<DraftLiteral> constraints;
  for (const syntax::Expr& arg : atom.args) l.args.push_back(builder.argument(arg, constraints));
  // What is asked of an output is tested after it is there, what an input is worth is known before.
  for (DraftLiteral& c : constraints) builder.add(std::move(c));
  builder.add(std::move(l));
}

void Desugar::range(const syntax::Formula& f, bool negated, RuleBuilder& builder) {
  std::vector<DraftLiteral> constraints;
  DraftExpr low = builder.value(f.exprs[0]);
  DraftExpr high = builder.value(f.exprs[1]);
  if (f.inclusive) {
    DraftExpr next;
    next.op = Op::add;
    next.span = high.span;
    const Span span = high.span;
    next.args.push_back(std::move(high));
    next.args.push_back(whole_number(1, span));
    high = std::move(next);
  }
  DraftLiteral l;
  l.kind = negated ? LiteralKind::negative : LiteralKind::positive;
  l.relation = kForeign;
  l.predicate = *modules::find_predicate("range");
  l.span = f.span;
  l.args.push_back(builder.bound_to(std::move(low), constraints));
  l.args.push_back(builder.bound_to(std::move(high), constraints));
  const auto constant = unit_.constants.find(f.name.text);
  if (constant != unit_.constants.end()) {
    unit_.error("duplicate", f.name.span, ticked(f.name.text) + " is a constant",
                "choose another name for the variable");
    builder.rule().broken = true;
    return;
  }
  l.args.push_back(builder.variable_expr(builder.variable(f.name), f.name.span));
  for (DraftLiteral& c : constraints) builder.add(std::move(c));
  builder.add(std::move(l));
}

RelationId Desugar::made_relation(std::string name, std::size_t columns, RelationKind kind, Span span) {
  DraftRelation draft;
  draft.relation.name = std::move(name);
  draft.relation.kind = kind;
  draft.relation.hidden = draft.relation.synthetic = true;
  draft.relation.columns.resize(columns);
  draft.relation.place = unit_.sources.place(span);
  draft.typed.resize(columns, false);
  draft.known = true;
  draft.span = span;
  unit_.relations.push_back(std::move(draft));
  return static_cast<RelationId>(unit_.relations.size() - 1);
}

// ---- queries ----

void Desugar::query(const syntax::Item& item, const syntax::Query& q) {
  const ItemAttributes attributes = read_attributes(unit_, item);
  auto known = unit_.relation_ids.find(std::string(q.name.text));
  if (known == unit_.relation_ids.end() && q.atom && !foreign_predicate(q.name.text) &&
      unit_.worth_telling(q.name.text)) {
    undeclared(q.name, q.atom->args.size());
    known = unit_.relation_ids.find(std::string(q.name.text));
  }
  if (known == unit_.relation_ids.end()) {
    if (foreign_predicate(q.name.text))
      return unit_.error("foreign", q.name.span,
                         ticked(q.name.text) + " is computed by the engine and cannot be asked for",
                         "write a rule that uses it, and query its head");
    return unknown_relation(q.name);
  }
  DraftQuery draft;
  draft.span = q.name.span;
  draft.relation = known->second;
  draft.name = std::string(q.name.text);
  if (q.atom) {
    if (!arity(known->second, q.atom->args.size(), q.atom->span, true)) return;
    atomic_query(q, draft);
  } else {
    const auto& columns = unit_.relations[known->second].relation.columns;
    if (std::any_of(columns.begin(), columns.end(), [](const Column& c) { return c.bound; }))
      unit_.diagnostics.warning("asks-nothing", q.name.span,
                                ticked(q.name.text) + " is computed for given values only, and this query gives none",
                                "ask for one: query " + draft.name + "(…)");
  }
  if (attributes.file) unit_.relations[draft.relation].relation.output = attributes.files.front();
  if (unit_.query_names.insert(draft.name).second) unit_.queries.push_back(std::move(draft));
}

/// query p(1, x + 1) is a hidden rule: `p(1, x + 1)`(1, #0) = p(1, #0) and #0 == x + 1.
void Desugar::atomic_query(const syntax::Query& q, DraftQuery& draft) {
  const syntax::Atom& atom = *q.atom;
  std::string name = query_name(unit_.sources, atom);
  DraftRule rule;
  rule.origin = origins_++;
  rule.text = name;
  rule.span = atom.span;
  RuleBuilder builder(unit_, rule);
  std::vector<DraftLiteral> constraints;
  std::vector<DraftExpr> args;
  for (const syntax::Expr& arg : atom.args)
    args.push_back(arg.kind == syntax::ExprKind::wildcard ? builder.made(arg.span)
                                                          : builder.argument(arg, constraints));
  rule.head = made_relation(name, args.size(), RelationKind::plain, atom.span);
  rule.head_args = args;
  builder.atom(draft.relation, std::move(args), LiteralKind::positive, atom.span);
  for (DraftLiteral& c : constraints) builder.add(std::move(c));
  draft.relation = rule.head;
  draft.name = std::move(name);
  resolve_patterns(unit_, rule);
  draft.rule = static_cast<std::uint32_t>(unit_.rules.size());
  unit_.rules.push_back(std::move(rule));
}

std::string collapsed(const Unit& unit, Span span) {
  const std::string_view text = unit.sources.text(span);
  std::string out;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote) {
      out += c;
      if (c == '\\' && i + 1 < text.size())
        out += text[++i];
      else if (c == quote)
        quote = 0;
      continue;
    }
    const std::string_view two = text.substr(i, 2);
    if (two == "//" || two == "/*") {
      const std::size_t end = two == "//" ? text.find('\n', i) : text.find("*/", i + 2);
      i = end == std::string_view::npos ? text.size() : end + (two == "//" ? 0 : 1);
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      if (c == '"' || c == '\'') quote = c;
      out += c;
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

void desugar(Unit& unit) { Desugar(unit).run(); }

}  // namespace tenfold::lang
