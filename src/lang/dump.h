// A typed program as text: relations, facts, rules in normal form, aggregates, queries. For tests and `tenfold
// explain`.
#pragma once

#include <string>

#include "lang/program.h"

namespace tenfold::lang {

std::string dump(const Program& program);
std::string dump(const Expr& expr, const Rule& rule, const Program& program);
std::string dump(const Rule& rule, const Program& program);

}  // namespace tenfold::lang
