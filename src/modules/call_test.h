// Calls functions and predicates by name in a test: call("abs", {{Type::i8, "-5"}}, Type::i8) gives "5", or "none";
// rows("string_split", {{Type::string, "a,b"}, {Type::string, ","}}) gives {"a", "b"}.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/value_text.h"
#include "modules/predicates.h"

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

  /// `take(row, probability, types of the row)` says false to stop.
  template <class Take>
  void each_row(std::string_view name, const std::vector<Value>& inputs, Take take) {
    const Predicate& p = predicates()[find_predicate(name).value()];
    std::vector<Cell> cells;
    std::vector<Type> types;
    for (const auto& [type, text] : inputs) {
      cells.push_back(parse_plain(text, type, symbols).value());
      types.push_back(type);
    }
    for (std::size_t c = inputs.size(); c < p.columns.size(); ++c)
      types.push_back(p.columns[c].family == Family::integer ? types[0] : type_of(p.columns[c].family));
    const std::span<const Type> outputs = std::span(types).subspan(inputs.size());
    auto pass_on = [&](std::span<const Cell> row, double probability) { return take(row, probability, outputs); };
    p.rows({cells, types, symbols}, RowSink(pass_on));
  }

  /// At most 100, as plain() writes their cells, "0.25::" in front where they are uncertain.
  std::vector<std::string> rows(std::string_view name, const std::vector<Value>& inputs) {
    std::vector<std::string> out;
    each_row(name, inputs, [&](std::span<const Cell> row, double probability, std::span<const Type> types) {
      std::string line = probability == 1.0 ? "" : number_text(probability) + "::";
      for (std::size_t i = 0; i < row.size(); ++i) line += (i ? "," : "") + plain(row[i], types[i], symbols);
      out.push_back(line);
      return out.size() < 100;
    });
    return out;
  }

  Symbols symbols;
};

}  // namespace tenfold::modules
