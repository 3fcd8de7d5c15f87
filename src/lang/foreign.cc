#include "lang/foreign.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace tenfold::lang {
namespace {

constexpr std::array<std::string_view, 13> kPredicates = {
    "range",   "string_chars", "string_index", "string_find", "string_split", "datetime_ymd",    "float_eq",
    "soft_eq", "soft_neq",     "soft_gt",      "soft_lt",     "tensor_shape", "new_tag_variable"};

}  // namespace

bool foreign_predicate(std::string_view name) {
  return std::find(kPredicates.begin(), kPredicates.end(), name) != kPredicates.end();
}

}  // namespace tenfold::lang
