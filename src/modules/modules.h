// Exact modules that rules can call as $functions: arithmetic, text, dates, units, formulas, constraints. Each is a
// pure function on cells that may have no value for its arguments (the tuple under construction then does not exist).
// Read functions.cc for the list.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/symbols.h"
#include "tenfold/value.h"

namespace tenfold::modules {

/// What an argument or a result may be. A family that occurs twice in one signature stands for the same type, but for
/// `any` and `text` (String and Symbol mix; a text result is a String).
enum class Family : std::uint8_t {
  number,
  integer,
  floating,
  text,
  boolean,
  character,
  datetime,
  any,
  usize,
  i32,
  u32,
  i64,
  f64,
  u64,
  duration,
  entity,
  tensor,
  rational,
  money
};

struct Call {
  std::span<const Cell> args;
  std::span<const Type> types;  // of the arguments
  Type result;
  Symbols& symbols;
};

/// What is wrong with an argument that stands in the program, and what to write.
struct Complaint {
  std::string what, hint;
};
/// Looks at one text argument, by its index from 0, when the program is compiled.
using Refuse = std::optional<Complaint> (*)(std::size_t argument, std::string_view text);

struct Function {
  std::string_view name;  // without the dollar
  std::vector<Family> args;
  bool variadic = false;       // the last argument may repeat, at least once
  std::uint32_t optional = 0;  // how many trailing arguments may be left out
  Family result;
  std::string_view doc;  // one line, with units
  std::optional<Cell> (*call)(const Call&);
  Refuse refuse = nullptr;
};

/// All functions, in a fixed order; an index into it is stable within a process.
const std::vector<Function>& functions();

/// Index of a function, or nothing.
std::optional<std::uint32_t> find_function(std::string_view name);

}  // namespace tenfold::modules
