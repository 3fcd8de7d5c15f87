// Predicates that are computed: from the values of their first columns, the rows of the others. One table for the
// compiler, which needs their types, and for every executor, which calls `rows`. Read predicates.cc for the list.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "modules/modules.h"

namespace tenfold::modules {

/// Takes rows one by one: the values of the columns that are no inputs, and their probability (1: certain). Says false
/// to stop.
class RowSink {
 public:
  template <class Take>
  explicit RowSink(Take& take)
      : to_(&take), take_([](void* to, std::span<const Cell> row, double probability) {
          return (*static_cast<Take*>(to))(row, probability);
        }) {}
  bool operator()(std::span<const Cell> outputs, double probability = 1.0) const {
    return take_(to_, outputs, probability);
  }

 private:
  void* to_;
  bool (*take_)(void*, std::span<const Cell>, double);
};

struct PredicateCall {
  std::span<const Cell> inputs;
  std::span<const Type> types;  // of all columns
  Symbols& symbols;             // may be written to
};

struct PredicateColumn {
  std::string_view name;
  Family family;  // one that occurs twice stands for one type, as in functions
};

struct Predicate {
  std::string_view name;
  std::vector<PredicateColumn> columns;  // inputs first
  std::uint32_t inputs;
  bool tagged;  // rows may be uncertain: each is then an independent event, told apart by its values
  std::string_view doc;
  /// False when the sink stopped it. Rows come in a fixed order; a row may come twice.
  bool (*rows)(const PredicateCall&, const RowSink&);
  Refuse refuse = nullptr;
};

/// The type of a family that is one type; of another the type that the language prefers: i32, f32, String.
Type type_of(Family family);

/// All predicates, in a fixed order; an index into it is stable within a process.
const std::vector<Predicate>& predicates();

/// Index of a predicate, or nothing.
std::optional<std::uint32_t> find_predicate(std::string_view name);

}  // namespace tenfold::modules
