#include "proof/aggregate.h"

#include <algorithm>
#include <cmath>

#include "base/value_order.h"

namespace tenfold::proof {

using lang::AggregateOp;

namespace {

__extension__ using Wide = __int128;

// Sum or product in 128 bits, stepwise; nothing once it leaves 64.
std::optional<Cell> whole(AggregateOp op, const std::vector<Row>& rows, Type type) {
  const bool product = op == AggregateOp::prod;
  Wide total = product ? 1 : 0;
  for (const Row& row : rows) {
    const Wide x = is_signed(type) ? Wide{as_int(row.back())} : Wide{row.back()};
    total = product ? total * x : total + x;
    if (total > Wide{UINT64_MAX} || total < Wide{INT64_MIN}) return std::nullopt;
  }
  if (total > Wide{INT64_MAX})
    return type == Type::u64 || type == Type::usize ? std::optional(static_cast<Cell>(total)) : std::nullopt;
  return fit(static_cast<std::int64_t>(total), type);
}

std::optional<Cell> real(AggregateOp op, const std::vector<Row>& rows, Type type) {
  std::optional<Cell> total = cell(op == AggregateOp::prod ? 1.0 : 0.0);
  for (const Row& row : rows) {
    const double x = as_double(row.back());
    if (total) total = fit(op == AggregateOp::prod ? as_double(*total) * x : as_double(*total) + x, type);
  }
  return total;
}

// Of integers truncated; of nothing there is none.
std::optional<Cell> average(const std::vector<Row>& rows, Type type) {
  if (rows.empty()) return std::nullopt;
  if (is_float(type)) {
    double total = 0.0;
    for (const Row& row : rows) total += as_double(row.back());
    return fit(total / static_cast<double>(rows.size()), type);
  }
  Wide total = 0;
  for (const Row& row : rows) total += is_signed(type) ? Wide{as_int(row.back())} : Wide{row.back()};
  return fit(static_cast<std::int64_t>(total / static_cast<Wide>(rows.size())), type);
}

// In the order of what stands in brackets, then of the texts.
std::string joined(const lang::Program& program, const lang::Aggregate& a, std::vector<Row> rows,
                   const Symbols& symbols) {
  std::sort(rows.begin(), rows.end(), [&](const Row& x, const Row& y) {
    for (std::size_t c = a.groups; c < x.size(); ++c)
      if (const int order = compare(x[c], y[c], program.relations[a.body].columns[c].type, symbols); order != 0)
        return order < 0;
    return false;
  });
  std::string text;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0) text += a.separator;
    text += symbols.text(as_symbol(rows[i].back()));
  }
  return text;
}

}  // namespace

bool extreme(AggregateOp op) {
  return op == AggregateOp::min || op == AggregateOp::max || op == AggregateOp::argmin || op == AggregateOp::argmax;
}

bool existential(AggregateOp op) { return op == AggregateOp::exists || op == AggregateOp::forall; }

bool computable(const lang::Aggregate& a) {
  const AggregateOp op = a.op;
  if (op == AggregateOp::string_join) return !a.all;
  return extreme(op) || existential(op) || op == AggregateOp::count || op == AggregateOp::sum ||
         op == AggregateOp::avg || op == AggregateOp::prod;
}

int better(const lang::Program& program, const lang::Aggregate& a, std::span<const Cell> x, std::span<const Cell> y,
           const Symbols& symbols) {
  const bool largest = a.op == AggregateOp::max || a.op == AggregateOp::argmax;
  for (std::size_t c = a.groups + a.args; c < x.size(); ++c)
    if (const int order = compare(x[c], y[c], program.relations[a.body].columns[c].type, symbols); order != 0)
      return largest ? -order : order;
  return 0;
}

Row extreme_value(const lang::Aggregate& a, std::span<const Cell> row) {
  const bool args_alone = a.op == AggregateOp::argmin || a.op == AggregateOp::argmax;
  return Row(row.begin() + a.groups, args_alone ? row.begin() + a.groups + a.args : row.end());
}

std::optional<std::vector<Row>> results(const lang::Program& program, const lang::Aggregate& a,
                                        const std::vector<Row>& rows, const Symbols& symbols) {
  std::vector<Row> out;
  const Type type = program.relations[a.result].columns.back().type;
  switch (a.op) {
    case AggregateOp::exists:
    case AggregateOp::forall:
      out.push_back({Cell{rows.empty() == (a.op == AggregateOp::forall)}});
      return out;
    case AggregateOp::count:
      if (const auto n = fit(static_cast<std::int64_t>(rows.size()), type)) out.push_back({*n});
      return out;
    case AggregateOp::sum:
    case AggregateOp::prod:
      if (type == Type::i128 || type == Type::u128 || type == Type::duration) return std::nullopt;
      if (const auto total = is_float(type) ? real(a.op, rows, type) : whole(a.op, rows, type)) out.push_back({*total});
      return out;
    case AggregateOp::avg:
      if (type == Type::i128 || type == Type::u128 || type == Type::duration) return std::nullopt;
      if (const auto mean = average(rows, type)) out.push_back({*mean});
      return out;
    case AggregateOp::string_join: {
      const auto text = a.all ? std::nullopt : symbols.find(joined(program, a, rows, symbols));
      if (!text) return std::nullopt;  // a text that nothing else says is no value that could be compared
      out.push_back({Cell{*text}});
      return out;
    }
    case AggregateOp::min:
    case AggregateOp::max:
    case AggregateOp::argmin:
    case AggregateOp::argmax: {
      if (rows.empty()) return out;
      const Row* best = &rows[0];
      for (const Row& row : rows)
        if (better(program, a, row, *best, symbols) < 0) best = &row;
      for (const Row& row : rows)
        if (better(program, a, row, *best, symbols) == 0) out.push_back(extreme_value(a, row));
      std::sort(out.begin(), out.end());
      out.erase(std::unique(out.begin(), out.end()), out.end());
      return out;
    }
    default:
      return std::nullopt;
  }
}

bool same_result(const lang::Program& program, const lang::Aggregate& a, std::span<const Cell> x,
                 std::span<const Cell> y) {
  if (x.size() != y.size()) return false;
  const auto& columns = program.relations[a.result].columns;
  for (std::size_t c = 0; c < x.size(); ++c) {
    const Type type = columns[columns.size() - x.size() + c].type;
    if (x[c] == y[c]) continue;
    const double u = as_double(x[c]), v = as_double(y[c]);
    if (!is_float(type) || std::abs(u - v) > (type == Type::f32 ? 1e-5 : 1e-9) * std::max(std::abs(u), std::abs(v)))
      return false;
  }
  return true;
}

}  // namespace tenfold::proof
