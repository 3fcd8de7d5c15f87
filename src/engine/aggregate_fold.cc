// Aggregates that add row by row: count, sum, prod, avg, their weighted forms, string_join.
#include <algorithm>
#include <cmath>
#include <map>

#include "engine/aggregate.h"
#include "engine/tags.h"
#include "lang/expression.h"

namespace tenfold::engine {
namespace {

using enum lang::AggregateOp;
__extension__ using Wide = __int128;  // sums of 64-bit integers in any order without overflow on the way

// Sums over uncertain rows may reach as many values as there are subsets: past this the program is told so.
constexpr std::size_t kMaxValues = 20'000;
// How many rules a fact is followed through to see that it is the same event.
constexpr int kMaxDepth = 16;

Wide wide(Cell low, Cell high) { return static_cast<Wide>((static_cast<unsigned __int128>(high) << 64) | low); }
Wide wide(Cell value, Type type) { return is_unsigned(type) ? static_cast<Wide>(value) : Wide{as_int(value)}; }

std::optional<Cell> fit_wide(Wide value, Type type) {
  if (value >= INT64_MIN && value <= INT64_MAX) return fit(static_cast<std::int64_t>(value), type);
  const bool large = type == Type::u64 || type == Type::usize;
  return large && value > 0 && value <= Wide{UINT64_MAX} ? std::optional(static_cast<Cell>(value)) : std::nullopt;
}

bool is_exact(Type type) { return type == Type::rational || type == Type::money; }

bool weighs(lang::AggregateOp op) { return op == weighted_sum || op == weighted_avg; }

// Tags that are formulas over events know which rows exclude each other; a number a row does not.
bool tags_are_formulas(std::string_view provenance) {
  for (std::string_view part : {"proofs", "clauses", "exact"})
    if (provenance.find(part) != std::string_view::npos) return true;
  return false;
}

Error too_large(const lang::Aggregate& a) {
  return {"aggregate-too-large", a.place,
          "`" + a.text + "` over uncertain facts can have more than " + std::to_string(kMaxValues) + " values",
          a.op == string_join ? "join fewer texts, or use the aggregate with `!` over all facts"
                              : "round the values, or use the aggregate with `!` over all facts",
          ""};
}

}  // namespace

Aggregation::Partial Aggregation::start() const {
  if (a_.op == prod) return {is_float(result_type_) ? cell(1.0) : Cell{1}, 0, 0};
  return {is_float(result_type_) ? cell(0.0) : Cell{0}, 0, is_float(result_type_) && weighs(a_.op) ? cell(0.0) : 0};
}

// Nothing where the value leaves every type: the tuple then does not exist.
std::optional<Aggregation::Partial> Aggregation::step(const Partial& p, Row row) {
  const Cell value = body_.row(row).back();
  if (a_.op == count) return Partial{p[0] + 1, 0, 0};
  if (a_.op == string_join) {
    std::string text(e_.symbols_.text(as_symbol(p[0])));
    if (p[2] > 0) text += a_.separator;
    text += e_.symbols_.text(as_symbol(value));
    return Partial{Cell{e_.symbols_.intern(text)}, 0, 1};
  }
  if (is_exact(result_type_)) {
    const auto op = a_.op == prod ? lang::Op::multiply : lang::Op::add;
    const bool first = result_type_ == Type::money && p[2] == 0;  // it says the currency
    const auto next = first ? value : lang::arithmetic(op, p[0], value, result_type_, e_.symbols_);
    const Cell rows = a_.op == avg ? p[2] + 1 : Cell{result_type_ == Type::money};
    return next ? std::optional(Partial{*next, 0, rows}) : std::nullopt;
  }
  if (is_float(result_type_)) {
    const double total = as_double(p[0]), x = as_double(value), w = weighs(a_.op) ? weight(row) : 1.0;
    const double next = a_.op == prod ? total * x : total + w * x;
    if (std::isnan(next)) return std::nullopt;
    return Partial{cell(next), 0, weighs(a_.op) ? cell(as_double(p[2]) + w) : a_.op == avg ? p[2] + 1 : 0};
  }
  Wide next = 0;
  const Wide total = wide(p[0], p[1]), x = wide(value, result_type_);
  if (a_.op != prod)
    next = total + x;
  else if (__builtin_mul_overflow(total, x, &next))
    return std::nullopt;
  return Partial{static_cast<Cell>(next), static_cast<Cell>(next >> 64), a_.op == avg ? p[2] + 1 : 0};
}

std::optional<Cell> Aggregation::finish(const Partial& p) {
  if (a_.op == count || a_.op == string_join) return p[0];
  if ((a_.op == avg || result_type_ == Type::money) && p[2] == 0) return std::nullopt;
  if (is_exact(result_type_)) return a_.op == avg ? lang::share(p[0], result_type_, p[2], e_.symbols_) : p[0];
  if (is_float(result_type_)) {
    double total = as_double(p[0]);
    if (a_.op == avg) total /= static_cast<double>(p[2]);
    if (a_.op == weighted_avg) total /= as_double(p[2]);
    return fit(total, result_type_);
  }
  const Wide total = wide(p[0], p[1]);
  return fit_wide(a_.op == avg ? total / static_cast<Wide>(p[2]) : total, result_type_);
}

Cell Aggregation::joined(Rows rows) {
  std::string text;
  for (Row r : rows) {
    if (r != rows.front()) text += a_.separator;
    text += e_.symbols_.text(as_symbol(body_.row(r).back()));
  }
  return Cell{e_.symbols_.intern(text)};
}

Status Aggregation::certain_fold(const Key& key, std::span<Row> rows) {
  if (a_.op == count) {
    if (const auto total = fit(static_cast<std::int64_t>(rows.size()), result_type_)) put(key, {*total}, rows, true, 0);
    return {};
  }
  // What is rounded or written depends on the order.
  if (is_float(result_type_) || a_.op == string_join || e_.options_.proofs) sort_rows(rows);
  if (a_.op == string_join && a_.all && !a_.one_world) return join_all(key, rows);
  if (a_.op == string_join) {
    put(key, {joined(rows)}, rows, true, 0);
    return {};
  }
  // A zero makes a product zero, whatever overflows before it.
  const bool zero = a_.op == prod && !is_float(result_type_) &&
                    std::any_of(rows.begin(), rows.end(), [&](Row r) { return body_.row(r).back() == 0; });
  std::optional<Partial> total = zero ? Partial{0, 0, 0} : start();
  for (Row r : rows)
    if (total && !zero) total = step(*total, r);
  if (!total) return {};
  if (const auto value = finish(*total)) put(key, {*value}, rows, true, 0);
  return {};
}

// The one event that decides whether a row holds; kNone when several do or none is known.
provenance::Member Aggregation::sole_member(RelationId r, Row row, int depth) const {
  const std::uint32_t f = e_.relation(r).firing(row);
  if (f == kNone || depth > kMaxDepth) return kNone;
  const Firing& firing = e_.firing(r, f);
  if (firing.next != kNone) return kNone;
  if (firing.kind != FiringKind::rule) return firing.event;
  const plan::PlanRule& rule = e_.plan_.rules[firing.source];
  const auto premises = e_.premises(r, firing);
  provenance::Member sole = firing.event;
  for (std::size_t i = 0; i < premises.size(); ++i) {
    if (premises[i] == kNone) continue;
    const lang::Literal& l = rule.body[rule.premises[i]].literal;
    if (e_.relation(l.relation).certain(premises[i])) continue;
    if (sole != kNone || l.kind == lang::LiteralKind::negative) return kNone;
    sole = sole_member(l.relation, premises[i], depth + 1);
    if (sole == kNone) return kNone;
  }
  return sole;
}

// Rows in order, those of one exclusive group together: for texts, whose order counts, only where they stand together.
std::vector<Aggregation::Block> Aggregation::blocks(Rows rows) {
  std::vector<Block> out;
  std::map<std::uint32_t, std::size_t> block_of;
  const bool known = tags_are_formulas(e_.options_.provenance);
  for (Row r : rows) {
    const provenance::Member member = !known || body_.certain(r) ? kNone : sole_member(a_.body, r);
    const std::uint32_t group = member == kNone ? kNone : e_.inputs_.group[member];
    const auto at = group == kNone ? block_of.end() : block_of.find(group);
    if (at == block_of.end() || (a_.op == string_join && at->second + 1 != out.size())) {
      if (group != kNone) block_of[group] = out.size();
      out.push_back({group, {{member, tag_of(r), {r}}}, body_.certain(r)});
      continue;
    }
    auto& options = out[at->second].options;
    const auto same = std::find_if(options.begin(), options.end(), [&](const Option& o) { return o.member == member; });
    if (same != options.end())
      same->rows.push_back(r);
    else
      options.push_back({member, tag_of(r), {r}});
  }
  return out;
}

// Equal values become one, impossible ones go.
Status Aggregation::settle(std::vector<Reached>& next, std::vector<Reached>& reached) {
  std::stable_sort(next.begin(), next.end(), [](const Reached& a, const Reached& b) { return a.partial < b.partial; });
  reached.clear();
  for (std::size_t i = 0, end = 0; i < next.size(); i = end) {
    std::vector<std::size_t> tags;
    for (end = i; end < next.size() && next[end].partial == next[i].partial; ++end) tags.push_back(next[end].tag);
    const std::size_t tag = tags.size() == 1 ? tags[0] : e_.tags_->either(tags);
    if (!e_.tags_->zero(tag)) reached.push_back({next[i].partial, tag});
  }
  if (reached.size() > kMaxValues) return too_large(a_);
  return e_.check_limits();
}

Status Aggregation::add_block(const Block& block, std::vector<Reached>& reached) {
  std::vector<std::size_t> ins;
  for (const Option& option : block.options) ins.push_back(option.tag);
  const std::size_t out = block.certain ? 0 : e_.tags_->negation(ins.size() == 1 ? ins[0] : e_.tags_->either(ins));
  std::vector<Reached> next;
  for (const Reached& from : reached) {
    for (const Option& option : block.options) {
      std::optional<Partial> partial = from.partial;
      for (Row r : option.rows)
        if (partial) partial = step(*partial, r);
      if (partial) next.push_back({*partial, block.certain ? from.tag : e_.tags_->both(from.tag, option.tag)});
    }
    if (!block.certain) next.push_back({from.partial, e_.tags_->both(from.tag, out)});
  }
  return settle(next, reached);
}

Status Aggregation::fold(const Key& key, Rows rows) {
  if (a_.op == string_join && a_.all) return join_all(key, rows);
  std::vector<Block> all = blocks(rows);
  // In a decision diagram it is cheap to add what is asked before all that is there, and dear to add it below.
  auto depth = [&](const Block& block) {
    std::uint32_t most = 0;
    for (const Option& option : block.options) most = std::max(most, e_.tags_->depth(option.tag));
    return block.certain ? kNone : most;
  };
  if (a_.op != string_join)
    std::stable_sort(all.begin(), all.end(), [&](const Block& a, const Block& b) { return depth(a) > depth(b); });
  std::vector<Reached> reached{{start(), e_.tags_->constant(true)}};
  if (a_.op == string_join) reached[0].partial[0] = Cell{e_.symbols_.intern("")};
  std::vector<std::size_t> kept;
  for (std::size_t b = 0; b < all.size(); ++b) {
    if (Status s = add_block(all[b], reached); !s.ok()) return s;
    // Tags of values that were passed through are dropped: formulas over a thousand rows are long.
    kept.clear();
    for (const Reached& r : reached) kept.push_back(r.tag);
    for (std::size_t later = b + 1; later < all.size(); ++later)
      for (const Option& option : all[later].options) kept.push_back(option.tag);
    e_.tags_->retain(kept);
    std::size_t at = 0;
    for (Reached& r : reached) r.tag = kept[at++];
    for (std::size_t later = b + 1; later < all.size(); ++later)
      for (Option& option : all[later].options) option.tag = kept[at++];
  }
  std::map<Cell, std::vector<std::size_t>> values;  // different sums may have one average
  for (const Reached& r : reached)
    if (const auto value = finish(r.partial)) values[*value].push_back(r.tag);
  for (const auto& [value, tags] : values)
    put(key, {value}, rows, false, tags.size() == 1 ? tags[0] : e_.tags_->either(tags));
  return {};
}

// string_join<all>: one world in which all rows hold; with variables in square brackets, one text for each.
Status Aggregation::join_all(const Key& key, Rows rows) {
  auto both = [&](std::size_t a, std::size_t b) { return e_.has_tags() ? e_.tags_->both(a, b) : 0; };
  auto same_args = [&](Row a, Row b) {
    const auto x = body_.row(a), y = body_.row(b);
    return std::equal(x.begin() + a_.groups, x.begin() + a_.groups + a_.args, y.begin() + a_.groups);
  };
  std::map<std::string, std::vector<std::size_t>> reached{{"", {e_.has_tags() ? e_.tags_->constant(true) : 0}}};
  for (std::size_t i = 0, end = 0; i < rows.size(); i = end) {
    end = i + 1;
    while (a_.args > 0 && end < rows.size() && same_args(rows[end], rows[i])) ++end;
    std::map<std::string, std::vector<std::size_t>> next;
    for (const auto& [text, tags] : reached)
      for (std::size_t j = i; j < end; ++j) {
        const std::string longer =
            (i == 0 ? "" : text + a_.separator) + std::string(e_.symbols_.text(as_symbol(body_.row(rows[j]).back())));
        for (std::size_t tag : tags) next[longer].push_back(both(tag, e_.has_tags() ? tag_of(rows[j]) : 0));
      }
    reached.clear();
    for (auto& [text, tags] : next)
      reached[text] = {tags.size() == 1 || !e_.has_tags() ? tags[0] : e_.tags_->either(tags)};
    if (reached.size() > kMaxValues) return too_large(a_);
    if (Status s = e_.check_limits(); !s.ok()) return s;
  }
  const bool is_certain = !e_.has_tags() || (group_certain_ && std::all_of(rows.begin(), rows.end(),
                                                                           [&](Row r) { return body_.certain(r); }));
  for (const auto& [text, tags] : reached) put(key, {Cell{e_.symbols_.intern(text)}}, rows, is_certain, tags[0]);
  return {};
}

}  // namespace tenfold::engine
