#include <algorithm>

#include "modules/catalogue.h"

namespace tenfold::modules {

const std::vector<Function>& functions() {
  static const std::vector<Function> all = [] {
    std::vector<Function> list;
    add_math(list);
    add_text(list);
    add_time(list);
    add_units(list);
    add_exact(list);
    add_regex(list);
    add_calendar(list);
    add_clinical(list);
    add_names(list);
    add_solver(list);
    return list;
  }();
  return all;
}

std::optional<std::uint32_t> find_function(std::string_view name) {
  const auto& all = functions();
  const auto at = std::ranges::find(all, name, &Function::name);
  if (at == all.end()) return std::nullopt;
  return static_cast<std::uint32_t>(at - all.begin());
}

}  // namespace tenfold::modules
