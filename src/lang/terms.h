// Terms of algebraic types in rules.
//   before  sum(Cons(x, rest), x + s) = sum(rest, s)
//   after   sum(#0, #1) = `Cons#`(#0, x, rest) and sum(rest, s) and #1 == x + s
// A pattern whose term the rest of the body binds is computed instead: x == field 0 of t and rest == field 1 of t. So
// only rules that look through all terms read `Cons#`, which holds every term that exists: those of constants and
// facts, those that `new` makes in a rule, and the parts of those that are read from text.
//   before  next(new Cons(1, t)) = list(t)
//   after   next(#0) = list(t) and #0 == new Cons(1, t)      `Cons#`(#0, 1, t) = list(t) and #0 == new Cons(1, t)
#pragma once

#include "lang/rule_builder.h"

namespace tenfold::lang {

/// Decides for every pattern of a rule how its term is found. `given[v]`: the head's demand binds variable v.
void resolve_patterns(Unit& unit, DraftRule& rule);

/// v is C(p, …) does not hold, as a condition on a term and fields that are bound.
DraftExpr no_match(RuleBuilder& builder, DraftExpr term, const syntax::Expr& pattern);

/// Rules that keep the `C#` relations full; after all rules are known.
void add_term_rules(Unit& unit);

}  // namespace tenfold::lang
