// One random aggregate over the variables of a body.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace tenfold::fuzz {

/// Types of generated columns. `joined` is text that no network is asked about.
enum class T : std::uint8_t { integer, text, size, boolean, number, joined, rational, money };
const char* type_name(T type);

struct Var {
  std::string name;
  T type;
};

struct AggregateText {
  std::string call;           // "max[y](x", without what follows the colon
  std::string condition;      // to go to the end of the body: " and f9 == x as f64"
  bool makes_events = false;  // twice the text is two independent choices
  std::vector<Var> values;    // what it gives
};

/// The aggregates that may be drawn, by name; `forall` is not among them, because its body has a form of its own.
std::vector<std::string> aggregate_names();

/// @param vars  at least one; all that the body binds and the aggregate may use
/// @param only  this aggregate, where it is not empty; nothing where the variables do not suit it
std::optional<AggregateText> aggregate_text(std::vector<Var> vars, std::mt19937_64& random, const std::string& only);

}  // namespace tenfold::fuzz
