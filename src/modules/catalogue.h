// The parts of the lists of functions and predicates; functions.cc and predicates.cc put them together.
#pragma once

#include <vector>

#include "modules/predicates.h"

namespace tenfold::modules {

void add_math(std::vector<Function>& functions);
void add_text(std::vector<Function>& functions);
void add_time(std::vector<Function>& functions);
void add_units(std::vector<Function>& functions);
void add_exact(std::vector<Function>& functions);
void add_regex(std::vector<Function>& functions);
void add_calendar(std::vector<Function>& functions);
void add_clinical(std::vector<Function>& functions);
void add_names(std::vector<Function>& functions);
void add_solver(std::vector<Function>& functions);

void add_exact(std::vector<Predicate>& predicates);
void add_regex(std::vector<Predicate>& predicates);
void add_calendar(std::vector<Predicate>& predicates);
void add_names(std::vector<Predicate>& predicates);
void add_solver(std::vector<Predicate>& predicates);

}  // namespace tenfold::modules
