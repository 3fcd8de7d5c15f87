// The predicates that the engine computes, evaluated yet or not.
#pragma once

#include <string_view>

namespace tenfold::lang {

/// A predicate that no rule may define: range, string_chars, ….
bool foreign_predicate(std::string_view name);

}  // namespace tenfold::lang
