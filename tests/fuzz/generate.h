// Random programs, mostly well typed, as items of text that can be shuffled, dropped and shrunk: facts certain,
// uncertain and exclusive, recursion, negation, aggregates, arithmetic kept small, relations with bound columns,
// networks, rule tags, queries with constants; a quarter
// of them with fractions and amounts of money. The same seed gives the same program everywhere.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "run/answers.h"

namespace tenfold::fuzz {

enum class ItemKind : std::uint8_t { declaration, facts, rule, query };

/// One item of the program: `start`, then the parts with `between` them, then `end`.
struct Item {
  ItemKind kind = ItemKind::rule;
  std::string start;
  std::vector<std::string> parts;
  std::string between = " and ";
  std::string end;
  bool tagged = false;  // a rule with a tag of its own: twice the rule is two events
  bool single = false;  // parts may not be dropped one by one
};
std::string text(const Item& item);

struct Source {
  std::vector<Item> items;
  std::map<std::string, std::map<answers::Row, answers::Saying>> networks;  // by name
};
std::string text(const Source& source);

/// A program, or a small one whose answers need this aggregate.
Source generate(std::uint64_t seed, const std::string& aggregate = "");

/// The values that generated programs start from; what relations with bound columns are computed for.
inline constexpr int kLowest = -4, kHighest = 14;
inline const std::vector<std::string> kStrings = {"a", "b", "c", "d"};

}  // namespace tenfold::fuzz
