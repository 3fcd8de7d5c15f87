// Aggregates that order, number, pick, draw or reweigh rows: sort, argsort, enumerate, rank, top, unique, uniform,
// categorical, normalize, softmax, disjunct. A row that comes through keeps its tag; the last three give it an event of
// its own, exclusive with the others of its group.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/value_order.h"
#include "engine/aggregate.h"
#include "engine/tags.h"

namespace tenfold::engine {
namespace {

using enum lang::AggregateOp;
constexpr double kSumTolerance = 1e-6;  // of probabilities that should not exceed 1

// Vigna's splitmix64: the same numbers on every machine, which std::uniform_int_distribution does not promise.
struct Random {
  std::uint64_t state;
  std::uint64_t next() {
    std::uint64_t z = (state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
};

}  // namespace

bool Aggregation::picks() const { return a_.op >= sort && a_.op <= categorical; }

Status Aggregation::pick(const Key& key, std::span<Row> rows) {
  if (a_.op != sort && a_.op != argsort) sort_rows(rows);
  // Costs and counts are no shares of a whole: there rows come through as they are.
  const bool tagged = e_.has_tags() && !a_.one_world && !e_.numbers_;
  switch (a_.op) {
    case sort:
    case argsort:
      sort_by_vars(rows, !a_.ascending);
      numbered(key, rows);
      return {};
    case rank:
      sort_by_weight(rows, a_.ascending);
      numbered(key, rows);
      return {};
    case enumerate:
      numbered(key, rows);
      return {};
    case normalize:
    case softmax:
    case disjunct:
      if (tagged) return disjoint(key, rows);
      break;
    case uniform:
    case categorical: {
      std::vector<Row> drawn;
      for (std::size_t i : draw(key, rows)) drawn.push_back(rows[i]);
      std::copy(drawn.begin(), drawn.end(), rows.begin());
      rows = rows.first(drawn.size());
      break;
    }
    default:
      sort_by_weight(rows, false);
      rows = rows.first(std::min(rows.size(), a_.k));
  }
  for (Row r : rows) {
    const bool is_certain = !e_.has_tags() || (body_.certain(r) && group_certain_);
    put(key, value_of(r, a_.op == disjunct, true), std::span(&r, 1), is_certain, is_certain ? 0 : tag_of(r));
  }
  return {};
}

// Rows under their number, from 0; the tag stays that of the row.
void Aggregation::numbered(const Key& key, Rows rows) {
  const bool args = a_.op == sort || a_.op == argsort, vars = a_.op != argsort;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Key value{cell(static_cast<std::int64_t>(i))};
    const Key cells = value_of(rows[i], args, vars);
    value.insert(value.end(), cells.begin(), cells.end());
    const bool is_certain = !e_.has_tags() || (body_.certain(rows[i]) && group_certain_);
    put(key, value, rows.subspan(i, 1), is_certain, is_certain ? 0 : tag_of(rows[i]));
  }
}

void Aggregation::sort_by_weight(std::span<Row> rows, bool ascending) const {
  if (!e_.has_tags()) return;
  std::vector<std::pair<double, Row>> weighed;
  const bool least_first = ascending != e_.costs_;  // the best is the likeliest, or the cheapest
  // Sums over worlds may miss 1 by a rounding: weights that differ by less are equal, and the order of values decides.
  const auto rounded = [&](Row r) { return std::round(weight(r) * 1e12) / 1e12; };
  for (Row r : rows) weighed.emplace_back(least_first ? rounded(r) : -rounded(r), r);
  std::stable_sort(weighed.begin(), weighed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = weighed[i].second;
}

// Up to k rows, drawn with replacement and kept once. Depends on the seed, the aggregate and the group's values alone.
std::vector<std::size_t> Aggregation::draw(const Key& key, Rows rows) const {
  std::vector<std::size_t> drawn(rows.size());
  std::iota(drawn.begin(), drawn.end(), 0);
  if (rows.size() <= a_.k) return drawn;
  ContentHash content;
  for (std::size_t c = 0; c < key.size(); ++c) content.add(plain(key[c], types_[c], e_.symbols_));
  Random random{content.value ^ (e_.options_.seed * 0xD1342543DE82EF95u) ^ (std::uint64_t{number_} << 32)};
  drawn.clear();
  if (a_.op == uniform) {
    for (std::size_t i = 0; i < a_.k; ++i)
      drawn.push_back(
          std::min(rows.size() - 1, static_cast<std::size_t>(random.unit() * static_cast<double>(rows.size()))));
  } else {
    std::vector<double> below;  // running sum of the weights
    double total = 0.0;
    for (Row r : rows) below.push_back(total += weight(r));
    for (std::size_t i = 0; i < a_.k && total > 0.0; ++i) {
      const auto at = std::upper_bound(below.begin(), below.end(), random.unit() * total);
      drawn.push_back(std::min(rows.size() - 1, static_cast<std::size_t>(at - below.begin())));
    }
  }
  std::sort(drawn.begin(), drawn.end());
  drawn.erase(std::unique(drawn.begin(), drawn.end()), drawn.end());
  return drawn;
}

Status Aggregation::disjoint(const Key& key, Rows rows) {
  std::vector<double> weights;
  for (Row r : rows) weights.push_back(a_.op == softmax ? std::exp(weight(r)) : weight(r));
  if (a_.op != disjunct) {
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    for (double& w : weights) w /= total;
    return exclusive(key, rows, weights);
  }
  auto args = [&](Row r) { return body_.row(r).subspan(a_.groups, a_.args); };
  for (std::size_t i = 0, end = 0; i < rows.size(); i = end) {
    end = i + 1;
    while (end < rows.size() && std::ranges::equal(args(rows[i]), args(rows[end]))) ++end;
    const std::vector<double> part(weights.begin() + static_cast<std::ptrdiff_t>(i),
                                   weights.begin() + static_cast<std::ptrdiff_t>(end));
    if (Status s = exclusive(key, rows.subspan(i, end - i), part); !s.ok()) return s;
  }
  return {};
}

// Each row becomes a member of a new exclusive group, with its weight as probability.
Status Aggregation::exclusive(const Key& key, Rows rows, std::vector<double> weights) {
  if (std::accumulate(weights.begin(), weights.end(), 0.0) > 1.0 + kSumTolerance)
    return Error{"exclusive-sum", a_.place,
                 "the probabilities that `" + a_.text + "` makes exclusive sum to more than 1",
                 "use normalize, or lower them: only one of these facts can hold", ""};
  const std::uint32_t group = e_.inputs_.new_group();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (weights[i] <= 0.0) continue;
    const Key value = value_of(rows[i], a_.op == disjunct, true);
    if (weights[i] >= 1.0 && group_certain_) {
      put(key, value, rows.subspan(i, 1), true, 0);
      continue;
    }
    Key tuple = key;
    tuple.insert(tuple.end(), value.begin(), value.end());
    const auto member = e_.inputs_.add(std::min(1.0, weights[i]), group, e_.content_key(a_.result, tuple));
    put(key, value, rows.subspan(i, 1), false, e_.tags_->of_input(member), member);
  }
  return {};
}

}  // namespace tenfold::engine
