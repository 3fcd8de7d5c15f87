// A plan's rules made ready for the set executor: the same steps as plan::Variant, over ids, with bits where a whole
// block of 64 tuples can go through a step at once. A variable that one atom enumerates and that otherwise only tests
// and the head mention is carried as blocks:
//   path(x, z) = edge(x, y) and path(y, z)      for each new block of path's row y and each x: OR it into row x
//   open(x, y) = node(x) and node(y) and not path(x, y)      node's blocks minus those of path's row x
// Which of its two columns a relation keeps its rows by is chosen so that the most recursive rules can do that.
#pragma once

#include "engine/set_relation.h"
#include "plan/plan.h"

namespace tenfold::engine {

using plan::RelationId;
using plan::VarId;

/// A constant or a variable's register.
struct SetArg {
  bool constant = true;
  Id value = 0;
  VarId variable = plan::kNone;
};

struct SetTest {  // of a block's bits against a row
  RelationId relation = plan::kNone;
  bool second = false, delta = false, negative = false;
  SetArg row;
  std::vector<SetArg> prefix;  // of a packed relation, instead of `row`
};

struct SetOp {
  enum class Kind : std::uint8_t {
    scan_bits,   // every row, or one row where row_key says so
    test_bit,    // both columns are known
    mask_carry,  // the carried blocks against one row
    scan_rows,
    probe_rows,
    test_rows,
    filter,
    assign,
    range,
    foreign,
  };
  enum class Payload : std::uint8_t {
    exists,  // nobody reads it: does the row have a bit that passes the tests?
    expand,  // a register takes each bit in turn
    carry,   // the blocks go on as they are, to the head
    known,   // this bit is asked for
    same,    // the bit that equals the row's key
  };
  Kind kind = Kind::filter;
  Payload payload = Payload::exists;
  RelationId relation = plan::kNone;
  bool delta = false, second = false, negative = false;
  bool one_row = false;        // row_arg is known
  SetArg row_arg, bit_arg;     // scan_bits: row_arg.variable takes the key when not one_row
  std::vector<SetTest> tests;  // on the payload, before it is expanded or carried

  std::uint32_t index = plan::kNone;  // probe_rows
  std::vector<std::pair<std::uint32_t, SetArg>> keys;
  std::vector<std::pair<std::uint32_t, VarId>> outputs, checks;
  // scan_bits and test_bit of a packed relation: `prefix` when one_row, else keys, outputs and checks are of its
  // prefixes, by `index` unless kNone.
  bool packed = false;
  std::vector<SetArg> prefix;

  /// `x < 7`, `n + 1`: one operation on two whole numbers that are variables or constants, done without lang::evaluate.
  bool simple = false;
  SetArg left, right;
  IdCodec::Kind number = IdCodec::Kind::signed_narrow;
  std::int64_t least = 0, most = 0;  // of the result, which saturates

  const lang::Expr* expression = nullptr;  // filter, assign
  VarId target = plan::kNone;
  std::vector<VarId> reads;             // variables of the expression
  std::uint32_t literal = plan::kNone;  // range, foreign: of the rule
  std::uint32_t predicate = 0;          // foreign: of modules::predicates()
  std::vector<Type> types;              // foreign: of all its columns
  std::vector<std::uint32_t> kept;      // foreign: those that the literal has
};

struct SetRule {
  std::uint32_t rule = plan::kNone;  // of the plan
  std::vector<SetOp> ops;
  RelationId head = plan::kNone;
  bool carried = false;              // the head's bit column is the carried blocks
  SetArg row, bit;                   // head of at most two columns
  std::vector<SetArg> prefix;        // of a packed head, instead of `row`
  std::vector<SetArg> tuple;         // otherwise
  std::vector<IdCodec::Kind> kinds;  // per variable
};

/// True when every rule and network of the plan is within what the set executor does.
bool sets_can_run(const plan::Plan& plan);

/// Per relation the one that it is a mere copy of (the body of `count(x, y: path(x, y))`), else itself: the copy is not
/// made.
std::vector<RelationId> copies(const plan::Plan& plan);

/// Relations of the plan, empty, laid out for its rules (set_layout.cc). `copy_of`: copies(). `pack`: those of three
/// columns and more may be packed.
std::vector<SetRelation> lay_out(const plan::Plan& plan, const std::vector<RelationId>& copy_of, bool pack);

/// One variant of `rule` over relations that lay_out() made. Adds the second views and indexes that it needs to them.
/// `copy_of`: copies(). Rule and variant outlive what comes back.
SetRule compile_set_rule(const plan::Plan& plan, const plan::PlanRule& rule, const plan::Variant& variant,
                         std::vector<SetRelation>& relations, const std::vector<RelationId>& copy_of, IdCodec& codec);

}  // namespace tenfold::engine
