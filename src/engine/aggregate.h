// Aggregates over one finished relation. Certain rows are counted; over uncertain rows the result is a distribution:
// count and sum by one pass a row over the values reached so far, min and max by a sweep from the best value down,
// exists by complement; no world is enumerated. Equal values do not exclude one another.
#pragma once

#include <map>
#include <vector>

#include "engine/engine.h"

namespace tenfold::engine {

class Aggregation {
 public:
  Aggregation(Evaluation& evaluation, const lang::Aggregate& aggregate, std::uint32_t number);
  Status run();

 private:
  using Key = std::vector<Cell>;
  struct Reached {  // a value that the aggregate may have, and the tag that it does
    Key value;
    std::size_t tag;
  };

  void collect_groups();
  bool less(Row a, Row b) const;  // by the vars, typed; then by all columns
  bool same_vars(Row a, Row b) const;
  int compare(Row a, Row b) const;
  Status group(const Key& key, std::vector<Row> rows);
  Status certain(const Key& key, const std::vector<Row>& rows);
  Status uncertain(const Key& key, const std::vector<Row>& rows);
  Status fold(const Key& key, const std::vector<Row>& rows);
  Status extreme(const Key& key, const std::vector<Row>& rows);
  void existence(const Key& key, const std::vector<Row>& rows);
  std::optional<Cell> combine(Cell total, Row row) const;
  Cell start() const;
  Key value_of(Row row) const;
  void put(const Key& key, const Key& value, const std::vector<Row>& rows, bool is_certain, std::size_t tag);
  std::size_t tag_of(Row row);
  bool largest() const;
  bool is_extreme() const;

  Evaluation& e_;
  const lang::Aggregate& a_;
  std::uint32_t number_;
  const Relation& body_;
  std::vector<Type> types_;  // of the body
  Type result_type_;         // of the value, for count, sum, prod
  std::map<Key, std::vector<Row>> groups_;
};

}  // namespace tenfold::engine
