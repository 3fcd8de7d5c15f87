#include "proof/aggregate.h"

#include <algorithm>
#include <cmath>

#include "base/value_order.h"
#include "lang/expression.h"

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

// Sum, product or mean without rounding; nothing of amounts in two currencies, and none of no amounts.
std::optional<Cell> exact(AggregateOp op, const std::vector<Row>& rows, Type type, Symbols& symbols) {
  if (rows.empty() && (type == Type::money || op == AggregateOp::avg)) return std::nullopt;
  std::optional<Cell> total = op == AggregateOp::prod ? Cell{1} : Cell{0};
  for (std::size_t i = 0; i < rows.size() && total; ++i) {
    const Cell x = rows[i].back();
    const bool first = type == Type::money && i == 0;  // it says the currency
    const lang::Op by = op == AggregateOp::prod ? lang::Op::multiply : lang::Op::add;
    total = first ? x : lang::arithmetic(by, *total, x, type, symbols);
  }
  return total && op == AggregateOp::avg ? lang::share(*total, type, rows.size(), symbols) : total;
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

// Rows of one part of the group have equal values in brackets; the same numbers are not asked for twice.
bool same_args(const lang::Aggregate& a, const Row& x, const Row& y) {
  return std::ranges::equal(std::span(x).subspan(a.groups, a.args), std::span(y).subspan(a.groups, a.args));
}

constexpr std::size_t kMaxTexts = 10'000;

// string_join<all>: a text for each way to take one row for each of what stands in brackets.
std::optional<std::vector<Outcome>> texts(const lang::Aggregate& a, const std::vector<WeighedRow>& rows,
                                          Symbols& symbols) {
  std::vector<std::pair<std::string, std::vector<Row>>> reached{{"", {}}};
  for (std::size_t i = 0, end = 0; i < rows.size(); i = end) {
    std::vector<std::pair<std::string, std::vector<Row>>> longer;
    for (end = i + 1; a.args > 0 && end < rows.size() && same_args(a, rows[end].row, rows[i].row);) ++end;
    for (const auto& [text, chosen] : reached)
      for (std::size_t j = i; j < end; ++j) {
        std::string next = i == 0 ? "" : text + a.separator;
        next += symbols.text(as_symbol(rows[j].row.back()));
        longer.emplace_back(std::move(next), chosen);
        longer.back().second.push_back(rows[j].row);
      }
    reached = std::move(longer);
    if (reached.size() > kMaxTexts) return std::nullopt;
  }
  std::vector<Outcome> out;
  for (auto& [text, chosen] : reached) out.push_back({{Cell{symbols.intern(text)}}, std::move(chosen)});
  return out;
}

// FNV-1a over texts, then Vigna's splitmix64: what the language says a seed draws.
struct Random {
  std::uint64_t state;
  explicit Random(const Draw& draw) : state(0xCBF29CE484222325u) {
    for (const std::string& text : draw.group) {
      for (char c : text) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
      state = (state ^ 0xFFu) * 0x100000001B3u;
    }
    state ^= (draw.seed * 0xD1342543DE82EF95u) ^ (std::uint64_t{draw.number} << 32);
  }
  double unit() {
    std::uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
  }
};

// k times with replacement, each row kept once.
void draw_rows(const lang::Aggregate& a, const Draw& draw, std::vector<WeighedRow>& rows) {
  if (rows.size() <= a.k) return;
  Random random(draw);
  double total = 0.0;
  for (const WeighedRow& r : rows) total += a.op == AggregateOp::uniform ? 1.0 : r.weight;
  std::vector<bool> drawn(rows.size(), false);
  for (std::size_t i = 0; i < a.k && total > 0.0; ++i) {
    const double at = random.unit() * total;
    std::size_t chosen = 0;
    for (double below = 0.0; chosen + 1 < rows.size(); ++chosen)
      if (at < (below += a.op == AggregateOp::uniform ? 1.0 : rows[chosen].weight)) break;
    drawn[chosen] = true;
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (drawn[i]) rows[kept++] = rows[i];
  rows.resize(kept);
}

// Sums over worlds may miss a number by a rounding: weights that differ by less are equal.
double rounded(double weight) { return std::round(weight * 1e12) / 1e12; }

// Each row an event that is as likely as it weighs: as its share of the group, or (disjunct) as it is.
std::vector<Outcome> events(const lang::Aggregate& a, const std::vector<WeighedRow>& rows) {
  const bool shares = a.op != AggregateOp::disjunct, soft = a.op == AggregateOp::softmax;
  double total = 0.0;
  for (const WeighedRow& r : rows) total += soft ? std::exp(r.weight) : r.weight;
  std::vector<Outcome> out;
  std::uint32_t part = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i > 0 && !shares && !same_args(a, rows[i - 1].row, rows[i].row)) ++part;
    const double weight = soft ? std::exp(rows[i].weight) : rows[i].weight;
    const double p = shares ? weight / total : weight;
    const auto begin = rows[i].row.begin() + a.groups;
    if (p > 0.0) out.push_back({Row(shares ? begin + a.args : begin, rows[i].row.end()), {}, std::min(1.0, p), part});
  }
  return out;
}

}  // namespace

bool extreme(AggregateOp op) {
  return op == AggregateOp::min || op == AggregateOp::max || op == AggregateOp::argmin || op == AggregateOp::argmax;
}

bool existential(AggregateOp op) { return op == AggregateOp::exists || op == AggregateOp::forall; }

bool makes_events(const lang::Aggregate& a) {
  return a.op == AggregateOp::normalize || a.op == AggregateOp::softmax || a.op == AggregateOp::disjunct;
}

bool picks(const lang::Aggregate& a) {
  return a.op >= AggregateOp::sort && a.op <= AggregateOp::categorical && !makes_events(a);
}

bool weighs(const lang::Aggregate& a) { return a.op == AggregateOp::weighted_sum || a.op == AggregateOp::weighted_avg; }

bool looks_at_all(const lang::Aggregate& a) {
  return picks(a) || makes_events(a) || a.one_world || (a.op == AggregateOp::string_join && a.all);
}

std::optional<std::vector<Outcome>> outcomes(const lang::Program& program, const lang::Aggregate& a,
                                             std::vector<WeighedRow> rows, bool tags, const Draw& draw,
                                             Symbols& symbols) {
  std::sort(rows.begin(), rows.end(), [&](const WeighedRow& x, const WeighedRow& y) {
    return order_from(program, a, a.groups, x.row, y.row, symbols) < 0;
  });
  if (a.one_world) {
    std::vector<Row> all;
    std::vector<double> weights;
    for (const WeighedRow& r : rows) {
      all.push_back(r.row);
      weights.push_back(r.weight);
    }
    const auto values = results(program, a, all, symbols, weights);
    if (!values) return std::nullopt;
    std::vector<Outcome> out;
    for (const Row& value : *values) out.push_back({value, {}});
    return out;
  }
  if (a.op == AggregateOp::string_join) return texts(a, rows, symbols);
  if (makes_events(a) && tags) return events(a, rows);
  const bool sorts = a.op == AggregateOp::sort || a.op == AggregateOp::argsort;
  const bool best = a.op == AggregateOp::top || a.op == AggregateOp::unique;
  if (sorts)
    std::stable_sort(rows.begin(), rows.end(), [&](const WeighedRow& x, const WeighedRow& y) {
      const int order = order_from(program, a, a.groups + a.args, x.row, y.row, symbols);
      return a.ascending ? order < 0 : order > 0;
    });
  if (best || a.op == AggregateOp::rank)
    std::stable_sort(rows.begin(), rows.end(), [&](const WeighedRow& x, const WeighedRow& y) {
      const double u = rounded(x.weight), v = rounded(y.weight);
      return a.ascending ? u < v : u > v;
    });
  if (best && rows.size() > a.k) rows.resize(a.k);
  if (a.op == AggregateOp::uniform || a.op == AggregateOp::categorical) draw_rows(a, draw, rows);
  const bool numbers = sorts || a.op == AggregateOp::enumerate || a.op == AggregateOp::rank;
  const bool args = sorts || a.op == AggregateOp::disjunct, vars = a.op != AggregateOp::argsort;
  std::vector<Outcome> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i].row;
    const auto begin = row.begin() + a.groups;
    Row value;
    if (numbers) value.push_back(cell(static_cast<std::int64_t>(i)));
    value.insert(value.end(), args ? begin : begin + a.args, vars ? row.end() : begin + a.args);
    out.push_back({std::move(value), {row}});
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
                                        const std::vector<Row>& rows, Symbols& symbols,
                                        const std::vector<double>& weights) {
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
      if (type == Type::rational || type == Type::money) {
        if (const auto total = exact(a.op, rows, type, symbols)) out.push_back({*total});
        return out;
      }
      if (type == Type::i128 || type == Type::u128 || type == Type::duration) return std::nullopt;
      if (const auto total = is_float(type) ? real(a.op, rows, type) : whole(a.op, rows, type)) out.push_back({*total});
      return out;
    case AggregateOp::avg:
      if (type == Type::rational || type == Type::money) {
        if (const auto mean = exact(a.op, rows, type, symbols)) out.push_back({*mean});
        return out;
      }
      if (type == Type::i128 || type == Type::u128 || type == Type::duration) return std::nullopt;
      if (const auto mean = average(rows, type)) out.push_back({*mean});
      return out;
    case AggregateOp::weighted_sum:
    case AggregateOp::weighted_avg: {
      double total = 0.0, whole = 0.0;
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const double weight = weights.empty() ? 1.0 : weights[i];
        total += weight * as_double(rows[i].back());
        whole += weight;
      }
      if (!is_float(type)) return std::nullopt;
      if (const auto found = fit(a.op == AggregateOp::weighted_avg ? total / whole : total, type))
        out.push_back({*found});
      return out;
    }
    case AggregateOp::string_join: {
      out.push_back({Cell{symbols.intern(joined(program, a, rows, symbols))}});
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
      return std::nullopt;  // outcomes() says them
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
