// Problems for a solver, as text: finite domains, linear arithmetic over whole and real numbers, and logic.
//
//   ann, ben, cleo: 1..3                        whole numbers from 1 to 3
//   pet: {cat, dog}; late: bool; x: int; y: real
//   distinct(ann, ben, cleo); ann < ben
//   pet = dog => not late or 2*x + y <= 7/2     # a remark
//
// Statements end with `;` or the line. Operators, loosest first: <=>; => (to the right); or; and; not; = != < <= > >=;
// + -; * / (one factor, and the divisor, a number). Functions: distinct(…), count(…) (how many hold), abs(…), min(…),
// max(…), if(condition, a, b). Nothing else, so that a text cannot ask for more than the solver decides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/rational.h"
#include "base/symbols.h"
#include "modules/modules.h"

namespace tenfold::modules {

enum class Sort : std::uint8_t { boolean, whole, real, choice };

struct Variable {
  std::string name;
  Sort sort = Sort::boolean;
  std::string least, most;            // of whole numbers, empty: none
  std::vector<std::uint32_t> values;  // of a choice: indices into Problem::names, in the order of the text
};

enum class Op : std::uint8_t {
  number,    // value
  choice,    // index: of Problem::names
  variable,  // index: of Problem::variables
  add,
  subtract,
  multiply,  // one factor is a number
  equal,
  less,
  less_equal,
  both,
  either,
  implies,
  opposite,  // not
  distinct,
  condition,  // args: condition, then, else
  truth,      // index: 0 or 1
};

struct Term {
  Op op = Op::truth;
  Sort sort = Sort::boolean;
  std::uint32_t index = 0;
  Cell value = 0;                     // of Problem::numbers
  std::string digits{};               // the same as text, for solvers
  std::vector<std::uint32_t> args{};  // of Problem::terms, all before this one
};

struct Problem {
  std::vector<Variable> variables;
  std::vector<std::string> names;  // of the values of choices
  std::vector<Term> terms;
  std::vector<std::uint32_t> required;  // terms that hold
  Symbols numbers;
  std::unordered_map<std::string, std::uint32_t> variable_of, name_of;  // index by what it is called

  /// Reads more statements, or says what is wrong and where; the problem is then not to be used.
  std::optional<Complaint> read(std::string_view text);
  /// One expression over the variables that there are, as a term; `boolean`: a condition, else a number.
  std::variant<std::uint32_t, Complaint> expression(std::string_view text, bool boolean);

  std::uint32_t add(Term term);
  std::uint32_t negated(std::uint32_t term);
};

}  // namespace tenfold::modules
