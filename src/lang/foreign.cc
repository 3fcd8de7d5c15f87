#include "lang/foreign.h"

#include <algorithm>
#include <array>
#include <utility>

namespace tenfold::lang {
namespace {

constexpr std::array<std::string_view, 13> kPredicates = {
    "range",   "string_chars", "string_index", "string_find", "string_split", "datetime_ymd",    "float_eq",
    "soft_eq", "soft_neq",     "soft_gt",      "soft_lt",     "tensor_shape", "new_tag_variable"};

constexpr std::array kAggregates = {std::pair{std::string_view("count"), AggregateOp::count},
                                    std::pair{std::string_view("sum"), AggregateOp::sum},
                                    std::pair{std::string_view("prod"), AggregateOp::prod},
                                    std::pair{std::string_view("min"), AggregateOp::min},
                                    std::pair{std::string_view("max"), AggregateOp::max},
                                    std::pair{std::string_view("argmin"), AggregateOp::argmin},
                                    std::pair{std::string_view("argmax"), AggregateOp::argmax},
                                    std::pair{std::string_view("exists"), AggregateOp::exists},
                                    std::pair{std::string_view("forall"), AggregateOp::forall}};

constexpr std::array<std::string_view, 17> kRefused = {
    "avg",       "weighted_sum", "weighted_avg", "string_join", "sort",     "argsort",
    "enumerate", "rank",         "normalize",    "softmax",     "disjunct", "top",
    "unique",    "uniform",      "categorical",  "join",        "sample"};

}  // namespace

bool foreign_predicate(std::string_view name) {
  return std::find(kPredicates.begin(), kPredicates.end(), name) != kPredicates.end();
}

std::optional<AggregateOp> aggregate_op(std::string_view name) {
  for (const auto& [known, op] : kAggregates)
    if (known == name) return op;
  return std::nullopt;
}

bool known_aggregate(std::string_view name) {
  return aggregate_op(name) || std::find(kRefused.begin(), kRefused.end(), name) != kRefused.end();
}

std::vector<std::string> aggregate_names() {
  std::vector<std::string> out;
  for (const auto& [known, op] : kAggregates) out.emplace_back(known);
  return out;
}

std::optional<std::size_t> result_columns(const syntax::Aggregate& a) {
  const auto op = aggregate_op(a.op.text);
  if (!op) return std::nullopt;
  switch (*op) {
    case AggregateOp::min:
    case AggregateOp::max:
      return a.args.size() + a.vars.size();
    case AggregateOp::argmin:
    case AggregateOp::argmax:
      return a.args.size();
    default:
      return 1;
  }
}

}  // namespace tenfold::lang
