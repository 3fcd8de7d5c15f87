#include "engine/aggregate.h"

#include <algorithm>
#include <map>

#include "base/value_order.h"
#include "engine/tags.h"

namespace tenfold::engine {

Aggregation::Aggregation(Evaluation& evaluation, const lang::Aggregate& aggregate, std::uint32_t number,
                         const Relation* only)
    : e_(evaluation),
      a_(aggregate),
      number_(number),
      only_(only),
      body_(evaluation.relation(aggregate.body)),
      types_(evaluation.plan_.relations[aggregate.body].types),
      result_type_(evaluation.plan_.relations[aggregate.result].types.back()),
      keys_(aggregate.groups) {}

bool Aggregation::is_extreme() const {
  using enum lang::AggregateOp;
  return a_.op == min || a_.op == max || a_.op == argmin || a_.op == argmax;
}

bool Aggregation::largest() const { return a_.op == lang::AggregateOp::max || a_.op == lang::AggregateOp::argmax; }

// Rows by group, by counting: a million rows are not worth a tree.
void Aggregation::collect_groups() {
  const auto wanted = [&](std::span<const Cell> key) { return !only_ || only_->find(key) != kNone; };
  if (a_.groups == 0) keys_.insert({});
  if (a_.domain != lang::kNone) {
    const Relation& domain = e_.relation(a_.domain);
    for (Row r = 0; r < domain.size(); ++r)
      if (wanted(domain.row(r)) && e_.holds(a_.domain, r)) keys_.insert(domain.row(r));
  }
  std::vector<std::uint32_t> group_of(body_.size(), kNone);
  for (Row r = 0; r < body_.size(); ++r) {
    const auto key = body_.row(r).first(a_.groups);
    if (!wanted(key) || !e_.holds(a_.body, r)) continue;
    group_of[r] = a_.domain != lang::kNone ? keys_.find(key) : keys_.insert(key).first;
  }
  first_.assign(keys_.size() + 1, 0);
  for (std::uint32_t g : group_of)
    if (g != kNone) ++first_[g + 1];
  for (std::size_t g = 1; g < first_.size(); ++g) first_[g] += first_[g - 1];
  rows_.resize(first_.back());
  std::vector<std::uint32_t> next(first_.begin(), first_.end() - 1);
  for (Row r = 0; r < body_.size(); ++r)
    if (group_of[r] != kNone) rows_[next[group_of[r]]++] = r;
}

int Aggregation::compare_vars(Row a, Row b) const {
  const auto x = body_.row(a), y = body_.row(b);
  for (std::size_t c = a_.groups + a_.args; c < types_.size(); ++c)
    if (const int order = compare(x[c], y[c], types_[c], e_.symbols_); order != 0) return order;
  return 0;
}

bool Aggregation::before(Row a, Row b) const {
  const auto x = body_.row(a), y = body_.row(b);
  for (std::size_t c = a_.groups; c < types_.size(); ++c)
    if (const int order = compare(x[c], y[c], types_[c], e_.symbols_); order != 0) return order < 0;
  return false;
}

// A number that orders as the value does, as far as it goes: equal keys say nothing.
std::uint64_t Aggregation::sort_key(Row row, std::size_t column) const {
  constexpr std::uint64_t kSign = std::uint64_t{1} << 63;
  const Cell value = body_.row(row)[column];
  const Type type = types_[column];
  if (is_float(type)) return value & kSign ? ~value : value | kSign;
  if (type == Type::i128 || type == Type::u128 || type >= Type::duration) return 0;
  if (is_signed(type) || type == Type::datetime) return value ^ kSign;
  if (!is_text(type)) return value;
  std::uint64_t key = 0;
  const std::string_view text = e_.symbols_.text(as_symbol(value)).substr(0, 8);
  for (std::size_t i = 0; i < 8; ++i) key = key << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0u);
  return key;
}

// A million rows are sorted by numbers in one array; rows are looked at where these are equal.
template <class Before>
void Aggregation::sort_by_key(std::span<Row> rows, std::size_t column, std::uint64_t flip, Before before) const {
  std::vector<std::pair<std::uint64_t, Row>> keyed;
  keyed.reserve(rows.size());
  for (Row r : rows) keyed.emplace_back(sort_key(r, column) ^ flip, r);
  std::sort(keyed.begin(), keyed.end(), [&](const auto& a, const auto& b) {
    return a.first != b.first ? a.first < b.first : before(a.second, b.second);
  });
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = keyed[i].second;
}

void Aggregation::sort_rows(std::span<Row> rows) const {
  if (a_.groups == types_.size()) return;
  sort_by_key(rows, a_.groups, 0, [&](Row a, Row b) { return before(a, b); });
}

void Aggregation::sort_by_vars(std::span<Row> rows, bool largest) const {
  const std::uint64_t flip = largest ? ~std::uint64_t{0} : 0;
  sort_by_key(rows, a_.groups + a_.args, flip, [&](Row a, Row b) {
    const int order = compare_vars(a, b);
    return order == 0 ? before(a, b) : largest ? order > 0 : order < 0;
  });
}

Status Aggregation::run() {
  collect_groups();
  for (std::uint32_t g = 0; g < keys_.size(); ++g) {
    const Key key(keys_.row(g).begin(), keys_.row(g).end());
    if (Status s = group(key, std::span(rows_).subspan(first_[g], first_[g + 1] - first_[g])); !s.ok()) return s;
    if (g % 4096 == 4095)
      if (Status s = e_.check_limits(); !s.ok()) return s;
  }
  return {};
}

Status Aggregation::group(const Key& key, std::span<Row> rows) {
  // A group that is itself uncertain (its domain tuple) multiplies in; without tags there is nothing to multiply.
  group_certain_ = true;
  if (a_.domain != lang::kNone && e_.has_tags() && !a_.one_world) {
    const Relation& domain = e_.relation(a_.domain);
    group_certain_ = domain.certain(domain.find(key));
  }
  Status s;
  if (picks()) {
    s = pick(key, rows);
  } else if (!e_.has_tags() || a_.one_world ||
             (!e_.counts_ && group_certain_ &&
              std::all_of(rows.begin(), rows.end(), [&](Row r) { return body_.certain(r); }))) {
    return certain(key, rows);
  } else {
    s = uncertain(key, rows);
  }
  if (e_.has_tags()) e_.tags_->forget();
  return s;
}

Aggregation::Key Aggregation::value_of(Row row, bool args, bool vars) const {
  const auto cells = body_.row(row).subspan(a_.groups);
  Key out;
  if (args) out.assign(cells.begin(), cells.begin() + a_.args);
  if (vars) out.insert(out.end(), cells.begin() + a_.args, cells.end());
  return out;
}

Status Aggregation::certain(const Key& key, std::span<Row> rows) {
  if (is_extreme()) {
    first_level(key, rows);
    return {};
  }
  if (a_.op == lang::AggregateOp::exists || a_.op == lang::AggregateOp::forall) {
    put(key, {static_cast<Cell>(rows.empty() == (a_.op == lang::AggregateOp::forall))}, rows, true, 0);
    return {};
  }
  return certain_fold(key, rows);
}

// The rows with the best value, in one pass.
void Aggregation::first_level(const Key& key, Rows rows) {
  std::vector<Row> best;
  for (Row r : rows) {
    const int order = best.empty() ? 0 : compare_vars(r, best[0]);
    if (largest() ? order < 0 : order > 0) continue;
    if (order != 0) best.clear();
    best.push_back(r);
  }
  sort_rows(best);
  const bool vars = a_.op == lang::AggregateOp::min || a_.op == lang::AggregateOp::max;
  for (Row r : best) put(key, value_of(r, true, vars), std::span(&r, 1), true, 0);
}

std::size_t Aggregation::tag_of(Row row) { return e_.tags_->of_row(body_, a_.body, row); }

Status Aggregation::uncertain(const Key& key, std::span<Row> rows) {
  if (is_extreme()) {
    sort_by_vars(rows, largest());
    extreme(key, rows);
    return {};
  }
  sort_rows(rows);
  if (a_.op == lang::AggregateOp::exists || a_.op == lang::AggregateOp::forall) {
    existence(key, rows);
    return {};
  }
  return fold(key, rows);
}

void Aggregation::existence(const Key& key, Rows rows) {
  std::vector<std::size_t> tags;
  for (Row r : rows) tags.push_back(tag_of(r));
  const std::size_t some = e_.tags_->either(tags), none = e_.tags_->negation(some);
  const bool positive = a_.op == lang::AggregateOp::exists;
  put(key, {Cell{positive}}, rows, false, some);
  put(key, {Cell{!positive}}, rows, false, none);
}

// From the best value down: a row is the extreme if it holds and no row with a better value does. Several rows may give
// one result (argmax leaves the value out): then any of them will do.
void Aggregation::extreme(const Key& key, Rows rows) {
  struct Found {
    std::vector<Row> rows;
    std::vector<std::size_t> tags;
  };
  std::map<Key, Found> found;
  std::size_t none_better = e_.tags_->constant(true);
  bool some_certain = false;
  const bool vars = a_.op == lang::AggregateOp::min || a_.op == lang::AggregateOp::max;
  for (std::size_t i = 0, end = 0; i < rows.size() && !some_certain; i = end) {
    std::vector<std::size_t> level;
    for (end = i; end < rows.size() && compare_vars(rows[end], rows[i]) == 0; ++end) {
      level.push_back(tag_of(rows[end]));
      some_certain = some_certain || body_.certain(rows[end]);
      Found& value = found[value_of(rows[end], true, vars)];
      value.rows.push_back(rows[end]);
      value.tags.push_back(e_.tags_->both(none_better, level.back()));
    }
    none_better = e_.tags_->both(none_better, e_.tags_->negation(e_.tags_->either(level)));
  }
  for (const auto& [value, ways] : found) put(key, value, ways.rows, false, e_.tags_->either(ways.tags));
}

void Aggregation::put(const Key& key, const Key& value, Rows rows, bool is_certain, std::size_t tag,
                      provenance::Member event) {
  if (!is_certain && !group_certain_) {
    const Relation& domain = e_.relation(a_.domain);
    tag = e_.tags_->both(e_.tags_->of_row(domain, a_.domain, domain.find(key)), tag);
  }
  if (!is_certain && e_.tags_->zero(tag)) return;
  Key tuple = key;
  tuple.insert(tuple.end(), value.begin(), value.end());
  Relation& result = e_.own(a_.result);
  const Row row = result.insert(tuple).first;
  if (is_certain)
    result.set_certain(row);
  else
    e_.tags_->set(a_.result, row, tag);
  if (!is_certain || e_.options_.proofs)
    e_.firings_.attach(result, row, e_.firings_.add(FiringKind::aggregate, number_, rows, event));
}

}  // namespace tenfold::engine
