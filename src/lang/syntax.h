// The syntax tree: what the text says, before names mean anything. Names and literals are views into the sources.
// One struct a production of the grammar; where productions differ by a word only they share a struct with a kind.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "lang/lexer.h"
#include "lang/program.h"
#include "lang/source.h"

namespace tenfold::lang::syntax {

struct Name {
  std::string_view text;
  Span span;
};

/// Name of a built-in or declared type.
using TypeName = Name;

enum class ExprKind : std::uint8_t {
  literal,
  name,
  wildcard,
  operation,    // `op` over args: arithmetic, comparison, logic
  cast,         // args[0] as type
  conditional,  // args: condition, then, else
  call,         // $name(args)
  create,       // new name(args)
  pattern,      // name(args): a term of an algebraic type
};

struct Expr {
  ExprKind kind = ExprKind::literal;
  Op op = Op::constant;
  Tok literal = Tok::end;
  std::uint32_t depth = 1;  // of the tree; bounded by kMaxDepth
  Span span;
  Name name;  // of a name, call, create, pattern; the type of a cast; of a literal its token, without brackets
  std::vector<Expr> args;
};

/// Deepest nesting of expressions, formulas and attributes: later steps walk the tree by recursion.
constexpr std::uint32_t kMaxDepth = 256;

struct Binding {
  Name name;
  std::optional<TypeName> type;
};

struct Parameter {
  std::optional<Name> name;
  std::optional<Expr> value;
};

struct Formula;

/// agg!<params>[args](vars: body where groups: domain)
struct Aggregate {
  Name op;
  bool one_world = false;
  std::vector<Parameter> params;
  std::vector<Name> args;
  std::vector<Binding> vars;
  std::vector<Binding> groups;
  std::vector<Formula> body;    // one
  std::vector<Formula> domain;  // one, or none without `where`
  Span span;
};

struct Atom {
  Name name;
  std::vector<TypeName> type_args;
  std::vector<Expr> args;
  Span span;
};

enum class FormulaKind : std::uint8_t {
  atom,
  negation,  // parts[0]
  conjunction,
  disjunction,  // parts
  implies,      // parts[0] => parts[1]
  constraint,   // exprs[0]
  quantifier,   // aggregate: exists or forall
  aggregate,    // results := aggregate
  range,        // name in exprs[0] .. exprs[1]
  match,        // case name is exprs[0]
};

struct Formula {
  FormulaKind kind = FormulaKind::conjunction;
  bool inclusive = false;  // range: `..=`
  Span span;
  std::vector<Formula> parts;
  std::vector<Expr> exprs;
  std::unique_ptr<Atom> atom;
  std::unique_ptr<Aggregate> aggregate;
  std::vector<Name> results;  // of an aggregate; "_" is a wildcard
  Name name;                  // of a range or match
};

struct AttributeValue {
  enum class Kind : std::uint8_t { literal, tuple, list } kind = Kind::literal;
  Tok literal = Tok::end;
  Span span;
  std::vector<AttributeValue> items;
};

struct Attribute {
  Name name;
  struct Argument {
    std::optional<Name> name;
    AttributeValue value;
  };
  std::vector<Argument> args;
  Span span;
};

struct Import {
  Span path;  // of the string token
};

struct TypeDecl {
  enum class Kind : std::uint8_t { subtype, alias, enumeration, algebraic } kind = Kind::alias;
  Name name;
  TypeName type;  // of a sub-type or alias
  struct Member {
    Name name;
    std::optional<Expr> value;     // of an enumeration
    std::vector<TypeName> fields;  // of an algebraic type
  };
  std::vector<Member> members;
};

struct RelationDecl {
  struct Argument {
    bool bound = false;
    std::string_view name;
    TypeName type;
  };
  Name name;
  std::vector<Argument> args;
};

struct TypeRelations {
  bool external = false;
  std::vector<RelationDecl> relations;
};

struct TypeFunction {
  Name name;
};

struct ConstDecl {
  struct Assignment {
    Name name;
    std::optional<TypeName> type;
    Expr value;
  };
  std::vector<Assignment> assignments;
};

/// A literal or the name of a constant.
struct SetCell {
  Tok literal = Tok::end;  // Tok::name: a constant
  Span span;
  std::uint32_t expr = kNone;  // an expression: index into FactSet::exprs
};

/// name = {…}. Tuples lie in `cells` one after another.
struct FactSet {
  struct Tuple {
    std::uint32_t first = 0, count = 0;
    Span span;
    std::optional<SetCell> tag;
  };
  Name name;
  bool exclusive = false;
  std::vector<SetCell> cells;
  std::vector<Expr> exprs;
  std::vector<Tuple> tuples;
};

struct Fact {
  std::optional<Expr> tag;
  Atom atom;
};

struct Rule {
  std::optional<Expr> tag;
  std::vector<Atom> heads;
  bool exclusive = false;
  Formula body;
  std::string text;
  Span span;
};

/// rel n = count(x: p(x))
struct ReduceRule {
  Name name;
  std::unique_ptr<Aggregate> aggregate;
  std::string text;
  Span span;
};

struct Query {
  Name name;
  std::optional<Atom> atom;
  Span span;
};

struct Item {
  std::vector<Attribute> attributes;
  std::variant<Import, TypeDecl, TypeRelations, TypeFunction, ConstDecl, FactSet, Fact, Rule, ReduceRule, Query> what;
  Span span;
};

struct File {
  std::vector<Item> items;
  /// Names in items that could not be read: they may be declared there, so that not knowing them is no second error.
  std::vector<std::string_view> doubtful;
};

}  // namespace tenfold::lang::syntax
