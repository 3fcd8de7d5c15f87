// What must never change an answer: the order of facts, rules and literals, names, a rule said twice or in other words,
// a step in between, a further question. Each change rewrites the text of a program, so that it goes through the whole
// compiler again.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "fuzz/generate.h"

namespace tenfold::fuzz {

/// How often each change was tried, changed the text, and was refused by the compiler.
struct ChangeCounts {
  struct Count {
    std::uint64_t tried = 0, changed = 0, refused = 0;
  };
  std::map<std::string, Count> by_name;
  std::string text() const;
};

/// Nothing when every change leaves every answer alone; else the change, what differs, and the changed program.
/// @param brief  as in check.h
std::string check_changes(const Source& source, std::uint64_t seed, ChangeCounts& counts, bool brief = false);

}  // namespace tenfold::fuzz
