// Formulas as alternatives of conjunctions, and which variables a formula speaks of.
//   before  p(x) and (q(x) => not (r(x) or x > 3))
//   after   { p(x), not q(x) }   { p(x), not r(x), not x > 3 }
#pragma once

#include <string_view>
#include <vector>

#include "lang/draft.h"

namespace tenfold::lang {

struct SignedFormula {
  const syntax::Formula* formula = nullptr;  // no connective
  bool negated = false;
};
using Conjunct = std::vector<SignedFormula>;

/// The alternatives of `formula`, or of its negation, literals in the order of the text. Nothing, with an error, when
/// there are too many.
std::optional<std::vector<Conjunct>> alternatives(Unit& unit, const syntax::Formula& formula, bool negated);

/// Distinct names in the order they were met.
class NameList {
 public:
  void add(const syntax::Name& name) {
    if (seen_.insert(name.text).second) names_.push_back(name);
  }
  bool contains(std::string_view name) const { return seen_.contains(name); }
  const std::vector<syntax::Name>& names() const { return names_; }

 private:
  std::unordered_set<std::string_view> seen_;
  std::vector<syntax::Name> names_;
};

/// Variables that an expression reads; constants are none.
void collect_names(const Unit& unit, const syntax::Expr& expr, NameList& names);

/// Variables of a formula that mean something outside of it. Of an aggregate these are its results and the groups named
/// by `where`; with `implicit` also the variables of its body that could be groups.
void collect_names(const Unit& unit, const syntax::Formula& formula, bool implicit, NameList& names);

/// Variables of an aggregate's body that it does not bind itself.
void collect_free(const Unit& unit, const syntax::Aggregate& aggregate, NameList& names);

}  // namespace tenfold::lang
