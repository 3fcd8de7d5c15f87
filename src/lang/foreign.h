// The predicates that the engine computes: modules/predicates.h says which.
#pragma once

#include <string_view>

namespace tenfold::lang {

/// A predicate that no rule may define: string_chars, float_eq, …. `range` is none of them: only `range<i32>` is taken,
/// and a program may have a relation `range` of its own.
bool reserved_predicate(std::string_view name);

/// A computed predicate of that name exists.
bool foreign_predicate(std::string_view name);

}  // namespace tenfold::lang
