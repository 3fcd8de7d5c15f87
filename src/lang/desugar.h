// Rules, facts and queries to conjunctions: see program.h for the normal form and normal_form.h for `or` and `=>`.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "lang/attributes.h"
#include "lang/normal_form.h"
#include "lang/rule_builder.h"

namespace tenfold::lang {

/// What all conjunctions of one rule of the text share.
struct RuleOrigin {
  std::uint32_t number = 0;
  std::string text, source;
  const syntax::Expr* tag = nullptr;
  Span span;
  std::uint32_t choice = 0, choices = 0;  // of an exclusive head
};

/// The head of a rule to be built: an atom of the text, or the columns of a made relation.
struct RuleHead {
  RelationId relation = kNone;
  const std::vector<syntax::Expr>* args = nullptr;
  std::vector<syntax::Binding> columns;
  // Of an aggregate's body: groups that the body does not bind come from its `where`.
  RelationId domain = kNone;
  std::vector<syntax::Name> groups;
};

class Desugar {
 public:
  explicit Desugar(Unit& unit) : unit_(unit) {}
  void run();

 private:
  // desugar.cc
  void rule(const syntax::Item& item, const syntax::Rule& rule);
  void reduce_rule(const syntax::Item& item, const syntax::ReduceRule& rule);
  void query(const syntax::Item& item, const syntax::Query& query);
  void atomic_query(const syntax::Query& query, DraftQuery& draft);
  /// The relation of a head or fact, with its columns counted; kNone, with an error, when it may not be defined.
  RelationId defined(const syntax::Name& name, std::size_t columns, Span span);
  void rules(const RuleHead& head, const syntax::Formula& body, bool negated, const RuleOrigin& origin);
  void conjunction(const RuleHead& head, const Conjunct& conjunct, const RuleOrigin& origin);
  void head_args(const RuleHead& head, RuleBuilder& builder);
  void literal(const SignedFormula& literal, const NameList& outside, const RuleOrigin& origin, RuleBuilder& builder);
  void atom(const syntax::Atom& atom, bool negated, RuleBuilder& builder);
  void foreign(const syntax::Atom& atom, bool negated, RuleBuilder& builder);
  void match(const syntax::Formula& match, bool negated, RuleBuilder& builder);
  void range(const syntax::Formula& range, bool negated, RuleBuilder& builder);
  RelationId made_relation(std::string name, std::size_t columns, RelationKind kind, Span span);
  void unknown_relation(const syntax::Name& name);
  RelationId undeclared(const syntax::Name& name, std::size_t columns);
  bool arity(RelationId id, std::size_t columns, Span span, bool in_body);

  // facts.cc
  void fact_set(const syntax::FactSet& set);
  void fact(const syntax::Item& item, const syntax::Fact& fact);
  void term_constants(const syntax::ConstDecl& constants);
  DraftCell cell(const syntax::FactSet& set, const syntax::SetCell& cell);
  DraftCell cell(const syntax::Expr& expr);

  // aggregates.cc
  struct Instance {
    RelationId result = kNone;
    std::vector<syntax::Name> groups;
    AggregateOp op = AggregateOp::count;  // as written
  };
  void quantifier(const SignedFormula& literal, const NameList& outside, const RuleOrigin& origin,
                  RuleBuilder& builder);
  void assignment(const SignedFormula& literal, const NameList& outside, const RuleOrigin& origin,
                  RuleBuilder& builder);
  std::vector<DraftExpr> group_args(const Instance& instance, RuleBuilder& builder);
  const Instance* instance(const syntax::Aggregate& aggregate, const NameList& outside, const RuleOrigin& origin);
  bool well_formed(const syntax::Aggregate& aggregate, AggregateOp op);
  std::optional<std::vector<syntax::Name>> groups(const syntax::Aggregate& aggregate, const NameList& outside);
  Instance build(const syntax::Aggregate& aggregate, AggregateOp op, std::vector<syntax::Name> groups,
                 const RuleOrigin& origin);

  Unit& unit_;
  std::uint32_t origins_ = 0;
  std::map<std::pair<const syntax::Aggregate*, std::string>, Instance> instances_;
};

/// Relations under their names, for hints.
std::vector<std::string> relation_names(const Unit& unit);

/// Adds `domain(groups…)` to a body that does not bind all of the head's groups.
void join_domain(const RuleHead& head, RuleBuilder& builder);

/// The source text of a span on one line, without comments.
std::string collapsed(const Unit& unit, Span span);

}  // namespace tenfold::lang
