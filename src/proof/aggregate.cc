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
  if (product && std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.back() == 0; })) return Cell{0};
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

int order_from(const lang::Program& program, const lang::Aggregate& a, std::size_t column, const Row& x, const Row& y,
               const Symbols& symbols) {
  for (std::size_t c = column; c < x.size(); ++c)
    if (const int order = compare(x[c], y[c], program.relations[a.body].columns[c].type, symbols); order != 0)
      return order;
  return 0;
}

// In the order of what stands in brackets, then of the rest.
void sort_rows(const lang::Program& program, const lang::Aggregate& a, std::vector<Row>& rows, const Symbols& symbols) {
  std::sort(rows.begin(), rows.end(),
            [&](const Row& x, const Row& y) { return order_from(program, a, a.groups, x, y, symbols) < 0; });
}

// string_join<all>: a text for each way to take one row for each of what stands in brackets.
constexpr std::size_t kMaxTexts = 10'000;
std::optional<std::vector<std::string>> texts(const lang::Program& program, const lang::Aggregate& a,
                                              std::vector<Row> rows, const Symbols& symbols) {
  sort_rows(program, a, rows, symbols);
  std::vector<std::string> out{""};
  for (std::size_t i = 0, end = 0; i < rows.size(); i = end) {
    std::vector<std::string> longer;
    const auto args = [&](const Row& row) { return std::span(row).subspan(a.groups, a.args); };
    for (end = i + 1; a.args > 0 && end < rows.size() && std::ranges::equal(args(rows[end]), args(rows[i]));) ++end;
    for (const std::string& text : out)
      for (std::size_t j = i; j < end; ++j)
        longer.push_back((i == 0 ? "" : text + a.separator) + std::string(symbols.text(as_symbol(rows[j].back()))));
    out = std::move(longer);
    if (out.size() > kMaxTexts) return std::nullopt;
  }
  return out;
}

std::string joined(const lang::Program& program, const lang::Aggregate& a, std::vector<Row> rows,
                   const Symbols& symbols) {
  sort_rows(program, a, rows, symbols);
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

bool picks(const lang::Aggregate& a) { return a.op >= AggregateOp::sort && a.op <= AggregateOp::categorical; }

bool needs_certain(const lang::Aggregate& a) {
  return picks(a) || a.op == AggregateOp::weighted_sum || a.op == AggregateOp::weighted_avg ||
         (a.op == AggregateOp::string_join && a.all);
}

bool computable(const lang::Aggregate& a, bool tags) {
  // With tags these three make events of their own, which no proof names.
  const bool makes_events =
      a.op == AggregateOp::normalize || a.op == AggregateOp::softmax || a.op == AggregateOp::disjunct;
  return !(tags && makes_events);
}

// Certain rows all weigh one, so rank and top go by the order of the rows.
std::vector<std::pair<Row, Row>> picked(const lang::Program& program, const lang::Aggregate& a, std::vector<Row> rows,
                                        const Symbols& symbols) {
  sort_rows(program, a, rows, symbols);
  const bool sorts = a.op == AggregateOp::sort || a.op == AggregateOp::argsort;
  if (sorts)
    std::stable_sort(rows.begin(), rows.end(), [&](const Row& x, const Row& y) {
      const int order = order_from(program, a, a.groups + a.args, x, y, symbols);
      return a.ascending ? order < 0 : order > 0;
    });
  const bool draws = a.op == AggregateOp::uniform || a.op == AggregateOp::categorical;
  if (draws && rows.size() > a.k) return {};  // which were drawn cannot be told
  if ((a.op == AggregateOp::top || a.op == AggregateOp::unique) && rows.size() > a.k) rows.resize(a.k);
  const bool numbers = sorts || a.op == AggregateOp::enumerate || a.op == AggregateOp::rank;
  const bool args = sorts || a.op == AggregateOp::disjunct, vars = a.op != AggregateOp::argsort;
  std::vector<std::pair<Row, Row>> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto begin = rows[i].begin() + a.groups;
    Row value;
    if (numbers) value.push_back(cell(static_cast<std::int64_t>(i)));
    value.insert(value.end(), args ? begin : begin + a.args, vars ? rows[i].end() : begin + a.args);
    out.emplace_back(rows[i], std::move(value));
  }
  return out;
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
    case AggregateOp::weighted_sum:
    case AggregateOp::weighted_avg:
      if (const auto total =
              a.op == AggregateOp::weighted_avg ? average(rows, type) : real(AggregateOp::sum, rows, type))
        out.push_back({*total});
      return out;
    case AggregateOp::string_join: {
      if (a.all && !a.one_world) {
        const auto all = texts(program, a, rows, symbols);
        if (!all) return std::nullopt;
        for (const std::string& text : *all)
          if (const auto known = symbols.find(text)) out.push_back({Cell{*known}});
        return out;
      }
      const auto text = symbols.find(joined(program, a, rows, symbols));
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
      for (auto& [row, value] : picked(program, a, rows, symbols)) out.push_back(std::move(value));
      return out;
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
