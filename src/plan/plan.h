// A typed program to a plan that the engine can run. In: lang::Program. Out: Plan: which relations to compute, in which
// order (strata), each rule with its join order and the steps of its nested loops, and what each network is asked.
// Passes, a file each, run by plan.cc in this order, each timed: relevant (rules that no query needs are left out),
// demand (what a bound column or a network is asked; possible), order (cheap atoms first, networks last), stratify,
// compile. `demand` and `order` can be switched off: the answers stay, the work grows. Read demand.h and order.h next.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "lang/program.h"

namespace tenfold::plan {

using lang::kNone;
using lang::RelationId;
using lang::VarId;

/// Where a rule of the plan comes from.
enum class RuleKind : std::uint8_t {
  derived,   // of the program
  demand,    // fills a demand relation from a prefix of a body
  possible,  // fills what a relation may hold whatever networks say (possible.h)
  domain,    // fills the inputs of a network as they would be with the lever off: all that its inputs can be
  terms,     // of the program: fills a relation of terms, whose tuples are certain
  count,     // fills what the network would be asked with `demand` on and `order` off, for the receipt alone
};

struct PlanLiteral {
  lang::Literal literal;
  bool guard = false;  // a demand relation: restricts, and has no tag
};

/// A rule with the order in which its literals are joined. `body` stays in the order of the text, guard first.
struct PlanRule {
  RuleKind kind = RuleKind::derived;
  RelationId head = kNone;
  std::vector<lang::Expr> head_args;
  std::vector<PlanLiteral> body;
  std::vector<std::uint32_t> order;     // indices into body; every literal once
  std::vector<std::uint32_t> premises;  // indices into body, in the order of the text: its atoms that are no guards
  std::vector<lang::Variable> variables;
  std::optional<lang::Expr> tag;
  std::uint32_t choice = 0, choices = 0;  // of an exclusive head, as in lang::Rule
  std::vector<VarId> named;               // of a tagged rule: what tells its events apart, by name
  std::uint32_t source = kNone;           // index into Program::rules
};

/// How one value gets into a probe or a head: a variable's register or a constant.
struct Operand {
  bool constant = false;
  Cell value = 0;
  VarId variable = kNone;
};

/// One loop level of a rule. scan and probe bind `outputs`, then test `checks`; the rest only test or assign.
/// range and foreign compute rows: keys are the inputs and what else is bound; range is foreign made fast.
enum class StepKind : std::uint8_t { scan, probe, contains, absent, filter, assign, range, foreign };
enum class Rows : std::uint8_t { all, before_delta, delta };  // of a relation of the same stratum

struct Step {
  StepKind kind = StepKind::scan;
  std::uint32_t literal = kNone;  // index into PlanRule::body
  RelationId relation = kNone;
  Rows rows = Rows::all;
  std::uint32_t index = kNone;                           // probe, absent on some columns: index into Plan::indexes
  std::vector<std::pair<std::uint32_t, Operand>> keys;   // column, value; ascending columns
  std::vector<std::pair<std::uint32_t, VarId>> outputs;  // column to register
  std::vector<std::pair<std::uint32_t, VarId>> checks;   // column equal to register (a repeated variable)
  lang::Expr expression;                                 // filter, assign, range: unused otherwise
  VarId variable = kNone;                                // assign
};

/// A rule made ready to run: once in full, or for one literal whose relation grows in this stratum.
struct Variant {
  std::uint32_t rule = kNone;   // index into Plan::rules
  std::uint32_t delta = kNone;  // index into PlanRule::body; kNone = all rows
  std::vector<Step> steps;
};

struct IndexSpec {
  RelationId relation;
  std::vector<std::uint32_t> columns;  // ascending
};

struct Stratum {
  std::vector<RelationId> relations;
  std::vector<std::uint32_t> rules;
  std::vector<Variant> first;             // run once
  std::vector<Variant> recursive;         // run every round on what the last one added
  std::vector<std::uint32_t> aggregates;  // indices into Program::aggregates; never recursive
  std::vector<std::uint32_t> networks;    // whose answers belong to this stratum
};

struct PlanRelation {
  std::string name;
  std::vector<Type> types;
  bool synthetic = false;
  RelationId projects = kNone;  // for `not p(x, _)`: the relation whose open columns it leaves out
  RelationId possible = kNone;  // the superset that possible.h made of it: takes the facts given to this one,
  std::vector<std::uint32_t> possible_columns;  // these columns of them
  RelationId demanded = kNone;                  // for a demand relation: whose
  std::vector<std::uint32_t> bound;             // of a demanded relation: its bound columns, ascending
  RelationId demand = kNone;                    // its demand relation
};

struct NetworkPlan {
  RelationId asked = kNone;    // what the engine puts before the network: its demand relation, or its domain
  RelationId domain = kNone;   // all that its inputs can be
  RelationId counted = kNone;  // with demand on and order off; kNone where that is `asked`
};

struct PassTime {
  std::string name;
  double ms;
  bool on;
};

struct Plan {
  const lang::Program* program = nullptr;  // outlives the plan
  std::vector<PlanRelation> relations;     // those of the program first, same ids
  std::vector<RelationId> roots;           // what is asked
  std::vector<PlanRule> rules;
  std::vector<IndexSpec> indexes;
  std::vector<Stratum> strata;
  std::vector<NetworkPlan> networks;  // same ids as Program::networks
  std::vector<std::string> notes;     // decisions worth showing in `explain`
  std::vector<PassTime> times;
};

struct Options {
  std::set<std::string, std::less<>> without;  // names of passes switched off: "demand", "order"
  std::vector<double> network_costs;           // per input, same ids as Program::networks; empty = all equal
  /// Ask for these instead of the program's queries; all relations that are not hidden when both are empty.
  std::vector<RelationId> asked;
  bool count_levers = true;  // add the rules that count what each lever saved
};

Result<Plan> make_plan(const lang::Program& program, const Options& options = {});

/// The plan for people: strata, rules in join order, what each network is asked.
std::string explain(const Plan& plan);

}  // namespace tenfold::plan
