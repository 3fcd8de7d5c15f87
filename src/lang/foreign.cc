#include "lang/foreign.h"

#include <algorithm>

#include "modules/predicates.h"

namespace tenfold::lang {

bool foreign_predicate(std::string_view name) { return modules::find_predicate(name).has_value(); }

bool reserved_predicate(std::string_view name) {
  using modules::Family;
  const auto found = modules::find_predicate(name);
  if (!found) return false;
  const auto& columns = modules::predicates()[*found].columns;
  return std::none_of(columns.begin(), columns.end(), [](const modules::PredicateColumn& c) {
    return c.family == Family::number || c.family == Family::integer || c.family == Family::floating;
  });
}

}  // namespace tenfold::lang
