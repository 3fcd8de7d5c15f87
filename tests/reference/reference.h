// What a program means, written from the definitions and never made fast: no index, no delta, no pass, no order. Tags
// by naive rounds over all bindings of all rules; exact probabilities by enumerating the possible worlds. Shares with
// the engine the typed program and the values of expressions, nothing else: sums, products and order of fractions and
// amounts are its own (fraction.h).
//
// Definitions (scallop-language.md, sections 4 to 6):
//   unit          tags and exclusivity are ignored; a network says its likeliest label
//   minmaxprob    least solution of: tag of a tuple = max over its derivations of min over the literals
//   addmultprob   the same with a sum clamped at 1 and a product. A derivation is a rule and a binding of all its
//                 variables, wildcards included. `not p(x, _)` is 1 - the clamped sum over the tuples that fit
//   others        numbers in the same way, by the table of docs/provenances.md. A fact is a cost, a count or a
//                 probability; counts of a program whose derivations go through a cycle are left open
//   exact         facts are independent events, a fact stated twice is two; members of a group and the labels of one
//                 network input exclude one another; a tagged rule is one event for each number of rule in the text and
//                 binding of its named variables. Probability = weight of the worlds whose least model has the tuple
//   aggregates    over each world: the groups of an aggregate are those that occur in some world (or the tuples of its
//                 `where` clause, which then multiply in); `agg!` counts what is in any world, with tag 1. With tags
//                 instead of worlds: each subset of the rows is a world of weight in * not out; the extreme row is one
//                 that holds while, level by level, no better row does; some row exists = the sum over the rows
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "lang/program.h"

namespace tenfold::reference {

using Tuple = std::vector<Cell>;
using Table = std::map<Tuple, double>;  // tuple to tag; a tuple that does not hold is not in it
using Tables = std::vector<Table>;      // per relation of the program

/// What a network says of one input: a probability a label, or why it declines.
struct Saying {
  std::vector<double> probabilities;
  std::string refusal;
};

struct Setting {
  std::vector<std::map<Tuple, Saying>> networks;  // per network, every input that it may be asked about
  std::map<Type, std::vector<Cell>> universe;     // the values for which relations with bound columns are computed
  std::size_t max_worlds = 4096;
  std::size_t max_tuples = 4000;
};

/// Tables of all relations; nothing where that takes more worlds or tuples than the setting allows.
/// @param provenance  "exact", or one whose tags are numbers
/// That a tuple of cost 0 is there and one without a derivation is not, the table says by having it or not
std::optional<Tables> evaluate(const lang::Program& program, std::string_view provenance, const Setting& setting,
                               Symbols& symbols);

}  // namespace tenfold::reference
