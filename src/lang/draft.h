// What stands between the syntax tree and the typed program: names resolved and sugar gone, types not known yet. Each
// step of the compiler reads and writes one Unit; files in the order of the steps: load, names, relations, desugar,
// aggregates, types, lower, and on the finished program ground and strata_check.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "lang/program.h"
#include "lang/source.h"
#include "lang/syntax.h"

namespace tenfold::lang {

/// A type variable; see types.h.
using Slot = std::uint32_t;

struct DraftExpr {
  Op op = Op::constant;
  Tok literal = Tok::end;  // of a constant; decoded from `span` once its type is known
  std::optional<std::int64_t>
      value;                 // of a constant that is no literal, a member of an enumeration; of a field its number
  std::optional<Type> type;  // stated: a cast, a typed constant
  Slot slot = kNone;
  VarId variable = kNone;
  std::uint32_t function = kNone;
  Span span;
  Span literal_span;  // where a constant's text is; `span` may be where its name is used
  std::vector<DraftExpr> args;
};

/// A term that a constant names: it exists anyway, and is a constant of the rule too.
inline bool is_constant_term(const DraftExpr& e) { return e.op == Op::construct && e.type == Type::entity; }

/// Stands for a computed predicate until its types are known.
constexpr RelationId kForeign = kNone - 1;
/// Stands for a term taken apart, until it is known whether the body binds the term (terms.h).
constexpr RelationId kTerm = kNone - 2;

struct DraftLiteral {
  LiteralKind kind = LiteralKind::positive;
  RelationId relation = kNone;
  std::vector<DraftExpr> args;  // variables and constants
  DraftExpr condition;
  std::uint32_t predicate = kNone;     // of kForeign: index into modules::predicates()
  std::optional<Type> predicate_type;  // range<T>: T where it is written
  ConstructorId constructor = kNone;   // of kTerm: args are the term, then its fields
  Span span;
};

struct DraftVariable {
  std::string name;
  bool wildcard = false;
  bool made = false;
  Slot slot = kNone;
  Span span;
  std::optional<Type> type;  // stated in a binding
};

struct DraftRule {
  RelationId head = kNone;
  std::vector<DraftExpr> head_args;
  std::vector<DraftLiteral> body;
  std::optional<DraftExpr> tag;
  std::vector<DraftVariable> variables;
  std::uint32_t origin = 0;
  std::uint32_t choice = 0, choices = 0;  // of an exclusive head
  std::string text, source;
  Span span;
  bool broken = false;  // an error was reported: later steps leave it out
};

struct DraftRelation {
  Relation relation;
  Span span;                      // of the declaration, or of the first head or fact
  bool known = false;             // declared, derived or given: its columns are counted
  std::vector<bool> typed;        // columns whose type was declared
  Slot slots = kNone;             // of the first column; the others follow
  std::uint32_t refuses = kNone;  // a @refusal relation: index of its network
};

/// A cell of a fact. Literals are not copied: a program may hold a million of them.
struct DraftCell {
  Tok literal = Tok::end;
  Span span;
  std::uint32_t expr = kNone;  // index into Unit::fact_exprs; else the literal
};

struct DraftFact {
  RelationId relation = kNone;
  std::uint32_t first = 0, count = 0;  // of Unit::fact_cells
  std::optional<DraftCell> tag;
  std::uint32_t group = kNone;
  Span span;
};

struct DraftQuery {
  RelationId relation = kNone;
  std::string name;
  std::uint32_t rule = kNone;  // of an atomic query: index into Unit::rules
  Span span;
};

/// A declared type other than a relation.
struct DeclaredType {
  const syntax::TypeDecl* decl = nullptr;
  bool refused = false;  // an error was reported
};

struct DeclaredConstant {
  const syntax::Expr* expr = nullptr;
  std::optional<std::int64_t> value;  // of an enumeration's member
  std::optional<Type> type;
  Span span;
  bool refused = false;
};

/// A constructor of an algebraic type.
struct DeclaredConstructor {
  const syntax::TypeDecl::Member* member = nullptr;
  std::vector<std::optional<Type>> fields;
  RelationId terms = kNone;  // made when a rule looks through all of its terms
};

struct Unit {
  Sources sources;
  Diagnostics diagnostics{sources};
  std::deque<syntax::File> files;
  bool incomplete = false;  // a file could not be read: what it declares is not known
  std::unordered_set<std::string_view> doubtful;

  std::unordered_map<std::string_view, DeclaredType> types;
  std::unordered_map<std::string_view, DeclaredConstant> constants;
  std::vector<DeclaredConstructor> constructors;  // number 0 is ConstructorId 1
  std::unordered_map<std::string_view, ConstructorId> constructor_ids;
  DeclaredConstructor& constructor(ConstructorId id) { return constructors[id - 1]; }
  std::deque<DraftExpr> term_constants;  // terms that constants name: they exist whether or not they are used
  std::unordered_map<std::string, RelationId> relation_ids;
  std::vector<DraftRelation> relations;
  std::vector<DraftRule> rules;
  std::vector<DraftCell> fact_cells;
  std::deque<DraftExpr> fact_exprs;
  std::vector<DraftFact> facts;
  std::uint32_t groups = 0;
  std::vector<Aggregate> aggregates;
  std::vector<Span> aggregate_spans;
  std::vector<Network> networks;
  std::vector<Span> network_spans;
  std::vector<DraftQuery> queries;
  std::unordered_set<std::string> query_names;
  bool tags_are_numbers = false;
  bool offload = true;
  std::size_t nodes = 0;  // of expressions and literals made so far

  Unit() = default;
  Unit(const Unit&) = delete;
  Unit& operator=(const Unit&) = delete;

  void error(std::string_view code, Span span, std::string what, std::string hint) {
    diagnostics.error(code, span, std::move(what), std::move(hint));
  }
  void refuse(Span span, std::string what, std::string hint) {
    diagnostics.error("not-evaluated-yet", span, std::move(what), std::move(hint));
  }
  /// Alternatives and constants multiply what the text says; past this many nodes it is refused, for its memory.
  static constexpr std::size_t kMaxNodes = 4'000'000;
  bool overgrown() const { return nodes > kMaxNodes; }

  /// Not knowing this name is an error of its own, not the echo of another.
  bool worth_telling(std::string_view name) const { return !incomplete && !doubtful.contains(name); }
};

// The steps. Each reports into unit.diagnostics and goes on with what it understood.
void declare_names(Unit& unit);
void declare_relations(Unit& unit);
void desugar(Unit& unit);
/// Infers all types, then writes the typed program.
void lower(Unit& unit, Program& program);

/// The built-in or declared type of that name; nothing, with an error, when there is none or it is not evaluated yet.
std::optional<Type> resolve_type(Unit& unit, const syntax::TypeName& name);

}  // namespace tenfold::lang
