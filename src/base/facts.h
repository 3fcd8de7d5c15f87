// Facts on their way from a file into a session: rows of cells with the place each came from.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "base/symbols.h"
#include "tenfold/value.h"

namespace tenfold {

/// What an adapter promises about one relation that it fills.
struct FactSchema {
  struct Column {
    std::string name;
    Type type;
  };
  std::string relation;
  std::vector<Column> columns;
  std::string doc;  // one line: what a tuple means
};

/// Facts of one relation, row-major, all certain unless `probabilities` is filled (then one a row).
struct FactTable {
  std::string relation;
  std::vector<Type> types;
  std::vector<Cell> cells;        // size = rows * types.size()
  std::vector<SymbolId> origins;  // one a row: "MedicationRequest/118", "labs.csv:12"
  std::vector<double> probabilities;

  std::size_t rows() const { return origins.size(); }
  std::span<const Cell> row(std::size_t i) const { return {cells.data() + i * types.size(), types.size()}; }
  void add(std::span<const Cell> row, SymbolId origin) {
    cells.insert(cells.end(), row.begin(), row.end());
    origins.push_back(origin);
  }
  void clear() {
    cells.clear();
    origins.clear();
    probabilities.clear();
  }
};

}  // namespace tenfold
