// The parts of the lists of functions and predicates, which functions.cc and predicates.cc put together, and what the
// parts are written with.
#pragma once

#include <utility>
#include <vector>

#include "modules/predicates.h"

namespace tenfold::modules {

using Maybe = std::optional<Cell>;

inline std::string_view text(const Call& call, std::size_t i) { return call.symbols.text(as_symbol(call.args[i])); }
inline std::string_view text(const PredicateCall& call, std::size_t i) {
  return call.symbols.text(as_symbol(call.inputs[i]));
}

/// Puts functions at the end of a list.
class FunctionList {
 public:
  explicit FunctionList(std::vector<Function>& list) : list_(list) {}
  void operator()(std::string_view name, std::vector<Family> args, Family result, Maybe (*call)(const Call&),
                  std::string_view doc, Refuse refuse = nullptr) const {
    list_.push_back(
        {.name = name, .args = std::move(args), .result = result, .doc = doc, .call = call, .refuse = refuse});
  }

 private:
  std::vector<Function>& list_;
};

/// Puts predicates whose rows are certain at the end of a list.
class PredicateList {
 public:
  explicit PredicateList(std::vector<Predicate>& list) : list_(list) {}
  void operator()(std::string_view name, std::vector<PredicateColumn> columns, std::uint32_t inputs,
                  bool (*rows)(const PredicateCall&, const RowSink&), std::string_view doc,
                  Refuse refuse = nullptr) const {
    list_.push_back({name, std::move(columns), inputs, false, doc, rows, refuse});
  }

 private:
  std::vector<Predicate>& list_;
};

void add_math(std::vector<Function>& functions);
void add_text(std::vector<Function>& functions);
void add_time(std::vector<Function>& functions);
void add_units(std::vector<Function>& functions);
void add_exact(std::vector<Function>& functions);
void add_regex(std::vector<Function>& functions);
void add_calendar(std::vector<Function>& functions);
void add_clinical(std::vector<Function>& functions);
void add_names(std::vector<Function>& functions);
void add_solver(std::vector<Function>& functions);

void add_exact(std::vector<Predicate>& predicates);
void add_regex(std::vector<Predicate>& predicates);
void add_calendar(std::vector<Predicate>& predicates);
void add_names(std::vector<Predicate>& predicates);
void add_solver(std::vector<Predicate>& predicates);

}  // namespace tenfold::modules
