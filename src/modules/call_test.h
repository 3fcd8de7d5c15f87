// Calls a function by name in a test: call("abs", {value(Type::i8, "-5")}) gives "5", or "none".
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/value_text.h"
#include "modules/modules.h"

namespace tenfold::modules {

class CallTest : public testing::Test {
 protected:
  using Value = std::pair<Type, std::string>;

  /// Arguments are given as plain() writes them; so is the result, with the type that `result` says.
  std::string call(std::string_view name, const std::vector<Value>& args, Type result) {
    const auto index = find_function(name);
    if (!index) return "no such function";
    std::vector<Cell> cells;
    std::vector<Type> types;
    for (const auto& [type, text] : args) {
      const auto cell = parse_plain(text, type, symbols);
      if (!cell) return "bad argument " + text;
      cells.push_back(*cell);
      types.push_back(type);
    }
    const auto cell = functions()[*index].call({.args = cells, .types = types, .result = result, .symbols = symbols});
    return cell ? plain(*cell, result, symbols) : "none";
  }

  Symbols symbols;
};

}  // namespace tenfold::modules
