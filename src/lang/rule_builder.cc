#include "lang/rule_builder.h"

#include "modules/modules.h"

namespace tenfold::lang {
namespace {

// Constants made of constants: what they may unfold to.
constexpr int kMaxConstantDepth = 64;
constexpr std::size_t kMaxConstantNodes = 256;

}  // namespace

DraftLiteral constraint(DraftExpr condition) {
  DraftLiteral l;
  l.kind = LiteralKind::constraint;
  l.span = condition.span;
  l.condition = std::move(condition);
  return l;
}

DraftExpr truth(bool value, Span span) {
  DraftExpr e;
  e.literal = value ? Tok::k_true : Tok::k_false;
  e.type = Type::boolean;
  e.span = e.literal_span = span;
  return e;
}

DraftExpr whole_number(std::int64_t value, Span span) {
  DraftExpr e;
  e.literal = Tok::integer;
  e.value = value;
  e.span = e.literal_span = span;
  return e;
}

DraftExpr equation(DraftExpr left, DraftExpr right) {
  DraftExpr e;
  e.op = Op::equal;
  e.span = right.span;
  e.args.push_back(std::move(left));
  e.args.push_back(std::move(right));
  return e;
}

DraftExpr negation(DraftExpr condition) {
  switch (condition.op) {
    case Op::equal:
      condition.op = Op::not_equal;
      return condition;
    case Op::not_equal:
      condition.op = Op::equal;
      return condition;
    case Op::less:
      condition.op = Op::greater_equal;
      return condition;
    case Op::less_equal:
      condition.op = Op::greater;
      return condition;
    case Op::greater:
      condition.op = Op::less_equal;
      return condition;
    case Op::greater_equal:
      condition.op = Op::less;
      return condition;
    default:
      break;
  }
  DraftExpr e;
  e.op = Op::logical_not;
  e.span = condition.span;
  e.args.push_back(std::move(condition));
  return e;
}

VarId RuleBuilder::variable(const syntax::Name& name) {
  const auto [known, fresh] = names_.emplace(name.text, static_cast<VarId>(rule_.variables.size()));
  if (fresh) {
    DraftVariable v;
    v.name = std::string(name.text);
    v.span = name.span;
    rule_.variables.push_back(std::move(v));
  }
  return known->second;
}

DraftExpr RuleBuilder::variable_expr(VarId v, Span span) const {
  ++unit_.nodes;
  DraftExpr e;
  e.op = Op::variable;
  e.variable = v;
  e.span = span;
  return e;
}

DraftExpr RuleBuilder::made(Span span) {
  DraftVariable v;
  v.name = "#" + std::to_string(rule_.variables.size());
  v.made = true;
  v.span = span;
  rule_.variables.push_back(std::move(v));
  return variable_expr(static_cast<VarId>(rule_.variables.size() - 1), span);
}

DraftExpr RuleBuilder::wildcard(Span span) {
  DraftExpr e = made(span);
  rule_.variables.back().name = "_";
  rule_.variables.back().wildcard = true;
  return e;
}

DraftExpr RuleBuilder::node(Op op, std::vector<DraftExpr> args, Span span) const {
  ++unit_.nodes;
  DraftExpr e;
  e.op = op;
  e.args = std::move(args);
  e.span = span;
  return e;
}

DraftExpr RuleBuilder::value(const syntax::Expr& expr) {
  using Kind = syntax::ExprKind;
  switch (expr.kind) {
    case Kind::literal: {
      ++unit_.nodes;
      DraftExpr e;
      e.literal = expr.literal;
      e.span = expr.span;
      e.literal_span = expr.name.span;
      return e;
    }
    case Kind::name: {
      const auto known = unit_.constants.find(expr.name.text);
      if (known != unit_.constants.end()) return constant(expr.name, known->second, 0);
      return variable_expr(variable(expr.name), expr.span);
    }
    case Kind::wildcard:
      unit_.error("invalid-wildcard", expr.span, "`_` stands for any value, and here one value is needed",
                  "name it: a variable that an atom of the body binds");
      return refused(expr.span);
    case Kind::cast: {
      std::vector<DraftExpr> args;
      args.push_back(value(expr.args[0]));
      DraftExpr e = node(Op::cast, std::move(args), expr.span);
      e.type = resolve_type(unit_, expr.name);
      return e.type ? e : refused(expr.span);
    }
    case Kind::operation:
    case Kind::conditional: {
      std::vector<DraftExpr> args;
      for (const syntax::Expr& arg : expr.args) args.push_back(value(arg));
      return node(expr.kind == Kind::conditional ? Op::conditional : expr.op, std::move(args), expr.span);
    }
    case Kind::call: {
      std::vector<DraftExpr> args;
      for (const syntax::Expr& arg : expr.args) args.push_back(value(arg));
      return call(expr, std::move(args), expr.span);
    }
    case Kind::create:
    case Kind::pattern: {  // inside of another term
      std::vector<DraftExpr> args;
      for (const syntax::Expr& arg : expr.args) args.push_back(value(arg));
      return construct(expr, std::move(args), expr.span);
    }
  }
  return refused(expr.span);
}

std::optional<ConstructorId> RuleBuilder::constructor(const syntax::Expr& expr) {
  const std::string_view name = expr.name.text;
  const auto known = unit_.constructor_ids.find(name);
  if (known == unit_.constructor_ids.end()) {
    rule_.broken = true;
    if (modules::find_function(name)) {
      unit_.error("unknown-term", expr.span, ticked(name) + " is a function", "write $" + std::string(name) + "(…)");
    } else if (unit_.worth_telling(name)) {
      std::vector<std::string> names;
      for (const DeclaredConstructor& c : unit_.constructors) names.emplace_back(c.member->name.text);
      unit_.error("unknown-term", expr.span, "there is no constructor " + ticked(name),
                  did_you_mean(name, names, "declare it: type … = " + std::string(name) + "(…) | …"));
    }
    return std::nullopt;
  }
  const DeclaredConstructor& c = unit_.constructor(known->second);
  if (c.fields.size() == expr.args.size()) return known->second;
  rule_.broken = true;
  unit_.error("arity", expr.span,
              ticked(name) + " has " + std::to_string(c.fields.size()) + (c.fields.size() == 1 ? " field" : " fields") +
                  ", not " + std::to_string(expr.args.size()) + " (declared " +
                  unit_.sources.where_text(c.member->name.span, expr.span) + ")",
              "give every field a value, or `_` in a pattern");
  return std::nullopt;
}

DraftExpr RuleBuilder::construct(const syntax::Expr& expr, std::vector<DraftExpr> args, Span span) {
  const auto id = constructor(expr);
  if (!id) return refused(span);
  DraftExpr e = node(Op::construct, std::move(args), span);
  e.function = *id;
  return e;
}

DraftExpr RuleBuilder::call(const syntax::Expr& expr, std::vector<DraftExpr> args, Span span) {
  const std::string_view name = expr.name.text;
  const auto found = modules::find_function(name);
  if (!found) {
    std::vector<std::string> names;
    for (const modules::Function& f : modules::functions()) names.emplace_back(f.name);
    const std::string near = closest(name, names);
    unit_.error("unknown-function", expr.span, "there is no function `$" + std::string(name) + "`",
                near.empty() ? "functions are built in; the manual lists them" : "did you mean `$" + near + "`?");
    return refused(span);
  }
  const modules::Function& f = modules::functions()[*found];
  const std::size_t least = f.args.size() - f.optional, most = f.args.size();
  if (expr.args.size() < least || (!f.variadic && expr.args.size() > most)) {
    std::string wants = std::to_string(least);
    if (f.variadic)
      wants += " or more";
    else if (least != most)
      wants += " to " + std::to_string(most);
    unit_.error("arity", expr.span,
                "`$" + std::string(name) + "` takes " + wants + (wants == "1" ? " argument" : " arguments") + ", not " +
                    std::to_string(expr.args.size()),
                std::string(f.doc));
    return refused(expr.span);
  }
  DraftExpr e = node(Op::call, std::move(args), span);
  e.function = *found;
  return e;
}

DraftExpr RuleBuilder::constant(const syntax::Name& name, const DeclaredConstant& declared, int depth) {
  if (declared.refused) return refused(name.span);
  if (depth == 0) constant_nodes_ = 0;
  if (depth > kMaxConstantDepth || ++constant_nodes_ > kMaxConstantNodes) {
    unit_.error("constant-cycle", declared.span, "this constant is made of itself, or of too many others",
                "give it a value of its own");
    unit_.constants.find(name.text)->second.refused = true;
    return refused(name.span);
  }
  if (declared.value) {
    DraftExpr e = whole_number(*declared.value, name.span);
    e.type = declared.type;
    return e;
  }
  DraftExpr e = closed(*declared.expr, name.span, depth);
  if (declared.type && e.op != Op::cast) e.type = declared.type;
  return e;
}

/// The value of a constant's declaration: other names in it are constants too.
DraftExpr RuleBuilder::closed(const syntax::Expr& expr, Span use, int depth) {
  if (expr.kind == syntax::ExprKind::name) {
    const auto known = unit_.constants.find(expr.name.text);
    if (known != unit_.constants.end()) {
      DraftExpr e = constant(expr.name, known->second, depth + 1);
      e.span = use;
      return e;
    }
    if (unit_.worth_telling(expr.name.text))
      unit_.error("unknown-constant", expr.span, "there is no constant " + ticked(expr.name.text),
                  "constants are made of literals and other constants");
    return refused(use);
  }
  using Kind = syntax::ExprKind;
  if (expr.kind == Kind::literal || expr.kind == Kind::wildcard) {
    DraftExpr e = value(expr);
    e.span = use;
    return e;
  }
  std::vector<DraftExpr> args;
  for (const syntax::Expr& arg : expr.args) args.push_back(closed(arg, use, depth));
  constant_nodes_ += args.size();
  if (expr.kind == Kind::create || expr.kind == Kind::pattern) {
    DraftExpr e = construct(expr, std::move(args), use);
    e.type = Type::entity;
    return e;
  }
  if (expr.kind == Kind::call) return call(expr, std::move(args), use);
  DraftExpr e = node(expr.kind == Kind::cast          ? Op::cast
                     : expr.kind == Kind::conditional ? Op::conditional
                                                      : expr.op,
                     std::move(args), use);
  if (expr.kind == Kind::cast) {
    e.type = resolve_type(unit_, expr.name);
    if (!e.type) return refused(use);
  }
  return e;
}

DraftExpr RuleBuilder::bound_to(DraftExpr value, std::vector<DraftLiteral>& constraints) {
  if (value.op == Op::variable || value.op == Op::constant || is_constant_term(value)) return value;
  DraftExpr variable = made(value.span);
  constraints.push_back(constraint(equation(variable, std::move(value))));
  return variable;
}

DraftExpr RuleBuilder::argument(const syntax::Expr& expr, std::vector<DraftLiteral>& constraints) {
  if (expr.kind == syntax::ExprKind::wildcard) return wildcard(expr.span);
  if (expr.kind == syntax::ExprKind::pattern) {
    DraftExpr term = made(expr.span);
    match(term, expr, constraints);
    return term;
  }
  return bound_to(value(expr), constraints);
}

void RuleBuilder::match(const DraftExpr& term, const syntax::Expr& pattern, std::vector<DraftLiteral>& constraints) {
  if (pattern.kind != syntax::ExprKind::pattern) {
    constraints.push_back(constraint(equation(term, value(pattern))));
    return;
  }
  const auto id = constructor(pattern);
  if (!id) return;
  DraftLiteral l;
  l.relation = kTerm;
  l.constructor = *id;
  l.span = pattern.span;
  l.args.push_back(term);
  std::vector<DraftLiteral> inner;
  for (const syntax::Expr& arg : pattern.args) l.args.push_back(argument(arg, inner));
  constraints.push_back(std::move(l));
  for (DraftLiteral& part : inner) constraints.push_back(std::move(part));
}

void RuleBuilder::constrain(DraftExpr condition, bool negated) {
  if (condition.op == Op::logical_not) {
    DraftExpr inner = std::move(condition.args[0]);
    return constrain(std::move(inner), !negated);
  }
  if (!negated && condition.op == Op::logical_and) {
    for (DraftExpr& part : condition.args) constrain(std::move(part), false);
    return;
  }
  add(constraint(negated ? negation(std::move(condition)) : std::move(condition)));
}

void RuleBuilder::add(DraftLiteral literal) {
  ++unit_.nodes;
  rule_.body.push_back(std::move(literal));
}

void RuleBuilder::atom(RelationId relation, std::vector<DraftExpr> args, LiteralKind kind, Span span) {
  DraftLiteral l;
  l.kind = kind;
  l.relation = relation;
  l.args = std::move(args);
  l.span = span;
  add(std::move(l));
}

}  // namespace tenfold::lang
