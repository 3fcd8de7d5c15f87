// demand: a relation that may reach a network, or has bound columns, is computed only for what is asked of it, and a
// network sees only inputs that can reach the question.
//   before  alert(p) = takes(p, d) and seen(p)            seen(p) = film(p, i) and finding(i, "pneumonia")
//   after   d#seen(p)    = takes(p, d)                    d#finding(i) = d#seen(p) and film(p, i)
//           alert(p)     = takes(p, d) and seen(p)        seen(p) = d#seen(p) and film(p, i) and finding(i,
//           "pneumonia")
// Same answer, exactly: demand relations have no tag. Source: Bancilhon, Maier, Sagiv, Ullman, "Magic Sets", PODS 1986;
// one adornment a relation (the columns bound at every call), as in Scallop. Magic sets can close a cycle through a
// negation that the program does not have: then what is asked is computed from supersets (possible.h), so more is
// asked; and where supersets cannot be made (what an aggregate's value asks), relations are computed whole.
#pragma once

#include "plan/order.h"
#include "plan/plan.h"

namespace tenfold::plan {

struct DemandOptions {
  bool on = true;
  bool by_cost = true;   // the order of bodies that prefixes are taken from
  bool widened = false;  // what is asked depends on no network and no negation
  bool whole = false;    // what has to be asked for is asked for, and nothing else: last resort
  bool count_levers = true;
};

/// Adds demand relations, guards and demand rules to `plan`, and what each network is asked.
Status add_demand(Plan& plan, const std::vector<double>& dear, const DemandOptions& options);

}  // namespace tenfold::plan
