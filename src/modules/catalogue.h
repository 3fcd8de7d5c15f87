// The parts of the list of functions; functions.cc puts them together.
#pragma once

#include <vector>

#include "modules/modules.h"

namespace tenfold::modules {

void add_math(std::vector<Function>& functions);
void add_text(std::vector<Function>& functions);
void add_time(std::vector<Function>& functions);
void add_units(std::vector<Function>& functions);

}  // namespace tenfold::modules
