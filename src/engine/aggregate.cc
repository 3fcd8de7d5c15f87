#include "engine/aggregate.h"

#include <algorithm>

#include "engine/tags.h"

namespace tenfold::engine {
namespace {
// Sums over uncertain rows may reach as many values as there are subsets: past this the program is told so.
constexpr std::size_t kMaxValues = 20'000;
}  // namespace

Aggregation::Aggregation(Evaluation& evaluation, const lang::Aggregate& aggregate, std::uint32_t number)
    : e_(evaluation),
      a_(aggregate),
      number_(number),
      body_(evaluation.relation(aggregate.body)),
      types_(evaluation.plan_.relations[aggregate.body].types),
      result_type_(evaluation.plan_.relations[aggregate.result].types.back()) {}

bool Aggregation::is_extreme() const {
  using enum lang::AggregateOp;
  return a_.op == min || a_.op == max || a_.op == argmin || a_.op == argmax;
}

bool Aggregation::largest() const { return a_.op == lang::AggregateOp::max || a_.op == lang::AggregateOp::argmax; }

void Aggregation::collect_groups() {
  if (a_.groups == 0) groups_[{}];
  if (a_.domain != lang::kNone) {
    const Relation& domain = e_.relation(a_.domain);
    for (Row r = 0; r < domain.size(); ++r)
      if (e_.holds(a_.domain, r)) groups_[Key(domain.row(r).begin(), domain.row(r).end())];
  }
  for (Row r = 0; r < body_.size(); ++r) {
    if (!e_.holds(a_.body, r)) continue;
    const auto row = body_.row(r);
    Key key(row.begin(), row.begin() + a_.groups);
    if (a_.domain != lang::kNone && !groups_.contains(key)) continue;
    groups_[std::move(key)].push_back(r);
  }
}

int Aggregation::compare(Row a, Row b) const {
  const auto x = body_.row(a), y = body_.row(b);
  for (std::size_t c = a_.groups + a_.args; c < types_.size(); ++c) {
    if (x[c] == y[c]) continue;
    const Type t = types_[c];
    if (is_text(t)) return e_.symbols_.text(as_symbol(x[c])) < e_.symbols_.text(as_symbol(y[c])) ? -1 : 1;
    if (is_float(t)) return as_double(x[c]) < as_double(y[c]) ? -1 : 1;
    if (is_signed(t) || t == Type::datetime) return as_int(x[c]) < as_int(y[c]) ? -1 : 1;
    return x[c] < y[c] ? -1 : 1;
  }
  return 0;
}

bool Aggregation::same_vars(Row a, Row b) const { return compare(a, b) == 0; }

bool Aggregation::less(Row a, Row b) const {
  if (const int order = compare(a, b); order != 0) return largest() ? order > 0 : order < 0;
  const auto x = body_.row(a), y = body_.row(b);
  for (std::size_t c = 0; c < types_.size(); ++c) {
    if (x[c] == y[c]) continue;
    if (is_text(types_[c])) return e_.symbols_.text(as_symbol(x[c])) < e_.symbols_.text(as_symbol(y[c]));
    return as_int(x[c]) < as_int(y[c]);
  }
  return false;
}

Status Aggregation::run() {
  collect_groups();
  for (auto& [key, rows] : groups_)
    if (Status s = group(key, std::move(rows)); !s.ok()) return s;
  return {};
}

Status Aggregation::group(const Key& key, std::vector<Row> rows) {
  std::sort(rows.begin(), rows.end(), [&](Row a, Row b) { return less(a, b); });
  // A group that is itself uncertain (its domain tuple) multiplies in; without tags there is nothing to multiply.
  const bool all_certain = std::all_of(rows.begin(), rows.end(), [&](Row r) { return body_.certain(r); });
  bool group_certain = true;
  if (a_.domain != lang::kNone) {
    const Relation& domain = e_.relation(a_.domain);
    group_certain = domain.certain(domain.find(key));
  }
  if (!e_.has_tags() || a_.one_world || (all_certain && group_certain)) return certain(key, rows);
  Status s = uncertain(key, rows);
  e_.tags_->forget();
  return s;
}

Cell Aggregation::start() const {
  if (a_.op == lang::AggregateOp::prod) return is_float(result_type_) ? cell(1.0) : cell(std::int64_t{1});
  return is_float(result_type_) ? cell(0.0) : cell(std::int64_t{0});
}

// total with one more row; nothing on overflow: the tuple then does not exist.
std::optional<Cell> Aggregation::combine(Cell total, Row row) const {
  if (a_.op == lang::AggregateOp::count) return cell(as_int(total) + 1);
  const Cell value = body_.row(row).back();
  const bool product = a_.op == lang::AggregateOp::prod;
  if (is_float(result_type_)) {
    const double x = as_double(total), y = as_double(value);
    return fit(product ? x * y : x + y, result_type_);
  }
  std::int64_t out = 0;
  if (is_unsigned(result_type_)) {
    std::uint64_t wide = 0;
    const bool over =
        product ? __builtin_mul_overflow(total, value, &wide) : __builtin_add_overflow(total, value, &wide);
    if (over) return std::nullopt;
    if (wide > static_cast<std::uint64_t>(INT64_MAX))
      return result_type_ == Type::u64 || result_type_ == Type::usize ? std::optional<Cell>(wide) : std::nullopt;
    out = static_cast<std::int64_t>(wide);
  } else {
    const bool over = product ? __builtin_mul_overflow(as_int(total), as_int(value), &out)
                              : __builtin_add_overflow(as_int(total), as_int(value), &out);
    if (over) return std::nullopt;
  }
  return fit(out, result_type_);
}

Aggregation::Key Aggregation::value_of(Row row) const {
  const auto cells = body_.row(row);
  const bool args_alone = a_.op == lang::AggregateOp::argmin || a_.op == lang::AggregateOp::argmax;
  return Key(cells.begin() + a_.groups, args_alone ? cells.begin() + a_.groups + a_.args : cells.end());
}

Status Aggregation::certain(const Key& key, const std::vector<Row>& rows) {
  if (is_extreme()) {
    for (Row r : rows) {
      if (!same_vars(r, rows[0])) break;
      put(key, value_of(r), {r}, true, 0);
    }
    return {};
  }
  if (a_.op == lang::AggregateOp::exists || a_.op == lang::AggregateOp::forall) {
    put(key, {static_cast<Cell>(rows.empty() == (a_.op == lang::AggregateOp::forall))}, rows, true, 0);
    return {};
  }
  std::optional<Cell> total = start();
  for (Row r : rows)
    if (total) total = combine(*total, r);
  if (total) put(key, {*total}, rows, true, 0);
  return {};
}

std::size_t Aggregation::tag_of(Row row) { return e_.tags_->of_row(body_, a_.body, row); }

Status Aggregation::uncertain(const Key& key, const std::vector<Row>& rows) {
  if (is_extreme()) return extreme(key, rows);
  if (a_.op == lang::AggregateOp::exists || a_.op == lang::AggregateOp::forall) {
    existence(key, rows);
    return {};
  }
  return fold(key, rows);
}

void Aggregation::existence(const Key& key, const std::vector<Row>& rows) {
  std::vector<std::size_t> tags;
  for (Row r : rows) tags.push_back(tag_of(r));
  const std::size_t some = e_.tags_->either(tags), none = e_.tags_->negation(some);
  const bool positive = a_.op == lang::AggregateOp::exists;
  put(key, {Cell{positive}}, rows, false, some);
  put(key, {Cell{!positive}}, rows, false, none);
}

Status Aggregation::fold(const Key& key, const std::vector<Row>& rows) {
  std::map<Cell, std::size_t> reached{{start(), e_.tags_->constant(true)}};
  for (Row r : rows) {
    const std::size_t in = tag_of(r), out = e_.tags_->negation(in);
    std::map<Cell, std::vector<std::size_t>> next;
    for (const auto& [total, tag] : reached) {
      if (const auto with = combine(total, r)) next[*with].push_back(e_.tags_->both(tag, in));
      if (!body_.certain(r)) next[total].push_back(e_.tags_->both(tag, out));
    }
    reached.clear();
    for (auto& [total, tags] : next) {
      const std::size_t tag = tags.size() == 1 ? tags[0] : e_.tags_->either(tags);
      if (!e_.tags_->zero(tag)) reached[total] = tag;
    }
    if (reached.size() > kMaxValues)
      return Error{
          "aggregate-too-large", a_.place,
          "`" + a_.text + "` over uncertain facts can have more than " + std::to_string(kMaxValues) + " values",
          "round the values, or use the aggregate with `!` over all facts", ""};
    if (Status s = e_.check_limits(); !s.ok()) return s;
  }
  for (const auto& [total, tag] : reached) put(key, {total}, rows, false, tag);
  return {};
}

// From the best value down: a row is the extreme if it holds and no row with a better value does. Several rows may give
// one result (argmax leaves the value out): then any of them will do.
Status Aggregation::extreme(const Key& key, const std::vector<Row>& rows) {
  struct Found {
    std::vector<Row> rows;
    std::vector<std::size_t> tags;
  };
  std::map<Key, Found> found;
  std::size_t none_better = e_.tags_->constant(true);
  bool some_certain = false;
  for (std::size_t i = 0, end = 0; i < rows.size() && !some_certain; i = end) {
    std::vector<std::size_t> level;
    for (end = i; end < rows.size() && same_vars(rows[end], rows[i]); ++end) {
      level.push_back(tag_of(rows[end]));
      some_certain = some_certain || body_.certain(rows[end]);
      Found& value = found[value_of(rows[end])];
      value.rows.push_back(rows[end]);
      value.tags.push_back(e_.tags_->both(none_better, level.back()));
    }
    none_better = e_.tags_->both(none_better, e_.tags_->negation(e_.tags_->either(level)));
  }
  for (const auto& [value, ways] : found) put(key, value, ways.rows, false, e_.tags_->either(ways.tags));
  return {};
}

void Aggregation::put(const Key& key, const Key& value, const std::vector<Row>& rows, bool is_certain,
                      std::size_t tag) {
  if (!is_certain && a_.domain != lang::kNone) {
    const Relation& domain = e_.relation(a_.domain);
    tag = e_.tags_->both(e_.tags_->of_row(domain, a_.domain, domain.find(key)), tag);
  }
  if (!is_certain && e_.tags_->zero(tag)) return;
  Key tuple = key;
  tuple.insert(tuple.end(), value.begin(), value.end());
  Relation& result = e_.own(a_.result);
  const auto [row, fresh] = result.insert(tuple);
  if (is_certain)
    result.set_certain(row);
  else
    e_.tags_->set(a_.result, row, tag);
  if (!is_certain || e_.options_.proofs)
    e_.firings_.attach(result, row, e_.firings_.add(FiringKind::aggregate, number_, rows, kNone));
}

}  // namespace tenfold::engine
