// A typed program: what `lang` hands to everything below it. Names are resolved, types known, sugar gone: a body is one
// conjunction, an atom's argument is a variable, a constant or a wildcard, an aggregate reads one relation and fills
// one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/base.h"

namespace tenfold::lang {

using RelationId = std::uint32_t;
using VarId = std::uint32_t;  // index into Rule::variables
constexpr std::uint32_t kNone = 0xFFFFFFFFu;

struct Column {
  std::string name;  // empty when undeclared
  Type type = Type::i32;
  std::string domain;  // the sub-type or alias it was declared with ("Image"), else empty
  bool bound = false;  // declared `bound`: an input
};

enum class RelationKind : std::uint8_t {
  plain,      // given by facts, derived by rules, or both
  perceived,  // a network answers; columns are its inputs (all bound), then its outputs
  foreign,    // computed by the engine: range, string_chars, …; Relation::foreign names it
  aggregate,  // filled by one Aggregate
  terms,      // the terms of one constructor that exist: the term, then its fields. Its tuples are certain
};

/// One `@file(…)`. `path` as written, or the address of a database server; options with their defaults resolved.
struct FileInput {
  std::string path;
  std::string query;        // SQL; empty: the whole table
  bool skip_nulls = false;  // nulls="skip"
  bool header = false;
  char delimiter = ',';
  bool has_probability = false;
  std::vector<std::string> keys;    // @file(keys=…): unpivot
  std::vector<std::string> fields;  // choose columns by header name
  Place place;
};

struct Relation {
  std::string name;
  std::vector<Column> columns;
  RelationKind kind = RelationKind::plain;
  bool declared = false;            // by `type`; an undeclared relation is one that rules or facts made
  bool hidden = false;              // @hidden, or made by desugaring
  bool synthetic = false;           // made by desugaring; proofs look through it
  std::string foreign;              // kind foreign: its name, "range"
  std::uint32_t predicate = kNone;  // kind foreign: index into modules::predicates()
  std::vector<std::uint32_t> kept;  // kind foreign: the predicate's columns that are columns here, ascending
  std::uint32_t network = kNone;    // kind perceived: index into Program::networks
  std::vector<FileInput> files;
  std::optional<FileInput> output;  // @file on a query
  Place place;
};

enum class Op : std::uint8_t {
  variable,
  constant,
  add,
  subtract,
  multiply,
  divide,
  modulo,
  negate,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  logical_and,
  logical_or,
  logical_xor,
  logical_not,
  cast,         // to Expr::type
  conditional,  // args: condition, then, else
  call,         // $function: Expr::function is an index into modules::functions()
  // Terms of algebraic types; Expr::function is the ConstructorId.
  construct,  // args: the fields
  is_term,    // args[0] was made by the constructor
  field,      // field number Expr::constant of args[0]; no value where another constructor made it
};

/// An expression over a rule's variables. Operands' types are in `args`, the result's in `type`.
struct Expr {
  Op op = Op::constant;
  Type type = Type::i32;
  Cell constant = 0;
  VarId variable = kNone;
  std::uint32_t function = kNone;
  std::vector<Expr> args;
  Place place;
};

enum class LiteralKind : std::uint8_t { positive, negative, constraint };

/// positive, negative: an atom whose `args` are variables and constants alone (a wildcard is a variable of its own that
/// is marked so and occurs once). constraint: `condition` is Boolean; `equal` with one side unbound assigns.
struct Literal {
  LiteralKind kind = LiteralKind::positive;
  RelationId relation = kNone;
  std::vector<Expr> args;
  Expr condition;
  Place place;
};

struct Variable {
  std::string name;  // as written; made ones begin with '#'
  Type type = Type::i32;
  bool wildcard = false;
  bool made = false;  // by desugaring (an expression in an atom, say)
};

/// One conjunctive rule. A rule with `or` or several heads becomes several with the same `origin`.
struct Rule {
  RelationId head = kNone;
  std::vector<Expr> head_args;  // variables and constants alone
  std::vector<Literal> body;    // in the order of the text: tags multiply in this order
  std::optional<Expr> tag;      // an independent event for each binding of the named variables of the rule
  std::vector<Variable> variables;
  std::uint32_t origin = 0;  // number of the rule in the text
  // Of an exclusive head {a(x); b(x)}: which of how many heads this rule derives. For each binding at most one of them
  // holds; the tag is the probability that one does, and without more said each has an equal share of it.
  std::uint32_t choice = 0, choices = 0;
  std::string text;    // as written, white space collapsed
  std::string source;  // @source("…"): the publication the rule was written from; empty if none
  Place place;
};

struct Fact {
  RelationId relation = kNone;
  std::vector<Cell> row;
  std::optional<double> probability;  // nothing = certain
  std::uint32_t group = kNone;        // members of one exclusive set share a number
  Place place;
};

enum class AggregateOp : std::uint8_t {
  count,
  sum,
  prod,
  min,
  max,
  argmin,
  argmax,
  exists,
  forall,
  avg,
  weighted_sum,
  weighted_avg,
  string_join,
  sort,
  argsort,
  enumerate,
  rank,
  normalize,
  softmax,
  disjunct,
  top,
  unique,
  uniform,
  categorical,
};

/// result(groups…, values…) = op over body(groups…, args…, vars…); aggregate_forms.h says which values each gives.
/// `forall` was rewritten to the negation of exists, and is kept for text. With a `domain` (the `where` clause) of
/// columns groups…, groups without members appear too.
struct Aggregate {
  AggregateOp op = AggregateOp::count;
  RelationId result = kNone;
  RelationId body = kNone;
  RelationId domain = kNone;
  std::uint32_t groups = 0, args = 0, vars = 0;
  bool one_world = false;  // `count!`: all facts counted, tag one
  std::size_t k = 1;       // top<k>, uniform<k>, categorical<k>
  bool ascending = false;  // sort<asc>, argsort, rank
  bool all = false;        // string_join<all>
  std::string separator;   // string_join<", ">
  std::string text;
  Place place;
};

/// `@network("chest-xray", labels = ["normal", "pneumonia"]) type finding(bound study: Image, label: String)`.
/// `refusal`, when there is one, is the relation declared by `@refusal("chest-xray") type r(bound study: Image, reason:
/// String)` with the same inputs: it holds a reason for each input that the network declined.
/// `@exact("chest-xray") type known(study: Image, label: String)` answers in its place: what it holds tuples for is not
/// put before the network. `front` is then the relation that the program names, and `relation` one behind it:
///   finding(s, l) = known(s, l)
///   finding(s, l) = not known(s, _) and finding#(s, l)
///
/// Without labels a network says tuples: of a text, for example, `@network("reader", prompt = "…{text}…") type
/// dose(bound text: String, drug: String, mg: f64)`. Holes of the prompt name bound columns.
///
/// `@media("document") type word(bound key: String, …)` is answered alike, but from a file and for certain: the adapter
/// (media/adapter.h) decodes the part that the key names.
struct Network {
  enum class Answer : std::uint8_t {
    label,  // one of `labels`
    one,    // a value for each free column
    many,   // any number of such tuples, each by itself
    text,   // one String that `grammar` lets through
  };
  /// A file that is named in the text, relative to it.
  struct File {
    std::string path;  // empty: none
    Place place;
  };
  std::string name;  // of a relation of an adapter: "document.word"
  std::string adapter = {}, adapter_relation = {};
  std::vector<std::string> labels;
  Answer answer = Answer::label;
  std::string prompt;  // empty: the network's file has it, or needs none
  Place prompt_place;
  File schema, grammar;
  RelationId relation = kNone;
  RelationId refusal = kNone;
  RelationId front = kNone;  // kNone where nothing answers in its place
  std::uint32_t inputs = 0;  // leading columns of `relation`
  Place place;
  bool reads_media() const { return !adapter.empty(); }
};

/// `query p` asks for all of p. `query p(1, x)` was rewritten to a hidden rule; `name` is what is printed.
struct Query {
  RelationId relation = kNone;
  std::string name;
  std::vector<std::optional<Cell>> pattern;  // of the asked relation's columns; set where the atom had a constant
  Place place;
  bool fits(std::span<const Cell> row) const {
    for (std::size_t c = 0; c < pattern.size(); ++c)
      if (pattern[c] && *pattern[c] != row[c]) return false;
    return true;
  }
};

/// Everything a program says. `symbols` holds the text of its constants.
struct Program {
  Symbols symbols;
  std::vector<Relation> relations;
  std::vector<Rule> rules;
  std::vector<Fact> facts;
  std::vector<Aggregate> aggregates;
  std::vector<Network> networks;
  std::vector<Query> queries;
  std::vector<Error> warnings;

  RelationId find(std::string_view name) const {
    for (RelationId i = 0; i < relations.size(); ++i)
      if (relations[i].name == name) return i;
    return kNone;
  }
};

}  // namespace tenfold::lang
