// A program in the language of another system, so that what it means does not rest on our own reading alone.
#pragma once

#include <optional>
#include <string>

#include "fuzz/generate.h"
#include "lang/program.h"

namespace tenfold::fuzz {

enum class System { problog, clingo };

/// Nothing where the program uses what the system lacks or means otherwise: aggregates, relations with bound columns,
/// terms, for clingo also fractions. Under clingo tags are ignored and a network says its likeliest label, as under
/// `unit`. Query number i is the predicate `qi`.
std::optional<std::string> translated(const Source& source, const lang::Program& program, System system);

}  // namespace tenfold::fuzz
